import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadSource } from '../../../workload';
import type { DelayCheck, DelayPort } from '../../attempt/ports';
import { lowestRoundTrip } from '../round-trip';
import type { RelayInput } from './relay-thread';

/** The network delay on a laptop: load goes through a relay in a thread of this process, so nothing can be left behind. */
export class RelayDelay implements DelayPort {
  readonly excessMs = 20; // Timers of a busy laptop wake up late.
  readonly remedy = 'Free this machine from other work, since its own relay makes the delay, and run the trial again.';
  private relay: { readonly thread: Worker; readonly port: number } | undefined;

  constructor(readonly delayMs: number) {}

  async add(url: string): Promise<void> {
    if (this.relay !== undefined) throw new Error('The delay relay runs already.');
    const { hostname, port, protocol } = new URL(url);
    const input: RelayInput = {
      host: hostname,
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      delayMs: this.delayMs,
    };
    const thread = new Worker(threadSource(join(__dirname, 'relay-thread.ts')), {
      eval: true,
      workerData: input,
      execArgv: [],
    });
    const relayPort = await new Promise<number>((resolve, reject) =>
      thread.once('message', resolve).once('error', reject),
    );
    this.relay = { thread, port: relayPort };
  }

  async check(url: string): Promise<DelayCheck> {
    return {
      configuredMs: this.relay === undefined ? 0 : this.delayMs,
      // The kernel accepts a connection to the relay at once, so only an answer shows the delay.
      roundTripMs: await lowestRoundTrip(this.route(url), 'answer'),
    };
  }

  async remove(): Promise<void> {
    await this.relay?.thread.terminate();
    this.relay = undefined;
  }

  route(url: string): string {
    if (this.relay === undefined) return url;
    const routed = new URL(url);
    routed.hostname = '127.0.0.1';
    routed.port = String(this.relay.port);
    return routed.href.replace(/\/$/, '');
  }
}
