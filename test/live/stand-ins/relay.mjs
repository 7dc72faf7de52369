// Runs inside a network namespace and joins each connection to a Unix socket, which namespaces of the network do not part, to a new
// connection to an address there: how the machine itself reaches the cluster. Run by test/live/relay.ts.
import { createServer, connect } from 'node:net';

for (const [socket, host, port] of JSON.parse(process.argv[2]))
  createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host, port, allowHalfOpen: true });
    near.pipe(far);
    far.pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(socket);
