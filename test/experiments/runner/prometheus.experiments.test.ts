import { mkdtempSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricsComplete } from '../../../experiments/runner/attempt/gates/gates';
import { PrometheusClient } from '../../../experiments/runner/sites/cluster/prometheus-client';
import { OPTIONAL_QUERIES, PrometheusMetrics } from '../../../experiments/runner/sites/cluster/prometheus-metrics';
import { startPrometheus, type PrometheusServer } from './prometheus-server';

jest.setTimeout(300_000);

let server: PrometheusServer;
let url: string;

beforeAll(async () => {
  const governor = (node: string, name: string, value: number) =>
    `node_cpu_scaling_governor{instance="${node}",cpu="0",governor="${name}"} ${value}\n`;
  const metrics = (scrape: number) =>
    `node_load{instance="worker-1"} ${scrape}\nnode_load{instance="worker-2"} 2\n` +
    `node_hwmon_in_lcrit_alarm_volts{instance="worker-1"} 0\nnode_hwmon_in_lcrit_alarm_volts{instance="worker-2"} 0.001\n` +
    ['worker-1', 'worker-3'].map((node) => governor(node, 'performance', 1) + governor(node, 'ondemand', 0)).join('') +
    governor('worker-2', 'performance', 0) +
    governor('worker-2', 'ondemand', 1);
  server = await startPrometheus(mkdtempSync(join(tmpdir(), 'prometheus-')), metrics, 8);
  url = server.url;
});

afterAll(() => server?.stop());

const now = () => Math.floor(Date.now() / 1000);

describe('the metrics client against a real Prometheus', () => {
  it('reads the same series in one page and in many', async () => {
    const [start, end] = [now() - 6, now() - 1];
    const whole = await new PrometheusClient({ url }).range('node_load', start, end, 1);
    const paged = await new PrometheusClient({ url, pointsPerPage: 2 }).range('node_load', start, end, 1);
    expect(whole.map(({ labels }) => labels['instance']).sort()).toEqual(['worker-1', 'worker-2']);
    expect(whole[0]!.points.length).toBeGreaterThan(2);
    expect(paged).toEqual(whole);
  });

  it('turns series into points with their node, and the gate sees a window that has none', async () => {
    const metrics = new PrometheusMetrics({ url, lagMs: 0, stepSeconds: 1, queries: { node_cpu_cores: 'node_load' } });
    await metrics.begin();
    const end = Date.now() - 1000;
    const points = await metrics.points(end - 4000, end);
    expect(new Set(points.map(({ node }) => node))).toEqual(new Set(['worker-1', 'worker-2']));
    expect(metricsComplete(points, metrics.required, 1, end - 4000, end).passed).toBe(true);
    // Before the server was started there is nothing: a window really missing.
    const before = await metrics.points(end - 3_604_000, end - 3_600_000);
    expect(metricsComplete(before, metrics.required, 1, end - 3_604_000, end - 3_600_000)).toMatchObject({
      passed: false,
      value: 0,
    });
  });

  it('tells which governor each node uses, for campaign.json, and an alarm of low voltage as one', async () => {
    expect(await new PrometheusMetrics({ url }).facts()).toEqual({
      nodeGovernors: 'ondemand on worker-2, performance on worker-1 worker-3',
    });
    const [start, end] = [now() - 2, now() - 1];
    const alarms = await new PrometheusClient({ url }).range(OPTIONAL_QUERIES['node_undervoltage']!, start, end, 1);
    expect(alarms.map(({ labels, points }) => `${labels['instance']} ${points.at(-1)![1]}`).sort()).toEqual([
      'worker-1 0',
      'worker-2 1',
    ]);
  });

  it('passes a refusal of the query on in one sentence and does not ask again', async () => {
    await expect(new PrometheusClient({ url }).range('node_load{', now(), now(), 1)).rejects.toThrow(
      /refuses the query \(status 400\)/,
    );
  });

  it('asks again, with growing pauses, while the server is busy or away', async () => {
    let asked = 0;
    const busy = http.createServer((_, response) => {
      asked++;
      if (asked < 3) response.writeHead(asked === 1 ? 429 : 503).end();
      else response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
    });
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const client = new PrometheusClient({
      url: `http://127.0.0.1:${(busy.address() as AddressInfo).port}`,
      backOffMs: 20,
    });
    const started = Date.now();
    expect(await client.range('x', 0, 1, 1)).toEqual([]);
    expect([asked, Date.now() - started >= 55]).toEqual([3, true]);
    busy.closeAllConnections();
    busy.close();
    const away = new PrometheusClient({ url: 'http://127.0.0.1:1', attempts: 2, backOffMs: 10 });
    await expect(away.range('x', 0, 1, 1)).rejects.toThrow('gave no answer in 2 attempts');
  });

  it('says in one sentence that the token is refused', async () => {
    const strict = http.createServer((_, response) => void response.writeHead(401).end());
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`;
    await expect(new PrometheusMetrics({ url: address, user: '1', token: 'old' }).begin()).rejects.toThrow(
      'refuses the token (status 401): renew it',
    );
    strict.closeAllConnections();
    strict.close();
  });
});
