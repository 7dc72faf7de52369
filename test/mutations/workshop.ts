import { fork, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutation } from './mutation';

const repository = resolve(__dirname, '../..');

/** What synthesis reads. */
const SOURCES = ['main.ts', 'package.json', 'tsconfig.json', 'lib', 'charts', 'argocd', 'facts', 'imports'];
const FURTHER = ['experiments/plan', 'ansible/inventory', 'ansible/roles/k3s_node/defaults', 'ansible/schemas'];

/** What was loaded before stays in memory, so a process ends after this many. */
const RUNS_OF_ONE_PROCESS = 60;

/** How synthesis ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly said: string;
}

/** A copy of the repository in which one mistake after another is made. */
export class Workshop {
  private resident: ChildProcess | undefined;
  private runs = 0;

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
      return await this.synthesise(file);
    } finally {
      await writeFile(path, text);
    }
  }

  synthesise(changed = ''): Promise<Outcome> {
    this.resident ??= this.start();
    const resident = this.resident;
    return new Promise((done, failed) => {
      const ended = (code: number | null) => {
        this.resident = undefined;
        failed(new Error(`the resident synthesis ended with ${code}`));
      };
      resident.once('exit', ended);
      resident.once('message', (outcome) => {
        resident.off('exit', ended);
        if (++this.runs % RUNS_OF_ONE_PROCESS === 0) this.stop();
        done(outcome as Outcome);
      });
      resident.send(changed);
    });
  }

  private start(): ChildProcess {
    const loader = './lib/synthesis/require-typescript.cjs';
    return fork(join(__dirname, 'resident.ts'), [], {
      cwd: this.folder,
      execArgv: ['--require', loader],
      silent: false,
    });
  }

  private stop(): void {
    this.resident?.removeAllListeners();
    this.resident?.kill();
    this.resident = undefined;
  }

  async close(): Promise<void> {
    this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
