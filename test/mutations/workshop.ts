import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutation } from './mutation';

const repository = resolve(__dirname, '../..');

/** What synthesis reads. */
const SOURCES = ['main.ts', 'package.json', 'tsconfig.json', 'lib', 'charts', 'argocd', 'facts', 'imports'];
const FURTHER = ['experiments/plan', 'ansible/inventory', 'ansible/roles/k3s_node/defaults'];

/** How synthesis ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly said: string;
}

/** A copy of the repository in which one mistake after another is made. */
export class Workshop {
  private constructor(private readonly folder: string) {}

  static async open(): Promise<Workshop> {
    const folder = await mkdtemp(join(tmpdir(), 'mutations-'));
    for (const path of [...SOURCES, ...FURTHER]) {
      await cp(join(repository, path), join(folder, path), { recursive: true });
    }
    // The packages are shared; the caches are not, since runs of several copies would spoil each other's.
    const packages = join(folder, 'node_modules');
    await mkdir(packages);
    for (const name of await readdir(join(repository, 'node_modules'))) {
      if (name !== '.cache') await symlink(join(repository, 'node_modules', name), join(packages, name));
    }
    return new Workshop(folder);
  }

  /**
   * Synthesises with one mistake, and takes it back.
   *
   * @throws Error when the text is not there to be replaced: the list must follow the sources.
   */
  async attempt({ file, from, to, nth }: Omit<Mutation, 'says'>): Promise<Outcome> {
    const path = join(this.folder, file);
    const text = await readFile(path, 'utf8');
    const parts = text.split(from);
    if (parts.length === 1 || (parts.length > 2 && nth === undefined)) {
      throw new Error(`${file} holds ${JSON.stringify(from)} ${parts.length - 1} times; correct the list of mutations`);
    }
    const cut = (nth ?? 0) + 1;
    await writeFile(path, parts.slice(0, cut).join(from) + to + parts.slice(cut).join(from));
    try {
      return await this.synthesise();
    } finally {
      await writeFile(path, text);
    }
  }

  synthesise(): Promise<Outcome> {
    const loader = './lib/synthesis/require-typescript.cjs';
    const child = spawn(process.execPath, ['--require', loader, 'main.ts', 'synth', '--output', 'dist'], {
      cwd: this.folder,
    });
    let said = '';
    child.stdout.on('data', (data) => (said += String(data)));
    child.stderr.on('data', (data) => (said += String(data)));
    return new Promise((done, failed) => {
      child.on('error', failed);
      child.on('close', (code) => done({ exitCode: code ?? 1, said }));
    });
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
