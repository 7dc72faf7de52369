import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

/** Written by site/stage.ts beside this file: what is known only once the pages are. */
const { sidebar, nav, repository } = JSON.parse(readFileSync(new URL('./navigation.json', import.meta.url), 'utf8'));

export default defineConfig({
  lang: 'en',
  title: 'Ahuora platform',
  description: 'Typed constructs, rendered manifests, the cluster and its experiments.',
  // Nothing is asked of another host: fonts, search and pictures are part of the site.
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${process.env.SITE_BASE ?? '/'}favicon.svg` }]],
  markdown: {
    // A contrast of 4.5:1 on both grounds, which the default colours miss.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // A picture is as wide as the column and no wider than it was drawn.
    image: { lazyLoading: false },
  },
  vite: {
    logLevel: 'warn',
    build: { chunkSizeWarningLimit: 4096 },
    // https://vitepress.dev/guide/extending-default-theme#overriding-internal-components
    resolve: {
      alias: [{ find: /^.*\/VPHome\.vue$/, replacement: fileURLToPath(new URL('./theme/home.vue', import.meta.url)) }],
    },
  },
  themeConfig: {
    nav,
    sidebar,
    outline: { level: [2, 3] },
    socialLinks: [{ icon: 'github', link: repository, ariaLabel: 'The repository' }],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // A name such as database-migration is found by either half and by the whole.
          options: { tokenize: (text) => text.split(/[\s/.,:;()"'`]+|(?<=\w)-(?=\w)/).filter((word) => word !== '') },
          searchOptions: { boost: { title: 6, titles: 2, text: 1 }, fuzzy: 0.1, prefix: true, combineWith: 'AND' },
        },
      },
    },
  },
});
