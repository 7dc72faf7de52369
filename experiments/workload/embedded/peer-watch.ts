import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ServerPeer } from '../generator';

/** Reading a certificate costs a tenth of its handshake: it is looked at once in so many milliseconds, or handshakes. */
const LOOK_MS = 100;
const LOOK_HANDSHAKES = 10;

/**
 * Name in the certificate that Traefik signs for itself where it is given none, anew with every change of its configuration (`DefaultCertificate`
 * of pkg/tls/generate): each pod that comes or goes is one, so that of these the name alone says who answers.
 */
const MADE_BY_GATEWAY = 'TRAEFIK DEFAULT CERT';

/** Notes who answers a load: the addresses that were connected to, and the certificates that they showed. */
export class PeerWatch {
  private readonly peers = new Map<string, ServerPeer>();
  private looked = -Infinity;
  private handshakes = 0;

  /** @param start Moment from which times count, milliseconds on the monotonic clock. */
  constructor(private readonly start: number) {}

  connected({ remoteAddress }: Socket): void {
    if (remoteAddress !== undefined) this.note('address', remoteAddress);
  }

  secured(socket: TLSSocket): void {
    const now = performance.now();
    if (this.handshakes++ % LOOK_HANDSHAKES !== 0 && now - this.looked < LOOK_MS) return;
    this.looked = now;
    const { fingerprint256, subject } = socket.getPeerCertificate();
    if (subject?.CN === MADE_BY_GATEWAY) this.note('certificate', MADE_BY_GATEWAY);
    else if (fingerprint256) this.note('certificate', fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase());
  }

  seen(): readonly ServerPeer[] {
    return [...this.peers.values()];
  }

  private note(kind: ServerPeer['kind'], name: string): void {
    const at = (performance.now() - this.start) / 1000;
    const before = this.peers.get(`${kind} ${name}`);
    this.peers.set(`${kind} ${name}`, { kind, name, first_s: before?.first_s ?? at, last_s: at });
  }
}
