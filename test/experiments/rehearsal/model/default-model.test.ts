import type { LooseObject } from '../../../fixtures/loose';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readBuiltFolder } from '../../../../lib/kubernetes/built-folder';
import { parseQuantity } from '../../../../lib/kubernetes/quantity';
import { BASELINE, EXPERIMENTS, expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import {
  clusterModel,
  composeModel,
  liveModel,
  localModel,
} from '../../../../experiments/rehearsal/model/default-model';
import { renderedPlatform } from '../../../../experiments/rehearsal/model/rendered-platform';
import { nodeObjects as inventoryNodes } from '../../../cluster/nodes';
import { fitToMachine } from '../../../live/manifests';
import { BLOCKING_THREADS } from '../../../fixtures/reference-api/backing-services';

const DIST = path.join(__dirname, '../../../../dist');

let dist: string;
beforeEach(() => {
  dist = mkdtempSync(path.join(os.tmpdir(), 'rendered-'));
  for (const folder of ['platform', 'compose', 'workloads/base']) {
    cpSync(path.join(DIST, folder), path.join(dist, folder), { recursive: true });
  }
});
afterEach(() => rmSync(dist, { recursive: true, force: true }));

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path.join(dist, file), 'utf8');
  expect(text).toMatch(from);
  writeFileSync(path.join(dist, file), text.replace(from, to));
}

test('what the manifests set is what the simulated cluster plays', () => {
  edit('workloads/base/django-api.yaml', /limits:\n\s+cpu: "2"/, 'limits: { cpu: 1500m }\n            ignored:');
  edit('workloads/base/django-api.yaml', 'sleep:\n                seconds: 5', 'sleep: { seconds: 7 }');
  edit('workloads/base/idaes.yaml', 'terminationGracePeriodSeconds: 30', 'terminationGracePeriodSeconds: 45');
  edit('workloads/base/idaes.yaml', 'periodSeconds: 2\n', 'periodSeconds: 3\n');
  edit('platform/postgres.yaml', /- worker-1\n/, '- worker-4\n');
  edit('platform/postgres.yaml', /requests:\n\s+cpu: "1"/, 'requests:\n              cpu: 700m');
  edit('platform/pgbouncer.yaml', 'default_pool_size = 35', 'default_pool_size = 20');
  edit('platform/pgbouncer.yaml', 'replicas: 2', 'replicas: 3');
  edit('platform/gateway.yaml', 'kubernetes.io/hostname: control', 'kubernetes.io/hostname: worker-2');
  const { processes, database, gateway } = clusterModel(renderedPlatform(dist));
  expect(processes['django-api']).toMatchObject({ limitMillicores: 1500, preStopSeconds: 7, gracePeriodSeconds: 30 });
  expect(processes.idaes).toMatchObject({ limitMillicores: 2000, probePeriodSeconds: 3, gracePeriodSeconds: 45 });
  expect(database).toMatchObject({ node: 'worker-4', requestMillicores: 700, requestMemoryMiB: 1024, poolSize: 60 });
  expect(gateway?.node).toBe('worker-2');
});

test('limits of what stands around the API are those of the manifests', () => {
  const rendered = clusterModel(renderedPlatform(dist));
  // PgBouncer's one thread has a whole core by its limit.
  expect(rendered.database.limitMillicores).toBe(3000);
  edit('platform/postgres.yaml', 'cpu: "3"', 'cpu: 1500m');
  edit('platform/pgbouncer.yaml', /limits:\n\s+cpu: "1"/, 'limits:\n              cpu: 500m');
  edit('platform/oauth2-proxy.yaml', /limits:\n\s+cpu: "1"/, 'limits:\n              cpu: 700m');
  edit('platform/oauth2-proxy.yaml', 'replicas: 1', 'replicas: 2');
  edit('platform/gateway.yaml', 'cpu: 250m', 'cpu: 300m');
  const { database, authentication, gateway } = clusterModel(renderedPlatform(dist));
  expect(database.limitMillicores).toBe(1500);
  expect(database.poolerMs).toBeCloseTo(2 * rendered.database.poolerMs, 9);
  expect(authentication).toMatchObject({ node: 'control', limitMillicores: 1400, requestMillicores: 200 });
  expect(gateway?.requestMillicores).toBe(300);
});

test('where the manifests set no limit, none is played', () => {
  for (const [file, limit] of [
    ['postgres', '"3"'],
    ['pgbouncer', '"1"'],
    ['oauth2-proxy', '"1"'],
  ])
    edit(`platform/${file}.yaml`, new RegExp(`limits:\\n\\s+cpu: ${limit}\\n`), 'limits:\n');
  edit('platform/gateway.yaml', /requests:\n\s+cpu: 250m\n/, 'requests:\n');
  const { database, authentication, gateway } = clusterModel(renderedPlatform(dist));
  expect([database.limitMillicores, authentication!.limitMillicores]).toEqual([undefined, undefined]);
  expect(database.poolerMs).toBe(clusterModel().database.poolerMs);
  expect(gateway!.requestMillicores).toBe(2);
});

test('OAuth2 Proxy is asked where the ingress of the API says so, and only there', () => {
  expect(clusterModel(renderedPlatform(dist)).authentication).toBeDefined();
  // The front end's ingress still asks; the API's does not.
  edit(
    'platform/gateway.yaml',
    'ahuora_django-cors@kubernetescrd,ahuora_oauth-forwarder@kubernetescrd',
    'ahuora_django-cors@kubernetescrd',
  );
  expect(clusterModel(renderedPlatform(dist)).authentication).toBeUndefined();
});

test.each([
  ['command: [granian, --workers, "2", --blocking-threads=4]', 2, 4],
  ['args: ["--blocking-threads", "16"]', 1, 16],
  ['command: [sh, -c, "exec granian --workers 3 --blocking-threads 5 app:app"]', 3, 5],
])('what Granian is told is what is played: %s', (line, processes, threads) => {
  edit(
    'workloads/base/django-api.yaml',
    '- name: django-api\n          env:',
    `- name: django-api\n          ${line}\n          env:`,
  );
  const model = clusterModel(renderedPlatform(dist));
  expect(model.processes['django-api']).toMatchObject({ processes, threads });
  expect(model.assumed).not.toContain('threads');
});

test('Granian’s variables count where no argument says otherwise', () => {
  const variable = '- { name: GRANIAN_BLOCKING_THREADS, value: "24" }';
  edit('workloads/base/idaes.yaml', /\n( +)env:\n/, `\n$1env:\n$1  ${variable}\n`);
  expect(clusterModel(renderedPlatform(dist)).processes.idaes.threads).toBe(24);
});

test('the gateway’s throttle is Traefik’s default unless its arguments set it', () => {
  expect(clusterModel(renderedPlatform(dist)).pods.gatewayThrottleSeconds).toBe(2);
  edit(
    'platform/gateway.yaml',
    '- --accesslog=true',
    '- --providers.providersThrottleDuration=500ms\n      - --accesslog=true',
  );
  expect(clusterModel(renderedPlatform(dist)).pods.gatewayThrottleSeconds).toBe(0.5);
  edit('platform/gateway.yaml', 'Duration=500ms', 'Duration=soon');
  expect(() => renderedPlatform(dist)).toThrow(/gateway.yaml.*providersthrottleduration=soon is not understood/);
});

test('under Docker Compose one pooler has the whole pool, and only limits of the Compose file hold', () => {
  expect(composeModel().processes['django-api'].limitMillicores).toBeUndefined();
  edit('compose/compose.yaml', 'image: ahuora/idaes', 'cpus: 1.5\n    image: ahuora/idaes');
  edit('compose/compose.yaml', 'default_pool_size = 70', 'default_pool_size = 50');
  const { processes, database } = composeModel(renderedPlatform(dist));
  expect(processes.idaes.limitMillicores).toBe(1500);
  expect(database.poolSize).toBe(50);
});

test.each([
  ['platform/pgbouncer.yaml', 'default_pool_size', 'pool_size', 'data.pgbouncer.ini: has no default_pool_size'],
  ['workloads/base/idaes.yaml', 'startupProbe', 'probe', 'spec.template.spec.containers.0.startupProbe'],
  ['platform/gateway.yaml', 'kubernetes.io/hostname', 'kubernetes.io/arch', 'nodeSelector.kubernetes.io/hostname'],
])('a setting that %s no longer has is named with its file and field', (file, from, to, sentence) => {
  edit(file, from, to);
  expect(() => renderedPlatform(dist)).toThrow(sentence);
  expect(() => renderedPlatform(dist)).toThrow(`dist/${file}, `);
});

test('a missing file is named, and what makes it', () => {
  rmSync(path.join(dist, 'platform/postgres.yaml'));
  expect(() => renderedPlatform(dist)).toThrow(/^dist\/platform\/postgres.yaml cannot be read.*npm run synth/);
});

test('limits and probes are those of every variant of the cluster, since none lays anything over them', () => {
  const base = readBuiltFolder(DIST, 'workloads/base');
  const read = (objects: readonly LooseObject[]) =>
    ['django-api', 'idaes'].map((name) => {
      const { spec } = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)!;
      const [{ resources, lifecycle, startupProbe }] = spec.template.spec.containers;
      return [resources.limits, lifecycle, startupProbe, spec.template.spec.terminationGracePeriodSeconds];
    });
  const rows = EXPERIMENTS.flatMap(({ variants }) => variants).filter(({ site }) => site === 'cluster');
  for (const { name } of rows)
    expect([name, read(readBuiltFolder(DIST, `workloads/${name}`))]).toEqual([name, read(base)]);
});

test('the simulated nodes offer pods what the kubelets of the inventory’s hosts do', () => {
  const offered = inventoryNodes().map(({ metadata, status: { capacity, allocatable } }) => ({
    name: metadata.name,
    cores: Number(capacity.cpu),
    cpuMillicores: Math.round(parseQuantity(allocatable.cpu)! * 1000),
    memoryMiB: parseQuantity(allocatable.memory)! / 2 ** 20,
  }));
  const nodes = clusterModel().nodes.map(({ name, cores, memoryMiB, reservedMillicores, reservedMemoryMiB }) => ({
    name,
    cores,
    cpuMillicores: cores * 1000 - reservedMillicores,
    memoryMiB: memoryMiB - reservedMemoryMiB,
  }));
  expect(nodes).toEqual(offered);
});

test('pods have the threads of the reference API’s processes, on the cluster and in a local trial', () => {
  for (const { processes } of [clusterModel(), composeModel(), localModel(4)]) {
    expect([processes['django-api'].threads, processes.idaes.threads]).toEqual([BLOCKING_THREADS, BLOCKING_THREADS]);
  }
});

test('on the live cluster everything shares the machine’s cores, and pods ask for the share that its manifests are fitted to', () => {
  const { nodes, gateway, authentication, database, requestedShare } = liveModel(2);
  expect(nodes.map(({ cores }) => cores)).toEqual([2]);
  expect([gateway?.node, authentication?.node, database.node]).toEqual(Array(3).fill(nodes[0].name));
  const { text } = fitToMachine('resources: { requests: { cpu: 1000m } }', 'a.yaml');
  expect(text).toContain(`cpu: ${1000 * requestedShare!}m`);
});

test('pods ask for what the plan says', () => {
  const [trial] = expandTrials();
  expect(trialInput(trial, 1).settings.idaes).toEqual(BASELINE.idaes);
});
