import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import type { DelayCheck, DelayPort } from '../../attempt/ports';
import { lowestRoundTrip } from '../round-trip';

export interface NetemOptions {
  readonly delayMs: number;
  /** Interface towards the cluster. */
  readonly device: string;
  /** `tc`, `ip` and `systemd-run` by other names, for tests. */
  readonly commands?: {
    readonly tc?: string;
    readonly ip?: string;
    readonly systemdRun?: string;
    readonly systemctl?: string;
  };
}

/** Our queueing discipline is known by its handle, so that a foreign one is never taken for it or removed. */
const HANDLE = 'a40a:';
const GUARD_UNIT = 'ahuora-delay-guard';
/** Disciplines that Linux sets up by itself. */
const DEFAULTS = ['noqueue', 'mq', 'fq_codel', 'pfifo_fast', 'fq'];

interface QueueingDiscipline {
  readonly kind: string;
  readonly handle: string;
  readonly root?: boolean;
  /** `delay` in seconds; newer versions of tc nest it. */
  readonly options?: { readonly delay?: { readonly delay: number } | number };
}

/** The delay of the network by `tc netem` on the interface towards the cluster. It delays what is sent: one way of each round trip. */
export class NetemDelay implements DelayPort {
  readonly delayMs: number;
  readonly excessMs = 3; // Twice what a loaded Pi adds.
  readonly remedy =
    'Look at the network between generator and system, whether the system still answers, and at "tc qdisc show", and run the trial again.';

  constructor(private readonly options: NetemOptions) {
    this.delayMs = options.delayMs;
  }

  /** @throws {Error} when another discipline is in place, or the delay is not there after it was added. */
  async add(): Promise<void> {
    const root = await this.root();
    if (root !== undefined && !isOurs(root) && !DEFAULTS.includes(root.kind))
      throw new Error(
        `${this.options.device} has a foreign queueing discipline (${root.kind} ${root.handle}): remove it with "tc qdisc del dev ${this.options.device} root" if nobody needs it.`,
      );
    if (root !== undefined && isOurs(root)) await this.remove();
    // The guard comes first: whatever happens to this process from here on, the delay goes with it.
    await this.startGuard();
    const delay = `${this.delayMs}ms`;
    await this.tc('qdisc', 'add', 'dev', this.options.device, 'root', 'handle', HANDLE, 'netem', 'delay', delay);
    const configured = await this.configuredMs();
    if (configured === this.delayMs) return;
    await this.remove();
    throw new Error(`tc reports a delay of ${configured} ms on ${this.options.device} after ${delay} was added.`);
  }

  async check(url: string): Promise<DelayCheck> {
    return { configuredMs: await this.configuredMs(), roundTripMs: await lowestRoundTrip(url, 'connection') };
  }

  async remove(): Promise<void> {
    const root = await this.root();
    if (root !== undefined && isOurs(root))
      await this.tc('qdisc', 'del', 'dev', this.options.device, 'root', 'handle', HANDLE);
    await this.stopGuard();
  }

  route(url: string): string {
    return url; // The kernel delays it.
  }

  /**
   * Where the host of an address is and by which interface, in words: the delay stands on one interface alone, and a name may
   * lead past it, to the internet and back.
   */
  async way(url: string): Promise<string> {
    const { hostname } = new URL(url);
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''));
    const routes = await command(this.options.commands?.ip ?? 'ip', ['-json', 'route', 'get', address]);
    const { dev } = (JSON.parse(routes) as [{ readonly dev: string }])[0];
    const past = dev === this.options.device ? '' : `, past the delay on ${this.options.device}`;
    return `${hostname} is ${address} by ${dev}${past}`;
  }

  private async configuredMs(): Promise<number> {
    const root = await this.root();
    if (root === undefined || !isOurs(root)) return 0;
    const delay = root.options?.delay ?? 0;
    return Math.round((typeof delay === 'number' ? delay : delay.delay) * 1_000_000) / 1000;
  }

  private async root(): Promise<QueueingDiscipline | undefined> {
    const listed = await this.tc('-json', 'qdisc', 'show', 'dev', this.options.device);
    return (JSON.parse(listed || '[]') as QueueingDiscipline[]).find(({ root }) => root === true);
  }

  /** A unit of systemd that waits for this process to end, however it ends, and removes the delay then. */
  private async startGuard(): Promise<void> {
    await this.stopGuard();
    const tc = this.options.commands?.tc ?? 'tc';
    const script = `tail --pid=${process.pid} --follow /dev/null; ${tc} qdisc del dev ${this.options.device} root handle ${HANDLE}`;
    const { systemdRun = 'systemd-run' } = this.options.commands ?? {};
    await command(systemdRun, ['--quiet', '--collect', `--unit=${GUARD_UNIT}`, '/bin/sh', '-c', script]);
  }

  private async stopGuard(): Promise<void> {
    const { systemctl = 'systemctl' } = this.options.commands ?? {};
    // A guard that is not there is what was wanted.
    await command(systemctl, ['stop', `${GUARD_UNIT}.service`]).catch(() => undefined);
  }

  private tc(...words: string[]): Promise<string> {
    return command(this.options.commands?.tc ?? 'tc', words);
  }
}

function isOurs({ kind, handle }: QueueingDiscipline): boolean {
  return kind === 'netem' && handle === HANDLE;
}

function command(name: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(name, words, { timeout: 10_000, env: process.env }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reject(
        new Error(
          missing
            ? `${name} is not installed.`
            : `${name} ${words.join(' ')} failed: ${stderr.trim() || error.message}`,
        ),
      );
    }),
  );
}
