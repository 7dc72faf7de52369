import { settings } from '../../../../facts/settings';
import { HONEST_PATH, hiddenRequest, onBoth, OPEN_PATH, request, shown, type Attack } from './attack';
import { furtherAttacks } from './further-attacks';
import { http2Attacks } from './http2-attacks';

const { frontEnd, api, auth } = settings.hosts;

const METHODS = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY'],
  ...['get', 'ANY', 'GET_', 'TRACK'],
];

/** Paths that differ between who decides and who serves: dots, slashes, encodings, and neighbours of the open prefix. */
const PATHS = [
  '/oauth2/../api/status/',
  '/oauth2/sign_in/../../api/status/',
  '/oauth2/..%2fapi/status/',
  '/oauth2/%2e%2e/api/status/',
  '/oauth2/%2e%2e%2fapi%2fstatus%2f',
  '/oauth2/..;/api/status/',
  '/oauth2;/../api/status/',
  '/oauth2/.%00./api/status/',
  '/oauth2%00/api/status/',
  '/oauth2%2f..%2fapi/status/',
  '/oauth2%5c..%5capi/status/',
  '/oauth2\\..\\api\\status\\',
  '/oauth2/%252e%252e/api/status/',
  '/oauth2/%c0%ae%c0%ae/api/status/',
  '/oauth2/..%c0%afapi/status/',
  '/oauth2/\u00c2\u00b7\u00c2\u00b7/api/status/',
  '//oauth2/../api/status/',
  '/./oauth2/../api/status/',
  '/oauth2/auth/../../api/status/',
  '/oauth2/static/../../api/status/',
  '/oauth2x/api/status/',
  '/oauth2-other/',
  '/OAUTH2/../api/status/',
  '/OAuth2/sign_in',
  '/%6fauth2/../api/status/',
  '/api/status/%2e%2e/%2e%2e/oauth2/sign_in',
  '/api/status/../../oauth2/sign_in/../../api/status/',
  '/api/status/;/oauth2/sign_in',
  '/api/status/?/oauth2/sign_in',
  '/api/status/#/oauth2/sign_in',
  '/api//status//',
  '//api/status/',
  '///api/status/',
  '/api/status%2f',
  '/%2fapi/status/',
  '/%2e/api/status/',
  '/api/status/%0d%0aX-Auth-Request-User:%20x',
  '/api/status/%20HTTP/1.1%0d%0aHost:%20' + auth,
  '/.well-known/acme-challenge/x',
  '/ping',
  '/ready',
  '/robots.txt',
  '/favicon.ico',
  '/static/app.js',
  '/api/status/?rd=/oauth2/sign_in',
  'api/status/',
  '*',
  '',
  `/${'a'.repeat(32_000)}`,
];

/** `Host` fields that might be one name to the router and another to the chain in front of it. */
const HOST_FIELDS: readonly (readonly [what: string, lines: (host: string) => string[]])[] = [
  ['in upper case', (host) => [`Host: ${host.toUpperCase()}`]],
  ['in mixed case', (host) => [`Host: ${host[0]!.toUpperCase()}${host.slice(1)}`]],
  ['with a trailing dot', (host) => [`Host: ${host}.`]],
  ['with two trailing dots', (host) => [`Host: ${host}..`]],
  ['with port 443', (host) => [`Host: ${host}:443`]],
  ['with the port of the back end', (host) => [`Host: ${host}:8000`]],
  ['with an impossible port', (host) => [`Host: ${host}:99999`]],
  ['with an empty port', (host) => [`Host: ${host}:`]],
  ['with a trailing dot and a port', (host) => [`Host: ${host}.:443`]],
  ['with a user', (host) => [`Host: ${auth}@${host}`]],
  ['with another as user', (host) => [`Host: ${host}@${auth}`]],
  ['twice, the open one first', (host) => [`Host: ${auth}`, `Host: ${host}`]],
  ['twice, the open one last', (host) => [`Host: ${host}`, `Host: ${auth}`]],
  ['as a list', (host) => [`Host: ${auth}, ${host}`]],
  ['folded', (host) => [`Host: ${auth}`, ` ${host}`]],
  ['after a space in the name', (host) => [`Host : ${host}`]],
  ['after a tab', (host) => [`Host:\t${host}`]],
  ['with a null byte', (host) => [`Host: ${host}\u0000.${auth}`]],
  ['with a slash', (host) => [`Host: ${host}/oauth2/sign_in`]],
  ['with a question mark', (host) => [`Host: ${host}?${auth}`]],
  ['percent-encoded', (host) => [`Host: ${host.replace('.', '%2e')}`]],
  ['with a full-width dot', (host) => [`Host: ${host.replace('.', '\u00ef\u00bc\u008e')}`]],
  ['empty', () => ['Host:']],
  ['missing', () => []],
  ['of a subdomain', (host) => [`Host: x.${host}`]],
];

/** Names by which the back ends are known inside. */
const INNER_HOSTS = [
  ...['django-api', 'django-api:8000', `django-api.${settings.namespace}.svc.cluster.local:8000`],
  ...['front-end', 'localhost', '127.0.0.1', '127.0.0.1:8000', '[::1]', '10.42.0.5:8000', '*'],
];

/** Header fields that some gateway somewhere believes. */
const HEADERS: readonly (readonly string[])[] = [
  [`X-Forwarded-Uri: ${OPEN_PATH}`],
  ['X-Forwarded-Uri: /oauth2/static/css/bulma.min.css'],
  ['X-Forwarded-Method: OPTIONS'],
  [`X-Forwarded-Host: ${auth}`],
  [`X-Forwarded-Host: ${auth}`, `X-Forwarded-Uri: ${OPEN_PATH}`, 'X-Forwarded-Method: OPTIONS'],
  [`Forwarded: host=${auth};proto=https;for=127.0.0.1`],
  [`X-Host: ${auth}`],
  [`X-Original-Host: ${auth}`],
  [`X-Original-URL: ${OPEN_PATH}`],
  [`X-Rewrite-URL: ${OPEN_PATH}`],
  ['X-Original-Method: OPTIONS'],
  ['X-HTTP-Method-Override: OPTIONS'],
  ['X-Forwarded-Prefix: /oauth2'],
  ['X-Forwarded-Proto: https', 'X-Forwarded-Port: 443', 'X-Forwarded-Ssl: on'],
  ['X-Forwarded-For: 127.0.0.1'],
  ['X-Forwarded-For: 10.42.0.5, 127.0.0.1'],
  ['X-Real-Ip: 10.42.0.5'],
  ['X-Forwarded-Tls-Client-Cert: x'],
  ['X-Auth-Request-User: someone', 'X-Auth-Request-Email: someone@example.org'],
  ['X_Auth_Request_Email: someone@example.org'],
  ['X-Forwarded-User: someone', 'X-Forwarded-Email: someone@example.org'],
  ['Remote-User: someone'],
  ['Authorization: Basic c29tZW9uZTphbnk='],
  ['Authorization: Bearer eyJhbGciOiJub25lIn0.eyJlbWFpbCI6InNvbWVvbmVAZXhhbXBsZS5vcmcifQ.'],
  ['Cookie: __Secure-ahuora=forged'],
  ['Cookie: __Secure-ahuora='],
  ['Cookie: __Secure-ahuora=a; __Secure-ahuora=b'],
  ['Cookie: __Secure-ahuora_0=a; __Secure-ahuora_1=b'],
  ['Cookie: __Secure-ahuora=YQ==|1700000000|c2lnbmF0dXJl'],
  [`Cookie: ${Array.from({ length: 200 }, (_, index) => `__Secure-ahuora_${index}=x`).join('; ')}`],
  ['Connection: Cookie, Authorization'],
  ['Connection: X-Forwarded-Uri, X-Forwarded-Method, X-Forwarded-Host'],
  ['Connection: close, Host'],
  ['Expect: 100-continue'],
  ['TE: trailers', 'Trailer: Cookie'],
  ['Range: bytes=0-'],
  ['Max-Forwards: 0'],
  [`Referer: https://${auth}${OPEN_PATH}`],
  [`Origin: https://${frontEnd}`],
  ['User-Agent: kube-probe/1.34'],
  ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='],
  [
    'Upgrade: WebSocket',
    'Connection: keep-alive, Upgrade',
    'Sec-WebSocket-Version: 13',
    `Origin: https://${frontEnd}`,
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ],
  ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
  ['Upgrade: TLS/1.0', 'Connection: Upgrade'],
  ['Accept: text/event-stream'],
  [`X-Padding: ${'a'.repeat(900_000)}`],
  [`X-Padding: ${'a'.repeat(2_000_000)}`],
  Array.from({ length: 3000 }, (_, index) => `X-Many-${index}: x`),
  [' Folded: yes'],
  ['No colon at all'],
  ['Null\u0000: x'],
  ['X-Line: a\rX-Auth-Request-User: someone'],
  ['X-Line: a\nX-Auth-Request-User: someone'],
];

/** What may stand before a second, hidden request, so that two readers disagree where the first one ends. */
const FRAMINGS: readonly (readonly [
  what: string,
  headers: (hidden: string) => string[],
  body: (hidden: string) => string,
])[] = [
  [
    'length before chunks',
    (hidden) => [`Content-Length: ${hidden.length + 5}`, 'Transfer-Encoding: chunked'],
    chunksThen,
  ],
  ['chunks before length', () => ['Transfer-Encoding: chunked', 'Content-Length: 4'], chunksThen],
  ['short length before chunks', () => ['Content-Length: 5', 'Transfer-Encoding: chunked'], chunksThen],
  ['two lengths', (hidden) => ['Content-Length: 0', `Content-Length: ${hidden.length}`], (hidden) => hidden],
  ['a list of lengths', (hidden) => [`Content-Length: 0, ${hidden.length}`], (hidden) => hidden],
  ['length with a sign', () => ['Content-Length: +0'], (hidden) => hidden],
  ['negative length', () => ['Content-Length: -1'], (hidden) => hidden],
  ['length in hexadecimal', () => ['Content-Length: 0x0'], (hidden) => hidden],
  ['length zero', () => ['Content-Length: 0'], (hidden) => hidden],
  ['no length', () => [], (hidden) => hidden],
  ['an obscured coding', () => ['Content-Length: 5', 'Transfer-Encoding: xchunked'], chunksThen],
  ['a second coding', () => ['Transfer-Encoding: chunked, identity'], chunksThen],
  ['coding twice', () => ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], chunksThen],
  ['coding after a tab', () => ['Content-Length: 5', 'Transfer-Encoding:\tchunked'], chunksThen],
  ['coding in quotes', () => ['Content-Length: 5', 'Transfer-Encoding: "chunked"'], chunksThen],
  ['coding after a space', () => ['Content-Length: 5', 'Transfer-Encoding : chunked'], chunksThen],
  ['coding folded', () => ['Content-Length: 5', 'Transfer-Encoding:', ' chunked'], chunksThen],
  ['coding behind a carriage return', () => ['Content-Length: 5', 'X: a\rTransfer-Encoding: chunked'], chunksThen],
  ['coding behind a bare line feed', () => ['Content-Length: 5', 'X: a\nTransfer-Encoding: chunked'], chunksThen],
  ['coding with a vertical tab', () => ['Content-Length: 5', 'Transfer-Encoding: \u000bchunked'], chunksThen],
  ['a chunk extension with a line feed', () => ['Transfer-Encoding: chunked'], (hidden) => `0;\n\r\n\r\n${hidden}`],
  ['a chunk with a wrong size', () => ['Transfer-Encoding: chunked'], (hidden) => `1\r\nabc\r\n0\r\n\r\n${hidden}`],
  ['a chunk size that overflows', () => ['Transfer-Encoding: chunked'], (hidden) => `10000000000000000\r\n${hidden}`],
  ['bare line feeds in chunks', () => ['Transfer-Encoding: chunked'], (hidden) => `0\n\n${hidden}`],
  ['trailers', () => ['Transfer-Encoding: chunked', 'Trailer: Host'], (hidden) => `0\r\nHost: ${api}\r\n\r\n${hidden}`],
  ['an expectation', (hidden) => ['Expect: 100-continue', `Content-Length: ${hidden.length}`], (hidden) => hidden],
];

function chunksThen(hidden: string): string {
  return `0\r\n\r\n${hidden}`;
}

/** All of them; the names differ. */
export const attacks: readonly Attack[] = [
  ...METHODS.flatMap((method) =>
    onBoth((host) => ({ sent: request(`${method} ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }), `method ${method}`),
  ),
  ...onBoth((host) => ({ sent: request(`CONNECT ${host}:443 HTTP/1.1`, [`Host: ${host}:443`]) }), 'CONNECT to itself'),
  { name: 'CONNECT to a back end', sent: request('CONNECT django-api:8000 HTTP/1.1', [`Host: ${api}`]) },
  ...['https://evil.example', 'null', `https://${frontEnd}`].flatMap((origin) =>
    onBoth(
      (host) => ({
        sent: request(`OPTIONS ${HONEST_PATH} HTTP/1.1`, [
          `Host: ${host}`,
          `Origin: ${origin}`,
          'Access-Control-Request-Method: POST',
        ]),
      }),
      `preflight of ${origin}`,
    ),
  ),
  ...onBoth(
    (host) => ({
      sent: request(
        `POST ${HONEST_PATH} HTTP/1.1`,
        [`Host: ${host}`, `Origin: https://${frontEnd}`, 'Access-Control-Request-Method: POST', 'Content-Length: 2'],
        '{}',
      ),
    }),
    'POST that looks like a preflight',
  ),
  ...PATHS.flatMap((path) =>
    onBoth((host) => ({ sent: request(`GET ${path} HTTP/1.1`, [`Host: ${host}`]) }), `path ${shown(path)}`),
  ),
  ...HOST_FIELDS.flatMap(([what, lines]) =>
    onBoth((host) => ({ sent: request(`GET ${HONEST_PATH} HTTP/1.1`, lines(host)) }), `Host ${what}`),
  ),
  ...INNER_HOSTS.map((host) => ({
    name: `Host ${host}`,
    sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]),
  })),
  ...onBoth(
    (host) => ({ sent: request(`GET https://${host}${HONEST_PATH} HTTP/1.1`, [`Host: ${auth}`]) }),
    'absolute form, Host of the open one',
  ),
  ...onBoth(
    (host) => ({ sent: request(`GET https://${auth}${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'absolute form of the open one',
  ),
  ...onBoth(
    (host) => ({ sent: request(`GET http://${host}:8000${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'absolute form with the port of the back end',
  ),
  ...onBoth(
    (host) => ({ sent: request(`GET https://${auth}@${host}${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'absolute form with a user',
  ),
  ...onBoth(
    (host) => ({ sent: request(`GET ftp://${host}${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'other scheme',
  ),
  ...['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/3', 'HTTP/1.9', 'http/1.1'].flatMap((version) =>
    onBoth((host) => ({ sent: request(`GET ${HONEST_PATH} ${version}`, [`Host: ${host}`]) }), `version ${version}`),
  ),
  ...onBoth((host) => ({ sent: `GET ${HONEST_PATH}\r\n\r\nHost: ${host}\r\n\r\n` }), 'no version'),
  ...onBoth((host) => ({ sent: `GET ${HONEST_PATH} HTTP/1.1\nHost: ${host}\n\n` }), 'bare line feeds'),
  ...onBoth((host) => ({ sent: `\r\n\r\nGET\t${HONEST_PATH}\tHTTP/1.1\r\nHost: ${host}\r\n\r\n` }), 'tabs'),
  ...onBoth((host) => ({ sent: `GET ${HONEST_PATH} x HTTP/1.1\r\nHost: ${host}\r\n\r\n` }), 'four words'),
  ...onBoth(
    (host) => ({ serverName: auth, sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'name of the open one in TLS',
  ),
  ...onBoth(
    (host) => ({ serverName: '', sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'no name in TLS',
  ),
  ...HEADERS.flatMap((headers) =>
    onBoth(
      (host) => ({ sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`, ...headers]) }),
      `header ${shown(headers.join(' | '))}${headers[0]!.length > 1_000_000 ? ' (oversized)' : ''}`,
    ),
  ),
  // The same from the tunnel, whose word on host, path and client is taken.
  ...HEADERS.filter(([first = '']) => /forwarded|original|rewrite|auth-request|real-ip/i.test(first)).flatMap(
    (headers) =>
      onBoth(
        (host) => ({
          from: 'tunnel' as const,
          sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`, ...headers]),
        }),
        `through the tunnel, header ${shown(headers.join(' | '))}`,
      ),
  ),
  ...FRAMINGS.flatMap(([what, headers, body]) =>
    onBoth((host) => {
      const hidden = hiddenRequest(host);
      return {
        serverName: auth,
        sent: request(`POST ${OPEN_PATH} HTTP/1.1`, [`Host: ${auth}`, ...headers(hidden)], body(hidden)),
      };
    }, `hidden behind an open page: ${what}`),
  ),
  ...FRAMINGS.map(([what, headers, body]) => ({
    name: `hidden behind a refused call: ${what}`,
    serverName: api,
    sent: request(
      `POST ${HONEST_PATH} HTTP/1.1`,
      [`Host: ${api}`, ...headers(hiddenRequest(api))],
      body(hiddenRequest(api)),
    ),
  })),
  {
    name: 'hidden behind a preflight',
    serverName: api,
    sent:
      request(`OPTIONS ${HONEST_PATH} HTTP/1.1`, [
        `Host: ${api}`,
        `Origin: https://${frontEnd}`,
        'Access-Control-Request-Method: POST',
        `Content-Length: ${hiddenRequest(api).length}`,
      ]) + hiddenRequest(api),
  },
  {
    name: 'pipelined behind a WebSocket that was refused',
    serverName: api,
    sent:
      request(`GET ${HONEST_PATH} HTTP/1.1`, [
        `Host: ${api}`,
        ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 777', 'Sec-WebSocket-Key: eA=='],
      ]) + hiddenRequest(api),
  },
  {
    name: 'pipelined behind an open page that speaks WebSocket',
    serverName: auth,
    sent:
      request('GET /ping HTTP/1.1', [
        `Host: ${auth}`,
        ...['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: eA=='],
      ]) + hiddenRequest(api),
  },
  {
    name: 'a call-back that was made up',
    sent: request('GET /oauth2/callback?code=a&state=b:%2F HTTP/1.1', [`Host: ${frontEnd}`]),
  },
  {
    name: 'a call-back on the API that leads to it',
    serverName: api,
    sent: request(`GET /oauth2/callback?code=a&state=b:https://${api}${HONEST_PATH} HTTP/1.1`, [`Host: ${api}`]),
  },
  {
    name: 'a path of the authority that might be passed on',
    serverName: auth,
    sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${auth}`, 'X-Forwarded-Host: django-api:8000']),
  },
  { name: 'HTTP/2 in the clear inside TLS', sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  ...onBoth((host) => ({ sent: { ':authority': host, ':path': HONEST_PATH } }), 'HTTP/2'),
  ...onBoth((host) => ({ sent: { ':authority': host, ':path': HONEST_PATH, ':method': 'POST' } }), 'HTTP/2 POST'),
  ...onBoth((host) => ({ sent: { ':authority': host, ':path': '*', ':method': 'OPTIONS' } }), 'HTTP/2 OPTIONS *'),
  ...onBoth(
    (host) => ({ sent: { ':authority': auth, host, ':path': HONEST_PATH } }),
    'HTTP/2 authority of the open one',
  ),
  ...onBoth(
    (host) => ({ sent: { ':authority': host, host: auth, ':path': HONEST_PATH } }),
    'HTTP/2 host of the open one',
  ),
  ...onBoth((host) => ({ sent: { ':authority': `${host}.`, ':path': HONEST_PATH } }), 'HTTP/2 trailing dot'),
  ...onBoth(
    (host) => ({ sent: { ':authority': host, ':path': HONEST_PATH, ':scheme': 'http' } }),
    'HTTP/2 scheme http',
  ),
  ...onBoth((host) => ({ sent: { ':authority': host, ':path': '/oauth2/../api/status/' } }), 'HTTP/2 dots'),
  ...onBoth(
    (host) => ({ sent: { ':authority': host, ':path': HONEST_PATH, cookie: '__Secure-ahuora=x' } }),
    'HTTP/2 cookie',
  ),
  ...onBoth(
    (host) => ({ sent: { ':authority': host, ':path': HONEST_PATH, 'x-forwarded-uri': OPEN_PATH } }),
    'HTTP/2 forwarded path',
  ),
  ...onBoth(
    (host) => ({ sent: { ':authority': host, ':path': HONEST_PATH, ':method': 'POST', 'content-length': '0' } }),
    'HTTP/2 length',
  ),
  ...onBoth(
    (host) => ({ entryPoint: 'web' as const, sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [`Host: ${host}`]) }),
    'without TLS',
  ),
  ...onBoth(
    (host) => ({
      entryPoint: 'web' as const,
      sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [
        `Host: ${host}`,
        'X-Forwarded-Proto: https',
        'X-Forwarded-Port: 443',
      ]),
    }),
    'without TLS, said to have it',
  ),
  ...onBoth(
    (host) => ({
      entryPoint: 'web' as const,
      sent: request(`GET ${HONEST_PATH} HTTP/1.1`, [
        `Host: ${host}`,
        ...['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
      ]),
    }),
    'without TLS, to HTTP/2',
  ),
  {
    name: 'without TLS, HTTP/2 from the start',
    entryPoint: 'web',
    sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000',
  },
  ...furtherAttacks,
  ...http2Attacks,
];
