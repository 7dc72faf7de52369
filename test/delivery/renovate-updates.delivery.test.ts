import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parseImage } from '../../lib/kubernetes/image';
import { versions } from '../../facts/chart-versions';
import { images } from '../../facts/images';
import { buildTool } from '../../tools/build';

// What Renovate would offer, found by Renovate itself against a stand-in of the registries and of the release page. The
// stand-in knows only what each test gives it; it proves nothing about the real ones' answers.

const ROOT = join(__dirname, '../..');
const FILES = ['facts/images.ts', 'facts/chart-versions.ts', 'ansible/inventory/group_vars/all/versions.yml'];
const INSTALL_TIMEOUT = 600_000;
const RUN_TIMEOUT = 180_000;

interface Update {
  readonly updateType: string;
  readonly newValue: string;
  readonly newDigest?: string;
  readonly pendingChecks?: boolean;
}

interface Dependency {
  readonly depName: string;
  readonly currentValue: string;
  readonly currentDigest?: string;
  readonly updates: readonly Update[];
}

let renovate: string;
let server: Server;
let address: string;
let folder: string;
let runs = 0;
let releases: readonly string[] = [];
let tags: Readonly<Record<string, readonly string[]>> = {};

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

beforeAll(async () => {
  renovate = await buildTool('renovate');
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/api/graphql') return response.end(JSON.stringify(releasePage()));
    if (request.url === '/v2/') return response.end('{}');
    const [, list] = /^\/v2\/(.+)\/tags\/list/.exec(request.url!) ?? [];
    if (list) return response.end(JSON.stringify({ name: list, tags: tags[list] ?? [] }));
    const [, repository, tag] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.url!) ?? [];
    if (!repository) return response.writeHead(404).end('{}');
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    response.setHeader('content-type', mediaType);
    response.setHeader('docker-content-digest', digestOf(`${repository}:${tag}`));
    return response.end(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, INSTALL_TIMEOUT);

afterAll(() => server?.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'renovate-updates-'));
  for (const file of FILES) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await cp(join(ROOT, file), join(folder, file));
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function releasePage() {
  const nodes = releases.map((version, id) => ({
    version,
    releaseTimestamp: '2026-01-01T00:00:00Z',
    isDraft: false,
    isPrerelease: false,
    url: `${address}/${version}`,
    id,
    name: version,
    description: '',
  }));
  return { data: { repository: { isRepoPrivate: false, payload: { nodes, pageInfo: { hasNextPage: false } } } } };
}

/** What Renovate finds with the repository's own settings; only where it looks is another place. */
async function lookUp(
  names: readonly string[],
  change: (config: Config) => void = () => undefined,
): Promise<Dependency[]> {
  const config = JSON.parse(await readFile(join(ROOT, 'renovate.json'), 'utf8')) as Config;
  change(config);
  config.packageRules.unshift(
    { matchPackageNames: names.map((name) => `!${name}`), enabled: false },
    { matchDatasources: ['docker', 'github-releases'], registryUrls: [address] },
  );
  await writeFile(join(folder, 'renovate.json'), JSON.stringify(config));
  const run = promisify(execFile);
  await run('git', ['init', '--quiet', folder]);
  await run('git', ['-C', folder, 'add', '--all']);
  const token = (matchHost: string) => ({ matchHost, hostType: 'github', token: 'none' });
  const { stdout } = await run(renovate, ['--platform=local', '--dry-run=lookup'], {
    cwd: folder,
    env: {
      HOME: folder,
      // Nothing remembered from the run before.
      RENOVATE_BASE_DIR: join(folder, '.git', `run-${(runs += 1)}`),
      PATH: [dirname(renovate), process.env['PATH']].join(delimiter),
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
      RENOVATE_HOST_RULES: JSON.stringify([
        token(`${address}/`),
        token('github.com'),
        { matchHost: '127.0.0.1', insecureRegistry: true },
      ]),
    },
    maxBuffer: 1 << 28,
  });
  const line = stdout.split('\n').find((each) => each.includes('"msg":"packageFiles with updates"'));
  if (!line) throw new Error(`Renovate looked nothing up: ${stdout.slice(-2000)}`);
  const found = JSON.parse(line).config as Record<string, { deps: Dependency[] }[]>;
  const dependencies = Object.values(found)
    .flat()
    .flatMap(({ deps }) => deps)
    .filter(({ depName }) => names.includes(depName));
  expect(dependencies.map(({ depName }) => depName).sort()).toEqual([...names].sort());
  return dependencies;
}

interface Config {
  packageRules: Record<string, unknown>[];
  customManagers: { autoReplaceStringTemplate?: string }[];
}

const offers = ({ updates }: Dependency) => updates.map(({ updateType, newValue }) => [updateType, newValue]);

describe('K3s', () => {
  const pinned = 'v1.34.4+k3s1';
  const k3s = async (...more: string[]) => {
    releases = [pinned, ...more];
    await pin(pinned);
    return (change?: (config: Config) => void) => lookUp(['k3s-io/k3s'], change).then(([found]) => offers(found!));
  };

  /** The test's own version, whatever the repository has pinned since. */
  async function pin(version: string): Promise<void> {
    const path = join(folder, FILES[2]!);
    const text = await readFile(path, 'utf8');
    const changed = text.replace(/^k3s_version: .*$/m, `k3s_version: ${version}`);
    expect(changed).toContain(`k3s_version: ${version}`);
    await writeFile(path, changed);
  }

  test(
    'a second build of one release is newer than the first',
    async () => {
      const offered = await k3s('v1.34.4+k3s2');
      expect(await offered()).toEqual([['patch', 'v1.34.4+k3s2']]);
    },
    RUN_TIMEOUT,
  );

  test(
    'the next minor version is offered and none after it',
    async () => {
      const offered = await k3s('v1.34.6+k3s1', 'v1.35.2+k3s1', 'v1.36.0+k3s1', 'v1.37.0-rc1+k3s1', 'v1.345.0+k3s1');
      expect(await offered()).toEqual([['minor', 'v1.35.2+k3s1']]);
      // Without the rule it would be skipped.
      const withoutTheRule = (config: Config) => {
        config.packageRules = config.packageRules.filter(
          ({ allowedVersions }) => !String(allowedVersions).includes('add minor'),
        );
      };
      expect(await offered(withoutTheRule)).toEqual([['minor', 'v1.345.0+k3s1']]);
    },
    RUN_TIMEOUT,
  );

  test(
    'where the next minor version has no release yet, nothing is offered',
    async () => {
      const offered = await k3s('v1.36.0+k3s1');
      expect(await offered()).toEqual([]);
    },
    RUN_TIMEOUT,
  );
});

describe('images', () => {
  const { repository, tag } = parseImage(images.djangoApi)!;

  test(
    'one that is pinned by tag alone is offered its digest, and the line then has both',
    async () => {
      tags = { [repository]: [tag!], 'quay.io/oauth2-proxy/oauth2-proxy': [] };
      const path = join(folder, 'facts/images.ts');
      await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/@sha256:[0-9a-f]{64}/g, ''));
      const [api] = await lookUp([repository]);
      expect(api!.updates).toEqual([
        expect.objectContaining({
          updateType: 'pinDigest',
          newValue: tag,
          newDigest: digestOf(`${repository}:${tag}`),
        }),
      ]);

      const [manager] = (JSON.parse(await readFile(join(ROOT, 'renovate.json'), 'utf8')) as Config).customManagers;
      const line = filledIn(manager!.autoReplaceStringTemplate!, { ...api!, ...api!.updates[0], datasource: 'docker' });
      expect(line).toBe(
        `'${repository}:${tag}@${digestOf(`${repository}:${tag}`)}', // renovate: datasource=docker depName=${repository} versioning=docker`,
      );
      const before = await readFile(path, 'utf8');
      await writeFile(path, before.replace(/'ahuora\/django-api:[^\n]*/, line));
      const [again] = await lookUp([repository]);
      expect(again).toMatchObject({ currentValue: tag, currentDigest: digestOf(`${repository}:${tag}`), updates: [] });
    },
    RUN_TIMEOUT,
  );

  test(
    'a registry that states no time of a push holds no update back for ever',
    async () => {
      const name = 'quay.io/argoproj/argocd';
      const pinned = versions.argoCdImage.split('@')[0]!;
      const newer = pinned.replace(/\d+$/, '9999');
      tags = { [name]: [pinned, newer] };
      // Another address, so that the stand-in is asked under the image's own name.
      const elsewhere = {
        matchPackageNames: [name],
        overridePackageName: `${address.slice('http://'.length)}/${name}`,
      };
      const pending = async (withRule: boolean) => {
        const [argoCd] = await lookUp([name], (config) => {
          const concerns = ({ matchPackageNames: [first] = [] }: { matchPackageNames?: string[] }) =>
            first === 'quay.io/**';
          if (!withRule) config.packageRules = config.packageRules.filter((rule) => !concerns(rule));
          config.packageRules.push(elsewhere);
        });
        return argoCd!.updates.map(({ newValue, pendingChecks = false }) => [newValue, pendingChecks]);
      };
      expect(await pending(true)).toContainEqual([newer, false]);
      expect(await pending(false)).toContainEqual([newer, true]);
    },
    RUN_TIMEOUT,
  );
});

/** The two forms of Handlebars that the template has. */
function filledIn(template: string, values: Readonly<Record<string, unknown>>): string {
  return template
    .replace(/{{#if (\w+)}}(.*?)(?:{{else}}(.*?))?{{\/if}}/g, (_all, name: string, yes: string, no = '') =>
      values[name] ? yes : no,
    )
    .replace(/{{{(\w+)}}}/g, (_all, name: string) => String(values[name]));
}
