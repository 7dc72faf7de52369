import { setTimeout as sleep } from 'node:timers/promises';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { Ports } from '../../../experiments/runner/attempt/ports';
import { GatewaySession } from '../../../experiments/runner/sites/cluster/gateway-session';
import { buildTool } from '../../../tools/build';
import { startOpenIdProvider } from '../../cluster/gateway/openid-provider';
import { Visitor } from '../../cluster/gateway/visitor';
import { freePorts } from '../../fixtures/free-ports';
import { startGuarded, waitUntil, type GuardedProcess } from '../../fixtures/guarded-process';
import { failedGates, oneAttempt } from './one-attempt';

jest.setTimeout(600_000); // The first run may have to build OAuth2 Proxy.

let folder: string;
let proxy: GuardedProcess | undefined;
let provider: GuardedProcess | undefined;
let url: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'oauth2-proxy-'))));

afterEach(async () => {
  await proxy?.stop();
  await provider?.stop();
  provider = undefined;
  rmSync(folder, { recursive: true });
});

/** A real OAuth2 Proxy before an API, whose sessions live so long; people sign in by a password file. */
async function startProxy(api: string, lifetimeSeconds: number): Promise<void> {
  const passwords = join(folder, 'passwords');
  writeFileSync(passwords, `engineer:{SHA}${createHash('sha1').update('let me in').digest('base64')}\n`);
  await startProxyOf(api, (await freePorts(1))[0]!, [
    ...['--provider=github', '--client-id=none', '--client-secret=none', `--htpasswd-file=${passwords}`],
    ...[`--cookie-expire=${lifetimeSeconds}s`, '--cookie-refresh=0'],
  ]);
}

/** The same with a provider of identities, who is asked for a new session once one is older than so many seconds. */
async function startRenewingProxy(api: string, refreshSeconds: number): Promise<void> {
  const [port, issuerPort] = (await freePorts(2)) as [number, number];
  const client = { clientId: 'ahuora', clientSecret: randomBytes(16).toString('hex') };
  const redirectUri = `http://127.0.0.1:${port}/oauth2/callback`;
  provider = await startOpenIdProvider(folder, issuerPort, { ...client, redirectUri });
  await startProxyOf(api, port, [
    ...['--provider=oidc', `--oidc-issuer-url=http://127.0.0.1:${issuerPort}`, `--redirect-url=${redirectUri}`],
    ...[`--client-id=${client.clientId}`, `--client-secret=${client.clientSecret}`, '--skip-provider-button'],
    ...['--cookie-expire=1h', `--cookie-refresh=${refreshSeconds}s`],
  ]);
}

async function startProxyOf(api: string, port: number, more: readonly string[]): Promise<void> {
  proxy = await startGuarded({
    name: 'oauth2-proxy',
    command: [
      await buildTool('oauth2-proxy'),
      ...[`--cookie-secret=${randomBytes(16).toString('hex')}`, '--cookie-secure=false', '--cookie-name=session'],
      ...[`--http-address=127.0.0.1:${port}`, `--upstream=${api}/`, '--api-route=^/api/', '--email-domain=*'],
      ...more,
    ],
    log: join(folder, 'log'),
    orphanFolder: folder,
    env: {},
  });
  url = `http://127.0.0.1:${port}`;
  const answers = async () => (await request(`${url}/ping`).catch(() => undefined))?.statusCode === 200;
  await waitUntil('OAuth2 Proxy answers', answers, 30, proxy);
}

async function signIn(): Promise<string> {
  const body = 'username=engineer&password=let+me+in&rd=%2F';
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await request(`${url}/oauth2/sign_in`, { method: 'POST', headers, body });
  await answer.body.dump();
  return String(answer.headers['set-cookie']).split(';')[0]!;
}

/** One attempt whose requests pass the proxy. */
async function attemptWith(lifetimeSeconds: number, session: (authUrl: string) => Promise<GatewaySession>) {
  return oneAttempt({
    scale: { rate: 0.5, duration: 1 / 60 },
    change: async (ports: Ports) => {
      await startProxy(ports.cluster.url(), lifetimeSeconds);
      const one = await session(`${url}/oauth2/auth`);
      return { cluster: { ...ports.cluster, url: () => url }, session: one, headers: one.headers };
    },
  });
}

it('a trial behind a real OAuth2 Proxy is valid with a session', async () => {
  const record = await attemptWith(3600, async (authUrl) => {
    return new GatewaySession({ cookie: await signIn(), authUrl, lifetimeSeconds: 3600, refreshSeconds: 3600 });
  });
  const session = record.gates.find(({ gate }) => gate === 'session')!;
  expect(session).toMatchObject({ passed: true });
  expect(session.value).toBeGreaterThan(3590);
  expect(record.gates.find(({ gate }) => gate === 'session-accepted')).toMatchObject({ passed: true, value: 0 });
  expect(record.rows.samples).toBe(80);
});

it('a session that ends in the midst of the load voids the trial, and the next trial is not begun', async () => {
  let session: GatewaySession | undefined;
  const record = await attemptWith(3, async (authUrl) => {
    // It is taken for one that lasts, as where the proxy's lifetime was lowered.
    session = new GatewaySession({ cookie: await signIn(), authUrl, lifetimeSeconds: 3600, refreshSeconds: 3600 });
    return session;
  });
  await expect(session!.check(0)).rejects.toThrow('refuses the session');
  expect(failedGates(record)).toContain('session-accepted');
  const { detail, remedy } = record.gates.find(({ gate }) => gate === 'session-accepted')!;
  expect(detail).toMatch(/× status 401 from/);
  expect(remedy).toContain('Get a new session');
});

it('a session that a real OAuth2 Proxy does not know stops the campaign in one sentence', async () => {
  await expect(
    attemptWith(3600, (authUrl) =>
      Promise.resolve(
        new GatewaySession({ cookie: 'session=stale', authUrl, lifetimeSeconds: 3600, refreshSeconds: 3600 }),
      ),
    ),
  ).rejects.toThrow(/^The gateway refuses the session .* and resume\.$/);
});

it('is renewed by a real OAuth2 Proxy before the trial amid which it would come of age, and goes on from its file', async () => {
  const refreshSeconds = 15;
  await startRenewingProxy('http://127.0.0.1:9', refreshSeconds);
  const engineer = new Visitor(0);
  await engineer.signIn(`engineer@${randomBytes(4).toString('hex')}.test`, `${url}/oauth2/start?rd=/`);
  const file = join(folder, 'session');
  const given = engineer
    .cookiesFor('127.0.0.1')
    .split('; ')
    .filter((pair) => pair.startsWith('session='))[0]!;
  writeFileSync(file, given, { mode: 0o600 });
  const options = { file, authUrl: `${url}/oauth2/auth`, lifetimeSeconds: 3600, refreshSeconds };

  const said: string[] = [];
  const session = new GatewaySession(options);
  // With ten seconds to go it is too old for a trial of ten; a fresh one has five to spare, which a busy machine may need.
  await sleep(6_000);
  const verdict = await session.check(10, { say: (text) => said.push(text) });
  expect(said).toEqual([expect.stringMatching(/^The session would be renewed amid the trial: waiting \d+ s /)]);
  expect(verdict).toMatchObject({ passed: true });
  expect(verdict.value).toBeGreaterThan(3597);
  const renewed = readFileSync(file, 'utf8').trim();
  expect(renewed).toMatch(/^session=/);
  expect(renewed).not.toBe(given);
  expect(session.headers['cookie']).toBe(renewed);
  await expect(new GatewaySession(options).check(0)).resolves.toMatchObject({ passed: true });
});
