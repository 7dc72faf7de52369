import { settings } from '../../../../facts/settings';
import { HONEST_PATH, hiddenRequest, onBoth, OPEN_PATH, type Attack } from './attack';
import { http2, type Fields, type Http2Request } from './http2-frames';

const { frontEnd, auth } = settings.hosts;

const line = (host: string, path = HONEST_PATH, method = 'GET'): Fields => [
  [':method', method],
  [':scheme', 'https'],
  [':authority', host],
  [':path', path],
];

/** One request to a back end that differs from an honest one in its fields. */
const FIELDS: readonly (readonly [what: string, fields: (host: string) => Fields])[] = [
  ['path twice, the open one first', (host) => [...line(host, OPEN_PATH), [':path', HONEST_PATH]]],
  ['path twice, the open one last', (host) => [...line(host), [':path', OPEN_PATH]]],
  ['authority twice, the open one first', (host) => [...line(auth), [':authority', host]]],
  ['authority twice, the open one last', (host) => [...line(host), [':authority', auth]]],
  ['method twice', (host) => [...line(host), [':method', 'OPTIONS']]],
  ['a pseudo-header behind a field', (host) => [...line(auth, OPEN_PATH), ['x-first', 'a'], [':authority', host]]],
  ['an unknown pseudo-header', (host) => [...line(host), [':unknown', 'a']]],
  ['no authority', (host) => [...line(host).filter(([name]) => name !== ':authority'), ['host', host]]],
  [
    'no authority and two hosts',
    (host) => [...line(host).filter(([name]) => name !== ':authority'), ['host', auth], ['host', host]],
  ],
  ['an authority with a user', (host) => line(`${auth}@${host}`)],
  ['an authority with a path', (host) => line(`${host}/oauth2/sign_in`)],
  ['an authority in upper case', (host) => line(host.toUpperCase())],
  ['an authority with a port', (host) => line(`${host}:8000`)],
  ['a path without a slash', (host) => line(host, HONEST_PATH.slice(1))],
  ['an absolute path', (host) => line(auth, `https://${host}${HONEST_PATH}`)],
  [
    'a path with a second request',
    (host) => line(host, `/oauth2/sign_in HTTP/1.1\r\nHost: ${host}\r\n\r\n${hiddenRequest(host)}`),
  ],
  ['a path with a space', (host) => line(host, `${HONEST_PATH} HTTP/1.1`)],
  [
    'a method with a second request',
    (host) => line(host, OPEN_PATH, `GET ${HONEST_PATH} HTTP/1.1\r\nHost: ${host}\r\n\r\nGET`),
  ],
  [
    'a scheme with an address',
    (host) => line(host).map((each) => (each[0] === ':scheme' ? [':scheme', `https://${host}/api/status/?`] : each)),
  ],
  [
    'a value with a line break',
    (host) => [...line(host), ['x-line', 'a\r\nX-Auth-Request-Email: someone@example.org']],
  ],
  [
    'a value with a second request',
    (host) => [...line(auth, OPEN_PATH), ['x-line', `a\r\n\r\n${hiddenRequest(host)}`]],
  ],
  ['a name with a colon', (host) => [...line(host), ['x-auth-request-email: someone@example.org\r\nx', 'a']]],
  ['a name in upper case', (host) => [...line(host), ['Cookie', '__Secure-ahuora=x']]],
  ['an empty name', (host) => [...line(host), ['', 'a']]],
  ['cookies in crumbs', (host) => [...line(host), ['cookie', '__Secure-ahuora=a'], ['cookie', '__Secure-ahuora=b']]],
  ['fields of a connection', (host) => [...line(host), ['connection', 'cookie'], ['upgrade', 'websocket']]],
  [
    'forged identity',
    (host) => [...line(host), ['x-auth-request-email', 'someone@example.org'], ['x_auth_request_user', 'a']],
  ],
  [
    'forwarded method and path',
    (host) => [...line(host), ['x-forwarded-method', 'OPTIONS'], ['x-forwarded-uri', OPEN_PATH]],
  ],
  ['a WebSocket by CONNECT', (host) => [...line(host, HONEST_PATH, 'CONNECT'), [':protocol', 'websocket']]],
  [
    'CONNECT to a back end',
    () => [
      [':method', 'CONNECT'],
      [':authority', 'django-api:8000'],
    ],
  ],
  ['a length that is not', (host) => [...line(host), ['content-length', '17']]],
  ['a transfer coding', (host) => [...line(host), ['transfer-encoding', 'chunked']]],
];

/** What follows an open page on its stream, or comes on the next. */
const BEHIND: readonly (readonly [what: string, requests: (host: string) => readonly Http2Request[]])[] = [
  ['a length of nothing', (host) => [{ fields: posted(['content-length', '0']), data: hiddenRequest(host) }]],
  [
    'a length that is short',
    (host) => [{ fields: posted(['content-length', '5']), data: `0\r\n\r\n${hiddenRequest(host)}` }],
  ],
  [
    'two lengths',
    (host) => [{ fields: posted(['content-length', '0'], ['content-length', '99']), data: hiddenRequest(host) }],
  ],
  [
    'a transfer coding',
    (host) => [{ fields: posted(['transfer-encoding', 'chunked']), data: `0\r\n\r\n${hiddenRequest(host)}` }],
  ],
  [
    'an obscured coding',
    (host) => [{ fields: posted(['transfer-encoding ', 'chunked']), data: `0\r\n\r\n${hiddenRequest(host)}` }],
  ],
  ['nothing of a length', (host) => [{ fields: posted(), data: `0\r\n\r\n${hiddenRequest(host)}` }]],
  [
    'trailers',
    (host) => [
      {
        fields: posted(),
        data: 'x',
        trailers: [
          ['host', host],
          [':path', HONEST_PATH],
          ['cookie', 'a=b'],
        ],
      },
    ],
  ],
  [
    'trailers with a line break',
    (host) => [{ fields: posted(), data: 'x', trailers: [['x', `a\r\n\r\n${hiddenRequest(host)}`]] }],
  ],
  ['the next stream', (host) => [{ fields: line(auth, OPEN_PATH) }, { fields: line(host) }]],
  ['a preflight before', (host) => [{ fields: preflight(host) }, { fields: line(host) }]],
  [
    'fields in pieces',
    (host) => [{ fields: [...line(auth, OPEN_PATH), [':authority', host], [':path', HONEST_PATH]], inPieces: true }],
  ],
];

function posted(...further: Fields): Fields {
  return [...line(auth, OPEN_PATH, 'POST'), ...further];
}

function preflight(host: string): Fields {
  return [
    ...line(host, HONEST_PATH, 'OPTIONS'),
    ['origin', `https://${frontEnd}`],
    ['access-control-request-method', 'GET'],
  ];
}

/** Requests of HTTP/2 that no library sends: Traefik writes each anew as HTTP/1.1 for whoever decides and serves. */
export const http2Attacks: readonly Attack[] = [
  ...FIELDS.flatMap(([what, fields]) =>
    onBoth((host) => ({ protocol: 'h2' as const, sent: http2({ fields: fields(host) }) }), `HTTP/2 with ${what}`),
  ),
  ...BEHIND.flatMap(([what, requests]) =>
    onBoth(
      (host) => ({ protocol: 'h2' as const, serverName: auth, sent: http2(...requests(host)) }),
      `HTTP/2 behind an open page: ${what}`,
    ),
  ),
];
