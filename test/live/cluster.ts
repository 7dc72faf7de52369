import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { settings } from '../../facts/settings';
import { buildTool } from '../../tools/build';
import { issueCertificates, issuedFiles } from '../fixtures/platform-certificates';
import { customResourceDefinitions } from '../cluster/crds';
import { eventually } from '../cluster/eventually';
import { run } from '../cluster/daemon';
import { createRunFolder, removeStaleRunFolders } from '../cluster/run-folder';
import { foundation, traefikService, type Manifest } from './add-ons';
import { renderTemplates } from './ansible-templates';
import type { Authority } from '../fixtures/certificates';
import { issueClusterCertificates, writeKubeconfig } from './certificates';
import { must } from './command';
import { LiveControlPlane } from './control-plane';
import { Surroundings, type OAuthClient } from './internet';
import { K3sStandIn } from './k3s-stand-in';
import { Kubectl } from './kubectl';
import { requireMachine } from './machine';
import { fitToMachine, fitTree, type Rewriting } from './manifests';
import { layNetwork, networkNames, type Network } from './network';
import { LiveNode, removeControlGroups } from './node';
import { prepare, type Prepared } from './prepare';
import { renderWithSignals } from './render-with-signals';
import { hostsFiles } from './registry-settings';
import { openRelays, type Relay } from './relay';
import { madeUpPeople, vaultOfRun, type People } from './secrets';
import { API_PORT, INTERNET, LAN, NODES, WIFI, type NodeName } from './topology';

const DIST = join(__dirname, '..', '..', 'dist');
const PREFIX = 'ahuora-live-';

/** How a live cluster is started. */
export interface LiveClusterOptions {
  /** Port on loopback that leads to the public entry; default a free one. */
  readonly entryPort?: number;
  /** Whether `facts/settings.ts` has signals beyond CPU switched on. @default false, as committed */
  readonly signals?: boolean;
  /** Says what is going on. */
  readonly say?: (line: string) => void;
}

/** Three real nodes with everything around them. */
export class LiveCluster {
  readonly folder: string;
  readonly network: Network;
  readonly people: People = madeUpPeople();
  readonly nodes: Readonly<Record<NodeName, LiveNode>>;
  readonly controlPlane: LiveControlPlane;
  readonly surroundings: Surroundings;
  /** kubectl, from this machine. */
  readonly kubectl: Kubectl;
  /** What was rewritten in the manifests, for a person to read. */
  rewritings: readonly Rewriting[] = [];
  authority!: Authority;
  /** Ways in from this machine's loopback. */
  relays!: Record<'api' | 'entry' | 'google' | 'lan', Relay>;
  private readonly client: OAuthClient = {
    clientId: randomBytes(8).toString('hex'),
    clientSecret: randomBytes(16).toString('hex'),
  };
  private readonly standIn: K3sStandIn;
  private readonly started = Date.now();

  private constructor(
    private readonly prepared: Prepared,
    programs: Readonly<
      Record<
        'etcd' | 'apiServer' | 'controllerManager' | 'scheduler' | 'kubelet' | 'kubeProxy' | 'kubeRouter' | 'kubectl',
        string
      >
    >,
    private readonly options: LiveClusterOptions,
  ) {
    this.folder = createRunFolder('live');
    this.network = networkNames(`${PREFIX}${process.pid}`);
    this.surroundings = new Surroundings(this.network, this.folder);
    this.controlPlane = new LiveControlPlane(this.network, this.folder, programs, () => this.relays.api);
    this.kubectl = new Kubectl(programs.kubectl, join(this.folder, 'kubeconfig'), this.folder);
    this.standIn = new K3sStandIn(this.kubectl);
    const { volumes } = JSON.parse(readFileSync(join(DIST, 'volumes.json'), 'utf8')) as {
      volumes: { node: string; path: string; user: number; group: number }[];
    };
    const node = (name: NodeName) =>
      new LiveNode(name, {
        network: this.network,
        folder: this.folder,
        programs,
        registries: join(this.folder, 'registries'),
        nameServers: [name === 'control' ? WIFI.router : LAN.ingress],
        labels: {},
        taints: [],
        volumes: volumes.filter((volume) => volume.node === name),
        sizedVolumes: name === settings.postgres.node ? { [settings.postgres.hostPath]: 700 } : {},
      });
    this.nodes = Object.fromEntries(NODES.map((name) => [name, node(name)])) as Record<NodeName, LiveNode>;
  }

  /**
   * Starts an empty cluster with Argo CD, after removing what a killed run left. Only names of network namespaces and empty
   * control groups outlive this process. Throws in one sentence when the machine lacks something.
   */
  static async start(options: LiveClusterOptions = {}): Promise<LiveCluster> {
    requireMachine();
    await removeStale();
    const prepared = await prepare(options);
    const [etcd, apiServer, controllerManager, scheduler, kubelet, kubeProxy, kubeRouter, kubectl] = (await Promise.all(
      [
        'etcd',
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kubelet',
        'kube-proxy',
        'kube-router',
        'kubectl',
      ].map(buildTool),
    )) as [string, string, string, string, string, string, string, string];
    const cluster = new LiveCluster(
      prepared,
      { etcd, apiServer, controllerManager, scheduler, kubelet, kubeProxy, kubeRouter, kubectl },
      options,
    );
    try {
      await cluster.bringUp();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The Applications that there are by now; monitoring's chart is at a place that cannot be reached here. */
  async applications(): Promise<string[]> {
    const names = ['get', 'applications', '-n', 'argocd', '-o', 'jsonpath={.items[*].metadata.name}'];
    return (await this.kubectl.kubectl(names)).split(' ').filter((name) => name !== 'monitoring');
  }

  say(line: string): void {
    this.options.say?.(`${((Date.now() - this.started) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  }

  private async bringUp(): Promise<void> {
    await layNetwork(this.network);
    const pki = join(this.folder, 'pki');
    this.authority = await issueClusterCertificates(pki);
    this.relays = {
      ...(await openRelays(this.folder, this.network.node('control'), { api: { host: '127.0.0.1', port: API_PORT } })),
      ...(await openRelays(this.folder, this.network.internet, {
        entry: { host: INTERNET.edge, port: 443, listen: this.options.entryPort },
        google: { host: INTERNET.google, port: 443 },
      })),
      ...(await openRelays(this.folder, this.network.ingress, { lan: { host: LAN.control, port: 443 } })),
    };
    await writeKubeconfig(
      this.authority,
      'admin',
      `https://127.0.0.1:${this.relays.api.port}`,
      this.kubectl.kubeconfig,
    );
    await Promise.all([this.startControlPlane(), this.startSurroundings()]);
    for (const name of NODES) this.nodes[name].start();
    await this.installFoundation();
    await this.nodesReady();
    this.say('three nodes are ready');
    await this.standIn.start();
  }

  private async startControlPlane(): Promise<void> {
    for (const name of NODES) await this.nodes[name].prepare();
    await this.controlPlane.start();
    this.say('the API server is ready');
  }

  private async startSurroundings(): Promise<void> {
    const upstreams = ['docker.io', 'registry.k8s.io', 'quay.io', 'ghcr.io'];
    const mirror = (name: string) => join(this.folder, `mirror-${name}.yml`);
    const registries = join(this.folder, 'registries.yaml');
    const vault = vaultOfRun(this.client, this.people);
    const extra = {
      registry_engine: 'distribution',
      registry_mirror_folder: join(this.folder, 'mirror'),
      contracts_file: join(DIST, 'secrets.json'),
      k3s_deployments_contracts: JSON.parse(readFileSync(join(DIST, 'secrets.json'), 'utf8')) as object,
      k3s_deployments_secrets: vault.secrets,
      k3s_deployments_issued: this.certificates(),
    };
    await renderTemplates(
      this.folder,
      [
        ...upstreams.map((name) => ({
          host: 'ingress',
          role: 'registry_mirror',
          template: 'distribution.yml.j2',
          file: mirror(name),
          variables: { item: `{{ registry_upstreams | selectattr('name', 'equalto', '${name}') | first }}` },
        })),
        { host: 'control', role: 'k3s_node', template: 'registries.yaml.j2', file: registries },
        {
          host: 'control',
          role: 'k3s_deployments',
          template: 'secrets.yaml.j2',
          file: join(this.folder, 'secrets.yaml'),
        },
      ],
      vault,
      extra,
    );
    for (const [path, content] of Object.entries(hostsFiles(readFileSync(registries, 'utf8')))) {
      mkdirSync(join(this.folder, 'registries', path, '..'), { recursive: true });
      writeFileSync(join(this.folder, 'registries', path), content);
    }
    await this.surroundings.startInternet(this.prepared.images, this.client);
    await this.surroundings.startIngress(upstreams.map(mirror));
    this.say('the internet side, the image mirror and the name servers run');
  }

  /** By the script that Ansible runs. */
  private certificates(): Record<string, string> {
    const folder = join(this.folder, 'platform-certificates');
    issueCertificates(folder);
    return issuedFiles(folder);
  }

  /** What K3s brings, the Secrets that Ansible seeds, and Argo CD. */
  private async installFoundation(): Promise<void> {
    await this.kubectl.kubectl([
      'apply',
      '--server-side',
      ...customResourceDefinitions().flatMap((file) => ['-f', file]),
    ]);
    await this.kubectl.apply([...foundation(), ...traefikService()]);
    await this.kubectl.kubectl(['apply', '--server-side', '-f', join(this.folder, 'secrets.yaml')]);
    const argoCd = fitToMachine(
      this.prepared.argoCd.map((object) => JSON.stringify(object)).join('\n---\n'),
      'argo-cd',
    );
    const objects = argoCd.text.split('\n---\n').map((text) => JSON.parse(text) as Manifest);
    await this.kubectl.apply(objects.filter(({ kind }) => kind === 'CustomResourceDefinition'));
    // A definition that is seconds old has no conditions yet, which kubectl takes for an error.
    const established = ['wait', '--for=condition=Established', 'crd', '--all', '--timeout=5s'];
    await eventually(
      'all kinds are known',
      async () => (await this.kubectl.tryKubectl(established)).status === 0,
      60_000,
    );
    await this.kubectl.apply(objects.filter(({ kind }) => kind !== 'CustomResourceDefinition'));
    this.say('Secrets are seeded and Argo CD is installed');
  }

  async nodesReady(names: readonly NodeName[] = NODES): Promise<void> {
    await eventually(
      `the nodes ${names.join(', ')} are ready`,
      async () =>
        (
          await this.kubectl.tryKubectl([
            'wait',
            '--for=condition=Ready',
            ...names.map((name) => `node/${name}`),
            '--timeout=5s',
          ])
        ).status === 0,
      120_000,
    ).catch((error: Error) => {
      throw new Error(
        [
          error.message,
          ...names.flatMap((name) => [this.nodes[name].tail('kubelet'), this.nodes[name].tail('containerd', 4)]),
        ].join('\n'),
      );
    });
  }

  /**
   * Commits the manifests of a folder like `dist/`, fitted to this machine, and installs the root Application as Ansible does.
   *
   * @returns the commit.
   */
  async deploy(dist?: string, message = 'feat: the platform'): Promise<string> {
    const commit = await this.commitDist(dist, message);
    // As Ansible's role seeds them: the root Application brings the rest.
    const projects = readdirSync(join(this.surroundings.workTree, 'dist', 'argocd'))
      .filter((file) => /^project-.*\.yaml$/.test(file))
      .sort();
    for (const file of [...projects, 'root.yaml'])
      await this.kubectl.kubectl([
        'apply',
        '--server-side',
        '--force-conflicts',
        '-f',
        join(this.surroundings.workTree, 'dist', 'argocd', file),
      ]);
    return commit;
  }

  /** Commits the manifests of a folder like `dist/`, fitted to this machine, in the place of those that were there. */
  async commitDist(dist?: string, message = 'feat: the platform'): Promise<string> {
    const { files, rewritings } = fitTree(dist ?? (await this.rendered()));
    this.rewritings = rewritings;
    await must('rm', ['-rf', join(this.surroundings.workTree, 'dist')]);
    return this.surroundings.commit(
      message,
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`dist/${path}`, text])),
    );
  }

  /** The folder of manifests that is deployed unless told otherwise: the one that is committed, where no setting differs from it. */
  private async rendered(): Promise<string> {
    if (!this.options.signals) return DIST;
    const folder = join(this.folder, 'dist-with-signals');
    await renderWithSignals(folder);
    return folder;
  }

  /** The file of the manifests that Argo CD sees, as it is now. */
  manifest(path: string): string {
    return readFileSync(join(this.surroundings.workTree, 'dist', path), 'utf8');
  }

  /** Ends everything and removes every trace. */
  async stop(): Promise<void> {
    await this.standIn.stop();
    await Promise.all(NODES.map((name) => this.nodes[name].powerOff()));
    await this.controlPlane.stop();
    await this.surroundings.stop();
    for (const relay of Object.values(this.relays ?? {})) await relay.stop();
    await removeTraces(this.network.prefix);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Removes the namespaces and control groups of a run. */
async function removeTraces(prefix: string): Promise<void> {
  for (const name of namespacesOf(prefix)) await run('ip', ['netns', 'delete', name]);
  for (const name of NODES) await removeControlGroups(`${prefix}-${name}`);
}

function namespacesOf(prefix: string): string[] {
  const folder = '/run/netns';
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${prefix}-`)) : [];
}

/** Removes what runs left that were killed: their process is gone, and with it all that ran. */
export async function removeStale(): Promise<void> {
  for (const prefix of leftPrefixes()) await removeTraces(prefix);
  removeStaleRunFolders();
}

/** Prefixes of runs whose process is gone and of whom a namespace or a control group is left. */
export function leftPrefixes(): string[] {
  const groups = ['/sys/fs/cgroup', '/sys/fs/cgroup/pids', '/run/netns']
    .filter((each) => existsSync(each))
    .flatMap((each) => readdirSync(each));
  const prefixes = groups.flatMap((name) => /^(ahuora-live-(\d+))-/.exec(name)?.slice(1, 3).join(' ') ?? []);
  return [...new Set(prefixes)]
    .map((each) => each.split(' ') as [string, string])
    .filter(([, pid]) => !existsSync(`/proc/${pid}`))
    .map(([prefix]) => prefix);
}
