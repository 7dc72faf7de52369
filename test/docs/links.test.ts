import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pages, ROOT } from './pages';

/** Targets of links and pictures that lead into the repository. */
function linksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/```[^]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target));
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter((target) => {
    const [file, anchor] = target.split('#');
    const path = join(ROOT, file ? join(dirname(page), file) : page);
    return !existsSync(path) || (anchor !== undefined && !headings(path).includes(anchor));
  });
  expect(broken).toEqual([]);
});

/** Anchors as GitHub makes them from headings. */
function headings(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replace(/ /g, '-'),
  );
}

test('every how-to page is in the list of the README', () => {
  const listed = linksOf('README.md');
  expect(pages.filter((page) => page.startsWith('docs/how-to/') && !listed.includes(page))).toEqual([]);
});

test('the index of docs/ leads to every page and every generated picture', () => {
  const listed = [
    ...linksOf('docs/README.md'),
    ...linksOf('docs/decisions/README.md').map((link) => `decisions/${link}`),
  ];
  const generated = readdirSync(join(ROOT, 'docs/generated')).map((file) => `docs/generated/${file}`);
  const wanted = [...pages.filter((page) => page.startsWith('docs/')), ...generated].map((page) =>
    page.slice('docs/'.length),
  );
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((page) => page !== 'README.md' && !listed.includes(page))).toEqual([]);
});

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const named = pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script]) => ({
      page,
      script: script!,
    })),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

test('pages name no secret, no e-mail address and no path of one machine', () => {
  for (const page of pages) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    expect(text).not.toMatch(/[\w.+-]+@[\w-]+\.(?!service\b|timer\b)[a-z]{2,}\b/i);
    expect(text).not.toMatch(/(^|[\s`"(])\/(root|work|home\/\w+)\//);
  }
});
