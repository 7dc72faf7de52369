import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A page of the repository as it stands in the site. */
export interface Page {
  /** Path in the site's source, such as `docs/how-to/roll-back.md`. */
  readonly path: string;
  readonly text: string;
}

/** What the site holds of the repository beside `docs/`. */
const ROOT_PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** Paths of all pages in the repository. */
export function pagePaths(repository: string): string[] {
  const below = readdirSync(join(repository, 'docs'), { recursive: true, encoding: 'utf8' }).map((file) =>
    posix.join('docs', file.replaceAll('\\', '/')),
  );
  return [...ROOT_PAGES, ...below.filter((file) => file.endsWith('.md')).sort()];
}

/** Path in the site of a page of the repository: `README.md` is what a folder shows first. */
export function sitePath(path: string): string {
  return path === 'README.md' ? 'readme.md' : path.replace(/(^|\/)README\.md$/, '$1index.md');
}

/**
 * The pages of the repository with links that hold in the site; those to other files lead to `published`, the address of the
 * repository's files, such as `https://github.com/ahuora/platform/blob/main`.
 *
 * @throws Error naming page and target where a link leads nowhere.
 */
export function repositoryPages(repository: string, published: string): Page[] {
  const paths = pagePaths(repository);
  return paths.map((path) => ({
    path: sitePath(path),
    text: withLinks(readFileSync(join(repository, path), 'utf8'), (target, isPicture) =>
      siteTarget(target, { page: path, pages: new Set(paths), repository, published, isPicture }),
    ),
  }));
}

interface LinkContext {
  readonly page: string;
  readonly pages: ReadonlySet<string>;
  readonly repository: string;
  readonly published: string;
  readonly isPicture: boolean;
}

function siteTarget(target: string, { page, pages, repository, published, isPicture }: LinkContext): string {
  if (/^[a-z]+:|^#/.test(target)) return target;
  const [file = '', anchor] = target.split('#');
  const path = posix.normalize(posix.join(posix.dirname(page), file)).replace(/\/$/, '');
  if (!existsSync(join(repository, path))) throw new Error(`${page}: ${target} leads nowhere; correct the link.`);
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (pages.has(path)) {
    const to = posix.relative(posix.dirname(sitePath(page)), sitePath(path));
    return `${to.startsWith('.') ? to : `./${to}`}${hash}`;
  }
  if (isPicture) return target;
  return `${published}/${path}${hash}`;
}

/** A Markdown text whose links, outside of code, are those that a function gives. */
export function withLinks(text: string, target: (link: string, isPicture: boolean) => string): string {
  return text
    .split(/(^ *```[^]*?^ *```$|`[^`\n]+`)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll(
              /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g,
              (_, mark: string, label: string, link: string) => `${mark}[${label}](${target(link, mark === '!')})`,
            )
            // A link around code is cut in two by the code.
            .replaceAll(
              /^([^[\]()]*)\]\(([^)\s]+)\)/g,
              (_, label: string, link: string) => `${label}](${target(link, false)})`,
            ),
    )
    .join('');
}

/** Sections of the index of the documentation, each with its links in order: the navigation has no list of its own. */
export function sectionsOf(index: string): { title: string; links: { text: string; target: string }[] }[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')).trim(),
      links: [...section.matchAll(/\[([^\]]+)\]\(([^)\s]+\.md)\)/g)].map(([, text, target]) => ({
        text: text!.replaceAll(/[`*]/g, ''),
        target: target!,
      })),
    }));
}
