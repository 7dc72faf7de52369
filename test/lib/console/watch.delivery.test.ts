import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../cluster/eventually';

const ROOT = join(__dirname, '../../..');

test('whoever edits with the types watched is told of an error, and told when it is gone', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'watched-'));
  const cloned = spawnSync('git', ['clone', '--quiet', `file://${ROOT}`, clone], { encoding: 'utf8' });
  expect(cloned.stderr).not.toMatch(/fatal/);
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
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
    spawnSync('git', ['checkout', '--quiet', 'charts/idaes.ts'], { cwd: clone });
    await says(/Found 0 errors/);
  } finally {
    process.kill(-watch.pid!, 'SIGKILL');
    rmSync(clone, { recursive: true, force: true });
  }
}, 300_000);
