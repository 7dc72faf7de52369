import { connect as connectHttp2 } from 'node:http2';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { settings } from '../../../../facts/settings';
import type { Attack } from './attack';
import { readHttp2 } from './http2-frames';

/** Where attacks are sent to and from. */
export interface Target {
  readonly securePort: number;
  readonly plainPort: number;
  /** Address of this machine that plays the tunnel's pod. */
  readonly tunnelAddress: string;
  /** How long an answer may take once connected; a gateway that waits for the rest of a body gives none. */
  readonly patienceMs: number;
}

/** What the gateway did. */
export interface Outcome {
  /** Status of the first answer; undefined where there was none before the connection's end or the time's. */
  readonly status: number | undefined;
  /** Whether the attack went out whole: an attack that was never sent proves nothing. */
  readonly sent: boolean;
}

/** How long a connection may take on a busy machine. */
const CONNECT_MS = 30_000;
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
    const { protocol = 'http/1.1' } = attack;
    const socket = open(attack, target, protocol);
    let answer = '';
    let sent = false;
    const done = () => {
      clearTimeout(patience);
      socket.destroy();
      resolve({ status: read(answer).status, sent });
    };
    const read = protocol === 'h2' ? readHttp2 : readHttp1;
    let patience = setTimeout(done, CONNECT_MS);
    socket.setEncoding('latin1');
    // The connection stays open: Traefik gives a request up whose client has left, and so would let nothing pass.
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (!read(answer).answered) return;
      clearTimeout(patience);
      patience = setTimeout(done, QUIET_MS);
    });
    socket.on(attack.entryPoint === 'web' ? 'connect' : 'secureConnect', () => {
      socket.write(bytes, () => (sent = true));
      clearTimeout(patience);
      patience = setTimeout(done, target.patienceMs);
    });
    // A gateway that refuses what is too large hangs up before it was written: then it was sent as far as it would take it.
    socket.on('error', () => (sent = true));
    socket.on('close', done);
  });
}

function readHttp1(received: string): { readonly answered: boolean; readonly status: number | undefined } {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(received)?.[1];
  return { answered: received !== '', status: status === undefined ? undefined : Number(status) };
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
    let patience = setTimeout(done, CONNECT_MS);
    session.on('error', done);
    session.on('connect', () => {
      clearTimeout(patience);
      patience = setTimeout(done, target.patienceMs);
      const stream = session.request({ ':method': 'GET', ':scheme': 'https', ...fields }, { endStream: true });
      stream.on('response', (headers) => (status = headers[':status']));
      stream.on('error', () => undefined);
      stream.on('close', done);
      stream.resume();
      sent = true;
    });
  });
}
