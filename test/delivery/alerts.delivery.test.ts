import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alerts, LIMITS } from '../../argocd/alerts/rules';
import { settings } from '../../facts/settings';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { freePorts } from '../fixtures/free-ports';

// The rules and the dashboard as dist/ has them, in a real Prometheus: promtool's unit tests for the rules, and a server
// that scrapes metrics of these names for the dashboard's queries. What the exporters really say is not proved here.

const CLUSTER = settings.monitoring.clusterName;
const RULES = join(__dirname, '../../dist/alerts/rules.yaml');
const DASHBOARD = JSON.parse(readFileSync(join(__dirname, '../../dist/alerts/dashboard.json'), 'utf8'));
const TIMEOUT = 300_000;

/** Series by their text and the values that they have, in promtool's notation, each minute. */
type Series = Readonly<Record<string, string>>;

interface Example {
  /** After how many minutes it is looked at. */
  readonly minutes: number;
  readonly fires: Series;
  /** The nearest that is still well. */
  readonly rests: Series;
}

const node = (metric: string, labels = '') => `${metric}{cluster="${CLUSTER}",instance="worker-1"${labels}}`;
const cronJob = (metric: string, name = 'postgres-backup') => `${metric}{cluster="${CLUSTER}",cronjob="${name}"}`;
const application = (name: string, path: string, sync: string, health: string) =>
  `argocd_application_info{cluster="${CLUSTER}",name="${name}",path="${path}",sync_status="${sync}",health_status="${health}"}`;
const ready = `kube_node_status_condition{cluster="${CLUSTER}",node="worker-1",condition="Ready",status="true"}`;
const postgres = `kube_statefulset_status_replicas_ready{cluster="${CLUSTER}",statefulset="postgres"}`;
const probe = (metric: string) => `${metric}{cluster="${CLUSTER}",instance="https://auth.ahuora.org.nz"}`;
const always = (value: number) => `${value}x10000`;
const hours = (value: number) => value * 60;
const frequency = (share: number, idlePerMinute: number): Series => ({
  [node('node_cpu_scaling_frequency_hertz')]: always(share * 2.4e9),
  [node('node_cpu_scaling_frequency_max_hertz')]: always(2.4e9),
  [node('node_cpu_seconds_total', ',mode="idle"')]: `0+${idlePerMinute}x10000`,
});

const examples: Readonly<Record<string, Example>> = {
  NodeNotReady: { minutes: 7, fires: { [ready]: always(0) }, rests: { [ready]: always(1) } },
  DiskAlmostFull: {
    minutes: 20,
    fires: disk(LIMITS.freeDiskShare - 0.01),
    rests: disk(LIMITS.freeDiskShare + 0.01),
  },
  NodeHot: {
    minutes: 10,
    fires: { [node('node_hwmon_temp_celsius', ',chip="cpu"')]: always(LIMITS.celsius + 1) },
    rests: { [node('node_hwmon_temp_celsius', ',chip="cpu"')]: always(LIMITS.celsius) },
  },
  // A node that has nothing to do lowers its frequency by itself.
  NodeThrottled: { minutes: 20, fires: frequency(0.6, 6), rests: frequency(0.6, 54) },
  NodeUnderVoltage: {
    minutes: 5,
    fires: { [node('node_hwmon_in_lcrit_alarm_volts')]: always(1) },
    rests: { [node('node_hwmon_in_lcrit_alarm_volts')]: always(0) },
  },
  PostgresDown: { minutes: 5, fires: { [postgres]: always(0) }, rests: { [postgres]: always(1) } },
  EntryDown: {
    minutes: 10,
    fires: { [probe('probe_success')]: always(0) },
    rests: { [probe('probe_success')]: always(1) },
  },
  CertificateExpires: {
    minutes: 120,
    fires: { [probe('probe_ssl_earliest_cert_expiry')]: always((LIMITS.certificateDays - 1) * 86_400) },
    rests: { [probe('probe_ssl_earliest_cert_expiry')]: always((LIMITS.certificateDays + 1) * 86_400) },
  },
  BackupTooOld: {
    minutes: hours(LIMITS.backupHours + 1),
    // It was made, and has not succeeded once.
    fires: { [cronJob('kube_cronjob_created')]: always(0) },
    rests: {
      [cronJob('kube_cronjob_created')]: always(0),
      [cronJob('kube_cronjob_status_last_successful_time')]: always(hours(4) * 60),
    },
  },
  BackupMissing: {
    minutes: 60,
    fires: { [cronJob('kube_cronjob_created', 'another')]: always(0) },
    rests: { [cronJob('kube_cronjob_created')]: always(0) },
  },
  ApplicationOutOfSync: {
    minutes: 20,
    fires: { [application('platform', 'dist/platform', 'OutOfSync', 'Healthy')]: always(1) },
    rests: { [application('platform', 'dist/platform', 'Synced', 'Healthy')]: always(1) },
  },
  ApplicationUnhealthy: {
    minutes: 20,
    fires: { [application('platform', 'dist/platform', 'Synced', 'Degraded')]: always(1) },
    rests: { [application('platform', 'dist/platform', 'Synced', 'Progressing')]: always(1) },
  },
  CampaignRunning: {
    minutes: 3,
    fires: { [application('workloads', 'dist/workloads/uor-minimum-2', 'Synced', 'Healthy')]: always(1) },
    rests: { [application('workloads', 'dist/workloads/production', 'Synced', 'Healthy')]: always(1) },
  },
};

function disk(free: number): Series {
  const labels = ',device="/dev/mmcblk0p2",mountpoint="/"';
  return {
    [node('node_filesystem_avail_bytes', labels)]: always(free * 1000),
    [node('node_filesystem_size_bytes', labels)]: always(1000),
  };
}

let folder: string;

beforeAll(async () => {
  await ensureDebianPackages(['prometheus']);
  folder = mkdtempSync(join(tmpdir(), 'alerts-'));
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names of the alerts that fire for these series, asked of promtool by expecting each not to. */
function firing(series: Series, minutes: number, names: readonly string[]): string[] {
  return names.filter((alertname) => {
    const file = join(folder, 'test.yaml');
    const test = {
      interval: '1m',
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [{ eval_time: `${minutes}m`, alertname, exp_alerts: [] }],
    };
    writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: '1m', tests: [test] }, { lineWidth: 0 }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    if (status !== 0 && !`${stdout}${stderr}`.includes(`alertname: ${alertname}`)) throw new Error(stdout + stderr);
    return status !== 0;
  });
}

test('the rules are valid', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
  expect({ status, output: stdout + stderr }).toEqual({
    status: 0,
    output: expect.stringContaining(`${alerts(CLUSTER).length} rules found`),
  });
});

test('every alert has an example', () => {
  expect(Object.keys(examples).sort()).toEqual(
    alerts(CLUSTER)
      .map(({ name }) => name)
      .sort(),
  );
});

test.each(Object.entries(examples))(
  '%s fires for what it is about and not for the nearest that is well',
  (name, { minutes, fires, rests }) => {
    expect(firing(fires, minutes, [name])).toEqual([name]);
    expect(firing(rests, minutes, [name])).toEqual([]);
    // Another cluster that writes to the same place is not ours.
    const elsewhere = Object.fromEntries(
      Object.entries(fires).map(([series, values]) => [
        series.replace(`cluster="${CLUSTER}"`, 'cluster="other"'),
        values,
      ]),
    );
    if (name !== 'BackupMissing') expect(firing(elsewhere, minutes, [name])).toEqual([]);
  },
  60_000,
);

describe('the dashboard', () => {
  let prometheus: ChildProcess;
  let exporter: Server;
  let address: string;

  beforeAll(async () => {
    let second = 0;
    exporter = createServer((_request, response) => response.end(exposition((second += 1)))).listen(0, '127.0.0.1');
    await once(exporter, 'listening');
    const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
    const config = {
      global: { scrape_interval: '1s' },
      rule_files: [RULES],
      scrape_configs: [{ job_name: 'all', honor_labels: true, static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
    const [port] = await freePorts(1);
    address = `127.0.0.1:${port}`;
    const flags = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`]; // prettier-ignore
    prometheus = spawn('prometheus', flags, { stdio: 'ignore' });
  }, TIMEOUT);

  afterAll(() => {
    prometheus?.kill('SIGKILL');
    exporter?.close();
  });

  /** One node, the API, the backup and the Applications, at the given second. */
  function exposition(second: number): string {
    const api = `cluster="${CLUSTER}",namespace="ahuora",container="django-api"`;
    const series: Record<string, number> = {
      [ready]: 1,
      [node('node_cpu_seconds_total', ',cpu="0",mode="idle"')]: second * 0.5,
      [node('node_memory_MemAvailable_bytes')]: 4e9,
      [node('node_memory_MemTotal_bytes')]: 8e9,
      [node('node_hwmon_temp_celsius', ',chip="cpu"')]: 55,
      [node('node_cpu_scaling_frequency_hertz', ',cpu="0"')]: 2.4e9,
      [node('node_cpu_scaling_frequency_max_hertz', ',cpu="0"')]: 2.4e9,
      [node('node_filesystem_avail_bytes', ',device="/dev/mmcblk0p2"')]: 50,
      [node('node_filesystem_size_bytes', ',device="/dev/mmcblk0p2"')]: 100,
      [cronJob('kube_cronjob_status_last_successful_time')]: Date.now() / 1000 - 3600,
      [probe('probe_ssl_earliest_cert_expiry')]: Date.now() / 1000 + 60 * 86_400,
      [application('workloads', 'dist/workloads/production', 'Synced', 'Healthy')]: 1,
      [`kube_deployment_status_replicas_available{cluster="${CLUSTER}",namespace="ahuora",deployment="django-api"}`]: 2,
      [`container_cpu_usage_seconds_total{${api}}`]: second * 0.25,
      [`container_memory_working_set_bytes{${api}}`]: 2e8,
      [`container_fs_writes_bytes_total{${api},device="/dev/mmcblk0"}`]: second * 1000,
      [`kube_pod_container_status_restarts_total{${api}}`]: 0,
    };
    return Object.entries(series)
      .map(([name, value]) => `${name} ${value}\n`)
      .join('');
  }

  async function query(expression: string): Promise<{ value: [number, string] }[]> {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const body = (await response.json()) as {
      status: string;
      error?: string;
      data: { result: { value: [number, string] }[] };
    };
    if (body.status !== 'success') throw new Error(`${expression}: ${body.error}`);
    return body.data.result;
  }

  test('every query of it gives a finite number', async () => {
    const queries: string[] = DASHBOARD.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    );
    expect(queries.length).toBeGreaterThanOrEqual(DASHBOARD.panels.length);
    const values = async (expression: string) => (await query(expression)).map(({ value }) => Number(value[1]));
    const rate = queries.find((expression) => expression.includes('container_cpu'))!;
    for (let attempt = 0; attempt < 120; attempt++) {
      if ((await values(rate).catch(() => [])).some(Number.isFinite)) break;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const empty = [];
    for (const expression of queries) {
      const found = await values(expression);
      if (found.length === 0 || !found.every(Number.isFinite)) empty.push(expression);
    }
    expect(empty).toEqual([]);
    const cpu = await values(queries.find((expression) => expression.includes('mode="idle"'))!);
    expect(cpu[0]).toBeGreaterThan(0);
    expect(cpu[0]).toBeLessThan(1);
  }, 120_000);

  test('its panels do not overlap and stay within the width', () => {
    const cells = new Set<string>();
    for (const { gridPos } of DASHBOARD.panels as { gridPos: { x: number; y: number; w: number; h: number } }[]) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x},${y}`)).toBe(false);
          cells.add(`${x},${y}`);
        }
    }
  });
});
