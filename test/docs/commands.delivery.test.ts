import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildTool } from '../../tools/build';
import { unknownFlags, wordsOf, wordsTooMany, wrongChoices } from './help-text';
import { pages, ROOT } from './pages';

/*
 * Every command that a page shows, held against the program it names and its own --help. Lines of ansible-playbook are run by
 * the rack tier, recipes for the database by the cluster and the live tier.
 */

jest.setTimeout(300_000);

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

interface Shown {
  readonly page: string;
  readonly line: string;
}

/** Commands in blocks and in running text, one entry for each command of a line. */
function commandsOf(page: string): Shown[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = [...text.matchAll(/^ *```(?:sh)?\n([^]*?)^ *```$/gm)].flatMap(([, block]) => block!.split('\n'));
  const indented = text.split('\n').filter((line) => /^ {4,}\S/.test(line));
  const inline = [...text.replace(/^ *```[^]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...blocks, ...indented, ...inline]
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .flatMap((line) => line.split(/ (?:&&|\|\||;|\|) |; (?=do|done|sleep)/))
    .map((line) => line.replace(/^(?:sudo|do|for attempt in \$\(seq 60\); do) /, '').trim())
    .filter((line) => /^(?:npm|npx|kubectl|git) [a-z]/.test(line) || /^kubectl -/.test(line))
    .map((line) => ({ page, line }));
}

const shown = pages.flatMap(commandsOf);
const distinct = shown.filter(({ line }, index) => shown.findIndex((each) => each.line === line) === index);
const starting = (word: string) => distinct.filter(({ line }) => line.startsWith(`${word} `));

const helps = new Map<string, string>();
function helpOf(program: string, ...args: readonly string[]): string {
  const key = [program, ...args].join(' ');
  if (!helps.has(key)) {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: 120_000 });
    if (status === null) throw new Error(`${key} did not answer within two minutes`);
    helps.set(key, `${stdout}${stderr}`);
  }
  return helps.get(key)!;
}

test('pages show commands of every kind', () => {
  expect(starting('npm').length).toBeGreaterThan(25);
  expect(starting('kubectl').length).toBeGreaterThan(20);
});

test.each(starting('npm').map(({ page, line }) => [page, line]))('%s: %s', (_page, line) => {
  const [, verb, ...rest] = wordsOf(line!);
  if (verb !== 'run') {
    expect(['ci', 'test', 'install', 'audit']).toContain(verb);
    return;
  }
  const script = rest.find((word) => !word.startsWith('-'))!;
  expect(Object.keys(scripts)).toContain(script);
  const own = line!.split(' -- ')[1];
  if (own === undefined) return;
  const words = wordsOf(own);
  const runsJest = /^jest /.test(scripts[script]!) || /^test:(cluster|live)$/.test(script);
  if (runsJest && !words.includes('--full')) return;
  const [sub] = words;
  const command = script === 'experiment' && /^[a-z]+$/.test(sub!) ? [sub!] : [];
  const help = helpOf('npm', 'run', '--silent', script, '--', ...command, '--help');
  expect(unknownFlags(words, help)).toEqual([]);
  expect(wrongChoices(words, help)).toEqual([]);
  expect(wordsTooMany(words.slice(command.length), help)).toEqual([]);
});

describe('kubectl', () => {
  let kubectl: string;
  beforeAll(async () => (kubectl = await buildTool('kubectl')));

  test.each(starting('kubectl').map(({ page, line }) => [page, line]))('%s: %s', (_page, line) => {
    const all = wordsOf(line!).slice(1);
    // What follows `--` is the command inside the container, not kubectl's.
    const words = all.includes('--') ? all.slice(0, all.indexOf('--')) : all;
    const withValues = new Set(['-n', '--namespace']);
    const verbs = words.filter((word, index) => !word.startsWith('-') && !withValues.has(words[index - 1] ?? ''));
    const nested = ['rollout', 'create', 'auth', 'config'].includes(verbs[0]!) ? verbs.slice(0, 2) : verbs.slice(0, 1);
    const help = `${helpOf(kubectl, ...nested, '--help')}\n${helpOf(kubectl, 'options')}`;
    expect(help).toMatch(/^Usage:$/m);
    expect(unknownFlags(words, help.replaceAll(/^(\s+(?:-\w, )?--[\w-]+)=.*$/gm, '$1 '))).toEqual([]);
  });
});

test.each(starting('git').map(({ page, line }) => [page, line]))('%s: %s', (_page, line) => {
  const [, verb] = wordsOf(line!);
  const { status } = spawnSync('git', [verb!, '-h'], { cwd: ROOT, encoding: 'utf8' });
  // git answers -h with 129 where the command exists, and with 1 where it does not.
  expect(`${verb} ${status}`).toBe(`${verb} 129`);
});
