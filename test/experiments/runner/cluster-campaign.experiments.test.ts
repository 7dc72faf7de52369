import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CampaignFolder, METRIC_COLUMNS, readTable } from '../../../experiments/campaign';
import { FlowsheetClient } from '../../../experiments/runner/attempt/flowsheet';
import { CLUSTER_QUERIES } from '../../../experiments/runner/sites/cluster/prometheus-metrics';
import { buildTool } from '../../../tools/build';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane';
import { startReferenceApi, type ReferenceApi } from '../../fixtures/reference-api/start';
import { journalTells, startExperiment } from './command-line';
import { PROMETHEUS_USER, startGuardedPrometheus, type GuardedPrometheus } from './guarded-prometheus';

jest.setTimeout(900_000);

const REPOSITORY = join(__dirname, '../../..');
let root: string;
let plane: ControlPlane;
let api: ReferenceApi;
let prometheus: GuardedPrometheus;
let renewing: NodeJS.Timeout;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cluster-campaign-'));
  const programs = join(root, 'bin');
  mkdirSync(programs);
  for (const name of ['tc', 'systemd-run', 'systemctl'])
    symlinkSync(join(__dirname, '../../stand-ins/host', `${name}.sh`), join(programs, name));
  symlinkSync(await buildTool('kubectl'), join(programs, 'kubectl'));
  prometheus = await startGuardedPrometheus(join(root, 'prometheus'), 'first');
  api = await startReferenceApi();
  plane = await startControlPlane();
  await plane.kubectl(['apply', '--server-side', '-f', join(REPOSITORY, 'dist/platform/namespace.yaml')]);
  await plane.tryKubectl(['create', 'namespace', 'kube-node-lease']);
  await keepLeases();
});

afterAll(async () => {
  clearInterval(renewing);
  await plane?.stop();
  await api?.stop();
  await prometheus?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** No kubelet runs on simulated nodes: their leases are renewed here. */
async function keepLeases(): Promise<void> {
  const names = (await plane.kubectl(['get', 'nodes', '-o', 'name'])).trim().split('\n');
  const nodes = names.map((name) => name.replace('node/', ''));
  let busy = false;
  const renew = async () => {
    if (busy) return;
    busy = true;
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const items = nodes.map((name) => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      // Without a holder: a simulator that sees another's gives the node up, and its pods with it.
      spec: { renewTime },
    }));
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await plane
      .tryKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], list)
      .catch(() => undefined)
      .finally(() => (busy = false));
  };
  renewing = setInterval(() => void renew(), 2000);
}

function options(more: Record<string, string> = {}) {
  const environment = {
    PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
    NODE_OPTIONS: `--require ${join(__dirname, '../../stand-ins/host', 'delaying-kernel.cjs')}`,
    TC_STATE: join(root, 'qdisc.json'),
    KUBECONFIG: plane.kubeconfig,
    AHUORA_API_URL: api.url,
    AHUORA_DELIVERY: 'apply',
    AHUORA_DELAY_DEVICE: 'eth9',
    AHUORA_METRICS_LAG_SECONDS: '1',
    GRAFANA_CLOUD_PROMETHEUS_URL: prometheus.url,
    GRAFANA_CLOUD_PROMETHEUS_USER: PROMETHEUS_USER,
    GRAFANA_CLOUD_PROMETHEUS_TOKEN: 'first',
  };
  return { cwd: REPOSITORY, env: { ...process.env, ...environment, ...more } };
}

function start(words: readonly string[], more?: Record<string, string>): ChildProcess {
  return startExperiment(words, { ...options(more), stdio: 'pipe' });
}

/** In a process that leaves this one free to renew leases. */
async function finish(words: readonly string[], more?: Record<string, string>) {
  return ended(start(words, more));
}

async function ended(child: ChildProcess) {
  const said = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, ...said };
}

function flowsheetsLeft(): Promise<number> {
  return new FlowsheetClient().removeLeftovers(api.url, 'ahuora experiment ');
}

const filesOf = (folder: CampaignFolder) =>
  folder
    .records()
    .map(({ trial, attempt }) =>
      ['trial.json', 'samples.parquet', 'replicas.parquet', 'metrics.parquet'].map((name) =>
        readFileSync(join(folder.attemptPath(trial, attempt), name)).toString('base64'),
      ),
    );

/** What went wrong, without the note of the way that the load takes. */
function complaints(stderr: string): string[] {
  return stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('The load goes this way: '));
}

describe('a campaign on the cluster through the command line (real API server, Prometheus and API; tc is a stand-in)', () => {
  it('is stopped by an expired token, then by an unreachable cluster, with one sentence each, and goes on where it was', async () => {
    const campaign = join(root, 'campaign');
    const selection = ['--variant', 'uor-replicas-1', 'uor-replicas-2', '--profile', 'spike', '--repetitions', '1'];
    const run = start(['run', ...selection, '--scale', '0.05', '--attempts', '1', '--campaign', campaign]);
    const running = ended(run);
    setTimeout(() => run.kill('SIGKILL'), 300_000).unref(); // It must not outlive a test that failed.
    await Promise.race([journalTells(campaign, '"event":"stored"', 240_000), running]);
    prometheus.setPassword('second');

    const expired = await running;
    expect(expired.stderr).toMatch(
      /^Prometheus at \S+ refuses the token \(status 401\): renew it, since it may have expired\.$/m,
    );
    expect([expired.status, complaints(expired.stderr)]).toEqual([1, [expect.any(String)]]);
    const folder = CampaignFolder.open(campaign);
    expect(folder.journal.entries().at(-1)).toMatchObject({ event: 'stopped' });
    expect(folder.records()).toHaveLength(1);
    expect([existsSync(join(root, 'qdisc.json')), await flowsheetsLeft()]).toEqual([false, 0]);
    const stored = filesOf(folder);
    const [record] = folder.records();
    for (const gate of [
      'delay-before',
      'delay-after',
      'clock-offset',
      'variant-live-end',
      'metrics-complete',
      'pods-stable',
    ])
      expect(record!.gates.find((one) => one.gate === gate)).toMatchObject({ gate, passed: true });
    const points = await readTable(join(folder.attemptPath(record!.trial, 1), 'metrics.parquet'), METRIC_COLUMNS);
    const names = new Set(points.map(({ metric }) => metric));
    for (const metric of Object.keys(CLUSTER_QUERIES)) expect(names).toContain(metric);

    const nowhere = join(root, 'kubeconfig');
    writeFileSync(nowhere, readFileSync(plane.kubeconfig, 'utf8').replace(plane.server, 'https://127.0.0.1:1'));
    const token = { GRAFANA_CLOUD_PROMETHEUS_TOKEN: 'second' };
    const away = await finish(['resume', campaign], { ...token, KUBECONFIG: nowhere });
    expect([away.status, away.stderr]).toEqual([
      1,
      expect.stringMatching(/^The cluster cannot be reached \(kubectl [^\n]*\n$/),
    ]);

    const { status, stdout } = await finish(['resume', campaign], token);
    expect([0, 3]).toContain(status); // A busy test machine may void a trial by a gate of the generator.
    expect(stdout).toContain('2 attempts stored');
    const reopened = CampaignFolder.open(campaign);
    expect(
      reopened
        .records()
        .map(({ trial }) => trial)
        .sort(),
    ).toEqual([...folder.manifest.order].sort());
    expect(stored.every((files) => filesOf(reopened).some((now) => now.join() === files.join()))).toBe(true);
    expect([existsSync(join(root, 'qdisc.json')), await flowsheetsLeft()]).toEqual([false, 0]);
  });

  it('refuses to begin with a token that is expired already, before any load', async () => {
    const campaign = join(root, 'expired');
    const words = ['run', '--variant', 'uor-replicas-1', '--profile', 'spike', '--repetitions', '1', '--scale', '0.05'];
    const { status, stderr } = await finish([...words, '--campaign', campaign], {
      GRAFANA_CLOUD_PROMETHEUS_TOKEN: 'wrong',
    });
    expect([status, complaints(stderr)]).toEqual([1, [expect.stringMatching(/^Prometheus at \S+ refuses the token/)]]);
    expect(existsSync(campaign)).toBe(false);
  });
});
