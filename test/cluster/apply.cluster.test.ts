import type { LooseObject } from '../fixtures/loose';
import { settings } from '../../facts/settings';
import {
  applyObjects,
  applyTree,
  asStream,
  differenceToLive,
  installPrerequisites,
  liveObjects,
  waitForRollouts,
  warningsOf,
} from './apply';
import { REFUSED_VALUES, withValue } from '../fixtures/refused-values';
import { startControlPlane, type ControlPlane } from './control-plane';
import { driftOf } from './drift';
import { inSyncOrder, isProtected, nameOf, readTree, variantNames } from './manifests';
import { eventually } from './eventually';
import { operatorKubeconfig } from './recipe';

jest.setTimeout(240_000);

const platform = readTree('platform');
const production = readTree('workloads/production');
const argocd = readTree('argocd');
const trees = { platform, 'workloads/production': production, argocd };
const everything = Object.values(trees).flat();

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane();
  await installPrerequisites(cluster);
});

afterAll(() => cluster?.stop());

describe('every tree of dist/ goes in', () => {
  test.each(Object.entries(trees))(
    'dist/%s applies by server-side apply in sync-wave order, ready wave by wave, and no answer carries a warning',
    async (_name, objects) => {
      await expect(applyTree(cluster, objects)).resolves.toEqual([]);
    },
  );

  test('every workload variant is admitted in place of production, without a warning', async () => {
    const names = variantNames().filter((name) => name !== 'production');
    expect(names.length).toBeGreaterThan(0);
    // All in one go, which is several times as fast; one by one only to name the culprit.
    if ((await refusal(names)) === '') return;
    const refused: string[] = [];
    for (const name of names) {
      const reason = await refusal([name]);
      if (reason !== '') refused.push(`${name}: ${reason}`);
    }
    expect(refused).toEqual([]);
    throw new Error('together the variants are refused, one by one they are not');
  });

  test('what the schemas refuse beyond types, the API server refuses as well, and names the same field', async () => {
    for (const [label, field, value] of REFUSED_VALUES) {
      const known = everything.find(({ kind, metadata }) => `${kind}/${metadata.name}` === label)!;
      // Under a name of its own: of an object that is there already many fields are refused for being changed at all.
      const object = { ...known, metadata: { ...known.metadata, name: `${known.metadata.name}-other` } };
      const result = await applyObjects(
        cluster,
        [withValue(object, field, value)],
        ['--dry-run=server', '--force-conflicts'],
      );
      const steps = field.replaceAll(/\[\d+\]/g, '').split('.');
      expect({
        label,
        field,
        value,
        refused: result.status !== 0,
        named: result.stderr.includes(steps.at(-1)!),
      }).toEqual({
        label,
        field,
        value,
        refused: true,
        named: true,
      });
    }
  });

  test('every workload is ready on the simulated nodes', async () => {
    await waitForRollouts(cluster, everything);
    const pods = await podsOf('ahuora');
    const notReady = pods.filter((pod) => !isReady(pod)).map(nameOf);
    expect(pods.length).toBeGreaterThan(0);
    expect(notReady).toEqual([]);
  });
});

describe('nothing drifts', () => {
  test('a second apply changes no object: every resource version stays', async () => {
    // Claims are bound by a controller in its own time, which changes the claim and its volume.
    const bound = ['--for=jsonpath={.status.phase}=Bound', '--all', '--namespace', 'ahuora', '--timeout=120s'];
    await cluster.kubectl(['wait', 'persistentvolumeclaim', ...bound]);
    const versions = async () =>
      Object.fromEntries(
        (await liveObjects(cluster, settled())).map((object) => [
          nameOf(object),
          (object.metadata as { generation?: number; resourceVersion?: string }).resourceVersion,
        ]),
      );
    const before = await versions();
    for (const objects of Object.values(trees)) await applyTree(cluster, objects);
    expect(await versions()).toEqual(before);
  });

  test.each(Object.entries(trees))(
    'dist/%s: another server-side apply would change no field of a live object',
    async (_name, objects) => {
      expect(await differenceToLive(cluster, objects)).toBe('');
    },
  );

  test.each(Object.entries(trees))(
    'dist/%s: every desired field is live with the same value',
    async (_name, objects) => {
      const live = new Map((await liveObjects(cluster, objects)).map((object) => [nameOf(object), object]));
      const drift = objects.flatMap((object) =>
        driftOf(object, live.get(nameOf(object))!).map((field) => `${nameOf(object)}: ${field}`),
      );
      expect(drift).toEqual([]);
    },
  );

  test('a field changed by hand is seen as drift', async () => {
    const target = [platform.find((object) => object.kind === 'Service')!];
    const { name, namespace } = target[0]!.metadata;
    await cluster.kubectl([
      'patch',
      'service',
      name,
      '-n',
      namespace!,
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: '/spec/ports/0/targetPort', value: 4321 }]),
    ]);
    expect(await differenceToLive(cluster, target)).toContain('4321');
    expect(driftOf(target[0]!, (await liveObjects(cluster, target))[0]!).join()).toContain('4321');
    await applyObjects(cluster, target, ['--force-conflicts']);
    expect(await differenceToLive(cluster, target)).toBe('');
  });
});

describe('admission is real', () => {
  test('the namespace refuses a pod that breaks Pod Security "restricted"', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'privileged', namespace: 'ahuora' },
      spec: { containers: [{ name: 'shell', image: 'busybox', securityContext: { privileged: true } }] },
    };
    const result = await applyObjects(cluster, [pod], ['--dry-run=server']);
    expect(result.status).not.toBe(0);
    expect(result.stderr).toContain('violates PodSecurity "restricted');
  });

  test.each(['NodePort', 'LoadBalancer'])(
    "a Service of type %s, which would open a port on every node, is refused by the namespace's quota",
    async (type) => {
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'open-port', namespace: 'ahuora' },
        spec: { type, selector: { 'app.kubernetes.io/name': 'django-api' }, ports: [{ port: 8000 }] },
      };
      const result = await applyObjects(cluster, [service]);
      expect(result.stderr).toContain('exceeded quota: no-open-ports');
      expect(result.status).not.toBe(0);
    },
  );

  test('a field that the schema does not know is refused', async () => {
    const deployment = production.find((object) => object.kind === 'Deployment')!;
    const misspelt = { ...deployment, spec: { ...deployment['spec'], replcias: 3 } };
    const result = await applyObjects(cluster, [misspelt], ['--dry-run=server']);
    expect(result.stderr).toContain('.spec.replcias');
    expect(result.status).not.toBe(0);
  });
});

describe('Postgres and its data', () => {
  const volume = platform.find((object) => object.kind === 'PersistentVolume' && object.metadata.name === 'postgres')!;
  const [pinnedNode] = volume['spec'].nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values as string[];
  const postgresPods = async () => (await podsOf('ahuora')).filter((pod) => pod.metadata.name === 'postgres-0');

  test('Postgres runs on the node that holds its volume', async () => {
    const [pod] = await postgresPods();
    expect(pod?.['spec'].nodeName).toBe(pinnedNode);
    expect(pinnedNode).toBe(settings.postgres.node);
    expect(isReady(pod)).toBe(true);
  });

  test('with that node cordoned, a restarted Postgres stays Pending and never moves, until the node is back', async () => {
    await cluster.kubectl(['cordon', pinnedNode!]);
    try {
      await cluster.kubectl(['delete', 'pod', 'postgres-0', '-n', 'ahuora']);
      await eventually('Postgres is found unschedulable', async () =>
        JSON.stringify((await postgresPods())[0]?.['status'].conditions ?? []).includes('Unschedulable'),
      );
      await new Promise((resolve) => setTimeout(resolve, 5000));
      const [pod] = await postgresPods();
      expect(pod?.['status'].phase).toBe('Pending');
      expect(pod?.['spec'].nodeName).toBeUndefined();
    } finally {
      await cluster.kubectl(['uncordon', pinnedNode!]);
    }
    await eventually('Postgres is ready again', async () => isReady((await postgresPods())[0]));
    expect((await postgresPods())[0]?.['spec'].nodeName).toBe(pinnedNode);
  });
});

describe('maintenance', () => {
  test('disruption budgets allow the drain of any one node, and everything is ready again after it', async () => {
    const nodes = JSON.parse(await cluster.kubectl(['get', 'nodes', '-o', 'json'])) as { items: LooseObject[] };
    for (const { metadata } of nodes.items) {
      await cluster.kubectl(['drain', metadata.name, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=45s']);
      await cluster.kubectl(['uncordon', metadata.name]);
      await waitForRollouts(cluster, everything);
    }
    expect((await podsOf('ahuora')).filter((pod) => !isReady(pod)).map(nameOf)).toEqual([]);
  });
});

describe('removal', () => {
  test('pruning removes all but the protected kinds, and these keep namespace, volume and claim bound', async () => {
    const prunable = inSyncOrder([...platform, ...production].filter((object) => !isProtected(object))).reverse();
    for (const wave of prunable)
      await cluster.kubectl(
        ['delete', '--wait', '--timeout=60s', '--ignore-not-found', '-f', '-'],
        asStream([...wave].reverse()),
      );
    await eventually('no pod is left', async () => (await podsOf('ahuora')).length === 0);

    const kept = [...platform, ...production].filter(isProtected);
    expect([...new Set(kept.map((object) => object.kind))].sort()).toEqual([
      'Namespace',
      'PersistentVolume',
      'PersistentVolumeClaim',
    ]);
    const live = await liveObjects(cluster, kept);
    expect(live.map(nameOf).sort()).toEqual(kept.map(nameOf).sort());
    expect(
      live
        .filter((object) => object.kind.startsWith('PersistentVolume'))
        .map((object) => (object['status'] as { phase: string }).phase),
    ).toEqual(expect.arrayContaining(['Bound', 'Bound']));
    expect(live.filter((object) => 'deletionTimestamp' in object.metadata)).toEqual([]);
  });

  test('the platform comes back onto the kept volume after the removal', async () => {
    await applyTree(cluster, platform);
    await applyTree(cluster, production);
    const claims = JSON.parse(await cluster.kubectl(['get', 'pvc', '-n', 'ahuora', '-o', 'json'])) as {
      items: LooseObject[];
    };
    expect(claims.items.map((claim) => claim['status'].phase)).toEqual(claims.items.map(() => 'Bound'));
  });
});

describe('the account that a person has on ingress', () => {
  const may = [
    ['get', 'pods', 'ahuora'], ['get', 'pods/log', 'ahuora'], ['get', 'nodes', ''], ['patch', 'nodes', ''],
    ['create', 'pods/eviction', 'ahuora'], ['patch', 'deployments.apps', 'ahuora'], ['update', 'statefulsets.apps/scale', 'ahuora'],
    ['create', 'jobs.batch', 'ahuora'], ['delete', 'persistentvolumes', ''], ['patch', 'applications.argoproj.io', 'argocd'],
    ['create', 'pods/portforward', 'ahuora'], ['create', 'pods/portforward', 'argocd'],
  ] as const; // prettier-ignore
  const mayNot = [
    ['get', 'secrets', 'ahuora'], ['list', 'secrets', 'argocd'], ['watch', 'secrets', 'kube-system'], ['create', 'serviceaccounts/token', 'kube-system'],
    ['create', 'pods', 'ahuora'], ['create', 'pods/exec', 'ahuora'], ['create', 'pods/exec', 'argocd'], ['create', 'pods/attach', 'ahuora'],
    ['patch', 'pods/ephemeralcontainers', 'ahuora'], ['patch', 'deployments.apps', 'kube-system'], ['patch', 'deployments.apps', 'argocd'],
    ['create', 'jobs.batch', 'kube-system'], ['patch', 'cronjobs.batch', 'ahuora'], ['create', 'applications.argoproj.io', 'argocd'],
    ['patch', 'appprojects.argoproj.io', 'argocd'], ['patch', 'clusterroles.rbac.authorization.k8s.io', ''],
    ['create', 'rolebindings.rbac.authorization.k8s.io', 'ahuora'], ['impersonate', 'users', ''], ['delete', 'namespaces', ''],
    ['delete', 'nodes', ''], ['patch', 'networkpolicies.networking.k8s.io', 'ahuora'], ['get', 'nodes/proxy', ''],
    ['create', 'helmcharts.helm.cattle.io', 'kube-system'], ['patch', 'configmaps', 'kube-system'],
  ] as const; // prettier-ignore

  test('may do what the how-to pages ask of it, and none of what would lead to more', async () => {
    const kubeconfig = await operatorKubeconfig(cluster);
    // The last --kubeconfig of a command counts.
    const answer = async ([verb, resource, namespace]: readonly [string, string, string]) => {
      const where = namespace === '' ? ['--all-namespaces'] : ['--namespace', namespace];
      // After a slash kubectl takes a name.
      const [kind, subresource = ''] = resource.split('/') as [string, string?];
      const { stdout } = await cluster.tryKubectl([
        '--kubeconfig',
        kubeconfig,
        'auth',
        'can-i',
        verb,
        kind,
        '--subresource',
        subresource,
        ...where,
      ]);
      return `${verb} ${resource} ${namespace}: ${stdout.trim()}`;
    };
    const said = (word: string, list: readonly (readonly [string, string, string])[]) =>
      list.map(([verb, resource, namespace]) => `${verb} ${resource} ${namespace}: ${word}`);
    expect(await Promise.all(may.map(answer))).toEqual(said('yes', may));
    expect(await Promise.all(mayNot.map(answer))).toEqual(said('no', mayNot));
  });
});

/** What the API server says against these variants; empty when it admits them without a warning. */
async function refusal(variants: readonly string[]): Promise<string> {
  const objects = variants.flatMap((name) => readTree(`workloads/${name}`));
  const result = await applyObjects(cluster, objects, ['--dry-run=server', '--force-conflicts']);
  return result.status === 0 && warningsOf(result).length === 0 ? '' : result.stderr.trim();
}

/** Objects whose status no controller keeps rewriting, so that a changed resource version means a changed field. */
function settled(): LooseObject[] {
  return everything.filter((object) => !['HorizontalPodAutoscaler', 'PodDisruptionBudget'].includes(object.kind));
}

async function podsOf(namespace: string): Promise<LooseObject[]> {
  return (
    JSON.parse(await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'json'])) as { items: LooseObject[] }
  ).items.map((pod) => ({ ...pod, kind: 'Pod' }));
}

function isReady(pod: LooseObject | undefined): boolean {
  const conditions = (pod?.['status'].conditions ?? []) as { type: string; status: string }[];
  return (
    pod?.['status'].phase === 'Succeeded' ||
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}
