import { spawn } from 'node:child_process';

/** What a command printed and how it ended. */
export interface Outcome {
  /** Exit status; 124 when it was ended after its time limit. */
  readonly status: number;
  /** Standard output and standard error, in the order they came. */
  readonly output: string;
}

/** Options of a command. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Limit in seconds. */
  readonly seconds?: number;
  /** Called with each line as it comes, and with what ends the command at once, as `kill -9` does. */
  readonly onLine?: (line: string, kill: () => void) => void;
}

/** Runs a command in a process group of its own; never rejects for what the command does. */
export function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let rest = '';
    let timedOut = false;
    const kill = () => {
      try {
        process.kill(-child.pid!, 'SIGKILL');
      } catch {
        // Ended by itself meanwhile.
      }
    };
    const timer = setTimeout(() => ((timedOut = true), kill()), (options.seconds ?? 60) * 1000);
    const take = (chunk: Buffer) => {
      output += chunk;
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) options.onLine?.(line, kill);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ status: timedOut ? 124 : (code ?? 137), output });
    });
  });
}

/** As `run`, but rejects with the output when the command fails. */
export async function must(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { status, output } = await run(file, args, options);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}:\n${output}`);
  return output;
}

/** Repeats until the answer is truthy. @throws Error naming what was waited for. */
export async function eventually<T>(what: string, seconds: number, attempt: () => Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await attempt();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
