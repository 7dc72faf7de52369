// A back end that answers every request with what it received, says who it is in the header X-Back-End, and prints a line for each
// thing that reaches it, whatever it makes of it. With `--page` it answers with a web page that contains the same.
import { createServer } from 'node:http';

const [host, port, name, kind] = process.argv.slice(2);
const server = createServer((request, response) => {
  record(request);
  const { method, url, rawHeaders } = request;
  const headers = [];
  for (let index = 0; index < rawHeaders.length; index += 2) headers.push([rawHeaders[index], rawHeaders[index + 1]]);
  const received = JSON.stringify({ method, url, headers });
  response.setHeader('X-Back-End', name);
  response.setHeader('Content-Type', kind === '--page' ? 'text/html; charset=utf-8' : 'application/json');
  response.end(kind === '--page' ? page(received) : received);
});

/** A page that has its stand-in's answer where a script or a test can read it. */
function page(received) {
  const data = received.replaceAll('<', '\\u003c');
  return `<!doctype html><title>Ahuora</title><h1>Ahuora Digital Platform</h1><script type="application/json">${data}</script>`;
}

/** The kubelet comes past the gateway, which would have named itself. */
function record({ method, url, headers }) {
  const probe = /^kube-probe\//.test(headers['user-agent'] ?? '') && headers['x-forwarded-server'] === undefined;
  console.log(`${name} received ${method} ${url.slice(0, 200)}${probe ? ' from the kubelet' : ''}`);
}

server.on('upgrade', (request, socket) => {
  record(request);
  socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
});
server.on('connect', (request, socket) => {
  record(request);
  socket.end('HTTP/1.1 200 OK\r\n\r\n');
});
server.on('clientError', (error, socket) => {
  if (error.code !== 'ECONNRESET')
    console.log(`${name} could not read ${error.code} ${error.rawPacket?.toString('latin1').slice(0, 200)}`);
  socket.destroy();
});
server.listen(Number(port), host, () => console.log(`listens on ${host}:${port}`));
process.on('SIGTERM', () => process.exit(0));
