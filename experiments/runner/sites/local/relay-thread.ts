import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** What the relay is started with. */
export interface RelayInput {
  readonly host: string;
  readonly port: number;
  readonly delayMs: number;
}

/**
 * A TCP relay that holds back everything sent towards the server by a fixed time, as netem does on the generator's
 * outgoing interface; opening the connection costs the delay once as well. TLS passes through untouched.
 */
function startRelay({ host, port, delayMs }: RelayInput): void {
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const later = (work: () => void) => setTimeout(work, delayMs);
    const upstream = new net.Socket({ allowHalfOpen: true });
    later(() => upstream.connect(port, host));
    client.on('data', (chunk) => later(() => upstream.write(chunk)));
    client.on('end', () => later(() => upstream.end()));
    upstream.pipe(client);
    const close = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on('error', close);
    upstream.on('error', close);
    upstream.on('close', () => client.end());
    client.on('close', () => later(() => upstream.destroy()));
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as net.AddressInfo).port));
}

startRelay(workerData as RelayInput);
