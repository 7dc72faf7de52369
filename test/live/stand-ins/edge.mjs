// Stands in for Cloudflare's edge: visitors come to port 443, the tunnel's spare connections to port 7844, and the two are joined. The
// first byte that goes down a spare connection says that a visitor has come. Run by test/live/internet.ts.
import { createServer } from 'node:net';

const { address } = JSON.parse(process.argv[2]);
const spare = [];
const waiting = [];

const join = (visitor, tunnel) => {
  if (visitor.destroyed) return spare.push(tunnel);
  tunnel.pause();
  tunnel.write('v');
  visitor.pipe(tunnel);
  tunnel.pipe(visitor);
  for (const [one, other] of [
    [visitor, tunnel],
    [tunnel, visitor],
  ])
    one.on('close', () => other.destroy());
};

createServer({ allowHalfOpen: true }, (tunnel) => {
  tunnel.on('error', () => tunnel.destroy());
  // One that is given up while it waits is of no use to a visitor; only then does its end mean the whole of it.
  tunnel.on('end', () => spare.includes(tunnel) && tunnel.destroy());
  tunnel.on('close', () => spare.includes(tunnel) && spare.splice(spare.indexOf(tunnel), 1));
  const visitor = waiting.shift();
  if (visitor) join(visitor, tunnel);
  else spare.push(tunnel.resume());
}).listen(7844, address);

createServer({ allowHalfOpen: true }, (visitor) => {
  visitor.on('error', () => visitor.destroy());
  const tunnel = spare.pop();
  if (tunnel) return join(visitor, tunnel);
  waiting.push(visitor);
  // Cloudflare answers with its own error page when no tunnel is there; here the connection ends.
  setTimeout(() => {
    if (!waiting.includes(visitor)) return;
    waiting.splice(waiting.indexOf(visitor), 1);
    visitor.destroy();
  }, 10_000);
}).listen(443, address, () => console.log('ready'));
