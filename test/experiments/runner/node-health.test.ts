import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeHealth } from '../../../experiments/runner/attempt/gates/node-health';
import type { MetricPoint } from '../../../experiments/runner/attempt/ports';
import { CLUSTER_QUERIES, OPTIONAL_QUERIES } from '../../../experiments/runner/sites/cluster/prometheus-metrics';
import { machineHealth } from '../../../experiments/runner/sites/local/machine-health';

const point = (at: number, metric: string, value: number, node = 'worker-3'): MetricPoint => ({
  ...{ at: at * 1000, metric, value, node },
  ...{ pod: null, container: null },
});
const judge = (...points: readonly MetricPoint[]) => nodeHealth(points, 0, 240_000);
const HEALTHY = [
  point(60, 'node_temperature_celsius', 64),
  point(60, 'node_undervoltage', 0),
  point(60, 'node_throttled', 0),
  point(60, 'node_cpu_frequency_cap_ratio', 1),
];

/**
 * What k8s-monitoring keeps of node-exporter unless told otherwise.
 * Source: grafana/k8s-monitoring-helm, charts/k8s-monitoring/charts/feature-cluster-metrics/default-allow-lists/node-exporter.yaml.
 */
const KEPT_BY_DEFAULT = [
  'node_cpu.*',
  'node_filesystem.*',
  'node_memory.*',
  'node_network_(receive|transmit)_bytes_total',
];

test('every metric of a node that a campaign asks for is one that the monitoring delivers', () => {
  const monitoring = readFileSync(join(__dirname, '../../../dist/argocd/monitoring.yaml'), 'utf8');
  const [, kept] = /node-exporter:\n(?:.*\n)*?\s+includeMetrics:\n((?:\s+- .*\n)+)/.exec(monitoring)!;
  const patterns = [...KEPT_BY_DEFAULT, ...[...kept!.matchAll(/- (.*)/g)].map(([, pattern]) => pattern!)];
  const isDelivered = (metric: string) => patterns.some((pattern) => new RegExp(`^(?:${pattern})$`).test(metric));
  for (const query of Object.values({ ...CLUSTER_QUERIES, ...OPTIONAL_QUERIES })) {
    // `a or b`: one of them is enough.
    const asked = query.split(' or ').map((part) => part.match(/\bnode_[a-zA-Z_]+/g) ?? []);
    expect({ query, delivered: asked.some((metrics) => metrics.every(isDelivered)) }).toEqual({
      query,
      delivered: true,
    });
  }
});

describe('the health of the nodes', () => {
  it('passes where every machine runs at full speed', () => {
    expect(judge(...HEALTHY)).toMatchObject({ passed: true, value: 0, detail: 'No machine was slowed down.' });
  });

  it.each([
    ['node_temperature_celsius', 82, 'worker-3 reached 82 °C at 120 s'],
    ['node_undervoltage', 1, 'worker-3 reported under-voltage at 120 s'],
    ['node_throttled', 1, 'worker-3 was throttled by its firmware at 120 s'],
    ['node_cpu_frequency_cap_ratio', 0.625, 'worker-3 might run at 63 % of its CPU frequency at most at 120 s'],
  ])('voids a trial by %s, and says which node and when', (metric, value, detail) => {
    const verdict = judge(...HEALTHY, point(120, metric, value));
    expect(verdict).toMatchObject({ passed: false, value: 1, detail: `${detail}.` });
    expect(verdict.remedy).toContain('cooler');
    expect(judge(...HEALTHY, point(300, metric, value)).passed).toBe(true); // After the load.
  });

  it('is unknown where nothing tells, and says so', () => {
    expect(judge()).toMatchObject({
      passed: true,
      detail:
        'Nothing tells how the machines fared. Unknown at this site: temperature, under-voltage, throttling, CPU frequency.',
    });
    expect(judge()).not.toHaveProperty('value');
    expect(judge(HEALTHY[0]!).detail).toContain('Unknown at this site: under-voltage, throttling, CPU frequency.');
  });

  it('is unknown of single machines that do not tell, and says of which', () => {
    const other = HEALTHY.slice(1).map((one) => ({ ...one, node: 'worker-4' }));
    expect(judge(...HEALTHY, ...other)).toMatchObject({
      passed: true,
      detail: 'No machine that tells was slowed down. Unknown: temperature of worker-4.',
    });
    expect(judge(...HEALTHY, point(60, 'node_cpu_cores', 1, 'control')).detail).toContain('temperature of control;');
  });
});

describe('what a machine tells of itself', () => {
  let sys: string;
  beforeEach(() => (sys = mkdtempSync(join(tmpdir(), 'sys-'))));
  afterEach(() => rmSync(sys, { recursive: true }));
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(sys, path)), { recursive: true });
    writeFileSync(join(sys, path), `${text}\n`);
  };

  it('is read from the kernel and the firmware of a Pi', () => {
    file('class/thermal/thermal_zone0/temp', '81234');
    file('class/hwmon/hwmon1/in0_lcrit_alarm', '0');
    file('devices/system/cpu/cpu0/cpufreq/scaling_max_freq', '1500000');
    file('devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq', '2400000');
    expect(machineHealth(sys, 'throttled=0x0\n')).toEqual({
      node_temperature_celsius: 81.234,
      node_undervoltage: 0,
      node_throttled: 0,
      node_cpu_frequency_cap_ratio: 0.625,
    });
    expect(machineHealth(sys, 'throttled=0x50005')).toMatchObject({ node_undervoltage: 1, node_throttled: 1 });
    // What happened since the machine started is no matter of this trial.
    expect(machineHealth(sys, 'throttled=0x50000')).toMatchObject({ node_undervoltage: 0, node_throttled: 0 });
  });

  it('is nothing where there are no such files', () => {
    expect(machineHealth(sys, '')).toEqual({});
    file('class/thermal/thermal_zone0/temp', 'unreadable');
    expect(machineHealth(sys, 'command failed')).toEqual({});
  });
});
