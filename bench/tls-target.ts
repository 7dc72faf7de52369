import { readFileSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

/** A process of its own: answers every request with as many bytes as a retrieval has, over TLS. Told: key, certificate, bytes. */
const [key, cert, bytes] = process.argv.slice(2) as [string, string, string];
const answer = Buffer.alloc(Number(bytes), 'a');
const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
  response.end(answer),
);
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
