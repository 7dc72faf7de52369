import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryPages, sectionsOf, withLinks } from '../../site/pages';
import { pages } from '../docs/pages';
import { pagePaths } from '../../site/pages';

const PUBLISHED = 'https://example.org/blob/main';
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pages-'));
  mkdirSync(join(root, 'docs/how-to'), { recursive: true });
  mkdirSync(join(root, 'charts'));
  for (const file of ['CONTRIBUTING.md', 'SECURITY.md', 'charts/a.ts', 'docs/picture.svg', 'docs/README.md'])
    writeFileSync(join(root, file), '');
});
afterEach(() => rmSync(root, { recursive: true }));

const textOf = (path: string) => repositoryPages(root, PUBLISHED).find((page) => page.path === path)!.text;

test('the site has the pages that the tests of the pages look at', () => {
  expect(pagePaths(join(__dirname, '../..')).sort()).toEqual([...pages].sort());
});

test('links to pages stay within the site, pictures stay, all else leads to the repository', () => {
  writeFileSync(
    join(root, 'README.md'),
    '[all](docs/README.md#top) [a `chart`](charts/a.ts#L2) ![p](docs/picture.svg)',
  );
  writeFileSync(join(root, 'docs/how-to/one.md'), '[up](../../README.md) [x](https://example.com) [here](#there)');
  expect(textOf('readme.md')).toBe(
    `[all](./docs/index.md#top) [a \`chart\`](${PUBLISHED}/charts/a.ts#L2) ![p](docs/picture.svg)`,
  );
  expect(textOf('docs/how-to/one.md')).toBe('[up](../../readme.md) [x](https://example.com) [here](#there)');
});

test('a link that leads nowhere is refused with its page', () => {
  writeFileSync(join(root, 'README.md'), '[gone](docs/gone.md)');
  expect(() => repositoryPages(root, PUBLISHED)).toThrow('README.md: docs/gone.md leads nowhere; correct the link.');
});

test('what stands in code is no link', () => {
  const text = '```\n[a](b)\n```\n\n`[c](d)` [e](f)';
  expect(withLinks(text, () => 'X')).toBe('```\n[a](b)\n```\n\n`[c](d)` [e](X)');
});

test('the navigation is the index of the documentation', () => {
  expect(sectionsOf('# T\n\n## One: first\n\n- [a](a.md), [`b`](x/b.md)\n\n## Two\n\n[c](c.svg)\n')).toEqual([
    {
      title: 'One: first',
      links: [
        { text: 'a', target: 'a.md' },
        { text: 'b', target: 'x/b.md' },
      ],
    },
    { title: 'Two', links: [] },
  ]);
});
