import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The reference API's program; it ends with everything it started when its standard input closes. */
const PROGRAM = join(__dirname, '../../../../test/fixtures/reference-api/run.ts');

export interface ReferenceApiSettings {
  /** Processes of the API and of the solver, standing for their replicas. */
  readonly workers: number;
  readonly solverWorkers: number;
}

/** A running reference API. */
export class ReferenceApiProcess {
  private ended: string | undefined;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly pids: Readonly<Record<'django' | 'solver' | 'postgres' | 'pgbouncer', number>>,
  ) {
    child.once('exit', (code, signal) => (this.ended = `it ended with ${signal ?? code}`));
  }

  /**
   * @param tell Told of what it prints while it starts, such as the packages that are installed the first time.
   * @throws {Error} in one sentence when it does not start.
   */
  static async start(
    { workers, solverWorkers }: ReferenceApiSettings,
    tell: (text: string) => void = () => undefined,
  ): Promise<ReferenceApiProcess> {
    const tsx = createRequire(__filename).resolve('tsx/cli');
    const options = ['--workers', String(workers), '--solver-workers', String(solverWorkers)];
    // A process group of its own: Ctrl-C reaches the runner alone, which then stops the API in order.
    const child = spawn(process.execPath, [tsx, PROGRAM, ...options], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdin.on('error', () => undefined);
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2000)));
    createInterface({ input: child.stderr }).on('line', (line) => line.trim() !== '' && tell(line.trim()));
    const started = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => line.startsWith('{') && resolve(line));
      child.once('error', reject);
      child.once('exit', () =>
        reject(new Error(`The reference API did not start: ${complaints.trim() || 'no message'}`)),
      );
    });
    const { url, pids } = JSON.parse(started) as Pick<ReferenceApiProcess, 'url' | 'pids'>;
    return new ReferenceApiProcess(child, url, pids);
  }

  /** Why it no longer runs; undefined while it does. */
  endedBecause(): string | undefined {
    return this.ended;
  }

  async stop(): Promise<void> {
    if (this.ended !== undefined) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin!.end();
    await exited;
  }
}
