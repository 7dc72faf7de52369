import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ReceivedAnswer } from '../answer/expected-answer';
import { BODY_BYTES, BODY_SECONDS, REQUEST_TIMEOUT_SECONDS, type LoadRequest, type SampleError } from '../load';
import { answerOf } from './answer-body';
import type { PeerWatch } from './peer-watch';

/** Moments of one request, milliseconds on the monotonic clock; 0 where it was never reached. */
export interface RequestTimes {
  readonly start: number;
  resolved: number;
  connected: number;
  secured: number;
  sent: number;
  firstByte: number;
  end: number;
}

export interface RequestOutcome {
  readonly times: RequestTimes;
  readonly status: number;
  readonly error: SampleError | null;
  /** Of a response with status 200 that has arrived in full. */
  readonly answer?: ReceivedAnswer;
}

/** Parsed once per load, so that a start costs as little as it can. */
export type RequestTemplate = (done: (outcome: RequestOutcome) => void) => Cancel;

/** Gives the request up; its outcome is `interrupted`. */
export type Cancel = () => void;

/**
 * Prepares the request of a load. Every call opens a connection of its own (each request is a new user), does not verify the
 * certificate (self-signed on the LAN), reads the body, and follows no redirect; `peers` is told of who answers.
 */
export function requestTemplate(request: LoadRequest, peers?: PeerWatch): RequestTemplate {
  const url = new URL(request.url);
  const secure = url.protocol === 'https:';
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const options: https.RequestOptions = {
    method: request.method,
    hostname: url.hostname,
    port: url.port || (secure ? 443 : 80),
    path: url.pathname + url.search,
    headers: { ...request.headers, ...(body === undefined ? {} : { 'content-length': body.length }) },
    agent: false,
    ...(secure ? { rejectUnauthorized: false } : {}),
  };
  return (done) => send(options, secure, body, done, peers);
}

function send(
  options: https.RequestOptions,
  secure: boolean,
  body: Buffer | undefined,
  done: (outcome: RequestOutcome) => void,
  peers: PeerWatch | undefined,
): Cancel {
  const start = performance.now();
  const askedAt = Date.now();
  const times: RequestTimes = { start, resolved: 0, connected: 0, secured: 0, sent: 0, firstByte: 0, end: 0 };
  let settled = false;
  let status = 0;
  const settle = (error: SampleError | null, read?: () => ReceivedAnswer) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    times.end = performance.now();
    done({ times, status, error, ...(read === undefined ? {} : { answer: read() }) });
  };
  const isStalled = () => times.firstByte > 0 && performance.now() - times.firstByte > BODY_SECONDS * 1000;
  const stop = (error: SampleError) => {
    settle(isStalled() ? 'stalled' : error);
    outgoing.destroy();
  };
  const timer = setTimeout(() => stop('timeout'), REQUEST_TIMEOUT_SECONDS * 1000);
  const outgoing = (secure ? https : http).request(options);
  outgoing.once('socket', (socket) => watchConnection(socket, times, peers));
  outgoing.once('finish', () => (times.sent = performance.now()));
  outgoing.once('response', (response) => {
    times.firstByte = performance.now();
    status = response.statusCode ?? 0;
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_BYTES) return stop('answer');
      chunks.push(chunk);
      if (isStalled()) stop('stalled');
    });
    response.once('end', () =>
      status === 200 ? settle(null, () => answerOf(response, chunks, askedAt)) : settle(errorOfStatus(status)),
    );
    // A connection that ends before the body does: the status is known, the answer is not whole.
    response.on('error', () => settle('truncated'));
  });
  // Another protocol than the one that was asked for, which no further event would tell of.
  outgoing.once('upgrade', (response, socket) => {
    status = response.statusCode ?? 0;
    settle('status');
    socket.destroy();
  });
  // A server may fail a request more than once, such as by what it sends after its answer.
  outgoing.on('error', (error) => settle(errorOf(error, times, secure)));
  outgoing.once('close', () => setImmediate(() => settle(times.firstByte > 0 ? 'truncated' : 'reset')));
  outgoing.end(body);
  return () => stop('interrupted');
}

function watchConnection(socket: Socket, times: RequestTimes, peers: PeerWatch | undefined): void {
  times.resolved = performance.now();
  socket.once('lookup', () => (times.resolved = performance.now()));
  socket.once('connect', () => {
    times.connected = performance.now();
    peers?.connected(socket);
  });
  socket.once('secureConnect', () => {
    times.secured = performance.now();
    peers?.secured(socket as TLSSocket);
  });
}

/** Only 200 is expected: anything else failed, and a redirect means that sign-in was asked for. */
function errorOfStatus(status: number): SampleError {
  return status >= 300 && status < 400 ? 'redirect' : 'status';
}

function errorOf(error: NodeJS.ErrnoException, times: RequestTimes, secure: boolean): SampleError {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused';
    case 'ECONNRESET':
    case 'EPIPE':
      return secure && times.connected > 0 && times.secured === 0 ? 'tls' : 'reset';
    case 'ETIMEDOUT':
      return 'timeout';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'dns';
    case 'EMFILE':
    case 'ENFILE':
    case 'EADDRNOTAVAIL':
    case 'ENOBUFS':
    case 'ENOMEM':
      return 'exhausted';
    default:
      return secure && times.connected > 0 && times.secured === 0 ? 'tls' : 'network';
  }
}
