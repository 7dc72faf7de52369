import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { buildTool } from '../../tools/build';
import { customResourceDefinitions } from './crds';
import { run, startDaemon, waitUntilReady, type CommandResult, type Daemon } from './daemon';
import { freePorts } from '../fixtures/free-ports';
import { nodeObjects } from './nodes';
import { createRunFolder } from './run-folder';

/** What a throw-away cluster is made of. */
export interface ControlPlaneOptions {
  /** Added to the controller manager's command line, such as `--horizontal-pod-autoscaler-sync-period=3s`. */
  readonly controllerManagerFlags?: readonly string[];
  /** Added to the API server's command line. */
  readonly apiServerFlags?: readonly string[];
  /** `inventory`: one node per cluster host of the Ansible inventory. Default `inventory`. */
  readonly nodes?: 'inventory' | 'none';
  /** Simulate nodes and pods, so that pods start, become ready and end. Default true. */
  readonly kwok?: boolean;
  /** Install the custom resource definitions of `imports/crds`. Default true. */
  readonly crds?: boolean;
}

/** A running throw-away cluster. */
export interface ControlPlane {
  /** URL of the API server, such as `https://127.0.0.1:34567`. */
  readonly server: string;
  /** Bearer token of a cluster administrator. */
  readonly token: string;
  /** Certificate that the API server's certificate is verified with. */
  readonly caFile: string;
  /** File for `KUBECONFIG`, with the administrator's token. */
  readonly kubeconfig: string;
  /** Folder of this cluster's data and logs; removed by `stop`. */
  readonly folder: string;
  /**
   * Runs kubectl as administrator and returns what it printed.
   *
   * @throws Error with the command and its error output, when it fails.
   */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Runs kubectl as administrator and returns status and both outputs. */
  tryKubectl(args: readonly string[], stdin?: string): Promise<CommandResult>;
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

/**
 * Starts etcd, kube-apiserver (Pod Security and quota admission on, as K3s has them), controller manager, scheduler and KWOK,
 * built first when the cache lacks them. Every process dies with this one.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { nodes = 'inventory', kwok = true, crds = true } = options;
  const tools = {
    etcd: await buildTool('etcd'),
    apiServer: await buildTool('kube-apiserver'),
    controllerManager: await buildTool('kube-controller-manager'),
    scheduler: await buildTool('kube-scheduler'),
    kubectl: await buildTool('kubectl'),
    kwok: kwok ? await buildTool('kwok') : undefined,
  };
  const folder = createRunFolder('cluster');
  const daemons: Daemon[] = [];
  const start = (name: string, program: string, args: readonly string[]) => {
    const daemon = startDaemon(name, program, args, { folder });
    daemons.unshift(daemon);
    return daemon;
  };
  const stop = async () => {
    for (const daemon of daemons) await daemon.stop(daemon.name === 'etcd' ? 500 : 3000);
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const [clientPort, peerPort, port] = (await freePorts(3)) as [number, number, number];
    const server = `https://127.0.0.1:${port}`;
    const caFile = join(folder, 'certificates', 'apiserver.crt');
    const tokens = writeTokens(folder);
    const kubeconfigOf = (user: keyof typeof tokens) => writeKubeconfig(folder, user, server, caFile, tokens[user]);

    start('etcd', tools.etcd, [
      '--data-dir',
      join(folder, 'etcd'),
      '--unsafe-no-fsync',
      '--log-level=warn',
      `--listen-client-urls=http://127.0.0.1:${clientPort}`,
      `--advertise-client-urls=http://127.0.0.1:${clientPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
      `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    ]);
    const serviceAccountKey = writeServiceAccountKey(folder);
    const api = start('kube-apiserver', tools.apiServer, [
      `--etcd-servers=http://127.0.0.1:${clientPort}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      // Never used, as nothing reconciles its Endpoints; without it a machine with no default route cannot start it.
      '--advertise-address=192.168.100.121',
      '--endpoint-reconciler-type=none',
      `--cert-dir=${join(folder, 'certificates')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=Node,RBAC',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${serviceAccountKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--service-cluster-ip-range=10.43.0.0/16',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged',
      ...(options.apiServerFlags ?? []),
    ]);
    await waitUntilReady(api, () => answersReady(server, caFile, tokens.admin));

    start('kube-controller-manager', tools.controllerManager, [
      `--kubeconfig=${kubeconfigOf('kube-controller-manager')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--use-service-account-credentials',
      `--service-account-private-key-file=${serviceAccountKey}`,
      `--root-ca-file=${caFile}`,
      '--allocate-node-cidrs=false',
      // A busy test machine must not look like a lost node.
      '--node-monitor-grace-period=10m',
      ...(options.controllerManagerFlags ?? []),
    ]);
    start('kube-scheduler', tools.scheduler, [
      `--kubeconfig=${kubeconfigOf('kube-scheduler')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);

    const kubeconfig = kubeconfigOf('admin');
    const tryKubectl = (args: readonly string[], stdin?: string) =>
      run(tools.kubectl, ['--kubeconfig', kubeconfig, ...args], {
        input: stdin,
        env: { KUBECTL_KUBERC: 'false', HOME: folder },
      });
    const kubectl = async (args: readonly string[], stdin?: string) => {
      const result = await tryKubectl(args, stdin);
      if (result.status !== 0)
        throw new Error(`kubectl ${args.join(' ')} ended with status ${result.status}: ${result.stderr.trim()}`);
      return result.stdout;
    };
    const controlPlane: ControlPlane = {
      server,
      token: tokens.admin,
      caFile,
      kubeconfig,
      folder,
      kubectl,
      tryKubectl,
      stop,
    };

    if (tools.kwok)
      start('kwok', tools.kwok, [
        `--kubeconfig=${kubeconfig}`,
        `--config=${join(__dirname, 'stages.yaml')}`,
        '--manage-all-nodes',
        '--cidr=10.42.0.0/16',
        '--node-lease-duration-seconds=600',
        '--server-address=',
      ]);
    if (nodes === 'inventory') await createNodes(controlPlane, kwok);
    if (crds) await installCustomResourceDefinitions(controlPlane);
    return controlPlane;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createNodes(controlPlane: ControlPlane, simulated: boolean): Promise<void> {
  const nodes = nodeObjects();
  await controlPlane.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes }));
  if (simulated) await controlPlane.kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
}

async function installCustomResourceDefinitions(controlPlane: ControlPlane): Promise<void> {
  const files = customResourceDefinitions();
  if (files.length === 0) return;
  await controlPlane.kubectl(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
  await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
}

async function answersReady(server: string, caFile: string, token: string): Promise<boolean> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(caFile) } });
  try {
    const response = await fetch(`${server}/readyz`, { dispatcher, headers: { authorization: `Bearer ${token}` } });
    return response.status === 200;
  } finally {
    await dispatcher.close();
  }
}

/** One token per user; the groups and user names are those that Kubernetes' own roles are bound to. */
function writeTokens(folder: string) {
  const token = () => randomBytes(24).toString('hex');
  const tokens = { admin: token(), 'kube-controller-manager': token(), 'kube-scheduler': token() };
  const lines = [
    `${tokens.admin},admin,admin,"system:masters"`,
    `${tokens['kube-controller-manager']},system:kube-controller-manager,kube-controller-manager`,
    `${tokens['kube-scheduler']},system:kube-scheduler,kube-scheduler`,
  ];
  writeFileSync(join(folder, 'tokens.csv'), lines.join('\n') + '\n', { mode: 0o600 });
  return tokens;
}

function writeServiceAccountKey(folder: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = join(folder, 'service-account.key');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return file;
}

function writeKubeconfig(folder: string, user: string, server: string, caFile: string, token: string): string {
  const file = join(folder, `${user}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'throw-away', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'throw-away', context: { cluster: 'throw-away', user } }],
    'current-context': 'throw-away',
  };
  writeFileSync(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
}
