import { ContainerProcessor } from '../engine/container-processor';
import type { NodeProcessor } from '../engine/node-processor';
import type { RandomStream } from '../../../lib/primitives/random-stream';
import { draw } from '../model/distribution';
import type { SystemModel } from '../model/system-model';

const HANDSHAKE = 1;
const FORWARD = 2;

/** Where the stations of the gateway stand, and what they answer to. */
export interface GatewayParts {
  readonly gateway: NonNullable<SystemModel['gateway']>;
  readonly gatewayNode: NodeProcessor;
  readonly authentication?: NonNullable<SystemModel['authentication']>;
  readonly authenticationNode?: NodeProcessor;
  readonly random: RandomStream;
  /** Requests of the trial. */
  readonly count: number;
  readonly handshakeDone: (request: number, now: number) => void;
  readonly forwarded: (request: number, now: number) => void;
}

/**
 * Traefik on the cores of its node: it answers TLS handshakes and forwards requests, each after OAuth2 Proxy has said that it
 * may pass, where the API's ingress asks for that.
 */
export class GatewayStation {
  private readonly traefik: ContainerProcessor;
  private readonly oauth2Proxy?: ContainerProcessor;
  /** What each request is at the gateway for. */
  private readonly stage: Uint8Array;

  constructor(private readonly parts: GatewayParts) {
    const { gateway, gatewayNode, authentication, authenticationNode, handshakeDone, forwarded } = parts;
    this.stage = new Uint8Array(parts.count);
    this.traefik = new ContainerProcessor(
      gatewayNode,
      gateway.requestMillicores,
      Infinity,
      Infinity,
      0,
      1,
      (request, now) => {
        if (this.stage[request] === HANDSHAKE) handshakeDone(request, now);
        else if (authentication && this.oauth2Proxy)
          this.oauth2Proxy.start(request, draw(authentication.answering, parts.random) / 1000);
        else forwarded(request, now);
      },
    );
    if (authentication && authenticationNode) {
      const { requestMillicores, limitMillicores } = authentication;
      const limit = limitMillicores === undefined ? Infinity : limitMillicores / 1000;
      this.oauth2Proxy = new ContainerProcessor(
        authenticationNode,
        requestMillicores,
        limit,
        Infinity,
        0,
        1,
        forwarded,
      );
    }
  }

  shakeHands(request: number): void {
    this.stage[request] = HANDSHAKE;
    this.traefik.start(request, draw(this.parts.gateway.handshake, this.parts.random) / 1000);
  }

  /** The gateway's work for a request, its question to OAuth2 Proxy included, is done in one piece before the question's answer. */
  forward(request: number): void {
    const { gateway, authentication, random } = this.parts;
    this.stage[request] = FORWARD;
    const asking = authentication ? draw(authentication.asking, random) : 0;
    this.traefik.start(request, (draw(gateway.forward, random) + asking) / 1000);
  }
}
