import { MetricsPipeline } from '../../../../experiments/rehearsal/cluster/metrics-pipeline';
import { Node } from '../../../../experiments/rehearsal/cluster/node';
import type { Pod } from '../../../../experiments/rehearsal/cluster/pod';
import { Workload } from '../../../../experiments/rehearsal/cluster/workload';
import { EventQueue } from '../../../../experiments/rehearsal/engine/event-queue';
import { RandomStream } from '../../../../lib/primitives/random-stream';
import { Timers } from '../../../../experiments/rehearsal/engine/timers';
import { clusterModel } from '../../../../experiments/rehearsal/model/default-model';

/** Times, in seconds, of the points that metrics.k8s.io lists for one pod, as one who looks each second meets them. */
function pointsOver(seconds: number, resolutionSeconds: number): number[] {
  const base = clusterModel();
  const model = { ...base, metrics: { ...base.metrics, resolutionSeconds } };
  const queue = new EventQueue(0);
  const timers = new Timers(queue);
  const random = new RandomStream(5, 'metrics');
  const metrics = new MetricsPipeline(timers, model.metrics, random, 0);
  const pods: Pod[] = [];
  const nothing = () => undefined;
  const workload = new Workload(
    'django-api',
    { cpuMillicores: 500, memoryMiB: 256 },
    { queue, timers, nodes: model.nodes.map((node) => new Node(node, queue)), model, random, metrics, pods },
    { cpuDone: nothing, podGone: nothing, replicasChanged: nothing, roomFreed: nothing },
  );
  workload.begin(1, 0);
  const found = new Set<number>();
  timers.every(1, 1, () => metrics.read(pods).forEach(({ timestamp }) => found.add(timestamp / 1000)));
  queue.runUntil(seconds, () => false);
  return [...found];
}

test('cAdvisor looks at a container every one to two of its periods, drawn anew each time', () => {
  // metrics-server fetches so often that no look escapes it.
  const points = pointsOver(3000, 1);
  const gaps = points.slice(1).map((at, index) => at - points[index]);
  expect(gaps.length).toBeGreaterThan(150);
  // Times are whole seconds.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(21);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  expect(Math.abs(mean - 15)).toBeLessThan(0.8);
});

test('a scrape that comes between two looks finds nothing new', () => {
  const points = pointsOver(3000, 15);
  expect(points.length).toBeLessThan(3000 / 15);
  expect(points.length).toBeGreaterThan(120);
});
