import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unknownFlags, wordsOf, wrongChoices } from '../docs/help-text';

const root = join(__dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Scripts that call a program of others, which has a help of its own, or are a part of another script. */
const OF_OTHERS = /^(\w+ run |npm |run-|jest |tsc |node node_modules\/|eslint |prettier |knip|git )/;
const PARTS = /^docs:/;
const ours = Object.keys(scripts).filter((name) => !OF_OTHERS.test(scripts[name]!) && !PARTS.test(name));

/** Without these a command says first what is missing. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = { 'next-version': ['--prefix', 'django-api'] };

function run(script: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', script, '--', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, output: `${stdout}${stderr}` };
}

/** Complaints of a help about its own examples. */
function wrongExamples(whole: string): string[] {
  // An example is no proof of itself.
  const [help = ''] = whole.split(/^Examples?:$/m);
  const examples = [...whole.matchAll(/^ +npm run (?:--silent )?[\w:-]+ -- (.*?)(?: {2,}.*)?$/gm)].map(
    ([, line]) => line!,
  );
  return examples.flatMap((line) => {
    const words = wordsOf(line.split(/ (?:>|&&|\|) /)[0]!);
    return [...unknownFlags(words, help), ...wrongChoices(words, help)].map((one) => `${line}: ${one}`);
  });
}

test('an example with a flag or a value that is not taken is found', () => {
  const help = 'Usage: x\n\nOptions:\n  --site <site>  only these\n                 (choices: "cluster", "live")\n  -h, --help  help\n';
  expect(wrongExamples(`${help}\nExample:\n  npm run x -- --site local --local\n`)).toEqual([
    '--site local --local: --local',
    '--site local --local: --site: local',
  ]);
  expect(wrongExamples(`${help}\nExample:\n  npm run x -- --site live\n`)).toEqual([]);
}); // prettier-ignore

describe('every command of ours', () => {
  it('is found in package.json', () => {
    expect(ours.length).toBeGreaterThan(10);
    expect(ours).toEqual(expect.arrayContaining(['synth', 'docs', 'cluster', 'experiment', 'test:live']));
  });

  it.each(ours)('%s says with --help what it does, with an example, and does nothing else', (script) => {
    const { status, stdout } = run(script, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: /);
    expect(stdout).toMatch(/^Examples?:\n +\S/m);
    expect(script === 'experiment' ? [] : wrongExamples(stdout)).toEqual([]);
  });

  it.each(['plan', 'rehearse', 'search', 'scale', 'calibrate', 'run', 'resume', 'report', 'history'])(
    'experiment %s too',
    (command) => {
      const { status, stdout } = run('experiment', command, '--help');
      expect(wrongExamples(stdout)).toEqual([]);
      expect([status, stdout]).toEqual([
        0,
        expect.stringMatching(/^Usage: [^]*^Example:\n +npm run experiment -- \w/m),
      ]);
    },
  );

  // The tiers hand what they do not know to jest, which refuses it.
  it.each(ours.filter((name) => !/^test:(cluster|live)$/.test(name)))(
    '%s refuses a flag that it does not have, in a sentence without a stack',
    (script) => {
      const { status, output } = run(script, '--no-such-flag', ...(REQUIRED[script] ?? []));
      expect(status).not.toBe(0);
      expect(output).toMatch(/no-such-flag/);
      expect(output).not.toMatch(/^\s+at /m);
    },
  );
});
