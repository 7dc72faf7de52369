import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EXPERIMENTS,
  loadProfile,
  OVERHEAD_SECONDS,
  OWN_EXPERIMENTS,
  scheduledSeconds,
} from '../../../experiments/plan';
import { GatewaySession } from '../../../experiments/runner/sites/cluster/gateway-session';
import { settings } from '../../../facts/settings';

const HOUR = 3600;
const NOW = 1_800_000_000;
const NAME = '__Secure-ahuora';
const cookieMadeAt = (seconds: number) => `${NAME}=Y29udGVudA==|${seconds}|c2lnbmF0dXJl`;

let folder: string;
let file: string;
let server: http.Server;
let authUrl: string;
/** What the server knows, and what it hands out instead. */
let known: string;
let renewal: string | undefined;
/** OAuth2 Proxy's `cookie_refresh`; most tests have one that no session reaches. */
let refreshSeconds: number;
/** Seconds that the test's clock was made to wait. */
let waited: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'session-'));
  file = join(folder, 'session');
  [known, renewal] = [cookieMadeAt(NOW - HOUR), undefined];
  [refreshSeconds, waited] = [1000 * HOUR, 0];
  server = http.createServer(({ url, headers }, response) => {
    if (url !== '/oauth2/auth') return void response.writeHead(404).end();
    if (headers.cookie !== known) return void response.writeHead(401).end('Unauthorized');
    if (renewal !== undefined) {
      known = renewal;
      response.setHeader('set-cookie', `${renewal}; Path=/; Domain=ahuora.org.nz; Expires=x; HttpOnly; Secure`);
    }
    return void response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  authUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth2/auth`;
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const session = (source: { cookie: string } | { file: string }) =>
  new GatewaySession(
    { ...source, authUrl, lifetimeSeconds: 168 * HOUR, refreshSeconds },
    { now: () => (NOW + waited) * 1000, wait: (ms) => Promise.resolve((waited += ms / 1000)) },
  );

function store(text: string): void {
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
}

describe('a session of the gateway', () => {
  it('is accepted, and how long it lasts is told', async () => {
    const verdict = await session({ cookie: known }).check(10 * 60);
    expect(verdict).toMatchObject({ gate: 'session', passed: true, value: 167 * HOUR });
    expect(verdict.detail).toContain('lasts 167.0 h more');
  });

  it('that the gateway does not know stops the campaign in one clear sentence', async () => {
    await expect(session({ cookie: cookieMadeAt(NOW - 5) }).check(0)).rejects.toThrow(
      /^The gateway refuses the session \(.*answered 401\): get a new one \(docs\/how-to\/run-a-campaign.md, "A session"\) and resume\.$/,
    );
  });

  it('that would end within the trial is refused before it', async () => {
    known = cookieMadeAt(NOW - 168 * HOUR + 300);
    await expect(session({ cookie: known }).check(600)).rejects.toThrow('it ends in 5 min, before the trial would');
    await expect(session({ cookie: known }).check(240)).resolves.toMatchObject({ passed: true });
  });

  it('is renewed by the gateway before it ends, in memory and in its file, which stays closed to others', async () => {
    known = cookieMadeAt(NOW - 168 * HOUR + 300);
    store(known);
    renewal = cookieMadeAt(NOW);
    const renewed = session({ file });
    await expect(renewed.check(600)).resolves.toMatchObject({ value: 168 * HOUR });
    expect(renewed.headers['cookie']).toBe(cookieMadeAt(NOW));
    expect(readFileSync(file, 'utf8').trim()).toBe(cookieMadeAt(NOW));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    renewal = undefined;
    await expect(session({ file }).check(600)).resolves.toMatchObject({ passed: true });
  });

  it('that would be renewed amid a trial is waited for, since a load never stores the new cookie', async () => {
    refreshSeconds = 1800;
    known = cookieMadeAt(NOW - 1500);
    const one = session({ cookie: known });
    await expect(one.check(299)).resolves.toMatchObject({ passed: true });
    expect(waited).toBe(0);
    const said: string[] = [];
    // The gateway renews it once it is old enough.
    server.prependListener('request', () => (renewal = waited > 0 ? cookieMadeAt(NOW + waited) : undefined));
    await expect(one.check(600, { say: (text) => said.push(text) })).resolves.toMatchObject({ passed: true });
    expect([waited, one.headers['cookie']]).toEqual([302, cookieMadeAt(NOW + 302)]);
    expect(said).toEqual(['The session would be renewed amid the trial: waiting 302 s until it is renewed before it.']);
  });

  it('that is due and never renewed is refused: every request of the load would ask the provider', async () => {
    refreshSeconds = 1800;
    await expect(session({ cookie: known }).check(600)).rejects.toThrow(
      /it is 60 min old and was not renewed, so that OAuth2 Proxy would ask the provider for every request/,
    );
    await expect(session({ cookie: known }).check(1800)).rejects.toThrow('Raise session.refreshMinutes');
  });

  it('given as a variable is renewed in memory alone', async () => {
    renewal = cookieMadeAt(NOW);
    const one = session({ cookie: known });
    await one.check(0);
    await expect(one.check(0)).resolves.toMatchObject({ value: 168 * HOUR });
  });

  it('in a file may be replaced by hand between trials', async () => {
    store(cookieMadeAt(NOW - 7));
    const one = session({ file });
    await expect(one.check(0)).rejects.toThrow('refuses the session');
    store(known);
    await expect(one.check(0)).resolves.toMatchObject({ passed: true });
  });

  it.each<[string, () => void, string]>([
    ['is missing', () => undefined, 'does not exist'],
    ['is open to others', () => (store(known), chmodSync(file, 0o644)), 'open to others: chmod 600'],
    ['holds no cookie', () => store('not a cookie'), 'holds no cookie: give it as NAME=VALUE'],
  ])('whose file %s is refused in one sentence', (_, prepare, message) => {
    prepare();
    expect(() => session({ file })).toThrow(message);
  });
});

it('the platform renews a session seldom enough for the longest trial of the plan', () => {
  const seconds = EXPERIMENTS.concat(OWN_EXPERIMENTS).flatMap(({ profiles, testType }) =>
    profiles.map((profile) => scheduledSeconds(loadProfile(profile, testType)) + OVERHEAD_SECONDS),
  );
  expect(seconds.length).toBeGreaterThan(10);
  expect(Math.max(...seconds)).toBeLessThan(settings.session.refreshMinutes * 60);
});
