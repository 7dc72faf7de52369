import { join } from 'node:path';
import { clusterVariants, EXPERIMENTS, type Variant } from '../../../experiments/plan';
import { KubernetesCluster } from '../../../experiments/runner/sites/cluster/kubernetes-cluster';
import {
  autoscalersSame,
  clockOffset,
  podsStable,
  signalsPresent,
} from '../../../experiments/runner/attempt/gates/gates';
import { replicaBounds, replicasInBounds } from '../../../experiments/runner/attempt/gates/system-gates';
import { Timeline } from '../../../experiments/runner/attempt/observation';
import type { SignalObservation } from '../../../experiments/runner/attempt/ports';
import { buildTool } from '../../../tools/build';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane';

jest.setTimeout(900_000);

const DIST = join(__dirname, '../../../dist');
let plane: ControlPlane;
let cluster: KubernetesCluster;

beforeAll(async () => {
  plane = await startControlPlane();
  await plane.kubectl(['apply', '--server-side', '-f', join(DIST, 'platform', 'namespace.yaml')]);
  cluster = new KubernetesCluster({
    url: 'http://127.0.0.1',
    namespace: 'ahuora',
    dist: DIST,
    delivery: 'apply',
    kubeconfig: plane.kubeconfig,
    command: await buildTool('kubectl'),
    settleMs: 120_000,
  });
});

afterAll(() => plane?.stop());

function variant(name: string): Variant {
  return clusterVariants(EXPERIMENTS).find((one) => one.name === name)!;
}

const until = async (done: () => boolean) => {
  for (let waited = 0; !done() && waited < 60_000; waited += 100)
    await new Promise((resolve) => setTimeout(resolve, 100));
};

describe('the cluster port against a real API server', () => {
  const signal = new AbortController().signal;

  it('makes a variant the one that runs, and says so only of that one', async () => {
    await cluster.select(variant('fs-replicas-2-2'));
    await cluster.settled(variant('fs-replicas-2-2'), signal);
    expect(await cluster.differences(variant('fs-replicas-2-2'))).toEqual([]);
    expect(await cluster.differences(variant('fs-replicas-4-4'))).not.toEqual([]);
    expect(await cluster.differences(variant('uor-minimum-2'))).not.toEqual([]);
  });

  it('goes from autoscaled to fixed replicas without leaving the autoscaler behind', async () => {
    await cluster.select(variant('uor-minimum-2'));
    expect(await plane.kubectl(['get', 'hpa', '-n', 'ahuora', '-o', 'name'])).toContain('django-api');
    await cluster.select(variant('uor-replicas-1'));
    expect(await plane.kubectl(['get', 'hpa', '-n', 'ahuora', '-o', 'name'])).not.toContain('django-api');
  });

  it('sees a pod that is replaced during a load, with which the trial is void', async () => {
    await cluster.select(variant('fs-replicas-2-2'));
    await cluster.settled(variant('fs-replicas-2-2'), signal);
    const timeline = new Timeline();
    const stop = await cluster.watch(timeline);
    await until(
      () =>
        timeline.podRows.filter(({ workload }) => workload === 'django-api').length >= 2 &&
        timeline.at('django-api')?.ready === 2,
    );
    const start = Date.now();
    expect(timeline.at('django-api')).toMatchObject({ desired: 2, current: 2, ready: 2 });
    expect(podsStable(timeline, start, Date.now()).passed).toBe(true);
    const before = timeline.podRows.map(({ pod }) => pod);
    const [victim] = timeline.podRows.filter(({ workload }) => workload === 'django-api');
    await plane.kubectl(['delete', 'pod', victim!.pod, '-n', 'ahuora', '--grace-period=0', '--force']);
    await until(() => timeline.podRows.some(({ gone }) => gone));
    // The pod in its place appears without a status of its containers, and is followed all the same to its own end.
    const isNew = ({ workload, pod }: { workload: string; pod: string }) =>
      workload === 'django-api' && !before.includes(pod);
    await until(() => timeline.podRows.some(isNew));
    await plane.kubectl([
      ...['delete', 'pod', timeline.podRows.find(isNew)!.pod, '-n', 'ahuora', '--grace-period=0', '--force'],
    ]);
    await until(() => timeline.podRows.some((row) => isNew(row) && row.gone));
    expect([timeline.podRows.some((row) => isNew(row) && row.gone), timeline.brokenBecause]).toEqual([true, undefined]);
    await stop();
    expect(podsStable(timeline, start, Date.now())).toMatchObject({ gate: 'pods-stable', passed: false });
  });

  it('sees an autoscaler that is told otherwise, deleted and made again, and that no one serves its figures', async () => {
    await cluster.select(variant('uor-minimum-2'));
    const timeline = new Timeline();
    const stop = await cluster.watch(timeline);
    const seen = () => timeline.signalRows.filter(({ workload }) => workload === 'django-api');
    await until(() => seen().length > 0);
    const [{ uid, policy }] = seen() as [SignalObservation];
    expect([uid, JSON.parse(policy!)]).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.objectContaining({ minReplicas: 2 }),
    ]);
    // This cluster has no metrics API: the real controller says so, in the words by which the gate knows it.
    await until(() => seen().some(({ active }) => !active));
    const start = Date.now();
    expect(signalsPresent(timeline, start, Date.now() + 1000)).toMatchObject({
      gate: 'signals-present',
      passed: false,
    });
    expect(autoscalersSame(timeline, start, Date.now())).toMatchObject({ passed: true });
    const name = ['horizontalpodautoscaler', 'django-api', '-n', 'ahuora'];
    await plane.kubectl(['patch', ...name, '--type', 'merge', '--patch', '{"spec":{"minReplicas":3}}']);
    await until(() => seen().at(-1)!.policy !== policy);
    await plane.kubectl(['delete', ...name]);
    await cluster.select(variant('uor-minimum-2'));
    await until(() => ![uid, undefined].includes(seen().at(-1)!.uid) && seen().at(-1)!.gone === false);
    await stop();
    const { detail } = autoscalersSame(timeline, start, Date.now());
    expect(detail).toMatch(
      /of django-api was told otherwise at \d+ s; the autoscaler of django-api was deleted at \d+ s/,
    );
    expect(detail).toMatch(/was made anew at \d+ s/);
    expect(await cluster.differences(variant('uor-minimum-2'))).toEqual([]); // A look at both ends sees nothing.
  });

  it('tells what an autoscaler decided from what was set by hand within its bounds', async () => {
    await cluster.select(variant('uor-minimum-2'));
    await cluster.settled(variant('uor-minimum-2'), signal);
    const timeline = new Timeline();
    const stop = await cluster.watch(timeline);
    await until(() => timeline.signalRows.length > 0 && timeline.at('django-api')?.desired === 2);
    const start = Date.now();
    const judged = () => replicasInBounds(timeline, replicaBounds(variant('uor-minimum-2')), start, Date.now() + 1000);
    // Without figures the real controller scales all the same where fewer pods run than it must have.
    const raised = '{"spec":{"minReplicas":3}}';
    await plane.kubectl([
      ...['patch', 'horizontalpodautoscaler', 'django-api', '-n', 'ahuora', '--type', 'merge', '--patch', raised],
    ]);
    await until(() => timeline.signalRows.some((row) => row.decided === 3) && timeline.at('django-api')?.desired === 3);
    expect(judged()).toMatchObject({ passed: true, value: 0 });
    await plane.kubectl(['scale', 'deployment', 'django-api', '-n', 'ahuora', '--replicas=5']);
    await until(() => timeline.at('django-api')?.desired === 5);
    await stop();
    expect(judged()).toMatchObject({ passed: false, value: 1 });
    expect(judged().detail).toMatch(/^django-api was set to 5 pods at \d+ s, which its autoscaler did not decide\.$/);
  });

  it("reads every node's clock from its lease, and the gate trips on one that is 90 s behind", async () => {
    const nodes = (await plane.kubectl(['get', 'nodes', '-o', 'name']))
      .trim()
      .split('\n')
      .map((name) => name.replace('node/', ''));
    const renew = (node: string, index: number) => {
      const renewTime = new Date(Date.now() - (node === 'worker-3' ? 90_000 : 0)).toISOString().replace('Z', '000Z');
      const metadata = { name: node, namespace: 'kube-node-lease', annotations: { turn: String(index) } };
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata,
        spec: { holderIdentity: node, renewTime },
      };
      return plane.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], JSON.stringify(lease));
    };
    await plane.tryKubectl(['create', 'namespace', 'kube-node-lease']);
    let turn = 0;
    for (const node of nodes) await renew(node, turn++);
    const reading = cluster.clockOffsets();
    let done = false;
    void reading.finally(() => (done = true));
    while (!done) for (const node of nodes) if (!done) await renew(node, turn++);
    const offsets = await reading;
    expect(offsets.size).toBe(7);
    for (const [node, offset] of offsets) expect(Math.abs(offset + (node === 'worker-3' ? 90 : 0))).toBeLessThan(5);
    expect(clockOffset(offsets)).toMatchObject({ gate: 'clock-offset', passed: false });
  });

  it('says in one sentence that the cluster is away, or refuses the credentials', async () => {
    const facts = await cluster.facts();
    expect(facts['kubernetes']).toMatch(/^v1\.34/);
    const options = { url: '', namespace: 'ahuora', dist: DIST, delivery: 'apply' as const };
    const away = new KubernetesCluster({ ...options, kubeconfig: '/nonexistent' });
    await expect(away.facts()).rejects.toThrow(/^The cluster cannot be reached \(kubectl /);
  });
});
