// A back end that answers every request with what it received, and says who it is in the header X-Back-End.
// With `--page` it answers with a web page instead and keeps what it received for GET /received.
import { createServer } from 'node:http';

const [host, port, name, kind] = process.argv.slice(2);
let received = [];

const server = createServer((request, response) => {
  const { method, url, rawHeaders } = request;
  const pairs = [];
  for (let index = 0; index < rawHeaders.length; index += 2) pairs.push([rawHeaders[index], rawHeaders[index + 1]]);
  const seen = { method, url, headers: pairs };
  received = [...received.slice(-99), seen];
  response.setHeader('X-Back-End', name);
  if (kind === '--page' && url !== '/received') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>Ahuora</title><h1 id="landing">Ahuora Digital Platform</h1><p>Served by ${name}.</p>`,
    );
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(url === '/received' ? received : seen));
});
server.listen(Number(port), host, () => console.log(`listens on ${host}:${port}`));
process.on('SIGTERM', () => process.exit(0));
