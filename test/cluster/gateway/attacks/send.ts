import { connect as connectHttp2 } from 'node:http2';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { settings } from '../../../../facts/settings';
import type { Attack } from './attack-list';

/** Where attacks are sent to and from. */
export interface Target {
  readonly securePort: number;
  readonly plainPort: number;
  /** Address of this machine that plays the tunnel's pod. */
  readonly tunnelAddress: string;
}

/** What the gateway did. */
export interface Outcome {
  /** Status of the first answer; undefined where there was none before the connection's end or the time's. */
  readonly status: number | undefined;
  /** Whether the attack went out whole: an attack that was never sent proves nothing. */
  readonly sent: boolean;
}

/** How long an answer may take; a gateway that waits for the rest of a body gives none. */
const PATIENCE_MS = 2500;
/** How long after an answer to wait for that of a second request which hides in the same bytes. */
const QUIET_MS = 250;

/** Sends one attack on a connection of its own. */
export function send(attack: Attack, target: Target): Promise<Outcome> {
  return typeof attack.sent === 'string'
    ? sendBytes(Buffer.from(attack.sent, 'latin1'), attack, target)
    : sendHttp2(attack.sent, attack, target);
}

function open(attack: Attack, { securePort, plainPort, tunnelAddress }: Target, protocol: string): Socket {
  const way = {
    host: '127.0.0.1',
    port: attack.entryPoint === 'web' ? plainPort : securePort,
    ...(attack.from === 'tunnel' && { localAddress: tunnelAddress }),
  };
  if (attack.entryPoint === 'web') return connectPlain(way);
  const servername = attack.serverName ?? settings.hosts.frontEnd;
  return connectTls({ ...way, servername, ALPNProtocols: [protocol], rejectUnauthorized: false });
}

function sendBytes(bytes: Buffer, attack: Attack, target: Target): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = open(attack, target, 'http/1.1');
    let answer = '';
    let sent = false;
    const done = () => {
      clearTimeout(patience);
      socket.destroy();
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1];
      resolve({ status: status === undefined ? undefined : Number(status), sent });
    };
    let patience = setTimeout(done, PATIENCE_MS);
    socket.setEncoding('latin1');
    // The connection stays open: Traefik gives a request up whose client has left, and so would let nothing pass.
    socket.on('data', (chunk: string) => {
      answer += chunk;
      clearTimeout(patience);
      patience = setTimeout(done, QUIET_MS);
    });
    socket.on(attack.entryPoint === 'web' ? 'connect' : 'secureConnect', () => {
      socket.write(bytes, () => (sent = true));
    });
    // A gateway that refuses what is too large hangs up before it was written: then it was sent as far as it would take it.
    socket.on('error', () => (sent = true));
    socket.on('close', done);
  });
}

function sendHttp2(fields: Readonly<Record<string, string>>, attack: Attack, target: Target): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = open(attack, target, 'h2');
    let status: number | undefined;
    let sent = false;
    const session = connectHttp2('https://gateway.invalid', { createConnection: () => socket });
    const done = () => {
      clearTimeout(patience);
      session.destroy();
      resolve({ status, sent });
    };
    const patience = setTimeout(done, PATIENCE_MS);
    session.on('error', done);
    session.on('connect', () => {
      const stream = session.request({ ':method': 'GET', ':scheme': 'https', ...fields }, { endStream: true });
      stream.on('response', (headers) => (status = headers[':status']));
      stream.on('error', () => undefined);
      stream.on('close', done);
      stream.resume();
      sent = true;
    });
  });
}
