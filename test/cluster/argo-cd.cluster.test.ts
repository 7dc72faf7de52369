import type { LooseObject } from '../fixtures/loose';
import { join } from 'node:path';
import { parse } from 'yaml';
import { EXPERIMENTS, type Variant } from '../../experiments/plan';
import { KubernetesCluster } from '../../experiments/runner/sites/cluster/kubernetes-cluster';
import { buildTool } from '../../tools/build';
import { applicationBecomes, applicationStatus, applicationSynced } from './application';
import { applyObjects, installPrerequisites } from './apply';
import { startArgoCd, type ArgoCd, type ArgoCdConfiguration } from './argo-cd';
import { startControlPlane, type ControlPlane } from './control-plane';
import type { Daemon } from './daemon';
import { eventually } from './eventually';
import { startGitServer, type GitServer } from './git-server';
import { operatorKubeconfig, runStep, stepsOf } from './recipe';
import { startIngressController } from './ingress-status';
import { isProtected, nameOf, parseObjects, readTree } from './manifests';
import { distAt } from './repository';
import { changedFields } from './changed-fields';
import { declaredPaths } from './declared-paths';

jest.setTimeout(240_000);

const POLL_SECONDS = 3;
const OWN_APPLICATIONS = ['root', 'platform', 'workloads'] as const;

let cluster: ControlPlane;
let git: GitServer;
let argoCd: ArgoCd;
let ingressController: Daemon;
/** What `main` of the test's repository holds, by path. */
let files: Record<string, string>;
let head: string;
/** Whether the first sync went through: without it, every later test would only wait in vain. */
let isUp = false;

beforeAll(async () => {
  cluster = await startControlPlane();
  ingressController = await startIngressController(cluster, '192.168.100.121');
  git = await startGitServer(cluster.folder);
  files = distAt(git.url);
  head = await git.commit('feat: the platform', files);
  argoCd = await startArgoCd(cluster, argoCdConfiguration(), POLL_SECONDS);
  await install();
});

afterAll(async () => {
  await argoCd?.stop();
  await ingressController?.stop();
  await git?.stop();
  await cluster?.stop();
});

/** What Ansible does at installation time: namespaces, Secrets, and the root Application with the projects it needs. */
async function install(): Promise<void> {
  await installPrerequisites(cluster);
  const seeds = objectsOf('dist/argocd').filter(
    (object) => object.kind === 'AppProject' || object.metadata.name === 'root',
  );
  const { status, stderr } = await applyObjects(cluster, seeds);
  if (status !== 0) throw new Error(stderr);
}

beforeEach(() => {
  const { currentTestName = '' } = expect.getState();
  if (!isUp && !currentTestName.startsWith('the root Application syncs'))
    throw new Error('the first sync failed, see the test of the root Application');
});

describe('the root Application', () => {
  test('syncs this repository: platform and workloads follow from it, are healthy, and carry no error or warning', async () => {
    for (const name of OWN_APPLICATIONS.slice(1)) await applicationSynced(cluster, name, head, 150_000);
    const root = await applicationBecomes(
      cluster,
      'root',
      (status) => status.sync === 'Synced' && status.revision === head,
      'is synced',
    );
    const others = await Promise.all(OWN_APPLICATIONS.map((name) => applicationStatus(cluster, name)));
    expect([root, ...others].flatMap((status) => status.conditions)).toEqual([]);
    expect(await count('deployments')).toBeGreaterThan(0);
    isUp = true;
  });

  test('comes to rest: while nothing changes, no Application is synced again', async () => {
    const lastSyncs = async () =>
      Object.fromEntries(
        await Promise.all(
          OWN_APPLICATIONS.map(async (name) => [name, (await applicationStatus(cluster, name)).operationStarted]),
        ),
      );
    const before = await lastSyncs();
    await new Promise((resolve) => setTimeout(resolve, 4 * POLL_SECONDS * 1000));
    expect(await lastSyncs()).toEqual(before);
  });

  test("brings up Argo CD's own chart and the monitoring Application too", async () => {
    const live = await cluster.kubectl(['get', 'applications,helmcharts', '-A', '-o', 'name']);
    for (const object of objectsOf('dist/argocd').filter(({ kind }) => kind === 'Application' || kind === 'HelmChart'))
      expect(live).toContain(`/${object.metadata.name}\n`);
  });
});

describe('drift', () => {
  test('an image changed by hand is put back', async () => {
    const image = await imageOf('django-api');
    await cluster.kubectl(['set', 'image', 'deployment/django-api', '-n', 'ahuora', '*=ahuora/django-api:0.0.1']);
    expect(await imageOf('django-api')).not.toBe(image);
    await eventually('the image is back', async () => (await imageOf('django-api')) === image);
  });

  test('a deleted Service comes back', async () => {
    await cluster.kubectl(['delete', 'service', 'django-api', '-n', 'ahuora']);
    await eventually(
      'the Service is back',
      async () => (await cluster.tryKubectl(['get', 'service', 'django-api', '-n', 'ahuora'])).status === 0,
    );
  });

  test('the replica count that an autoscaler sets is no drift and stays', async () => {
    await applicationSynced(cluster, 'workloads', head);
    await cluster.kubectl(['scale', 'deployment/django-api', '-n', 'ahuora', '--replicas=3']);
    // Two polls and a self-heal would have happened by then.
    await new Promise((resolve) => setTimeout(resolve, 3 * POLL_SECONDS * 1000));
    expect(
      await cluster.kubectl(['get', 'deployment/django-api', '-n', 'ahuora', '-o', 'jsonpath={.spec.replicas}']),
    ).toBe('3');
    expect((await applicationStatus(cluster, 'workloads')).sync).toBe('Synced');
  });
});

describe('commits', () => {
  test('a commit is picked up by polling and rolled out', async () => {
    const path = 'dist/workloads/base/idaes.yaml';
    const good = files[path]!;
    const tag = /image: .*idaes:(\S+?)["']?$/m.exec(good)![1]!;
    await commit('fix: a newer solver', { [path]: good.replace(`idaes:${tag}`, 'idaes:9.9.9') });
    await applicationSynced(cluster, 'workloads', head);
    expect(await imageOf('idaes')).toContain('idaes:9.9.9');
    await commit('fix: back to the solver before', { [path]: good });
    await applicationSynced(cluster, 'workloads', head);
    expect(await imageOf('idaes')).toContain(`idaes:${tag}`);
  });

  test('a commit that is not YAML leaves the last good state, and the next good one is synced', async () => {
    const before = await specs();
    const good = files['dist/platform/front-end.yaml']!;
    await commit('fix: a broken file', { 'dist/platform/front-end.yaml': `${good}\n  : [` });
    await applicationBecomes(
      cluster,
      'platform',
      (status) => status.conditions.some((each) => each.startsWith('ComparisonError')),
      'reports the broken file',
    );
    expect(await specs()).toEqual(before);
    await commit('fix: correct the file', { 'dist/platform/front-end.yaml': good });
    await applicationSynced(cluster, 'platform', head);
    expect(await specs()).toEqual(before);
  });

  test('a commit that the API server refuses stays visible, leaves the last good state, and the next good one is synced', async () => {
    const before = await specs();
    const path = 'dist/workloads/base/django-api.yaml';
    const good = files[path]!;
    await commit('fix: a port that cannot be', { [path]: good.replace(/containerPort: \d+/, 'containerPort: 99999') });
    await applicationBecomes(
      cluster,
      'workloads',
      (status) => /99999/.test(status.operationMessage) || status.conditions.some((each) => each.includes('99999')),
      'reports the refused object',
    );
    // Not at the first look alone: it is refused for as long as it is there.
    await new Promise((resolve) => setTimeout(resolve, 3 * POLL_SECONDS * 1000));
    const { sync, operationMessage } = await applicationStatus(cluster, 'workloads');
    expect([sync, operationMessage]).toEqual(['OutOfSync', expect.stringContaining('99999')]);
    expect(await specs()).toEqual(before);
    await commit('fix: correct the port', { [path]: good });
    await applicationSynced(cluster, 'workloads', head, 150_000);
    expect(await specs()).toEqual(before);
  });

  test('a roll-out that never becomes healthy holds up the commit that fixes it only until the sync is given up', async () => {
    const timeout = 'controller.sync.timeout.seconds';
    expect(Number(argoCdConfiguration().params[timeout])).toBeGreaterThan(0);
    await argoCd.restartController({ [timeout]: '20' });
    // A new object, in an early wave: of one that is there already Argo CD may still hold the state before the change, and not wait.
    const [stuck, frontEnd] = ['dist/platform/stuck.yaml', 'dist/platform/front-end.yaml'] as const;
    const pooler = files['dist/platform/pgbouncer.yaml']!.split(/^---$/m).find((each) =>
      /^kind: Deployment$/m.test(each),
    )!;
    await commit('fix: a processor that no node has', {
      [stuck]: pooler
        .replaceAll(/(name: )pgbouncer$/gm, '$1stuck')
        .replace('kubernetes.io/arch: arm64', 'kubernetes.io/arch: riscv64'),
      [frontEnd]: files[frontEnd]!.replace('revisionHistoryLimit: 3', 'revisionHistoryLimit: 4'),
    });
    await applicationBecomes(
      cluster,
      'platform',
      (status) =>
        status.operation === 'Running' &&
        status.operationMessage.includes('waiting for healthy state of apps/Deployment/stuck'),
      'waits for the roll-out',
    );
    await commit('fix: none of it', { [stuck]: undefined, [frontEnd]: files[frontEnd]! });
    await applicationSynced(cluster, 'platform', head);
    await argoCd.restartController({});
  });

  test('a migration that fails holds back the version that it is for, however often the sync is tried, and the next commit is rolled out', async () => {
    const [migration, api] = ['dist/workloads/base/database-migration.yaml', 'dist/workloads/base/django-api.yaml'] as const; // prettier-ignore
    const good = { [migration]: files[migration]!, [api]: files[api]! };
    const image = await imageOf('django-api');
    const next = (text: string) => text.replaceAll(/ahuora\/django-api:\S+?(?=["']?$)/gm, 'ahuora/django-api:9.9.9');
    const failing = next(good[migration]!)
      .replace(/name: database-migration-\S+/, 'name: database-migration-9-9-9-fails')
      .replace(/backoffLimit: \d+/, 'backoffLimit: 0')
      .replace(/^ {4}metadata:$/m, '    metadata:\n      annotations:\n        outcome: failure');
    await commit('feat: a version whose migration fails', { [migration]: failing, [api]: next(good[api]!) });
    // Tried at once and after 10, 20 and 40 s: each try finds the Job as it is in git, and failed.
    await applicationBecomes(
      cluster,
      'workloads',
      (status) => status.operationRevision === head && status.retries >= 3,
      'has tried three times more',
      150_000,
    );
    expect(await imageOf('django-api')).toBe(image);

    await commit('fix: the version before', good);
    await applicationSynced(cluster, 'workloads', head, 150_000);
    expect(await imageOf('django-api')).toBe(image);
  });

  test('a folder that became empty prunes nothing', async () => {
    const folder = Object.keys(files).filter((path) => path.startsWith('dist/workloads/production/'));
    const contents = Object.fromEntries(folder.map((path) => [path, files[path]!]));
    const before = await specs();
    await commit('fix: an empty folder', {
      ...Object.fromEntries(folder.map((path) => [path, undefined])),
      'dist/workloads/production/README.md': 'empty',
    });
    await applicationBecomes(
      cluster,
      'workloads',
      (status) => status.revision === head || status.conditions.length > 0,
      'has seen the empty folder',
    );
    await new Promise((resolve) => setTimeout(resolve, 2 * POLL_SECONDS * 1000));
    expect(await specs()).toEqual(before);
    await commit('fix: the folder is back', { ...contents, 'dist/workloads/production/README.md': undefined });
    await applicationSynced(cluster, 'workloads', head);
  });
});

describe('switching the variant', () => {
  const variants = variantsToSwitchTo();

  test.each(variants.map((variant) => [variant.name, variant] as const))(
    'the path %s changes exactly the fields that its row declares, and the root Application leaves the choice alone',
    async (name, variant) => {
      await selectVariant('production');
      const before = await workloadSpecs();
      await selectVariant(name);
      const after = await workloadSpecs();
      const declared = declaredPaths(variant);
      expect(declared.length).toBeGreaterThan(0);
      expect(fieldsWithin(declared, changedFields(before, after))).toEqual(declared);

      const root = await applicationBecomes(cluster, 'root', (status) => status.sync === 'Synced', 'is synced');
      expect(root.conditions).toEqual([]);
      expect(
        await cluster.kubectl([
          'get',
          'application',
          'workloads',
          '-n',
          'argocd',
          '-o',
          'jsonpath={.spec.source.path}',
        ]),
      ).toBe(`dist/workloads/${name}`);

      await selectVariant('production');
      expect(changedFields(before, await workloadSpecs())).toEqual([]);
    },
  );
});

describe('recipes of the pages, typed literally as the person on ingress', () => {
  /** The simulated nodes have no logs, and no host is at hand for Ansible. */
  const cannotRunHere = /^kubectl .* logs |^ansible-playbook /;
  let kubeconfig: string;
  let left: string[];

  beforeAll(async () => {
    kubeconfig = await operatorKubeconfig(cluster);
  });

  async function type(commands: readonly string[]): Promise<void> {
    left = commands.filter((command) => cannotRunHere.test(command));
    await runStep(
      kubeconfig,
      commands.filter((command) => !cannotRunHere.test(command)),
    );
  }

  const selfHeals = async (application: string) =>
    (await cluster.kubectl(['get', 'application', application, '-n', 'argocd', '-o', 'jsonpath={.spec.syncPolicy.automated.enabled}'])) === 'true'; // prettier-ignore
  const replicas = async (workload: string) =>
    cluster.kubectl(['get', workload, '-n', 'ahuora', '-o', 'jsonpath={.spec.replicas}']);
  const severalPolls = () => new Promise((resolve) => setTimeout(resolve, 4 * POLL_SECONDS * 1000));

  test('the database: restore', async () => {
    const [stop, restore, migrate, start] = stepsOf('database.md', 'Restore');
    const migrations = async () =>
      cluster.kubectl(['get', 'job', '-n', 'ahuora', '-l', 'app.kubernetes.io/name=database-migration', '-o', 'jsonpath={.items[*].metadata.uid}']); // prettier-ignore
    const before = await migrations();

    await type(stop!);
    await severalPolls();
    expect([await replicas('deployment/django-api'), await selfHeals('root'), await selfHeals('workloads')]).toEqual([
      '0',
      false,
      false,
    ]);

    await type(restore!);
    expect(left).toEqual(['kubectl --namespace ahuora logs job/postgres-restore-by-hand']);
    expect(await replicas('deployment/django-api')).toBe('0');

    await type(migrate!);
    expect(await migrations()).not.toBe(before);
    expect(await migrations()).not.toBe('');

    await type(start!);
    await eventually(
      'root has ended both pauses',
      async () => (await selfHeals('root')) && (await selfHeals('workloads')),
      150_000,
    );
    await applicationSynced(cluster, 'workloads', head);
    expect(Number(await replicas('deployment/django-api'))).toBeGreaterThan(0);
  });

  test('restore Postgres to another node', async () => {
    const page = stepsOf('how-to/restore-postgres-to-another-node.md');
    const [dump, pauseBoth, folder, letGo, resume] = page;
    expect(page).toHaveLength(5);
    const volumeNode = () =>
      cluster.kubectl(['get', 'persistentvolume', 'postgres', '-o', 'jsonpath={.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]}']); // prettier-ignore
    const old = await volumeNode();
    const path = 'dist/platform/postgres.yaml';
    const moved = files[path]!.replaceAll(`- ${old}\n`, '- worker-5\n');
    expect(moved).not.toBe(files[path]);

    await type(dump!);
    await type(pauseBoth!);
    await commit('feat: the database moves to another node', { [path]: moved });
    await applicationBecomes(cluster, 'platform', ({ revision }) => revision === head, 'has seen the new commit');
    await severalPolls();
    // Nothing was tried, so nothing was given up.
    expect((await applicationStatus(cluster, 'platform')).operationRevision).not.toBe(head);
    expect(await volumeNode()).toBe(old);
    await type(folder!);
    expect(left).toHaveLength(folder!.length);
    await type(letGo!);
    await type(resume!);
    await applicationSynced(cluster, 'platform', head);
    expect(await volumeNode()).toBe('worker-5');
    expect(await cluster.kubectl(['get', 'pod', 'postgres-0', '-n', 'ahuora', '-o', 'jsonpath={.spec.nodeName}'])).toBe(
      'worker-5',
    );
  });
});

describe('removal', () => {
  test('a file taken out of the repository is pruned, and protected kinds stay', async () => {
    const protectedFiles = Object.keys(files).filter(
      (path) => path.startsWith('dist/platform/') && parseObjects(files[path]!).some(isProtected),
    );
    const kept = protectedFiles.flatMap((path) => parseObjects(files[path]!).filter(isProtected));
    const pruned = ['dist/platform/front-end.yaml', ...protectedFiles];
    const gone = pruned.flatMap((path) => parseObjects(files[path]!).filter((object) => !isProtected(object)));
    await commit('feat: without these', Object.fromEntries(pruned.map((path) => [path, undefined])));
    await eventually('the removed objects are gone', async () =>
      (await Promise.all(gone.map(exists))).every((found) => !found),
    );
    await new Promise((resolve) => setTimeout(resolve, 2 * POLL_SECONDS * 1000));

    const missing = [];
    for (const object of kept) if (!(await exists(object))) missing.push(nameOf(object));
    expect(missing).toEqual([]);
    expect([...new Set(kept.map((object) => object.kind))].sort()).toEqual([
      'Namespace',
      'PersistentVolume',
      'PersistentVolumeClaim',
    ]);
  });
});

/** How the platform configures Argo CD, from the values of its chart. */
function argoCdConfiguration(): ArgoCdConfiguration {
  const chart = readTree('argocd').find((object) => object.kind === 'HelmChart' && object.metadata.name === 'argo-cd')!;
  return (parse(chart['spec'].valuesContent as string) as { configs: ArgoCdConfiguration }).configs;
}

/** One autoscaled variant and one with fixed replicas, whose autoscaler must go. */
function variantsToSwitchTo(): Variant[] {
  const variants = EXPERIMENTS.flatMap((experiment) => experiment.variants).filter(
    (variant) => variant.site === 'cluster' && variant.name !== 'production',
  );
  const fixed = variants.find((variant) => variant.settings['django-api'].replicas === 2)!;
  const autoscaled = variants.find((variant) => variant.varies['django-api']?.includes('targetCpuPercent'))!;
  return [autoscaled, fixed];
}

/** Each changed path by the declared field that it is part of, or as it is when no declared field holds it. */
function fieldsWithin(declared: readonly string[], changed: readonly string[]): string[] {
  const owner = (path: string) =>
    declared.find((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
  return [...new Set(changed.map((path) => owner(path) ?? path))].sort();
}

/** Switches as the runner of the experiments does, through its own port, and waits until that says the roll-out is settled. */
async function selectVariant(name: string): Promise<void> {
  const port = new KubernetesCluster({
    url: '',
    namespace: 'ahuora',
    dist: join(__dirname, '../../dist'),
    delivery: 'argo-cd',
    kubeconfig: cluster.kubeconfig,
    command: await buildTool('kubectl'),
    settleMs: 90_000,
  });
  const variant = { ...EXPERIMENTS[0]!.variants[0]!, name };
  await port.select(variant);
  // The autoscalers have no metrics here and scale nothing: what a load before has left is taken back by hand.
  const scaleDown = setInterval(() => void scaleToMinimum(), 2000);
  await port.settled(variant, new AbortController().signal).finally(() => clearInterval(scaleDown));
  expect(await port.differences(variant)).toEqual([]);
  await applicationBecomes(
    cluster,
    'workloads',
    (status) =>
      status.sync === 'Synced' &&
      status.health === 'Healthy' &&
      status.operation === 'Succeeded' &&
      status.comparedPath === `dist/workloads/${name}`,
    `runs ${name}`,
  );
}

async function scaleToMinimum(): Promise<void> {
  const autoscalers = await cluster.tryKubectl(['get', 'hpa', '-n', 'ahuora', '-o', 'json']);
  if (autoscalers.status !== 0) return;
  for (const { spec } of (JSON.parse(autoscalers.stdout) as { items: LooseObject[] }).items)
    await cluster.tryKubectl([
      'scale',
      `deployment/${spec.scaleTargetRef.name}`,
      '-n',
      'ahuora',
      `--replicas=${spec.minReplicas}`,
    ]);
}

async function commit(message: string, changes: Record<string, string | undefined>): Promise<void> {
  head = await git.commit(message, changes);
  for (const [path, content] of Object.entries(changes)) {
    if (content === undefined) delete files[path];
    else files[path] = content;
  }
}

function objectsOf(folder: string): LooseObject[] {
  return Object.entries(files).flatMap(([path, content]) =>
    path.startsWith(`${folder}/`) && path.endsWith('.yaml') ? parseObjects(content) : [],
  );
}

async function imageOf(deployment: string): Promise<string> {
  return cluster.kubectl([
    'get',
    `deployment/${deployment}`,
    '-n',
    'ahuora',
    '-o',
    'jsonpath={.spec.template.spec.containers[0].image}',
  ]);
}

async function count(kind: string): Promise<number> {
  return (await cluster.kubectl(['get', kind, '-n', 'ahuora', '-o', 'name'])).trim().split('\n').length;
}

async function exists({ kind, metadata }: LooseObject): Promise<boolean> {
  return (
    (await cluster.kubectl([
      'get',
      kind,
      metadata.name,
      ...(metadata.namespace ? ['-n', metadata.namespace] : []),
      '--ignore-not-found',
      '-o',
      'name',
    ])) !== ''
  );
}

/** Specification of everything the platform's namespace runs, by name. */
async function specs(): Promise<Record<string, unknown>> {
  return specsOf('deployments,statefulsets,horizontalpodautoscalers,services,configmaps,cronjobs');
}

/** Specification of what variants vary; replicas are left out where an autoscaler sets them. */
async function workloadSpecs(): Promise<Record<string, unknown>> {
  const all = await specsOf('deployments,horizontalpodautoscalers');
  const varied = Object.entries(all).filter(([name]) => /\/(django-api|idaes)$/.test(name));
  return Object.fromEntries(
    varied.map(([name, spec]) => {
      const autoscaled =
        name.startsWith('Deployment/') && name.replace('Deployment/', 'HorizontalPodAutoscaler/') in all;
      return [name, autoscaled ? { ...(spec as object), replicas: undefined } : spec];
    }),
  );
}

async function specsOf(kinds: string): Promise<Record<string, unknown>> {
  const { items } = JSON.parse(await cluster.kubectl(['get', kinds, '-n', 'ahuora', '-o', 'json'])) as {
    items: LooseObject[];
  };
  return Object.fromEntries(
    items.map((object) => [`${object.kind}/${object.metadata.name}`, object['spec'] ?? object['data'] ?? {}]),
  );
}
