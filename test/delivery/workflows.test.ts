import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { settings } from '../../facts/settings';

const ROOT = join(__dirname, '../..');
const read = (folder: string, name: string) => parse(readFileSync(join(ROOT, folder, name), 'utf8'));
const workflows = readdirSync(join(ROOT, '.github/workflows'));
const callers = readdirSync(join(ROOT, 'delivery/callers')).filter((name) => name.endsWith('.yml'));

interface Job {
  readonly needs?: string | string[];
  readonly permissions?: Record<string, string>;
  readonly 'timeout-minutes'?: number;
}

test('build-image has the three jobs of the specification, one after the other', () => {
  const { jobs } = read('.github/workflows', 'build-image.yml') as { jobs: Record<string, Job> };
  expect(Object.keys(jobs)).toEqual(['version', 'image', 'notify']);
  expect(jobs['image']!.needs).toBe('version');
  expect(jobs['notify']!.needs).toEqual(['version', 'image']);
});

test('build-image takes exactly the four inputs of the specification, all required', () => {
  const { inputs } = read('.github/workflows', 'build-image.yml').on.workflow_call;
  expect(Object.keys(inputs)).toEqual(['branch', 'tag-prefix', 'image-name', 'directory']);
  for (const input of Object.values(inputs)) expect(input).toMatchObject({ required: true, type: 'string' });
});

test('the image is built for arm64 alone, with provenance and a list of its contents', () => {
  const { jobs } = read('.github/workflows', 'build-image.yml');
  const build = jobs.image.steps.find((step: { uses?: string }) => step.uses?.startsWith('docker/build-push-action@'));
  expect(jobs.image['runs-on']).toMatch(/^ubuntu-[\d.]+-arm$/);
  expect(build.with).toMatchObject({ platforms: 'linux/arm64', push: true, provenance: 'mode=max', sbom: true });
});

test.each(workflows)('%s grants nothing by default and ends by itself', (name) => {
  const workflow = read('.github/workflows', name);
  expect(workflow.permissions).toEqual({});
  for (const job of Object.values(workflow.jobs as Record<string, Job>)) {
    expect(job.permissions).toBeDefined();
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  }
});

test.each(workflows)('%s pins every action by its full digest, with the version beside it', (name) => {
  const uses = readFileSync(join(ROOT, '.github/workflows', name), 'utf8').match(/(?<![\w-])uses: .*/g) ?? [];
  expect(uses.length).toBeGreaterThan(0);
  for (const use of uses) expect(use).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('there is a caller for each component, and none runs twice at a time on one branch', () => {
  expect(callers).toEqual(['django-api.yml', 'front-end.yml', 'idaes.yml']);
  for (const name of callers) {
    const caller = read('delivery/callers', name);
    expect(caller.concurrency).toEqual({
      group: '${{ github.workflow }}-${{ github.ref }}',
      'cancel-in-progress': false,
    });
    const component = name.replace('.yml', '');
    expect(caller.jobs.image.with).toEqual({
      branch: '${{ github.ref_name }}',
      'tag-prefix': component,
      'image-name': `ahuora/${component}`,
      directory: component,
    });
  }
});

test('every tier of the repository runs on a pull request', () => {
  const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts);
  const tiers = scripts.filter((script) => script.startsWith('test:')).map((script) => script.slice('test:'.length));
  const matrix = read('.github/workflows', 'pull-request.yml').jobs.tiers.strategy.matrix.tier;
  expect([...matrix].sort()).toEqual(tiers.sort());
});

test("the front end is built with the API's public address, from a file beside its Dockerfile and no input of the workflow", () => {
  const file = readFileSync(join(ROOT, 'delivery/callers/front-end/.env.production'), 'utf8');
  const values = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(values).toEqual([`VITE_API_URL=https://${settings.hosts.api}`]);
});

test('the page on protecting main names exactly the checks of a pull request', () => {
  const page = readFileSync(join(ROOT, 'docs/how-to/protect-main.md'), 'utf8');
  const { jobs } = read('.github/workflows', 'pull-request.yml');
  const tiers = jobs.tiers.strategy.matrix.tier.map((tier: string) => `Tier ${tier}`);
  const named = [...page.matchAll(/`((?:Tier |Tests )[^`]+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual([jobs.checks.name, ...tiers].sort());
});

test('a run for a commit of main is cancelled by none after it, a run for a pull request by the next', () => {
  const { concurrency } = read('.github/workflows', 'pull-request.yml');
  expect(concurrency).toEqual({
    group: "pull-request-${{ github.event_name == 'push' && github.sha || github.ref }}",
    'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
  });
});

test('whatever compiles Go takes the Go that the modules ask for, not the one that a machine happens to have', () => {
  const steps = (name: string, job: string): { uses?: string; run?: string; with?: Record<string, string> }[] =>
    read('.github/workflows', name).jobs[job].steps;
  for (const [name, job] of [
    ['pull-request.yml', 'tiers'],
    ['real-k3s.yml', 'install'],
  ] as const) {
    const setUp = steps(name, job).findIndex((step) => step.uses?.startsWith('actions/setup-go@'));
    const compiles = steps(name, job).findIndex((step) => /npm run "test:|install\.sh/.test(step.run ?? ''));
    expect([name, setUp > -1 && setUp < compiles]).toEqual([name, true]);
    expect(readFileSync(join(ROOT, steps(name, job)[setUp]!.with!['go-version-file']!), 'utf8')).toMatch(/^go 1\.\d+/m);
  }
});

// From a two-part version Go makes the name of a release that does not exist (golang/go#62278).
test.each(['crane', 'registry-mirror'])(
  'tools/%s, which users compile, asks for a release of Go that can be fetched',
  (folder) => {
    expect(readFileSync(join(ROOT, 'tools', folder, 'go.mod'), 'utf8')).toMatch(/^go 1\.\d+\.\d+$/m);
  },
);

test('the script for real K3s waits for what is rendered, and asks for no address that a headless Service has not', () => {
  const script = readFileSync(join(ROOT, 'test/real-k3s/platform.sh'), 'utf8');
  const rendered = readdirSync(join(ROOT, 'dist/platform')).flatMap((name) =>
    parseAllDocuments(readFileSync(join(ROOT, 'dist/platform', name), 'utf8')).map((document) => document.toJS()),
  );
  const named = [...script.matchAll(/^running ahuora (\w+)\/(\S+)$/gm)].map(([, kind, name]) => `${kind}/${name}`);
  expect(named.length).toBeGreaterThan(1);
  const objects = rendered.map((object) => `${String(object.kind).toLowerCase()}/${object.metadata.name}`);
  expect(named.filter((name) => !objects.includes(name))).toEqual([]);
  const [, friend] = /^ends ahuora friend (\S+) Succeeded/m.exec(script)!;
  const policy = rendered.find((object) => object.kind === 'NetworkPolicy' && object.metadata.name === 'postgres');
  expect(JSON.stringify(policy.spec.ingress)).toContain(`"${friend}"`);
  expect(script).not.toContain('clusterIP');
});
