// Stands in for GitHub as far as Argo CD asks it: github.com serves git over HTTPS to whoever holds a token, and api.github.com gives
// a GitHub App such a token. Run by test/live/internet.ts as: node github.mjs '{"address","certificate","key","repositories"}'
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const { address, certificate, key, repositories } = JSON.parse(process.argv[2]);
const tokens = new Set();

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
  if (request.headers.host === 'api.github.com') giveToken(request, response);
  else if (hasToken(request)) serveGit(request, response);
  else response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
});
server.listen(443, address, () => console.log('ready'));

function giveToken(request, response) {
  if (request.method !== 'POST' || !/^\/app\/installations\/\d+\/access_tokens$/.test(request.url))
    return response.writeHead(404).end('{}');
  // Three parts with dots: a signed statement of the App; the signature is not looked at.
  if (!/^Bearer [^.\s]+\.[^.\s]+\.[^.\s]+$/.test(request.headers.authorization ?? ''))
    return response.writeHead(401).end('{}');
  const token = `ghs_${randomBytes(18).toString('hex')}`;
  tokens.add(token);
  const answer = {
    token,
    expires_at: new Date(Date.now() + 3600_000).toISOString(),
    permissions: { contents: 'read' },
  };
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

function hasToken({ headers: { authorization = '' } }) {
  const [, encoded = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  return tokens.has(Buffer.from(encoded, 'base64').toString().split(':')[1]);
}

/** Git's own CGI program: https://git-scm.com/docs/git-http-backend */
function serveGit(request, response) {
  const url = new URL(request.url, 'https://github.com');
  const git = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: repositories,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
      REMOTE_USER: 'argo-cd',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(git.stdin);
  git.stdin.on('error', () => undefined);
  let head = Buffer.alloc(0);
  git.stdout.on('data', function read(chunk) {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    git.stdout.off('data', read);
    const headers = head
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(': '));
    const status = Number(headers.find(([name]) => name === 'Status')?.[1]?.slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
    response.write(head.subarray(end + 4));
    git.stdout.pipe(response);
  });
  git.on('close', () => response.end());
}
