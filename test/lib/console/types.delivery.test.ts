import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'; // prettier-ignore
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../cluster/eventually';

const ROOT = join(__dirname, '../../..');

let clone: string;
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'types-'));
  const cloned = spawnSync('git', ['clone', '--quiet', `file://${ROOT}`, clone], { encoding: 'utf8' });
  expect(cloned.stderr).not.toMatch(/fatal/);
  mkdirSync(join(clone, 'node_modules'));
  for (const entry of readdirSync(join(ROOT, 'node_modules')).filter((name) => name !== '.cache'))
    symlinkSync(join(ROOT, 'node_modules', entry), join(clone, 'node_modules', entry));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const git = (...args: string[]) => spawnSync('git', args, { cwd: clone, encoding: 'utf8' }).stdout;
const synth = () => spawnSync('npm', ['run', '--silent', 'synth'], { cwd: clone, encoding: 'utf8' });

test('a misspelt property is named with file, line and what is meant, and nothing is written', () => {
  const file = join(clone, 'charts', 'front-end.ts');
  const right = readFileSync(file, 'utf8');
  const wrong = right.replace('replicas: 2', 'replica: 2');
  expect(wrong).not.toBe(right);
  const line = wrong.slice(0, wrong.indexOf('replica: 2')).split('\n').length;
  writeFileSync(file, wrong);
  const { status, stderr } = synth();
  expect(stderr).toMatch(new RegExp(`^error: 1 error of types, so nothing was written\\s+charts/front-end\\.ts:${line}:\\d+: .*'replica' does not exist in type 'WebServiceProps'\\. Did you mean to write 'replicas'\\?\n$`)); // prettier-ignore
  expect(status).toBe(1);
  expect(git('status', '--short')).toBe(' M charts/front-end.ts\n');
  git('checkout', '--quiet', '.');
  expect(synth()).toMatchObject({ status: 0, stderr: '' });
}, 300_000);

test('a compiler that is not there is said, with what to type', () => {
  const compiler = join(clone, 'node_modules', 'typescript-native');
  const kept = readlinkSync(compiler);
  rmSync(compiler);
  rmSync(join(clone, 'node_modules', '.cache'), { recursive: true, force: true });
  expect(synth()).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error: the compiler of types cannot be run \(.*\): type npm ci first\.\n$/),
  });
  symlinkSync(kept, compiler);
}, 300_000);

test('whoever edits with the types watched is told of an error, and told when it is gone', async () => {
  const watch = spawn('npm', ['run', '--silent', 'typecheck:watch'], { cwd: clone, detached: true });
  let output = '';
  for (const stream of [watch.stdout, watch.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const says = async (what: RegExp) => {
    await eventually(`it says ${what.source}`, () => Promise.resolve(what.test(output)), 90_000);
    output = '';
  };
  try {
    await says(/Found 0 errors/);
    const file = join(clone, 'charts', 'idaes.ts');
    appendFileSync(file, "export const wrong: number = 'text';\n");
    await says(/charts\/idaes\.ts.*TS2322[\s\S]*Found 1 error/);
    git('checkout', '--quiet', '.');
    await says(/Found 0 errors/);
  } finally {
    process.kill(-watch.pid!, 'SIGKILL');
  }
}, 300_000);
