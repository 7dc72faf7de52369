import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane';
import { eventually } from '../eventually';
import { RoutedNode, type RoutedPod, type Target } from './routed-node';

const DIST = join(__dirname, '..', '..', '..', 'dist');
const MONITORING = 'monitoring';

jest.setTimeout(120_000);

const named = (name: string) => ({ 'app.kubernetes.io/name': name });
const pod = (name: string, index: number, labels: RoutedPod['labels'] = named(name), namespace = MONITORING) => ({
  name,
  namespace,
  labels,
  address: `10.42.0.${10 + index}`,
});

/** Plain servers and clients with the labels of the chart's pods, and beside them who has no business there. */
const PODS = {
  'alloy-metrics': pod('alloy-metrics', 0),
  'alloy-singleton': pod('alloy-singleton', 1),
  'alloy-operator': pod('alloy-operator', 2),
  'kube-state-metrics': pod('kube-state-metrics', 3),
  hook: pod('hook', 4, named('k8s-monitoring')),
  unlabelled: pod('unlabelled', 5, {}),
  elsewhere: pod('elsewhere', 6, named('alloy-metrics'), 'default'),
  database: pod('database', 7, named('postgres'), 'default'),
} satisfies Record<string, RoutedPod>;
type Source = keyof typeof PODS;

/** Every place that listens: where nobody does, a refused connection would say nothing. */
const TARGETS = {
  'API server': { host: '192.168.100.121', port: 6443 },
  'kubelet of its own node': { host: '192.168.100.121', port: 10250 },
  'kubelet of another node': { host: '192.168.100.122', port: 10250 },
  'node-exporter of another node': { host: '192.168.100.122', port: 9100 },
  'SSH of another node': { host: '192.168.100.122', port: 22 },
  'image mirror': { host: '192.168.100.101', port: 5001 },
  'kube-state-metrics': { host: PODS['kube-state-metrics'].address, port: 8080 },
  'another port of it': { host: PODS['kube-state-metrics'].address, port: 8081 },
  'an Alloy': { host: PODS['alloy-singleton'].address, port: 12345 },
  database: { host: PODS.database.address, port: 5432 },
  'Grafana Cloud': { host: '203.0.113.10', port: 443 },
  'plain HTTP outside': { host: '203.0.113.10', port: 80 },
  'name server that is set': { host: '1.1.1.1', port: 53, protocol: 'UDP' },
  'name server that is set, by TCP': { host: '8.8.8.8', port: 53 },
  'name server that is not': { host: '9.9.9.9', port: 53, protocol: 'UDP' },
  'resolver of the 4G router': { host: '192.168.1.1', port: 53, protocol: 'UDP' },
  'resolver of a carrier': { host: '10.1.2.3', port: 53, protocol: 'UDP' },
  'name server in a pod': { host: PODS.database.address, port: 53, protocol: 'UDP' },
} satisfies Record<string, Target>;
type Place = keyof typeof TARGETS;

const NAMES: readonly Place[] = [
  'name server that is set',
  'name server that is set, by TCP',
  'resolver of the 4G router',
  'resolver of a carrier',
];

/** What the chart's pods do, by its templates and the platform's values; written down apart from the policies. */
const REAL: Readonly<Record<Source, readonly Place[]>> = {
  'alloy-metrics': [
    ...['API server', 'kubelet of its own node', 'kubelet of another node', 'node-exporter of another node'],
    ...['kube-state-metrics', 'Grafana Cloud', ...NAMES],
  ] as Place[],
  'alloy-singleton': ['API server', 'Grafana Cloud', ...NAMES],
  'alloy-operator': ['API server'],
  'kube-state-metrics': ['API server'],
  hook: ['API server'],
  unlabelled: [],
  // Nothing holds them back, but they get into no pod of monitoring.
  elsewhere: everywhere(),
  database: everywhere(),
};

function everywhere(): Place[] {
  const inside: Place[] = ['kube-state-metrics', 'another port of it', 'an Alloy'];
  return (Object.keys(TARGETS) as Place[]).filter((place) => !inside.includes(place));
}

describe('the policies of monitoring, by the policy controller of K3s', () => {
  let cluster: ControlPlane;
  let node: RoutedNode;

  beforeAll(async () => {
    cluster = await startControlPlane({ kwok: false, crds: false });
    node = await RoutedNode.start(cluster);
    await cluster.kubectl(['apply', '--server-side', '-f', join(DIST, 'argocd', 'monitoring-namespace.yaml')]);
    await cluster.kubectl(['apply', '--server-side', '-f', join(DIST, 'monitoring', 'guards.yaml')]);
    await node.listenHere([6443, 10250]);
    await node.place('worker', ['192.168.100.122', '192.168.100.101'], [10250, 9100, 22, 5001]);
    await node.place(
      'outside',
      ['203.0.113.10', '1.1.1.1', '8.8.8.8', '9.9.9.9', '192.168.1.1', '10.1.2.3'],
      [443, 80, 53],
    );
    const listens: Partial<Record<Source, number[]>> = {
      'kube-state-metrics': [8080, 8081],
      'alloy-singleton': [12345],
      database: [5432, 53],
    };
    for (const [name, each] of Object.entries(PODS)) await node.pod(each, listens[name as Source]);
  }, 180_000);

  afterAll(async () => {
    await node?.stop();
    await cluster?.stop();
  }, 60_000);

  /** Connections whose measured fate is not the expected one. */
  async function surprises(): Promise<string[]> {
    const places = Object.keys(TARGETS) as Place[];
    const rows = await Promise.all(
      (Object.keys(PODS) as Source[]).map(async (source) => {
        const answers = await node.reached(source, Object.values(TARGETS));
        return places
          .map((place, index) => ({ place, answer: answers[index]!, real: REAL[source].includes(place) }))
          .filter(({ place, answer, real }) => answer !== real && !isSelf(source, TARGETS[place]))
          .map(({ place, answer }) => `${source} -> ${place}: ${answer ? 'reached' : 'refused'}`);
      }),
    );
    return rows.flat();
  }

  const isSelf = (source: Source, { host }: Target) => host === PODS[source].address;

  // The controller learns of a pod and of a policy some seconds late.
  const settles = (what: string, expected: readonly string[]) =>
    eventually(
      what,
      async () => {
        expect(await surprises()).toEqual(expected);
        return true;
      },
      60_000,
    ).catch((error: Error) => {
      error.message += `\nBy UDP the world outside was asked so:\n${node.printed('outside')}`;
      throw error;
    });

  test('let through what its pods do, and nothing else', async () => {
    await settles('what is measured is what is real', []);
    // The kubelet's probes come from the pod's own node.
    const { 'kube-state-metrics': metrics, 'an Alloy': alloy } = TARGETS;
    expect(await node.reached(undefined, [metrics, alloy])).toEqual([true, true]);
  });

  test('without the policy of one, its connections end', async () => {
    await cluster.kubectl(['delete', 'networkpolicy', 'alloy-metrics', '-n', MONITORING]);
    await settles('its connections end', [
      ...(Object.keys(TARGETS) as Place[])
        .filter((place) => REAL['alloy-metrics'].includes(place))
        .map((place) => `alloy-metrics -> ${place}: refused`),
    ]);
    await cluster.kubectl(['apply', '--server-side', '-f', join(DIST, 'monitoring', 'guards.yaml')]);
    await settles('they are back', []);
  });

  test('without the default, what has no label reaches everything but what is guarded by name', async () => {
    await cluster.kubectl(['delete', 'networkpolicy', 'default-deny', '-n', MONITORING]);
    await settles('it reaches everything', [...everywhere().map((place) => `unlabelled -> ${place}: reached`)]);
  });
});
