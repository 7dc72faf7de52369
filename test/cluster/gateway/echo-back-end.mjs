// A back end that answers every request with what it received, and says who it is in the header X-Back-End.
// With `--page` it answers with a web page that contains the same.
import { createServer } from 'node:http';

const [host, port, name, kind] = process.argv.slice(2);
const server = createServer((request, response) => {
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

server.listen(Number(port), host, () => console.log(`listens on ${host}:${port}`));
process.on('SIGTERM', () => process.exit(0));
