import { expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { NOT_RECORDED } from '../../../../experiments/rehearsal/trial/metric-recorder';
import { NodeTraffic } from '../../../../experiments/rehearsal/trial/node-traffic';
import { SampleOutcome } from '../../../../experiments/rehearsal/trial/sample-table';
import { simulateTrial, type SimulatedTrial } from '../../../../experiments/rehearsal/trial/trial-simulation';
import { CLUSTER_QUERIES } from '../../../../experiments/runner/sites/cluster/prometheus-metrics';

function play(variant: string, duration = 0.5): SimulatedTrial {
  const [trial] = expandTrials(undefined, 1, { variants: [variant], profiles: ['spike'], repetitions: 1 });
  return simulateTrial(trialInput(trial, 1, undefined, { rate: 0.2, duration }));
}

/** A metric of one node by the second of each point. */
function pointsOf({ metrics }: SimulatedTrial, metric: string, node: string): Map<number, number> {
  const own = metrics.filter((row) => row.metric === metric && row.node === node);
  return new Map(own.map(({ at, value }) => [at, value]));
}

test('every metric that the runner pulls from the cluster is written, or named as absent with its reason', () => {
  const written = new Set(play('uor-replicas-2').metrics.map(({ metric }) => metric));
  const accounted = [...written, ...Object.keys(NOT_RECORDED)].filter((metric) => !metric.startsWith('generator_'));
  expect(accounted.sort()).toEqual(Object.keys(CLUSTER_QUERIES).sort());
});

test('points come as the cluster’s monitoring gives them: every minute, rates over what lies within three', () => {
  const result = play('uor-replicas-8', 1);
  const { samples, rows } = result;
  const bytes = pointsOf(result, 'node_network_bytes_per_second', 'worker-1');
  expect([...bytes.keys()]).toEqual([0, 60, 120, 180, 240]);
  // Nothing was asked of the cluster before the load: its first rates are those of an idle cluster.
  expect(bytes.get(0)).toBe(0);
  const total = [...new Set(result.metrics.flatMap(({ node }) => node ?? []))]
    .map((node) => pointsOf(result, 'node_network_bytes_per_second', node))
    .map((points) => 120 * (points.get(120)! + points.get(240)!));
  // Two windows of three scrapes cover the whole load of four minutes once.
  const successes = Array.from(samples.outcome.subarray(0, rows)).filter((one) => one === SampleOutcome.Success).length;
  const gateway =
    120 *
    (pointsOf(result, 'node_network_bytes_per_second', 'control').get(120)! +
      pointsOf(result, 'node_network_bytes_per_second', 'control').get(240)!);
  const elsewhere = total.reduce((a, b) => a + b, 0) - gateway;
  expect(successes).toBeGreaterThan(1000);
  expect(elsewhere).toBeGreaterThan(0);
  expect(Math.abs(gateway / (successes * 60_000 + elsewhere) - 1)).toBeLessThan(0.01);
});

test('the peak of a spike comes out smeared, as three-minute rates have it', () => {
  const cpu = play('uor-replicas-2', 1)
    .metrics.filter(({ metric }) => metric === 'container_cpu_cores')
    .map(({ at }) => at);
  expect([...new Set(cpu)]).toEqual([0, 60, 120, 180, 240]);
});

test('a response from a pod beside the gateway crosses the interface once, one from elsewhere three times', () => {
  const traffic = new NodeTraffic('gateway');
  traffic.respond('gateway', 10);
  expect(traffic.of('gateway')).toBe(10);
  traffic.respond('other', 10);
  expect([traffic.of('gateway'), traffic.of('other'), traffic.of('idle')]).toEqual([30, 10, 0]);
});

test('on one machine nothing crosses a network interface, and no figure is written', () => {
  expect(play('uor-benchmark-compose').metrics.map(({ metric }) => metric)).not.toContain(
    'node_network_bytes_per_second',
  );
});
