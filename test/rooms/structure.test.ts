import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

const repository = resolve(__dirname, '..', '..');
/** Folders whose files are not ours to arrange, or that hold one file per thing by design. */
const NOT_COUNTED = /^(charts|docs|test|dist|imports)(\/|$)/;
const MOST_FILES = 12;

/** Every source file outside the tests, and the files of ours that it imports. */
function importGraph(): Map<string, string[]> {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: repository,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(repository, file)));
  const sources = files.filter((file) => !/^(test|imports)\//.test(file));
  const known = new Set(files);
  return new Map(sources.map((file) => [file, importsOf(file, known)]));
}

function importsOf(file: string, known: ReadonlySet<string>): string[] {
  const { importedFiles } = preProcessFile(readFileSync(join(repository, file), 'utf8'), true, true);
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .flatMap(({ fileName }) => {
      const base = posix.join(posix.dirname(file), fileName);
      const target = [base, `${base}.ts`, `${base}/index.ts`].find((candidate) => known.has(candidate));
      return target === undefined ? [] : [target];
    });
}

/** One circle of a graph, first node last as well, or nothing. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const found = visit(next, [...path, node]);
      if (found) return found;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const found = visit(node, []);
    if (found) return found;
  }
  return undefined;
}

/** The same graph between the folders directly below one folder. */
function foldersBelow(parent: string, graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const childOf = (file: string) => {
    if (parent !== '' && !file.startsWith(`${parent}/`)) return undefined;
    const rest = parent === '' ? file : file.slice(parent.length + 1);
    return rest.includes('/') ? rest.split('/')[0] : undefined;
  };
  const folders = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    const from = childOf(file);
    if (from === undefined) continue;
    const to = targets.map(childOf).filter((child) => child !== undefined && child !== from) as string[];
    folders.set(from, [...new Set([...(folders.get(from) ?? []), ...to])]);
  }
  return folders;
}

const graph = importGraph();
const folders = [...new Set([...graph.keys()].flatMap((file) => ancestors(dirname(file))))];

function ancestors(folder: string): string[] {
  if (folder === '.') return [''];
  return [folder, ...ancestors(dirname(folder))];
}

test('the graph holds the whole repository', () => {
  expect(graph.size).toBeGreaterThan(200);
  expect(graph.get('main.ts')).toContain('lib/synthesis/index.ts');
});

test('a circle is found where there is one', () => {
  const sound = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', []],
  ]);
  expect(circle(sound)).toBeUndefined();
  expect(circle(new Map([...sound, ['c', ['a']]]))).toEqual(['a', 'b', 'c', 'a']);
});

test('no file imports itself by way of others', () => {
  expect(circle(graph)).toBeUndefined();
});

test('the folders below one folder know each other one way only', () => {
  const circles = folders.map((parent) => circle(foldersBelow(parent, graph))).filter((found) => found !== undefined);
  expect(circles).toEqual([]);
});

test('no folder has more files at its root than a reader takes in at a glance', () => {
  const counts = new Map<string, number>();
  for (const file of graph.keys()) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  const crowded = [...counts].filter(([folder, count]) => !NOT_COUNTED.test(folder) && count > MOST_FILES);
  expect(crowded).toEqual([]);
});

/** Exported names of the production tree, with the files that declare each. */
function declarations(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  // Every file of bench/ exports its `benchmark`.
  for (const file of [...graph.keys()].filter((name) => !name.startsWith('bench/'))) {
    const text = readFileSync(join(repository, file), 'utf8');
    const names = text.matchAll(/^export (?:abstract |async )*(?:interface|type|class|function\*?|const|enum) (\w+)/gm);
    for (const name of new Set([...names].map(([, name]) => name!)))
      found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

test('a name that others import means one thing in the whole repository', () => {
  const all = declarations();
  expect(all.get('clusterNodes')).toEqual(['facts/inventory.ts']);
  expect([...all].filter(([, files]) => files.length > 1)).toEqual([]);
});
