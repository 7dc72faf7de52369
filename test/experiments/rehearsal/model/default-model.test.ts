import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readBuiltFolder } from '../../../../lib/kubernetes/built-folder';
import type { KubernetesObject } from '../../../../lib/kubernetes/object';
import { parseQuantity } from '../../../../lib/kubernetes/quantity';
import { BASELINE, EXPERIMENTS, expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { clusterModel, composeModel, localModel } from '../../../../experiments/rehearsal/model/default-model';
import { renderedPlatform } from '../../../../experiments/rehearsal/model/rendered-platform';
import { nodeObjects as inventoryNodes } from '../../../cluster/nodes';
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
  const read = (objects: readonly KubernetesObject[]) =>
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

test('pods ask for what the plan says', () => {
  const [trial] = expandTrials();
  expect(trialInput(trial, 1).settings.idaes).toEqual(BASELINE.idaes);
});
