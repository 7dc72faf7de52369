import { expandTrials } from '../../../../experiments/plan';
import { trialInput } from '../../../../experiments/rehearsal/campaign/trial-plan';
import { NOT_RECORDED } from '../../../../experiments/rehearsal/trial/metric-recorder';
import { NodeTraffic } from '../../../../experiments/rehearsal/trial/node-traffic';
import { Outcome } from '../../../../experiments/rehearsal/trial/sample-table';
import { simulateTrial, type TrialResult } from '../../../../experiments/rehearsal/trial/trial-simulation';
import { CLUSTER_QUERIES } from '../../../../experiments/runner/sites/cluster/prometheus-metrics';

function play(variant: string): TrialResult {
  const [trial] = expandTrials(undefined, 1, { variants: [variant], profiles: ['spike'], repetitions: 1 });
  return simulateTrial(trialInput(trial, 1, undefined, { rate: 0.2, duration: 0.5 }));
}

/** A metric's values times the seconds since the point before, added up. */
function integral({ metrics }: TrialResult, metric: string, node: string): number {
  let before = 0;
  return metrics
    .filter((row) => row.metric === metric && row.node === node)
    .reduce((sum, { at, value }) => {
      const part = value * (at - before);
      before = at;
      return sum + part;
    }, 0);
}

test('every metric that the runner pulls from the cluster is written, or named as absent with its reason', () => {
  const written = new Set(play('uor-replicas-2').metrics.map(({ metric }) => metric));
  const accounted = [...written, ...Object.keys(NOT_RECORDED)].filter((metric) => !metric.startsWith('generator_'));
  expect(accounted.sort()).toEqual(Object.keys(CLUSTER_QUERIES).sort());
});

test('every byte of a successful response passes the gateway’s node, and the pod’s node where that is another', () => {
  const result = play('uor-replicas-8');
  const { samples, rows } = result;
  const successes = Array.from(samples.outcome.subarray(0, rows)).filter((one) => one === Outcome.Success).length;
  expect(successes).toBeGreaterThan(500);
  const nodes = [...new Set(result.metrics.flatMap(({ node }) => node ?? []))];
  const bytes = new Map(nodes.map((node) => [node, integral(result, 'node_network_bytes_per_second', node)]));
  const elsewhere = nodes.filter((node) => node !== 'control').reduce((sum, node) => sum + bytes.get(node)!, 0);
  expect(elsewhere).toBeGreaterThan(0);
  expect(bytes.get('control')).toBeCloseTo(successes * 60_000 + elsewhere, 0);
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
