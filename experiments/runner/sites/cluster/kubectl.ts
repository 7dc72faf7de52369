import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Where and how kubectl reaches the cluster; its own rules (KUBECONFIG) hold for the rest. */
export interface KubectlOptions {
  readonly command?: string;
  readonly kubeconfig?: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 60_000;
/** A watch that ends sooner than this was refused rather than closed by the server's usual limit. */
const SHORT_WATCH_MS = 5_000;
const MOST_SHORT_WATCHES = 5;

/** The cluster through kubectl, which knows every way to sign in. */
export class Kubectl {
  private readonly command: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(options: KubectlOptions = {}) {
    this.command = options.command ?? 'kubectl';
    this.environment = {
      ...process.env,
      ...(options.kubeconfig === undefined ? {} : { KUBECONFIG: options.kubeconfig }),
    };
  }

  /** @throws {Error} in one sentence, when the command fails. */
  async run(...words: string[]): Promise<string> {
    const result = await this.attempt(...words);
    if (result.code === 0) return result.stdout;
    throw new Error(explain(words, result.stderr));
  }

  /** Runs a command whose failure is an answer too. @throws {Error} when kubectl itself is missing. */
  attempt(...words: string[]): Promise<KubectlResult> {
    return new Promise((resolve, reject) => {
      const options = { env: this.environment, timeout: TIMEOUT_MS, maxBuffer: 64 << 20 };
      const child = execFile(this.command, ['--request-timeout=30s', ...words], options, (error, stdout, stderr) => {
        if (error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT')
          reject(new Error('kubectl is not on the PATH: install it.'));
        else resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
      });
      child.stdin?.end(); // It must fail rather than ask for a user name.
    });
  }

  /**
   * Follows a watch, one line of the template per event, and takes it up again when the server ends it.
   *
   * @returns the way to stop.
   */
  watch(
    words: readonly string[],
    template: string,
    onLine: (line: string) => void,
    onBroken: (why: string) => void,
  ): () => void {
    let stopped = false;
    let shortWatches = 0;
    let child: ReturnType<typeof spawn> | undefined;
    const follow = () => {
      const started = Date.now();
      let complaints = '';
      child = spawn(
        this.command,
        ['get', ...words, '--watch', '--output-watch-events', '-o', `jsonpath=${template}{"\\n"}`],
        { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-500)));
      createInterface({ input: child.stdout! }).on('line', (line) => line !== '' && !stopped && onLine(line));
      child.once('error', (error) => onBroken(error.message));
      child.once('close', () => {
        if (stopped) return;
        shortWatches = Date.now() - started < SHORT_WATCH_MS ? shortWatches + 1 : 0;
        if (shortWatches >= MOST_SHORT_WATCHES) onBroken(explain(words, complaints));
        else setTimeout(() => stopped || follow(), 500);
      });
    };
    follow();
    return () => {
      stopped = true;
      child?.kill();
    };
  }
}

function explain(words: readonly string[], stderr: string): string {
  const what = `kubectl ${words.slice(0, 3).join(' ')}`;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (/Unauthorized|must be logged in|expired/i.test(stderr))
    return `The cluster refuses the credentials (${what}): renew the kubeconfig, since its token or certificate may have expired.`;
  if (
    /connection refused|no such host|i\/o timeout|unable to connect|was refused|network is unreachable|EOF/i.test(
      stderr,
    )
  )
    return `The cluster cannot be reached (${what}): ${said}`;
  return `${what} failed: ${said || 'no message'}`;
}
