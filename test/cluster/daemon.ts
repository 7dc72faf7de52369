import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

/** A running server process of the tests. */
export interface Daemon {
  readonly name: string;
  readonly process: ChildProcess;
  /** File with everything it printed. */
  readonly log: string;
  /** The last lines it printed, for error messages. */
  tail(lines?: number): string;
  /** Ends it: SIGTERM, then SIGKILL after `graceMs`. Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Starts a server process whose parent-death signal is set (`setpriv --pdeathsig` of util-linux): not even `kill -9` on a
 * test run leaves a server behind. Its log is `<name>.log` in the folder.
 */
export function startDaemon(
  name: string,
  program: string,
  args: readonly string[],
  options: { readonly folder: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
): Daemon {
  const log = join(options.folder, `${name}.log`);
  const output = openSync(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    cwd: options.cwd ?? options.folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  return {
    name,
    process: child,
    log,
    tail: (lines = 15) => readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    stop: async (graceMs = 3000) => {
      if (hasEnded()) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Waits until `ready` answers true.
 *
 * @throws Error with the end of the daemon's log when it ends first or the time is over.
 */
export async function waitUntilReady(
  daemon: Daemon,
  ready: () => Promise<boolean>,
  timeoutMs = 120_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (daemon.process.exitCode !== null || daemon.process.signalCode !== null || daemon.process.pid === undefined)
      throw new Error(
        `${daemon.name} ended with ${daemon.process.exitCode ?? daemon.process.signalCode ?? 'a failure to start'}; the end of its log:\n${daemon.tail()}`,
      );
    if (await ready().catch(() => false)) return;
    if (Date.now() > deadline)
      throw new Error(
        `${daemon.name} was not ready within ${timeoutMs / 1000} s; the end of its log:\n${daemon.tail()}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a program to its end. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<CommandResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.stdin.on('error', () => undefined); // The program may end without reading its input.
  child.stdin.end(options.input ?? '');
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? -1, stdout, stderr };
}

/** What a program left when it ended; status -1 when a signal ended it. */
export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}
