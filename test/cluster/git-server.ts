import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { run, startDaemon, waitUntilReady } from './daemon';
import { freePorts } from '../fixtures/free-ports';

/** A git repository served on loopback, with a work tree to commit from. */
export interface GitServer {
  /** URL that Argo CD polls. */
  readonly url: string;
  /**
   * Commits files to `main` and publishes them: a text writes, `undefined` deletes.
   *
   * @returns the commit.
   */
  commit(message: string, files: Readonly<Record<string, string | undefined>>): Promise<string>;
  stop(): Promise<void>;
}

/** Serves an empty repository with `git daemon` from a folder of the run. */
export async function startGitServer(folder: string): Promise<GitServer> {
  const workTree = join(folder, 'work-tree');
  const served = join(folder, 'served');
  const repository = join(served, 'platform-infrastructure.git');
  mkdirSync(workTree, { recursive: true });
  mkdirSync(served, { recursive: true });
  const git = async (args: readonly string[], cwd = workTree) => {
    const identity = {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: 'test',
      GIT_AUTHOR_EMAIL: 'test@localhost',
      GIT_COMMITTER_NAME: 'test',
      GIT_COMMITTER_EMAIL: 'test@localhost',
    };
    const { status, stdout, stderr } = await run('git', args, { cwd, env: identity });
    if (status !== 0) throw new Error(`git ${args.join(' ')} ended with status ${status}: ${stderr.trim()}`);
    return stdout.trim();
  };
  await git(['init', '--quiet', '--bare', '--initial-branch=main', repository], folder);
  await git(['init', '--quiet', '--initial-branch=main']);
  await git(['remote', 'add', 'origin', repository]);

  const [port] = (await freePorts(1)) as [number];
  // The daemon itself, not the `git` command around it, so that it dies with this process.
  const program = join(await git(['--exec-path'], folder), 'git-daemon');
  const daemon = startDaemon(
    'git-daemon',
    program,
    ['--export-all', `--base-path=${served}`, '--listen=127.0.0.1', `--port=${port}`, served],
    { folder },
  );
  await waitUntilReady(daemon, () => accepts(port));

  return {
    url: `git://127.0.0.1:${port}/platform-infrastructure.git`,
    commit: async (message, files) => {
      for (const [path, content] of Object.entries(files)) {
        const file = join(workTree, path);
        if (content === undefined) await rm(file);
        else {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
      }
      await git(['add', '--all']);
      await git(['commit', '--quiet', '--message', message]);
      await git(['push', '--quiet', 'origin', 'main']);
      return git(['rev-parse', 'HEAD']);
    },
    stop: () => daemon.stop(),
  };
}

/** Whether something listens on the loopback port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
