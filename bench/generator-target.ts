import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Answers every request after 10 ms. */
const server = http.createServer((_, response) => void setTimeout(() => response.end('answer'), 10));
server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as AddressInfo).port));
