import { Authority } from '../fixtures/certificates';
import type { LooseObject } from '../fixtures/loose';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { traefikServiceName } from '../../charts/signals/metric-rules';
import { settings as ours } from '../../facts/settings';
import { declaredSpecification } from '../../lib/kubernetes/horizontal-pod-autoscaler';
import { renderFiles } from '../../lib/synthesis/render';
import { model } from '../../main';
import { buildTool } from '../../tools/build';
import { BASELINE, type Autoscaling } from '../../experiments/plan';
import { ensureDebianPackages } from '../fixtures/debian-packages';
import { freePorts } from '../fixtures/free-ports';
import { startControlPlane, type ControlPlane } from './control-plane';
import { startDaemon, waitUntilReady, type Daemon } from './daemon';
import { eventually } from './eventually';
import { createRunFolder } from './run-folder';
import { GatewayFigures } from './signals/gateway-figures';

// What charts/signals renders, in a real Prometheus, the real adapter, a real API server with the rendered rights, and the
// real autoscaler. Stand-ins: Traefik's figures, and pods, which nothing here needs.

jest.setTimeout(300_000);

/** Quicker than production, and so the same in less time. */
const SIGNALS = { ...ours.signals, enabled: true, scrapeSeconds: 2, windowSeconds: 8, relistSeconds: 4 };
/** Longer than any of the above takes to notice what is missing, and several syncs of the autoscaler, milliseconds. */
const LONG_ENOUGH = 16_000;
const PER_POD = 4;

const rendered = renderFiles(model({ ...ours, signals: SIGNALS }))
  .filter(({ path }) => path.startsWith('signals/'))
  .flatMap(({ objects }): readonly LooseObject[] => objects);
const textOf = (configMap: string, file: string): string =>
  rendered.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap)!.data[file];

let folder: string;
let cluster: ControlPlane;
let figures: GatewayFigures;
let prometheus: Daemon;
let adapter: Daemon;
let prometheusPort: number;
let adapterPort: number;

beforeAll(async () => {
  await ensureDebianPackages(['prometheus']);
  folder = createRunFolder('signals');
  [prometheusPort, adapterPort] = (await freePorts(2)) as [number, number];
  figures = await GatewayFigures.start(traefikServiceName(ours.namespace));
  cluster = await startControlPlane({
    nodes: 'none',
    kwok: false,
    crds: false,
    apiServerFlags: requestHeaderFlags(),
    controllerManagerFlags: [
      '--controllers=horizontal-pod-autoscaler-controller',
      '--horizontal-pod-autoscaler-sync-period=2s',
    ],
  });
  await applyRendered();
  prometheus = await startPrometheus();
  adapter = await startAdapter();
  figures.carry({ GET: { perSecond: 18, seconds: 0.5 }, POST: { perSecond: 6, seconds: 0.5 } });
  await createAutoscaler();
});

afterAll(async () => {
  await adapter?.stop();
  await prometheus?.stop();
  await figures?.stop();
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the figures are those of the load: by Little’s law in flight, by the second answered, and of solves for the solver', async () => {
  await eventually(
    'a figure of the API',
    async () => Math.abs((await figure('requests_in_flight', 'django-api')) - 12) < 0.3,
  );
  await eventually('its rate', async () => Math.abs((await figure('requests_per_second', 'django-api')) - 24) < 0.6);
  await eventually('solves in flight', async () => Math.abs((await figure('requests_in_flight', 'idaes')) - 3) < 0.1);
  await eventually('their rate', async () => Math.abs((await figure('requests_per_second', 'idaes')) - 6) < 0.2);
});

test('the autoscaler goes where the signal says, by its own built-in rights', async () => {
  await replicasBecome(3);
  figures.carry({ GET: { perSecond: 40, seconds: 0.5 } });
  await replicasBecome(5);
});

describe('the autoscaler keeps its replicas, and says that it has no signal, while', () => {
  test('the Service has no series, as after a restart of Traefik', () => holdsWhile(() => (figures.state = 'nothing')));

  test('the figures are not numbers', () => holdsWhile(() => (figures.state = 'nan')));

  test('scrapes fail', () => holdsWhile(() => (figures.state = 'broken')));

  test('Prometheus is down, and when it starts again with what it had stored', async () => {
    await holdsWhile(
      () => prometheus.stop(),
      async () => {
        prometheus = await startPrometheus();
      },
    );
  });

  test('the adapter is absent', () =>
    holdsWhile(
      () => adapter.stop(),
      async () => {
        adapter = await startAdapter();
      },
    ));
});

test('it could have scaled down all the while: it does so once the load is gone', async () => {
  figures.carry({ GET: { perSecond: 1, seconds: 0.01 } });
  await replicasBecome(1);
});

/** Breaks the signal, waits, looks, and repairs it again. */
async function holdsWhile(
  breaks: () => unknown,
  repairs: () => unknown = () => (figures.state = 'well'),
): Promise<void> {
  await activeIs('True');
  await breaks();
  const until = Date.now() + LONG_ENOUGH;
  await activeIs('False');
  while (Date.now() < until) {
    expect(await replicas()).toBe(5);
    await pause(500);
  }
  expect((await condition()).reason).toBe('FailedGetExternalMetric');
  await repairs();
  await activeIs('True');
  expect(await replicas()).toBe(5);
}

async function replicasBecome(count: number): Promise<void> {
  await eventually(`${count} replicas`, async () => (await replicas()) === count, 60_000);
}

async function activeIs(status: string): Promise<void> {
  await eventually(`ScalingActive ${status}`, async () => (await condition()).status === status, 60_000);
}

/** `spec.replicas` of the target; its status follows, as a Deployment's would. */
async function replicas(): Promise<number> {
  const { spec, status } = JSON.parse(
    await cluster.kubectl(['get', 'deployment', 'django-api', '-n', 'ahuora', '-o', 'json']),
  );
  if (status.replicas !== spec.replicas) await setStatus(spec.replicas);
  return spec.replicas;
}

async function setStatus(count: number): Promise<void> {
  await cluster.kubectl([
    'patch',
    'deployment',
    'django-api',
    '-n',
    'ahuora',
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify({ status: { replicas: count } }),
  ]);
}

async function condition(): Promise<{ status: string; reason: string }> {
  await replicas();
  const { status } = JSON.parse(await cluster.kubectl(['get', 'hpa', 'django-api', '-n', 'ahuora', '-o', 'json']));
  const found = (status.conditions ?? []).find(({ type }: { type: string }) => type === 'ScalingActive');
  return found ?? { status: 'Unknown', reason: '' };
}

async function figure(metric: string, workload: string): Promise<number> {
  const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/ahuora/${metric}?labelSelector=workload%3D${workload}`;
  const { items } = JSON.parse(await cluster.kubectl(['get', '--raw', path]));
  expect(items).toHaveLength(1);
  return items[0].value.endsWith('m') ? Number(items[0].value.slice(0, -1)) / 1000 : Number(items[0].value);
}

/** Everything of dist/signals but its pods, and the Service and the APIService led to a process on loopback. */
async function applyRendered(): Promise<void> {
  const kept = rendered.filter(({ kind }) => !['Deployment', 'Service', 'APIService'].includes(kind));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ahuora' } };
  await apply([...kept.filter(({ kind }) => kind === 'Namespace'), namespace]);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'prometheus-adapter', namespace: 'signals' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port: adapterPort, protocol: 'TCP' }] },
  };
  const apiService = structuredClone<LooseObject>(rendered.find(({ kind }) => kind === 'APIService')!);
  apiService.spec.service.port = adapterPort;
  await apply([...kept.filter(({ kind }) => kind !== 'Namespace'), service, apiService]);
}

async function apply(objects: readonly unknown[]): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

async function startPrometheus(): Promise<Daemon> {
  const configuration = textOf('prometheus-config', 'prometheus.yml');
  const target = 'traefik-metrics.kube-system.svc:9100';
  expect(configuration).toContain(target);
  writeFileSync(join(folder, 'prometheus.yml'), configuration.replace(target, figures.address));
  writeFileSync(join(folder, 'rules.yml'), textOf('prometheus-config', 'rules.yml'));
  const own = (argument: string) => argument.startsWith('--query.');
  const daemon = startDaemon(
    'prometheus',
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      ...argumentsOf('prometheus').filter(own),
    ],
    { folder },
  );
  await waitUntilReady(daemon, async () => (await fetch(`http://127.0.0.1:${prometheusPort}/-/ready`)).ok);
  return daemon;
}

/** With the account's own token: what it may do is what was rendered. */
async function startAdapter(): Promise<Daemon> {
  const token = (await cluster.kubectl(['create', 'token', 'prometheus-adapter', '-n', 'signals'])).trim();
  const kubeconfig = join(folder, 'adapter.kubeconfig');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: cluster.server, 'certificate-authority': cluster.caFile } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'c',
    }),
    { mode: 0o600 },
  );
  writeFileSync(join(folder, 'adapter.yaml'), textOf('prometheus-adapter-config', 'config.yaml'));
  const own = (argument: string) => argument.startsWith('--metrics-');
  const daemon = startDaemon(
    'prometheus-adapter',
    await buildTool('prometheus-adapter'),
    [
      `--cert-dir=${join(folder, 'adapter-certificates')}`,
      `--config=${join(folder, 'adapter.yaml')}`,
      `--prometheus-url=http://127.0.0.1:${prometheusPort}/`,
      `--secure-port=${adapterPort}`,
      ...['lister', 'authentication', 'authorization'].map((use) => `--${use}-kubeconfig=${kubeconfig}`),
      ...argumentsOf('prometheus-adapter').filter(own),
    ],
    { folder },
  );
  await waitUntilReady(daemon, async () => {
    await cluster.kubectl(['get', '--raw', '/apis/external.metrics.k8s.io/v1beta1']);
    return true;
  });
  return daemon;
}

function argumentsOf(deployment: string): string[] {
  const found = rendered.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === deployment);
  return (found as LooseObject).spec.template.spec.containers[0].args;
}

async function createAutoscaler(): Promise<void> {
  const scaling: Autoscaling = {
    ...(BASELINE['django-api'].replicas as Autoscaling),
    signals: [{ kind: 'in-flight', perPod: PER_POD }],
    scaleDownStabilisationSeconds: 0,
  };
  const metadata = { name: 'django-api', namespace: 'ahuora' };
  const labels = { app: 'django-api' };
  await apply([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'django-api', image: 'none' }] } },
      },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'django-api' },
        ...declaredSpecification(scaling, 'django-api'),
      },
    },
  ]);
  await setStatus(1);
}

/** What lets the API server pass on who has asked it, as every real one does. */
function requestHeaderFlags(): string[] {
  const authority = Authority.make(join(folder, 'request-header'), 'request-header');
  const client = authority.issue('client', '/CN=aggregator', [], ['clientAuth']);
  return [
    `--requestheader-client-ca-file=${authority.certificate}`,
    `--proxy-client-cert-file=${client.certificate}`,
    `--proxy-client-key-file=${client.key}`,
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ];
}
