import { ContainerProcessor } from '../engine/container-processor';
import type { NodeProcessor } from '../engine/node-processor';
import type { RandomStream } from '../engine/random-stream';
import { draw } from '../model/distribution';
import type { SystemModel } from '../model/system-model';

/** CPU shares of containers without a request. */
const UNREQUESTED_WEIGHT = 2;

const HANDSHAKE = 1;
const FORWARD = 2;

/** Traefik on the cores of its node: it answers TLS handshakes and forwards requests. */
export class GatewayStation {
  private readonly processor: ContainerProcessor;
  /** What each request is at the gateway for. */
  private readonly stage: Uint8Array;

  /** @param count Requests of the trial. */
  constructor(
    node: NodeProcessor,
    private readonly model: NonNullable<SystemModel['gateway']>,
    private readonly random: RandomStream,
    count: number,
    handshakeDone: (request: number, now: number) => void,
    forwarded: (request: number, now: number) => void,
  ) {
    this.stage = new Uint8Array(count);
    this.processor = new ContainerProcessor(node, UNREQUESTED_WEIGHT, Infinity, Infinity, 0, 1, (request, now) =>
      this.stage[request] === HANDSHAKE ? handshakeDone(request, now) : forwarded(request, now),
    );
  }

  shakeHands(request: number): void {
    this.stage[request] = HANDSHAKE;
    this.processor.start(request, draw(this.model.handshake, this.random) / 1000);
  }

  forward(request: number): void {
    this.stage[request] = FORWARD;
    this.processor.start(request, draw(this.model.forward, this.random) / 1000);
  }
}
