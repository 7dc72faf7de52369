import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  });

  it.each(['plan', 'rehearse', 'search', 'scale', 'calibrate', 'run', 'resume', 'report', 'history'])(
    'experiment %s too',
    (command) => {
      const { status, stdout } = run('experiment', command, '--help');
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
