import { settings } from '../../../../facts/settings';
import { HONEST_PATH, hiddenRequest, onBoth, OPEN_PATH, request, shown, type Attack } from './attack';

const { frontEnd, api, auth } = settings.hosts;

/** Paths that begin open, or that one reader decodes once more than another. */
const PATHS = [
  ...['/oauth2/%2e%2e%5capi/status/', '/oauth2/..%5c/api/status/', '/oauth2/..%2f..%2fapi/status/'],
  ...['/oauth2%23/../api/status/', '/oauth2/%u002e%u002e/api/status/', '/oauth2/%ef%bc%8e%ef%bc%8e/api/status/'],
  ...['/oauth2/..%ef%bc%8fapi/status/', '/oauth2/.%09./api/status/', '/oauth2/./../api/status/'],
  ...['/oauth2//../api/status/', '/oauth2/sign_in%3f/../../api/status/', '/oauth2/sign_in;/../../api/status/'],
  ...['/ping/../api/status/', '/ready/..%2fapi/status/', '/oauth2/callback/../../api/status/'],
  ...['/oauth2/auth', '/oauth2/auth?allowed_emails=', '/oauth2/userinfo', '/oauth2/', '/oauth2'],
  ...['/api/status/?access_token=x&id_token=x', '/api/status/?_method=OPTIONS', '/api/status/%3f/oauth2/sign_in'],
  ...['/api/status/%23/oauth2/sign_in', '/%2561pi/status/', '//oauth2//..//api/status/', '/\\oauth2/../api/status/'],
];

const HEADERS: readonly (readonly string[])[] = [
  ['X-HTTP-Method: OPTIONS'],
  ['X-Method-Override: OPTIONS'],
  ['X-Forwarded-Uri: /ping'],
  ['X-Forwarded-Uri: //oauth2/sign_in', 'X-Forwarded-Method: GET'],
  ['X-Forwarded-Scheme: https', `X-Forwarded-Server: ${auth}`],
  ['X-Original-Uri: /oauth2/sign_in'],
  ['X-Auth-Request-Redirect: /oauth2/sign_in'],
  ['X-Auth-Request-Access-Token: x', 'X-Forwarded-Access-Token: x'],
  ['Gap-Auth: someone@example.org', 'Gap-Signature: sha1 x'],
  ['Proxy-Authorization: Basic c29tZW9uZTphbnk='],
  ['CF-Connecting-IP: 10.42.0.5', 'True-Client-IP: 10.42.0.5', 'X-Cluster-Client-Ip: 10.42.0.5'],
  ['X-Forwarded-For: 10.42.0.5', 'X-Forwarded-For: 127.0.0.1'],
  ['Via: 1.1 traefik', 'CDN-Loop: cloudflare'],
  ['User-Agent: GoogleHC/1.0'],
  ['Accept: application/json', 'X-Requested-With: XMLHttpRequest'],
  ['Content-Type: application/grpc', 'TE: trailers'],
  ['Content-Encoding: gzip', 'Accept-Encoding: gzip;q=0'],
  ['Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-origin', 'Origin: null'],
  ['Cookie: __secure-ahuora=x', 'Cookie: __SECURE-AHUORA=y'],
  ['Cookie: a=b', 'Cookie: __Secure-ahuora=x', 'Cookie: __Secure-ahuora=y'],
  ['Cookie: a="; __Secure-ahuora=x"; b=c', 'Cookie: $Version=1; __Secure-ahuora=x; $Path=/'],
  ['Cookie: __Secure-ahuora_csrf=x; __Secure-ahuora_csrf_00000000=x'],
  [`Cookie: __Secure-ahuora=${'a'.repeat(60_000)}`],
  [`Cookie: __Secure-ahuora=${'a'.repeat(900_000)}`],
  ['Connection: X-Auth-Request-Email, X-Forwarded-Proto, X-Forwarded-For, X-Real-Ip'],
  ['Connection: Transfer-Encoding', 'Proxy-Connection: keep-alive', 'Keep-Alive: timeout=999'],
  [
    ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='],
    'Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.eA, v1',
    'X-Forwarded-Proto: wss',
  ],
];

const HOST_FIELDS: readonly (readonly [what: string, lines: (host: string) => string[]])[] = [
  ['in brackets', (host) => [`Host: [${host}]`]],
  ['with a fragment', (host) => [`Host: ${host}#.${auth}`]],
  ['with a backslash', (host) => [`Host: ${auth}\\${host}`]],
  ['with two ports', (host) => [`Host: ${host}:443:443`]],
  ['with a port in words', (host) => [`Host: ${host}:https`]],
  ['with a comma behind', (host) => [`Host: ${host},`]],
  ['with spaces around', (host) => [`Host:   ${host} \t`]],
  ['with a soft hyphen', (host) => [`Host: ${host.replace('a', 'a\u00c2\u00ad')}`]],
  ['with an ideographic full stop', (host) => [`Host: ${host.replace('.', '\u00e3\u0080\u0082')}`]],
  ['with a dotted capital I', (host) => [`Host: ${host.replace('i', '\u00c4\u00b0')}`]],
  ['as its own subdomain by a wildcard', (host) => [`Host: *.${host}`]],
  ['three times', (host) => [`Host: ${auth}`, `Host: ${host}`, `Host: ${auth}`]],
  ['in another spelling of its name', (host) => [`Host: ${auth}`, `hOsT: ${host}`, `H\u006fst_: ${host}`]],
];

/** First lines that two readers may split at other places. */
const LINES: readonly (readonly [what: string, line: (host: string) => string, hostField?: string])[] = [
  ['two spaces', () => `GET  ${HONEST_PATH}  HTTP/1.1`],
  ['a space before', () => ` GET ${HONEST_PATH} HTTP/1.1`],
  ['a vertical tab', () => `GET\u000b${HONEST_PATH}\u000bHTTP/1.1`],
  ['two versions', () => `GET ${HONEST_PATH} HTTP/1.1 HTTP/1.0`],
  ['the network-path form', (host) => `GET //${host}${HONEST_PATH} HTTP/1.1`, auth],
  ['an absolute form in upper case', (host) => `GET HTTPS://${host.toUpperCase()}${HONEST_PATH} HTTP/1.1`, auth],
  ['an absolute form without slashes', (host) => `GET https:${host}${HONEST_PATH} HTTP/1.1`, auth],
  ['an absolute form with three slashes', (host) => `GET https:///${host}${HONEST_PATH} HTTP/1.1`, auth],
  ['an absolute form with a backslash', (host) => `GET https://${auth}\\@${host}${HONEST_PATH} HTTP/1.1`, auth],
  ['an absolute form with dots', (host) => `GET https://${host}/oauth2/../api/status/ HTTP/1.1`, auth],
  ['an absolute form and no Host', (host) => `GET https://${host}${HONEST_PATH} HTTP/1.0`, ''],
];

/** What may stand before a hidden request; as in the first list. */
const FRAMINGS: readonly (readonly [
  what: string,
  headers: (hidden: string) => string[],
  body: (hidden: string) => string,
])[] = [
  ['chunked twice', () => ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], (h) => `0\r\n\r\n${h}`],
  ['chunked, chunked', () => ['Transfer-Encoding: chunked, chunked'], (h) => `0\r\n\r\n${h}`],
  ['aliases of framing fields', () => ['Content_Length: 0', 'Transfer_Encoding: chunked'], (h) => `0\r\n\r\n${h}`],
  ['length with leading zeros', () => ['Content-Length: 00'], (h) => h],
  ['length with a space inside', () => ['Content-Length: 0 0'], (h) => h],
  ['length in other digits', () => ['Content-Length: \u00d9\u00a0'], (h) => h],
  ['length that overflows', () => ['Content-Length: 18446744073709551616'], (h) => h],
  ['trailers with fields that count', () => ['Transfer-Encoding: chunked', 'Trailer: Transfer-Encoding'], trailing],
  ['a chunk size with an underscore', () => ['Transfer-Encoding: chunked'], (h) => `0_0\r\n\r\n${h}`],
  ['a chunk size in hexadecimal', () => ['Transfer-Encoding: chunked'], (h) => `0x0\r\n\r\n${h}`],
  ['a chunk without its last line', () => ['Transfer-Encoding: chunked'], (h) => `0\r\n${h}`],
  ['a chunk extension that is long', () => ['Transfer-Encoding: chunked'], (h) => `0;${'a'.repeat(5000)}\r\n\r\n${h}`],
  ['carriage returns alone', () => ['Transfer-Encoding: chunked'], (h) => `0\r\r${h}`],
  ['an upgrade to HTTP/2', () => ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: '], (h) => h],
  [
    'an upgrade to WebSocket',
    () => ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 8'],
    (h) => h,
  ],
];

function trailing(hidden: string): string {
  return `0\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\nX-Auth-Request-Email: someone@example.org\r\n\r\n${hidden}`;
}

const behind = (method: string, [what, headers, body]: (typeof FRAMINGS)[number]) =>
  onBoth((host) => {
    const hidden = hiddenRequest(host);
    return {
      serverName: auth,
      sent: request(`${method} ${OPEN_PATH} HTTP/1.1`, [`Host: ${auth}`, ...headers(hidden)], body(hidden)),
    };
  }, `hidden behind an open ${method}: ${what}`);

/** More of what attack-list.ts has, in its kinds. */
export const furtherAttacks: readonly Attack[] = [
  ...PATHS.flatMap((path) =>
    onBoth((host) => ({ sent: request(`GET ${path} HTTP/1.1`, [`Host: ${host}`]) }), `path ${shown(path)}`),
  ),
  ...HEADERS.flatMap((headers) =>
    onBoth(
      (host) => ({ sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`, ...headers]) }),
      `header ${shown(headers.join(' | '))}, ${headers.join().length} characters`,
    ),
  ),
  ...HOST_FIELDS.flatMap(([what, lines]) =>
    onBoth((host) => ({ sent: request(`GET ${HONEST_PATH} HTTP/1.1`, lines(host)) }), `Host ${what}`),
  ),
  ...LINES.flatMap(([what, line, hostField]) =>
    onBoth((host) => ({ sent: request(line(host), hostField === '' ? [] : [`Host: ${hostField ?? host}`]) }), what),
  ),
  ...FRAMINGS.flatMap((framing) => ['POST', 'GET'].flatMap((method) => behind(method, framing))),
  ...onBoth((host) => {
    const asked = [`Host: ${host}`, `Origin: https://${frontEnd}`, 'Access-Control-Request-Method: POST'];
    return { sent: request(`OPTIONS ${HONEST_PATH} HTTP/1.1`, asked) + hiddenRequest(host) };
  }, 'pipelined behind a preflight'),
  {
    name: 'a preflight with a body that is one',
    serverName: api,
    sent: request(
      `OPTIONS ${HONEST_PATH} HTTP/1.1`,
      [
        ...[`Host: ${api}`, `Origin: https://${frontEnd}`, 'Access-Control-Request-Method: POST'],
        'Transfer-Encoding: chunked',
      ],
      `0\r\n\r\n${hiddenRequest(api)}`,
    ),
  },
  {
    name: 'a preflight that overrides its method',
    serverName: api,
    sent: request(`OPTIONS ${HONEST_PATH} HTTP/1.1`, [
      ...[`Host: ${api}`, `Origin: https://${frontEnd}`, 'Access-Control-Request-Method: GET'],
      ...['X-HTTP-Method-Override: GET', 'X-Forwarded-Method: GET'],
    ]),
  },
  ...['POST', 'DELETE', 'OPTIONS'].map((method) => ({
    name: `sign-out by ${method} that leads to the API`,
    sent: request(`${method} /oauth2/sign_out?rd=https%3A%2F%2F${api}${encodeURIComponent(HONEST_PATH)} HTTP/1.1`, [
      `Host: ${frontEnd}`,
      ...['Origin: https://evil.example', 'Content-Length: 0'],
    ]),
  })),
];
