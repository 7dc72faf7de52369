import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

/** How many round trips are measured: an answer takes the server's time too, whose lowest shows late on a busy machine. */
const ATTEMPTS = { connection: 31, answer: 101 } as const;
const TIMEOUT_MS = 5000;

/**
 * The lowest of several round trips to a host, milliseconds, up to the accepted connection or the first byte of an answer.
 *
 * @throws {Error} when the host does not answer.
 */
export async function lowestRoundTrip(url: string, until: 'connection' | 'answer'): Promise<number> {
  const times: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS[until]; attempt++)
    times.push(await (until === 'connection' ? connectionTime(url) : answerTime(url)));
  return Math.min(...times);
}

function connectionTime(url: string): Promise<number> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const socket = net.connect(Number(port) || (protocol === 'https:' ? 443 : 80), hostname, () => {
      resolve(performance.now() - start);
      socket.destroy();
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', (error) => reject(new Error(`${url} cannot be reached: ${error.message}.`)));
  });
}

function answerTime(url: string): Promise<number> {
  const secure = url.startsWith('https:');
  return new Promise((resolve, reject) => {
    let ready = 0;
    const outgoing = (secure ? https : http).request(`${url}/api/status/`, {
      agent: false,
      timeout: TIMEOUT_MS,
      ...(secure ? { rejectUnauthorized: false } : {}),
    });
    outgoing.once('socket', (socket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        ready = performance.now();
        outgoing.end();
      }),
    );
    outgoing.once('response', (response) => {
      resolve(performance.now() - ready);
      response.destroy();
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', (error) => reject(new Error(`${url} cannot be reached: ${error.message}.`)));
  });
}
