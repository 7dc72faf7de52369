import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildTool } from '../../tools/build';
import { asStream } from './apply';
import type { ControlPlane } from './control-plane';
import { startDaemon, waitUntilReady } from './daemon';
import { freePorts } from '../fixtures/free-ports';
import { accepts } from './git-server';

/** A running Argo CD: application controller, repo server and Redis. */
export interface ArgoCd {
  /** Starts the application controller anew, with some parameters changed. */
  restartController(params: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts Argo CD's application controller and repo server with a Redis, against a throw-away cluster with its definitions.
 *
 * @param pollSeconds - how often the repository is looked at (three minutes in production, too long for a test).
 */
export async function startArgoCd(
  cluster: ControlPlane,
  values: ArgoCdConfiguration,
  pollSeconds: number,
): Promise<ArgoCd> {
  const argocd = await buildTool('argocd');
  const helm = await buildTool('helm');
  const kustomize = await buildTool('kustomize');
  const [redisPort, repoPort, repoMetricsPort, controllerMetricsPort] = (await freePorts(4)) as [
    number,
    number,
    number,
    number,
  ];
  await createConfiguration(cluster, { ...values.cm, 'timeout.reconciliation': `${pollSeconds}s` });

  const folder = join(cluster.folder, 'argo-cd');
  for (const each of ['tmp', 'gnupg', 'tls', 'ssh', 'plugins', 'home'])
    mkdirSync(join(folder, each), { recursive: true });
  const env = {
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_GNUPGHOME: join(folder, 'gnupg'),
    ARGOCD_TLS_DATA_PATH: join(folder, 'tls'),
    ARGOCD_SSH_DATA_PATH: join(folder, 'ssh'),
    ARGOCD_PLUGINSOCKFILEPATH: join(folder, 'plugins'),
    ...environmentOf(values.params),
    ARGOCD_RECONCILIATION_TIMEOUT: `${pollSeconds}s`,
    ARGOCD_RECONCILIATION_JITTER: '0s',
    // Two seconds of grace between waves, for controllers slower than these.
    ARGOCD_SYNC_WAVE_DELAY: '0',
    PATH: `${dirname(helm)}:${dirname(kustomize)}:${process.env['PATH'] ?? ''}`,
    KUBECONFIG: cluster.kubeconfig,
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
  };
  const redis = startDaemon(
    'redis',
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(redisPort), '--save', '', '--appendonly', 'no'],
    { folder },
  );
  await waitUntilReady(redis, () => accepts(redisPort));
  const repoServer = startDaemon(
    'repo-server',
    argocd,
    [
      '--address=127.0.0.1',
      `--port=${repoPort}`,
      '--metrics-address=127.0.0.1',
      `--metrics-port=${repoMetricsPort}`,
      `--redis=127.0.0.1:${redisPort}`,
      '--logformat=text',
      '--revision-cache-expiration=1s',
    ],
    { folder, env: { ...env, ARGOCD_BINARY_NAME: 'argocd-repo-server' } },
  );
  await waitUntilReady(repoServer, () => accepts(repoPort));
  const startController = async (params: Readonly<Record<string, string>>) => {
    const daemon = startDaemon(
      'application-controller',
      argocd,
      [
        '--namespace=argocd',
        `--repo-server=127.0.0.1:${repoPort}`,
        `--redis=127.0.0.1:${redisPort}`,
        `--metrics-port=${controllerMetricsPort}`,
        `--app-resync=${pollSeconds}`,
        '--app-resync-jitter=0',
        // For three minutes a repository that cannot be rendered is held to be a passing fault.
        '--repo-error-grace-period-seconds=5',
        '--logformat=text',
      ],
      { folder, env: { ...env, ...environmentOf(params), ARGOCD_BINARY_NAME: 'argocd-application-controller' } },
    );
    await waitUntilReady(daemon, () => accepts(controllerMetricsPort));
    return daemon;
  };
  let controller = await startController({});

  return {
    restartController: async (params) => {
      await controller.stop(500);
      controller = await startController(params);
    },
    stop: async () => {
      for (const daemon of [controller, repoServer, redis]) await daemon.stop(500);
    },
  };
}

/** `configs` of Argo CD's Helm chart, as far as the two processes read them. */
export interface ArgoCdConfiguration {
  /** The ConfigMap `argocd-cm`. */
  readonly cm: Readonly<Record<string, string>>;
  /** The ConfigMap `argocd-cmd-params-cm`, whose keys become environment variables of the processes. */
  readonly params: Readonly<Record<string, string>>;
}

/** The variables that the manifests of Argo CD 3.2 (`manifests/base`) fill from `argocd-cmd-params-cm`. */
const PARAMETER_VARIABLES: Readonly<Record<string, string>> = {
  'controller.diff.server.side': 'ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF',
  'controller.sync.timeout.seconds': 'ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT',
  'controller.status.processors': 'ARGOCD_APPLICATION_CONTROLLER_STATUS_PROCESSORS',
  'controller.operation.processors': 'ARGOCD_APPLICATION_CONTROLLER_OPERATION_PROCESSORS',
  'reposerver.parallelism.limit': 'ARGOCD_REPO_SERVER_PARALLELISM_LIMIT',
};

function environmentOf(params: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      const variable = PARAMETER_VARIABLES[key];
      if (!variable)
        throw new Error(
          `test/cluster/argo-cd.ts: no variable is known for the parameter ${key}; add it from Argo CD's manifests`,
        );
      return [variable, value];
    }),
  );
}

/** What Argo CD's Helm chart creates and the two processes read. */
async function createConfiguration(cluster: ControlPlane, settings: Readonly<Record<string, string>>): Promise<void> {
  const metadata = (name: string) => ({ name, namespace: 'argocd', labels: { 'app.kubernetes.io/part-of': 'argocd' } });
  await cluster.kubectl(
    ['apply', '--server-side', '-f', '-'],
    asStream([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-cm'), data: settings },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-rbac-cm') },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: metadata('argocd-secret'),
        stringData: { 'server.secretkey': randomBytes(32).toString('base64') },
      },
    ]),
  );
}
