import { settings } from '../../../../facts/settings';

const { frontEnd, api } = settings.hosts;
const HOSTS = { 'front end': frontEnd, API: api } as const;

/** One thing that somebody without a session sends, in the hope of reaching what is behind the gateway. */
export interface Attack {
  readonly name: string;
  /** Bytes of HTTP/1, one character a byte; or the header fields of a request over HTTP/2. */
  readonly sent: string | Readonly<Record<string, string>>;
  /** What the bytes are, where they are such. @default http/1.1 */
  readonly protocol?: 'http/1.1' | 'h2';
  /** Name in the TLS handshake; the empty string sends none. @default the host of the front end */
  readonly serverName?: string;
  /** From where: as anybody, or as the tunnel's own pod, whose forwarded headers Traefik believes. @default anybody */
  readonly from?: 'anybody' | 'tunnel';
  /** Which entry point. @default websecure */
  readonly entryPoint?: 'websecure' | 'web';
}

/** A request of HTTP/1.1 with the header lines in that order, and a body. */
export function request(line: string, headers: readonly string[], body = ''): string {
  return `${line}\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n${body}`;
}

export function onBoth(make: (host: string) => Omit<Attack, 'name'>, name: string): Attack[] {
  return Object.entries(HOSTS).map(([who, host]) => ({ name: `${name}, ${who}`, serverName: host, ...make(host) }));
}

/** An entry of a list whose name is the thing that is sent, printable. */
export function shown(text: string): string {
  const printable = JSON.stringify(text).slice(1, -1);
  return printable.length > 60 ? `${printable.slice(0, 57)}...` : printable;
}

/** The request that is served when there is a session: every attack wants its effect. */
export const HONEST_PATH = '/api/status/';
/** A page that is open to everybody, as a place to hide a second request behind. */
export const OPEN_PATH = '/oauth2/sign_in';

export const hiddenRequest = (host: string) => request(`GET ${HONEST_PATH}?hidden HTTP/1.1`, [`Host: ${host}`]);
