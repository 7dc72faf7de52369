import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './pages';

/** What a line ended with, and all that it said. */
export interface Typed {
  readonly status: number | null;
  readonly output: string;
}

/** A clone of the repository as it is now, what is not committed yet included, with the packages installed here. */
export class FreshClone {
  /** Holds the clone, and what stands beside it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'fresh-clone-'));
  readonly path = join(this.folder, 'clone');

  constructor() {
    git(this.folder, ['clone', '--quiet', ROOT, 'clone']);
    const changed = git(ROOT, ['diff', 'HEAD', '--binary']);
    if (changed !== '') git(this.path, ['apply', '--whitespace=nowarn', '-'], changed);
    if (git(this.path, ['branch', '--list', 'main']) === '') git(this.path, ['branch', 'main']);
    symlinkSync(join(ROOT, 'node_modules'), join(this.path, 'node_modules'));
  }

  /**
   * Types a line into a shell, without a terminal and without input.
   *
   * @param cwd from the root of the clone
   */
  async type(line: string, cwd = '.', env: NodeJS.ProcessEnv = process.env): Promise<Typed> {
    const child = spawn('sh', ['-c', line], { cwd: join(this.path, cwd), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const status = await new Promise<number | null>((done) => child.on('close', done));
    return { status, output };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What git says, or an error with its complaint. */
export function git(cwd: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd, encoding: 'utf8', input, maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}
