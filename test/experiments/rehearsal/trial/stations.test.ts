import { expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { percentile } from '../../../../experiments/rehearsal/campaign/trial-summary';
import { parseWhatIf } from '../../../../experiments/rehearsal/campaign/what-if';
import { MetricsPipeline } from '../../../../experiments/rehearsal/cluster/metrics-pipeline';
import { Node } from '../../../../experiments/rehearsal/cluster/node';
import { Pod } from '../../../../experiments/rehearsal/cluster/pod';
import { Workload } from '../../../../experiments/rehearsal/cluster/workload';
import { EventQueue } from '../../../../experiments/rehearsal/engine/event-queue';
import { RandomStream } from '../../../../lib/primitives/random-stream';
import { Timers } from '../../../../experiments/rehearsal/engine/timers';
import { clusterModel } from '../../../../experiments/rehearsal/model/default-model';
import { SampleOutcome } from '../../../../experiments/rehearsal/trial/sample-table';
import { SolverConnections } from '../../../../experiments/rehearsal/trial/solver-connections';
import { simulateTrial } from '../../../../experiments/rehearsal/trial/trial-simulation';

/** Response times of a short spike, milliseconds sorted, and the share of starts that failed. */
function play(variant: string, ...whatIf: string[]): { times: Float64Array; failed: number } {
  const [trial] = expandTrials(undefined, 1, { variants: [variant], profiles: ['spike'], repetitions: 1 });
  const { samples, rows } = simulateTrial(trialInput(trial, 1, parseWhatIf(whatIf), { rate: 0.5, duration: 0.25 }));
  const all = Array.from({ length: rows }, (_, row) => row);
  const successes = all.filter((row) => samples.outcome[row] === SampleOutcome.Success);
  return {
    times: Float64Array.from(successes, (row) => samples.responseTime(row)).sort(),
    failed: 1 - successes.length / rows,
  };
}

test('every request waits for OAuth2 Proxy, whose one core is its limit', () => {
  const usual = play('uor-replicas-4', 'authentication-cost=1ms');
  const slower = play('uor-replicas-4', 'authentication-cost=6ms');
  expect(percentile(slower.times, 0.5) - percentile(usual.times, 0.5)).toBeGreaterThan(4.5);
  // 40 requests a second of 30 ms are 1.2 cores: more than the limit allows, though its node has four.
  const spent = play('uor-replicas-4', 'authentication-cost=30ms');
  expect(percentile(spent.times, 0.95)).toBeGreaterThan(1000);
});

test('what the solver can compute on decides a flowsheet’s time, and so do the threads that wait for it', () => {
  const locked = play('fs-replicas-1-1');
  const children = play('fs-replicas-1-1', 'solver-parallelism=2');
  expect(percentile(children.times, 0.5)).toBeLessThan(percentile(locked.times, 0.5) / 2);
  const single = play('fs-replicas-1-1', 'threads=1', 'solver-parallelism=2');
  expect(percentile(single.times, 0.5)).toBeGreaterThan(2 * percentile(children.times, 0.5));
});

test('wider service times lengthen the tail, not the middle', () => {
  const narrow = play('uor-replicas-4', 'service-spread=10%');
  const wide = play('uor-replicas-4', 'service-spread=100%');
  expect(percentile(wide.times, 0.95)).toBeGreaterThan(1.4 * percentile(narrow.times, 0.95));
  expect(percentile(wide.times, 0.5)).toBeLessThan(1.1 * percentile(narrow.times, 0.5));
});

test('a kept connection stays with its solver pod; a new one finds the new pod too', () => {
  const solver = (number: number) => new Pod(`idaes-${number}`, number, 'idaes', 0, 8, 0);
  const [first, second] = [solver(1), solver(2)];
  const reached = (kind: 'new' | 'kept', afterwards: () => void = () => undefined) => {
    const endpoints = [first];
    const connections = new SolverConnections(kind, endpoints, new RandomStream(1, kind));
    connections.close(0, connections.open(0) as Pod);
    endpoints.push(second);
    afterwards();
    const pods = new Set<string | undefined>();
    for (let request = 0; request < 50; request++) {
      const pod = connections.open(0) as Pod;
      pods.add(pod.name);
      connections.close(0, pod);
    }
    return [...pods].sort();
  };
  expect(reached('kept')).toEqual(['idaes-1']);
  expect(reached('new')).toEqual(['idaes-1', 'idaes-2']);
  // Once the first is on its way out its connections are closed.
  expect(reached('kept', () => (first.refuses = true))).toContain('idaes-2');
});

/** When the number of pods that the gateway knows changes, as one grows to four; seconds. */
function announcements(gatewayThrottleSeconds: number): number[] {
  const base = clusterModel();
  const model = { ...base, pods: { ...base.pods, gatewayThrottleSeconds } };
  const queue = new EventQueue(0);
  const timers = new Timers(queue);
  const random = new RandomStream(3, 'announcements');
  const metrics = new MetricsPipeline(timers, model.metrics, random, 0);
  const nodes = model.nodes.map((node) => new Node(node, queue));
  const nothing = () => undefined;
  const workload = new Workload(
    'django-api',
    { cpuMillicores: 500, memoryMiB: 256 },
    { queue, timers, nodes, model, random, metrics, pods: [] },
    { cpuDone: nothing, podGone: nothing, replicasChanged: nothing, roomFreed: nothing },
  );
  workload.begin(1, 0);
  workload.scale(4, 0);
  const changes: number[] = [];
  let known = 1;
  timers.every(0.01, 0.01, (now) => {
    if (workload.endpoints.length !== known) changes.push(now);
    known = workload.endpoints.length;
  });
  queue.runUntil(30, () => false);
  expect(known).toBe(4);
  return changes;
}

test('the gateway takes the first change at once and the next ones together, no sooner than its throttle allows', () => {
  const unthrottled = announcements(0);
  expect(unthrottled).toHaveLength(3);
  const throttled = announcements(8);
  expect(throttled).toHaveLength(2);
  expect(throttled[0]).toBeCloseTo(unthrottled[0], 1);
  expect(throttled[1] - throttled[0]).toBeCloseTo(8, 1);
});
