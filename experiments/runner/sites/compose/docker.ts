import { execFile } from 'node:child_process';

export interface DockerResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DockerCall {
  readonly signal?: AbortSignal;
  /** Time the command may take, milliseconds. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/** Docker through its own command, which knows every way to reach an engine (DOCKER_HOST, contexts, ssh). */
export class Docker {
  constructor(private readonly command = 'docker') {}

  /** @throws {Error} in one sentence, when the command fails. */
  async run(words: readonly string[], call: DockerCall = {}): Promise<string> {
    const result = await this.attempt(words, call);
    if (result.code === 0) return result.stdout;
    throw new Error(explain(words, result.stderr));
  }

  /** Runs a command whose failure is an answer too. @throws {Error} when Docker itself is missing, or the signal stops it. */
  attempt(words: readonly string[], { signal, timeoutMs = TIMEOUT_MS }: DockerCall = {}): Promise<DockerResult> {
    return new Promise((resolve, reject) => {
      // A process group of its own: Ctrl-C reaches the runner alone, which then takes the stack down in order.
      const options = { timeout: timeoutMs, maxBuffer: 64 << 20, detached: true, ...(signal && { signal }) };
      const child = execFile(this.command, words, options, (error, stdout, stderr) => {
        if (signal?.aborted) reject(signal.reason as Error);
        else if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') reject(new Error(MISSING));
        else if (error?.killed)
          resolve({ code: 1, stdout, stderr: `${stderr}\ntimed out after ${timeoutMs / 1000} s` });
        else resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      });
      child.stdin?.end();
    });
  }
}

const LEAVE_OUT = 'or leave the Compose trials out with --site cluster';
const MISSING = `docker is not on the PATH: install Docker with its Compose plugin, ${LEAVE_OUT}.`;

/** A failure of a command, in one sentence. */
export function explain(words: readonly string[], stderr: string): string {
  const said = lastLine(stderr);
  if (
    /cannot connect to the docker daemon|error during connect|failed to connect to the docker api|permission denied/i.test(
      stderr,
    )
  )
    return `Docker cannot be reached (${said}): start it, set DOCKER_HOST to where it runs, ${LEAVE_OUT}.`;
  // Without the plugin the client takes what follows `compose` for its own.
  if (words[0] === 'compose' && /is not a docker command|unknown command: docker compose|unknown flag/i.test(stderr))
    return `Docker has no Compose plugin: install it, ${LEAVE_OUT}.`;
  return `docker ${subcommandOf(words)} failed: ${said || 'no message'}`;
}

export function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return (lines.findLast((line) => line !== '') ?? '').replace(/\.$/, '');
}

/** Such as `compose up`: what a person needs to know which command it was. */
function subcommandOf(words: readonly string[]): string {
  if (words[0] !== 'compose') return words[0] ?? '';
  const own = words
    .slice(1)
    .filter((word, index, all) => !word.startsWith('--') && !/^--(project-name|file)$/.test(all[index - 1] ?? ''));
  return `compose ${own[0] ?? ''}`;
}
