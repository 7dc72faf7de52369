import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractedServers, issueCertificates, ISSUER } from '../../fixtures/platform-certificates';

jest.setTimeout(60_000);

const DAY = 24 * 3600 * 1000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (name: string) => join(folder, name);
const certificate = (name: string) => new X509Certificate(readFileSync(file(name)));
const issue = (days = 730, renewDays = 365, servers = ['one=one,one.shop.svc', 'two=two']) =>
  issueCertificates(folder, days, renewDays, servers);

test('the contracts ask for one of Postgres and one of PgBouncer, under the names of their Services', () => {
  expect(contractedServers()).toEqual([
    'pgbouncer-certificate=pgbouncer,pgbouncer.ahuora.svc,localhost',
    'postgres-certificate=postgres,postgres.ahuora.svc,localhost',
  ]);
});

test('what it issues is by its authority, for a server of these names and no more, and private', () => {
  expect(issue()).toEqual(['authority', 'one', 'two']);
  const [authority, one] = [certificate('authority.crt'), certificate('one.pem')];
  expect([authority.ca, one.ca]).toEqual([true, false]);
  expect(one.verify(authority.publicKey)).toBe(true);
  expect(one.subjectAltName).toBe('DNS:one, DNS:one.shop.svc');
  expect(certificate('two.pem').checkHost('one')).toBeUndefined();
  expect(one.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(Math.round((Date.parse(one.validTo) - Date.now()) / DAY)).toBe(730);
  for (const name of ['authority.key', 'one.pem', 'two.pem']) expect(statSync(file(name)).mode & 0o077).toBe(0);
});

test('a second run changes nothing; what ends soon is renewed, alone, and by the same authority', () => {
  issue();
  const before = ['authority.crt', 'one.pem', 'two.pem'].map((name) => readFileSync(file(name), 'utf8'));
  expect(issue()).toEqual([]);
  expect(['authority.crt', 'one.pem', 'two.pem'].map((name) => readFileSync(file(name), 'utf8'))).toEqual(before);
  // One that is good for 300 days, renewed with fewer than 299 left and kept before.
  rmSync(file('one.pem'));
  expect(issue(300, 10)).toEqual(['one']);
  expect(issue(730, 299)).toEqual([]);
  expect(issue(730, 301)).toEqual(['one']);
  expect(readFileSync(file('authority.crt'), 'utf8')).toBe(before[0]);
  expect(readFileSync(file('two.pem'), 'utf8')).toBe(before[2]);
});

test('other names, a lost or a foreign authority, and a spoilt file lead to new ones', () => {
  issue();
  expect(issue(730, 365, ['one=one,other', 'two=two'])).toEqual(['one']);
  writeFileSync(file('two.pem'), readFileSync(file('two.pem'), 'utf8').slice(0, 300));
  expect(issue(730, 365, ['one=one,other', 'two=two'])).toEqual(['two']);
  rmSync(file('authority.key'));
  expect(issue(730, 365, ['one=one,other', 'two=two'])).toEqual(['authority', 'one', 'two']);
});

test('an authority that ends is issued anew with its key, so that what is in use stays valid', () => {
  issue();
  const one = readFileSync(file('one.pem'), 'utf8');
  // As if its own end had come near.
  const short = ['req', '-new', '-x509', '-days', '400', '-key', file('authority.key')];
  execFileSync('openssl', [...short, '-subj', '/CN=Authority of the platform', '-out', file('authority.crt')]);
  expect(issue()).toEqual(['authority']);
  expect(readFileSync(file('one.pem'), 'utf8')).toBe(one);
  expect(certificate('one.pem').verify(certificate('authority.crt').publicKey)).toBe(true);
});

test('--check says what it would issue and writes nothing', () => {
  const asked = spawnSync('/bin/bash', [ISSUER, '--check', file('none'), '730', '365', 'one=one'], {
    encoding: 'utf8',
  });
  expect([asked.status, asked.stdout]).toEqual([0, 'authority\none\n']);
  expect(() => statSync(file('none'))).toThrow(/ENOENT/);
});

test.each([
  [['730', '365', 'One=one'], '"One=one" is not SERVER=NAME,NAME in lower case'],
  [['730', '365', 'one=one;reboot'], '"one=one;reboot" is not SERVER=NAME,NAME in lower case'],
  [['365', '365', 'one=one'], 'fewer days before the end at which to renew'],
  [['x', '1', 'one=one'], 'give a folder, days of validity'],
])('%j is refused in a sentence, before anything is written', (words, sentence) => {
  const refused = spawnSync('/bin/bash', [ISSUER, file('none'), ...words], { encoding: 'utf8' });
  expect([refused.status, refused.stderr.trim().split('\n')]).toEqual([2, [expect.stringContaining(sentence)]]);
  expect(() => statSync(file('none'))).toThrow(/ENOENT/);
});
