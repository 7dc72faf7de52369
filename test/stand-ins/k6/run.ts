import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { transformSync } from 'esbuild';
import { threadSource } from '../../../experiments/workload';

/**
 * A stand-in for `k6 run`, with what the workload relies on, from k6's documentation; it refuses what it does not know. It
 * proves that script and generator keep to k6's contract, not how k6 performs.
 */
interface Options {
  readonly insecureSkipTLSVerify: boolean;
  readonly noConnectionReuse: boolean;
  readonly discardResponseBodies: boolean;
  readonly maxRedirects: number;
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly thresholds: Readonly<Record<string, readonly { threshold: string; abortOnFail: boolean }[]>>;
}

interface Scenario {
  readonly executor: string;
  readonly startRate: number;
  readonly timeUnit: string;
  readonly preAllocatedVUs: number;
  readonly maxVUs: number;
  readonly stages: readonly { target: number; duration: string }[];
  readonly gracefulStop: string;
}

const KNOWN_OPTIONS = [
  'insecureSkipTLSVerify',
  'noConnectionReuse',
  'discardResponseBodies',
  'maxRedirects',
  'scenarios',
  'thresholds',
];

interface VirtualUser {
  readonly thread: Worker;
  readonly answers: MessagePort;
  readonly bell: Int32Array;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quiet: { type: 'boolean' },
      'no-usage-report': { type: 'boolean' },
      'no-summary': { type: 'boolean' },
      'log-format': { type: 'string' },
      'console-output': { type: 'string' },
      env: { type: 'string', short: 'e', multiple: true },
    },
  });
  const [command, file] = positionals;
  if (command !== 'run' || file === undefined) throw new Error('usage: k6 run [flags] FILE');
  if (values['log-format'] !== 'raw') throw new Error('lines are only JSON with --log-format raw');
  const script = transformSync(readFileSync(file, 'utf8'), { format: 'cjs', target: 'es2020' }).code;
  const environment = Object.fromEntries((values.env ?? []).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  return new Test(script, environment, values['console-output']!).run();
}

class Test {
  private readonly startTime = Date.now();
  private readonly free: VirtualUser[] = [];
  private readonly all: VirtualUser[] = [];
  private expected: readonly number[] = [];
  private options!: Options;
  private active = 0;
  private busy = 0;
  private iterations = 0;
  private aborted = false;

  constructor(
    private readonly script: string,
    private readonly environment: Record<string, string>,
    private readonly output: string,
  ) {
    writeFileSync(output, '');
  }

  async run(): Promise<number> {
    this.free.push(await this.startVirtualUser());
    const scenario = this.checkedScenario();
    // The other prepared virtual users are only counted; their threads start when they are first needed.
    this.active = scenario.preAllocatedVUs;
    const thresholds = setInterval(() => this.checkThresholds(), 2000);
    const begin = performance.now();
    for (const due of arrivalTimes(scenario)) {
      while (performance.now() < begin + due)
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + due - performance.now())));
      if (this.aborted) break;
      await this.iterate(scenario);
    }
    const deadline = performance.now() + milliseconds(scenario.gracefulStop);
    while (this.busy > 0 && !this.aborted && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    this.checkThresholds();
    clearInterval(thresholds);
    await Promise.all(this.all.map(({ thread }) => thread.terminate()));
    return this.aborted ? 99 : 0;
  }

  /** Starts one iteration, or drops it where no virtual user is free. */
  private async iterate({ preAllocatedVUs, maxVUs }: Scenario): Promise<void> {
    let user = this.free.pop();
    if (user === undefined && this.all.length < preAllocatedVUs) user = await this.startVirtualUser();
    if (user === undefined) {
      if (this.all.length < maxVUs) {
        this.active = Math.max(this.active, this.all.length + 1);
        void this.startVirtualUser().then((one) => this.free.push(one));
      }
      return; // k6 counts a dropped iteration, also while it prepares a further virtual user.
    }
    this.busy++;
    user.thread.postMessage({ number: this.iterations++ });
  }

  private checkThresholds(): void {
    for (const { threshold } of this.options.thresholds['vus'] ?? []) {
      const limit = Number(/^value<=(\d+)$/.exec(threshold)![1]);
      if (this.active > limit) this.aborted = true;
    }
  }

  private startVirtualUser(): Promise<VirtualUser> {
    const { port1, port2 } = new MessageChannel();
    const bell = new SharedArrayBuffer(4);
    const { script, environment, startTime } = this;
    const thread = new Worker(threadSource(join(__dirname, 'virtual-user.ts')), {
      eval: true,
      execArgv: [],
      workerData: { script, environment, startTime, answers: port2, bell },
      transferList: [port2],
    });
    const user: VirtualUser = { thread, answers: port1, bell: new Int32Array(bell) };
    this.all.push(user);
    return new Promise((resolve, reject) => {
      thread.on('error', reject);
      thread.on('message', (message: { kind: string } & Record<string, never>) => {
        if (message.kind === 'ready') {
          this.options = message['options'];
          resolve(user);
        } else this.serve(user, message);
      });
    });
  }

  private serve(user: VirtualUser, message: { kind: string } & Record<string, unknown>): void {
    switch (message.kind) {
      case 'log':
        return appendFileSync(this.output, `${message['text'] as string}\n`);
      case 'expected':
        this.expected = message['statuses'] as number[];
        return;
      case 'done':
        if (message['error'] !== undefined) console.error(message['error']);
        this.busy--;
        this.free.push(user);
        return;
      case 'request':
        void this.send(message as unknown as RequestMessage).then((answer) => {
          user.answers.postMessage(answer);
          Atomics.store(user.bell, 0, 1);
          Atomics.notify(user.bell, 0);
        });
    }
  }

  private send({ method, url, body, headers, responseType }: RequestMessage): Promise<unknown> {
    const secure = url.startsWith('https:');
    const moments = { start: performance.now(), connected: 0, secured: 0, sent: 0, first: 0 };
    return new Promise((resolve) => {
      let answered: http.IncomingMessage | undefined;
      const chunks: Buffer[] = [];
      const finish = (status: number, errorCode: number) =>
        resolve({
          status,
          error_code: errorCode,
          timings: timingsOf(moments),
          headers: canonical(answered?.headers ?? {}),
          body: responseType === 'text' ? Buffer.concat(chunks).toString() : null,
        });
      const outgoing = (secure ? https : http).request(url, {
        method,
        headers: { ...headers, ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }) },
        agent: this.options.noConnectionReuse ? false : undefined,
        ...(secure ? { rejectUnauthorized: !this.options.insecureSkipTLSVerify } : {}),
      } as https.RequestOptions);
      outgoing.once('socket', (socket) => {
        socket.once('connect', () => (moments.connected = performance.now()));
        socket.once('secureConnect', () => (moments.secured = performance.now()));
      });
      outgoing.once('finish', () => (moments.sent = performance.now()));
      outgoing.once('response', (response) => {
        moments.first = performance.now();
        const status = response.statusCode!;
        answered = response;
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', () => finish(status, 1000)); // A body cut off has no code of its own.
        response.once('end', () => finish(status, this.expected.includes(status) ? 0 : 1000 + status)).resume();
      });
      outgoing.once('error', ({ code }: NodeJS.ErrnoException) => finish(0, code === 'ECONNREFUSED' ? 1212 : 1220));
      outgoing.end(body ?? undefined);
    });
  }

  private checkedScenario(): Scenario {
    const unknown = Object.keys(this.options).filter((name) => !KNOWN_OPTIONS.includes(name));
    if (unknown.length > 0) throw new Error(`unknown options: ${unknown.join(', ')}`);
    if (this.options.maxRedirects !== 0) throw new Error('this stand-in follows no redirect');
    const scenario = Object.values(this.options.scenarios)[0]!;
    if (scenario.executor !== 'ramping-arrival-rate') throw new Error(`unknown executor ${scenario.executor}`);
    for (const { target } of scenario.stages)
      if (!Number.isInteger(target)) throw new Error(`stage target ${target} is no whole number`);
    return scenario;
  }
}

interface RequestMessage {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly headers: Record<string, string>;
  readonly responseType: 'text' | 'none';
}

/** Header names in the form that Go gives them. */
function canonical(headers: http.IncomingHttpHeaders): Record<string, string> {
  const name = (text: string) => text.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [name(key), String(value)]));
}

/** As k6 reports them: `blocked` holds connecting and the handshake. */
function timingsOf({ start, connected, secured, sent, first }: Record<string, number>) {
  const ready = Math.max(connected!, secured!);
  const end = performance.now();
  return {
    blocked: Math.max(0, ready - start!),
    connecting: Math.max(0, connected! - start!),
    tls_handshaking: secured! > 0 ? secured! - connected! : 0,
    sending: Math.max(0, sent! - ready),
    waiting: first! > 0 ? first! - Math.max(sent!, ready) : 0,
    receiving: first! > 0 ? end - first! : 0,
  };
}

/** Milliseconds at which the running sum of starts reaches each whole number, by small steps rather than in closed form. */
function* arrivalTimes({ startRate, timeUnit, stages }: Scenario): Iterable<number> {
  const unit = milliseconds(timeUnit);
  const step = 0.05;
  let [time, sum, from, started] = [0, 0, startRate / unit, 0];
  for (const { target, duration } of stages) {
    const length = milliseconds(duration);
    const to = target / unit;
    for (let inside = 0; inside < length; inside += step, time += step) {
      sum += step * (from + ((to - from) * (inside + step / 2)) / length);
      for (; started + 1 <= sum + 1e-6; started++) yield time + step;
    }
    from = to;
  }
}

function milliseconds(text: string): number {
  const [, value, unit] = /^(\d+)(ms|s|m)$/.exec(text)!;
  return Number(value) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

main()
  .then((status) => process.exit(status))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(107);
  });
