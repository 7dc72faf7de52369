import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildTool } from '../../tools/build';
import { asStream } from './apply';
import type { ControlPlane } from './control-plane';
import { startDaemon, waitUntilReady, type Daemon } from './daemon';
import { freePorts } from './free-ports';
import { accepts } from './git-server';

/** A running Argo CD: application controller, repo server and Redis. */
export interface ArgoCd {
  /** Ends of the logs, for messages of failed tests. */
  logs(): string;
  stop(): Promise<void>;
}

/**
 * Starts Argo CD's application controller and repo server (one binary) with a Redis of their own, against a throw-away
 * cluster. The cluster must hold Argo CD's custom resource definitions; the namespace `argocd` is made here.
 *
 * @param settings - the ConfigMap `argocd-cm`, as the platform configures it.
 * @param pollSeconds - how often the repository is looked at (three minutes in production, too long for a test).
 */
export async function startArgoCd(
  cluster: ControlPlane,
  settings: Readonly<Record<string, string>>,
  pollSeconds: number,
): Promise<ArgoCd> {
  const argocd = await buildTool('argocd');
  const [redisPort, repoPort, repoMetricsPort, controllerMetricsPort] = (await freePorts(4)) as [
    number,
    number,
    number,
    number,
  ];
  await createConfiguration(cluster, { ...settings, 'timeout.reconciliation': `${pollSeconds}s` });

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
    ARGOCD_RECONCILIATION_TIMEOUT: `${pollSeconds}s`,
    ARGOCD_RECONCILIATION_JITTER: '0s',
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
  const controller = startDaemon(
    'application-controller',
    argocd,
    [
      '--namespace=argocd',
      `--repo-server=127.0.0.1:${repoPort}`,
      `--redis=127.0.0.1:${redisPort}`,
      `--metrics-port=${controllerMetricsPort}`,
      `--app-resync=${pollSeconds}`,
      '--app-resync-jitter=0',
      '--logformat=text',
    ],
    { folder, env: { ...env, ARGOCD_BINARY_NAME: 'argocd-application-controller' } },
  );
  await waitUntilReady(controller, () => accepts(controllerMetricsPort));

  const daemons: Daemon[] = [controller, repoServer, redis];
  return {
    logs: () => daemons.map((daemon) => `${daemon.name}:\n${daemon.tail(10)}`).join('\n'),
    stop: async () => {
      for (const daemon of daemons) await daemon.stop(500);
    },
  };
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
