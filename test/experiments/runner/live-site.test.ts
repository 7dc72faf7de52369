import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLiveSite, type LiveSite } from '../../../experiments/runner/sites/live/live-site';

const SITE: LiveSite = {
  url: 'https://127.0.0.1:1',
  apiHost: 'api.example',
  authHost: 'auth.example',
  cookie: 'session=1',
  kubectl: '/bin/kubectl',
  kubeconfig: '/tmp/kubeconfig',
  dist: '/tmp/dist',
  prometheus: 'http://127.0.0.1:2',
  process: process.pid,
  facts: { origin: 'measured here' },
};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'live-site-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function site(content: object | string, mode = 0o600): string {
  const file = join(folder, 'site.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return file;
}

test('a live cluster that runs is found as it said', () => {
  expect(readLiveSite(site(SITE))).toEqual(SITE);
});

test.each<[string, () => string, RegExp]>([
  ['that is not there', () => join(folder, 'none.json'), /No live cluster runs here.*npm run measure -- --keep/],
  ['whose process is gone', () => site({ ...SITE, process: 4_194_000 }), /has ended/],
  ['that others may read', () => site(SITE, 0o644), /chmod 600/],
  ['that lacks a field', () => site({ ...SITE, cookie: undefined }), /field cookie/],
  ['that is no JSON', () => site('{'), /cannot be read as JSON/],
])('one %s is refused in one sentence', (_, file, sentence) => {
  expect(() => readLiveSite(file())).toThrow(sentence);
});
