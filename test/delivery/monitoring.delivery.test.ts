import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { keepOwnDevices, monitoringValues } from '../../argocd/monitoring-values';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { freePorts } from '../fixtures/free-ports';

const INSTALL_TIMEOUT = 300_000;

/** What node-exporter says of a Pi's card, a disk beside it, and file systems that are on neither. */
const EXPOSITION = [
  ['/dev/mmcblk0p2', 'ext4'],
  ['/dev/mmcblk0p1', 'vfat'],
  ['/dev/nvme0n1p1', 'ext4'],
  ['/dev/sda1', 'ext4'],
  ['/dev/sdb1', 'ext4'],
  ['/dev/mmcblk01', 'ext4'],
  ['tmpfs', 'tmpfs'],
]
  .map(([device, type]) => `node_filesystem_avail_bytes{device="${device}",fstype="${type}"} 1\n`)
  // cAdvisor counts reads and writes on the disk as a whole.
  .concat(
    ['/dev/mmcblk0', '/dev/nvme0n1', '/dev/sdb', '/dev/sda', '/dev/loop0', 'overlay'].map(
      (device) => `container_fs_writes_bytes_total{container="api",device="${device}"} 1\n`,
    ),
  )
  .concat('node_load1 0.5\n')
  .join('');

let folder: string;
let exporter: Server;
let prometheus: ChildProcess;
let address: string;

const DEVICES = ['/dev/mmcblk0', '/dev/nvme0n1', '/dev/sdb'];

/** The expressions that the chart is given for cAdvisor's devices. */
function keptByChart(): readonly string[] {
  const address = 'https://metrics.example/push';
  const secret = { name: 'secret', namespace: 'monitoring' };
  const values = monitoringValues({
    clusterName: 'test',
    remoteWriteUrl: address,
    logsUrl: address,
    probedUrl: address,
    credentials: secret,
    logCredentials: secret,
    uplinkNode: 'control',
    storageDevices: DEVICES,
  });
  return values.clusterMetrics.cadvisor.metricsTuning.keepPhysicalFilesystemDevices;
}

/**
 * What the chart makes of those expressions: it marks what to keep, drops the rest, and takes the mark off.
 * Source: grafana/k8s-monitoring-helm 3.7.5, charts/feature-cluster-metrics/templates/_cadvisor.alloy.tpl.
 */
function cadvisorRules(devices: readonly string[]): Record<string, unknown>[] {
  const mark = { target_label: '__keepme', separator: '@' };
  return [
    {
      ...mark,
      source_labels: ['__name__', 'device'],
      regex: `container_fs_.*@(/dev/)?(${devices.join('|')})`,
      replacement: '1',
    },
    { source_labels: ['__name__', '__keepme'], separator: '@', regex: 'container_fs_.*@', action: 'drop' },
    { ...mark, source_labels: ['__name__'], regex: 'container_fs_.*', replacement: '' },
  ];
}

/** Alloy's rule blocks as the relabelling of Prometheus, whose fields have the same names and meaning. */
function asPrometheusRules(blocks: string): Record<string, unknown>[] {
  return blocks
    .split('rule {')
    .slice(1)
    .map((block) =>
      Object.fromEntries(
        [...block.matchAll(/^ {2}(\w+) = (.*)$/gm)].map(([, name, value]) => [name, JSON.parse(value!)]),
      ),
    );
}

beforeAll(async () => {
  await ensureDebianPackages(['prometheus']);
  folder = await mkdtemp(join(tmpdir(), 'monitoring-'));
  exporter = createServer((_request, response) => response.end(EXPOSITION)).listen(0, '127.0.0.1');
  await once(exporter, 'listening');
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  const rules = [...asPrometheusRules(keepOwnDevices(DEVICES)), ...cadvisorRules(keptByChart())];
  expect(rules.length).toBeGreaterThan(1);
  await writeFile(
    join(folder, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: '1s' },
      scrape_configs: [{ job_name: 'node', static_configs: [{ targets: [target] }], metric_relabel_configs: rules }],
    }),
  );
  const [port] = await freePorts(1);
  address = `127.0.0.1:${port}`;
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
}, INSTALL_TIMEOUT);

afterAll(async () => {
  prometheus?.kill('SIGKILL');
  exporter?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function query(expression: string): Promise<{ metric: Record<string, string> }[]> {
  const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return ((await response.json()) as { data: { result: { metric: Record<string, string> }[] } }).data.result;
}

async function untilScraped(): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const samples = await query('node_load1').catch(() => []);
    if (samples.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('Prometheus scraped nothing within a minute');
}

test("the monitoring rules keep exactly the file systems of the cluster's own devices, in a real Prometheus", async () => {
  await untilScraped();
  const kept = await query('node_filesystem_avail_bytes');
  expect(kept.map(({ metric }) => metric['device']).sort()).toEqual([
    '/dev/mmcblk0p1',
    '/dev/mmcblk0p2',
    '/dev/nvme0n1p1',
    '/dev/sdb1',
  ]);
  for (const { metric } of kept) expect(Object.keys(metric).some((label) => label.startsWith('__tmp'))).toBe(false);
}, 90_000);

test("the same holds for what cAdvisor counts on the devices as a whole, which the chart's own list drops", async () => {
  await untilScraped();
  const kept = await query('container_fs_writes_bytes_total');
  expect(kept.map(({ metric }) => metric['device']).sort()).toEqual(['/dev/mmcblk0', '/dev/nvme0n1', '/dev/sdb']);
  const own = new RegExp('^(mmcblk.p.+|nvme.+|rbd.+|sd.+|vd.+|xvd.+|dasd.+)$');
  expect(own.test('mmcblk0')).toBe(false);
}, 90_000);
