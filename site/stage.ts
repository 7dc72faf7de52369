import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { ObjectIndex } from '../lib/synthesis/objects';
import { byComponent, objectPages } from './object-pages';
import { repositoryPages, sectionsOf, sitePath, type Page } from './pages';

/** What the site is made of, and where. */
export interface Staging {
  readonly repository: string;
  /** Folder for the site's source; what is in it goes. */
  readonly folder: string;
  /** Folder with the packages that build the site. */
  readonly packages: string;
  /** Address of the repository, such as `https://github.com/ahuora/platform`. */
  readonly address: string;
  readonly branch: string;
  readonly objects: ObjectIndex;
}

/**
 * Lays out the source of the site: the pages of the repository, one page for each object, the pictures and the theme.
 *
 * @throws Error naming page and target where a link of a page leads nowhere.
 */
export function stageSite(staging: Staging): void {
  const { repository, folder, packages, address, branch, objects } = staging;
  rmSync(folder, { recursive: true, force: true });
  const published = `${address}/blob/${branch}`;
  const pages = [
    homePage(objects),
    ...repositoryPages(repository, published),
    ...objectPages(objects, { address: published }),
  ];
  for (const { path, text } of pages) write(join(folder, path), text);
  const isPictureOrFolder = (file: string) => /\.(svg|png)$/.test(file) || statSync(file).isDirectory();
  cpSync(join(repository, 'docs'), join(folder, 'docs'), { recursive: true, filter: isPictureOrFolder });
  cpSync(join(__dirname, 'vitepress'), join(folder, '.vitepress'), { recursive: true });
  write(join(folder, 'public', 'favicon.svg'), FAVICON);
  write(
    join(folder, '.vitepress', 'navigation.json'),
    JSON.stringify({ repository: address, ...navigation(repository, objects) }),
  );
  symlinkSync(packages, join(folder, 'node_modules'));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#3451b2"/>' +
  '<path d="M7 23 16 8l9 15M11 18h10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>\n';

/** What the reader meets first: the four ways into the documentation, the objects, and the picture. */
function homePage({ objects, variants }: ObjectIndex): Page {
  const features = [
    ['Start', 'From eight boxes to a cluster, and the first trial on one machine.', 'docs/cluster-from-eight-boxes'],
    ['Do one job', 'Change what runs, deliver it, keep the cluster, measure a policy.', 'docs/how-to/add-a-component'],
    ['Look up', 'The rules of synthesis, the gateway, the database, who reaches whom.', 'docs/generated/rules'],
    ['Understand', 'Architecture, rooms and decisions, and how experiments are judged.', 'docs/architecture'],
    [
      'Look around',
      `${objects.length} objects in production and ${variants.length} variants: YAML, callers, rules, source lines.`,
      'objects/',
    ],
    [
      'See what a change does',
      'What is refused, restarts, deletes data or opens a way in.',
      'docs/how-to/read-the-difference',
    ],
  ];
  const entries = features.map(([title, details, link]) => ({ title, details, link: `/${link}` }));
  const front = {
    layout: 'home',
    title: 'Ahuora platform',
    titleTemplate: false,
    hero: {
      name: 'Ahuora platform',
      text: 'Infrastructure, read and reviewed as code',
      tagline:
        'Typed constructs become manifests that reviewers read, a cluster of Raspberry Pis runs, and experiments measure.',
      actions: [
        { theme: 'brand', text: 'Read me first', link: '/readme' },
        { theme: 'alt', text: 'Documentation', link: '/docs/' },
        { theme: 'alt', text: 'Objects', link: '/objects/' },
      ],
    },
    features: entries,
  };
  // JSON is YAML, and needs no care about quotes.
  const picture = '![Components, calls, entry points and pinned volumes](./docs/generated/architecture.svg)';
  return { path: 'index.md', text: `---\n${JSON.stringify(front)}\n---\n\n${picture}\n` };
}

interface Entry {
  readonly text: string;
  readonly link?: string;
  readonly collapsed?: boolean;
  readonly items?: readonly Entry[];
}

function navigation(repository: string, objects: ObjectIndex): { nav: Entry[]; sidebar: Record<string, Entry[]> } {
  const index = readFileSync(join(repository, 'docs', 'README.md'), 'utf8');
  const link = (target: string) => `/${sitePath(posix.join('docs', target)).replace(/(index)?\.md$/, '')}`;
  const sections = sectionsOf(index).map(({ title, links }): Entry => ({
    text: title.split(':')[0]!,
    items: links.map(({ text, target }) => ({ text: capitalised(text), link: link(target) })),
  }));
  const components = [...byComponent(objects.objects)].map(([component, list]): Entry => ({
    text: component,
    link: `/objects/#${component}`,
    collapsed: true,
    items: list.map(({ kind, name, id }) => ({ text: `${kind}/${name}`, link: `/objects/${id}` })),
  }));
  const documentation = [
    {
      text: 'First',
      items: [
        { text: 'Read me', link: '/readme' },
        { text: 'All pages', link: '/docs/' },
      ],
    },
    ...sections,
    {
      text: 'Take part',
      items: [
        { text: 'Contributing', link: '/CONTRIBUTING' },
        { text: 'Security', link: '/SECURITY' },
      ],
    },
  ];
  return {
    nav: [
      { text: 'Documentation', link: '/docs/' },
      { text: 'Rules', link: '/docs/generated/rules' },
      { text: 'Objects', link: '/objects/' },
    ],
    sidebar: {
      '/objects/': [
        {
          text: 'Objects',
          items: [
            { text: 'All objects', link: '/objects/' },
            { text: 'Variants', link: '/objects/variants' },
          ],
        },
        { text: 'By component', items: components },
      ],
      '/': documentation,
    },
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
