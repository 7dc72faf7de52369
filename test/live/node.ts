import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { mkdir, writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run, startDaemon, type CommandResult, type Daemon } from '../cluster/daemon';
import { CGROUP_CONTROLLERS, isUnified } from './machine';
import { must, said } from './command';
import type { Network } from './network';
import { CLUSTER_DNS, LAN, POD_NETWORK, POD_RANGE, SERVICE_NETWORK, type NodeName } from './topology';

/** Programs of a node, as paths. */
export interface NodePrograms {
  readonly kubelet: string;
  readonly kubeProxy: string;
  readonly kubeRouter: string;
}

/** Values of kernel settings that the kubelet insists on; each node sees these instead of the machine's, which stay as they are. */
const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/**
 * One node: containerd, kubelet, kube-proxy and kube-router in namespaces of its own (mounts, processes, names, network) and control
 * groups of its own. Its disk is a folder of the run, so that it survives the power being cut.
 */
export class LiveNode {
  private power?: Daemon;

  constructor(
    readonly name: NodeName,
    private readonly options: {
      readonly network: Network;
      /** Folder of the run; certificates are in `pki` inside it. */
      readonly folder: string;
      readonly programs: NodePrograms;
      /** Folder of containerd's registry settings (`<registry>/hosts.toml`). */
      readonly registries: string;
      /** Addresses of its name servers. */
      readonly nameServers: readonly string[];
      /** Labels it joins with, and taints as the kubelet's configuration writes them. */
      readonly labels: Readonly<Record<string, string>>;
      readonly taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
      /** Folders of local volumes, which the role local_volumes makes on a Pi. */
      readonly volumes: readonly { readonly path: string; readonly user: number; readonly group: number }[];
      /** Volumes with a file system of a size of their own: path on the node, MiB. */
      readonly sizedVolumes?: Readonly<Record<string, number>>;
    },
  ) {}

  /** Folder of everything that this node writes. */
  get root(): string {
    return join(this.options.folder, 'nodes', this.name);
  }

  /** Name of its control group, under every hierarchy. */
  get group(): string {
    return `${this.options.network.prefix}-${this.name}`;
  }

  /** Writes its configuration; once, before the first start. */
  async prepare(): Promise<void> {
    const { root } = this;
    for (const each of [
      'lib/kubelet',
      'lib/cni',
      'lib/ahuora',
      'lib/containerd',
      'log/pods',
      'log/containers',
      'cni',
      'settings',
      'logs',
      'opt',
      'volumes',
    ])
      await mkdir(join(root, each), { recursive: true });
    for (const [path, value] of Object.entries(KERNEL_SETTINGS))
      await writeFile(join(root, 'settings', path.replaceAll('/', '-')), value);
    await writeFile(join(root, 'resolv.conf'), this.options.nameServers.map((each) => `nameserver ${each}\n`).join(''));
    await writeFile(join(root, 'cni', '10-pods.conflist'), JSON.stringify(this.podNetwork(), undefined, 2));
    await writeFile(join(root, 'containerd.toml'), this.containerdSettings());
    await writeFile(join(root, 'kubelet.yaml'), stringify(this.kubeletSettings()));
    await writeFile(join(root, 'init.sh'), this.initScript());
    await chmod(join(root, 'init.sh'), 0o755);
    for (const [path, size] of Object.entries(this.options.sizedVolumes ?? {})) {
      const image = join(root, 'volumes', `${path.replaceAll('/', '-')}.ext4`);
      await must('truncate', ['--size', `${size}M`, image]);
      await must('mkfs.ext4', ['-q', '-m', '0', image]);
    }
  }

  /** Switches the node on. Its programs are ended by the kernel together with this process. */
  start(): void {
    const { network, folder } = this.options;
    const groups = controlGroups(this.group);
    const script = [
      ...this.cables('up').map((cable) => `ip ${cable.join(' ')}`),
      ...groups.flatMap((group) => [`mkdir -p ${group}/system`, ...cpusOf(group)]),
      ...groups.map((group) => `echo $$ > ${group}/system/cgroup.procs`),
      `exec nsenter --net=/run/netns/${network.node(this.name)} unshare --mount --uts --ipc --pid --fork --kill-child bash ${join(this.root, 'init.sh')}`,
    ].join('\n');
    this.power = startDaemon(`node-${this.name}`, 'bash', ['-ec', script], { folder });
  }

  /** Cuts the power: every process of the node ends at once, with nothing flushed or said. */
  async powerOff(): Promise<void> {
    // The kernel would say good-bye on every connection of a process that it kills; a machine without power says nothing.
    for (const cable of this.cables('down')) await run('ip', cable);
    const init = this.initProcess();
    if (init !== undefined) process.kill(init, 'SIGKILL');
    this.power?.process.kill('SIGKILL');
    await this.power?.stop(0);
    // Control groups, addresses of pods and rules of the network die with a machine's memory. A kubelet that finds groups of
    // containers that are gone asks after each for three seconds, one after the other, before it starts a pod.
    await removeControlGroups(this.group);
    await run('ip', ['-n', this.options.network.node(this.name), 'link', 'delete', 'cni0']);
    for (const table of ['filter', 'nat', 'mangle'])
      await this.inNetwork(['iptables', '-t', table, '-F']).catch(() => undefined);
    await this.inNetwork([
      'iptables', '-t', 'nat', '-A', 'POSTROUTING', '-s', POD_NETWORK, '!', '-d', POD_NETWORK, '-j', 'MASQUERADE',
    ]).catch(() => undefined); // prettier-ignore
    await this.inNetwork(['sh', '-c', 'ipset list -n | xargs -r -n1 ipset destroy']).catch(() => undefined);
  }

  /** Commands of ip that plug or unplug its cable and, where it has one, its Wi-Fi. */
  private cables(state: 'up' | 'down'): string[][] {
    const { network } = this.options;
    const switches = this.name === 'control' ? [network.ingress, network.internet] : [network.ingress];
    return switches.map((end) => ['-n', end, 'link', 'set', `p-${this.name}`, state]);
  }

  /** Runs a command inside the node. */
  inside(command: readonly string[], input?: string): Promise<CommandResult> {
    const init = this.initProcess();
    if (init === undefined) throw new Error(`node ${this.name} is switched off`);
    return run('nsenter', ['-t', String(init), '--mount', '--pid', '--net', '--uts', '--ipc', '--', ...command], {
      input,
    });
  }

  /** Runs a command in the node's network, with the machine's own files. */
  async inNetwork(command: readonly string[]): Promise<string> {
    return must('nsenter', [`--net=/run/netns/${this.options.network.node(this.name)}`, ...command]);
  }

  /** Ends one of its programs, which its init starts again. */
  async restartProgram(program: 'kubelet' | 'kube-proxy' | 'kube-router' | 'containerd'): Promise<void> {
    const result = await this.inside(['pkill', '-TERM', '-x', program.slice(0, 15)]);
    if (result.status !== 0) throw new Error(`${this.name}: no ${program} runs: ${said(result)}`);
  }

  /** The end of the logs of its programs, for error messages. */
  tail(program: string, lines = 12): string {
    const file = join(this.root, 'logs', `${program}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
  }

  /** Process id of its init, as this machine sees it. */
  private initProcess(): number | undefined {
    let pid = this.power?.process.pid;
    if (pid === undefined || this.power!.process.exitCode !== null || this.power!.process.signalCode !== null)
      return undefined;
    // setpriv and bash became unshare by exec; init is its only child.
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    pid = Number(children[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  }

  /** CNI plugins in the place of flannel: a bridge, addresses from the node's range, host ports; no masquerading inside. */
  private podNetwork(): object {
    return {
      cniVersion: '0.4.0',
      name: 'pods',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          ipMasq: false,
          hairpinMode: true,
          forceAddress: true,
          ipam: {
            type: 'host-local',
            ranges: [[{ subnet: POD_RANGE[this.name] }]],
            routes: [{ dst: '0.0.0.0/0' }],
            dataDir: '/var/lib/cni/networks',
          },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    };
  }

  private containerdSettings(): string {
    return `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "${join(this.root, 'opt')}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE nothing may lower its own score, and runc says only that it got no process id.
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${this.options.registries}"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${join(this.root, 'cni')}"
`;
  }

  private kubeletSettings(): object {
    const pki = join(this.options.folder, 'pki');
    return {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
      cgroupDriver: 'cgroupfs',
      cgroupRoot: `/${this.group}`,
      failCgroupV1: false,
      failSwapOn: false,
      authentication: {
        anonymous: { enabled: false },
        webhook: { enabled: true },
        x509: { clientCAFile: join(pki, 'ca.crt') },
      },
      authorization: { mode: 'Webhook' },
      tlsCertFile: join(pki, `${this.name}.crt`),
      tlsPrivateKeyFile: join(pki, `${this.name}.key`),
      clusterDNS: [CLUSTER_DNS],
      clusterDomain: 'cluster.local',
      resolvConf: join(this.root, 'resolv.conf'),
      healthzBindAddress: '127.0.0.1',
      // The disk is the machine's, which other work may fill.
      imageGCHighThresholdPercent: 100,
      evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
      maxPods: 60,
      registerWithTaints: this.options.taints,
    };
  }

  /** The node's init: mounts what is its own, then keeps four programs running, as systemd does on a Pi. */
  private initScript(): string {
    const { root, name } = this;
    const { programs, folder } = this.options;
    const kubeconfig = (client: string) => `--kubeconfig=${join(folder, 'pki', `${client}.kubeconfig`)}`;
    const labels = Object.entries(this.options.labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    const keep = (program: string, command: readonly string[]) =>
      `while :; do ${command.join(' ')} >> ${join(root, 'logs', `${program}.log`)} 2>&1; sleep 1; done &`;
    return [
      '#!/bin/bash',
      'set -u',
      'mount -t proc proc /proc',
      ...Object.keys(KERNEL_SETTINGS).map(
        (path) => `mount --bind ${join(root, 'settings', path.replaceAll('/', '-'))} /proc/sys/${path}`,
      ),
      // Sockets, locks and network namespaces of containers go with the power.
      'mount -t tmpfs tmpfs /run',
      'mkdir -p /run/netns /run/containerd /run/lock',
      `mount --bind ${join(root, 'log')} /var/log`,
      `mount --bind ${join(root, 'lib')} /var/lib`,
      'mount --bind /var/lib/kubelet /var/lib/kubelet && mount --make-rshared /var/lib/kubelet',
      ...Object.keys(this.options.sizedVolumes ?? {}).map(
        (path) =>
          `mkdir -p ${path} && mount -o loop ${join(root, 'volumes', `${path.replaceAll('/', '-')}.ext4`)} ${path}`,
      ),
      ...this.options.volumes.map(({ path, user, group }) => `mkdir -p ${path} && chown ${user}:${group} ${path}`),
      `hostname ${name}`,
      keep('containerd', ['containerd', '-c', join(root, 'containerd.toml')]),
      'while [ ! -S /run/containerd/containerd.sock ]; do sleep 0.1; done',
      keep('kubelet', [
        programs.kubelet,
        `--config=${join(root, 'kubelet.yaml')}`,
        kubeconfig(name),
        `--hostname-override=${name}`,
        `--node-ip=${LAN[name]}`,
        `--cert-dir=${join(root, 'settings')}`,
        ...(labels ? [`--node-labels=${labels}`] : []),
      ]),
      keep('kube-proxy', [
        programs.kubeProxy,
        kubeconfig('kube-proxy'),
        `--hostname-override=${name}`,
        '--proxy-mode=iptables',
        `--cluster-cidr=${POD_NETWORK}`,
        // These would be written for the whole machine.
        '--conntrack-max-per-core=0',
        '--conntrack-tcp-timeout-established=0s',
        '--conntrack-tcp-timeout-close-wait=0s',
        '--healthz-bind-address=127.0.0.1:10256',
        '--metrics-bind-address=127.0.0.1:10249',
      ]),
      keep('kube-router', [
        programs.kubeRouter,
        kubeconfig('kube-router'),
        `--hostname-override=${name}`,
        '--run-router=false',
        '--run-firewall=true',
        '--run-service-proxy=false',
        `--service-cluster-ip-range=${SERVICE_NETWORK}`,
        '--health-port=0',
        '--metrics-port=0',
      ]),
      'wait',
      '',
    ].join('\n');
  }
}

/** Where a control group lies in each hierarchy of the machine. */
function controlGroups(name: string): string[] {
  if (isUnified()) return [join('/sys/fs/cgroup', name)];
  return [...CGROUP_CONTROLLERS, 'systemd', 'unified']
    .map((each) => join('/sys/fs/cgroup', each))
    .filter((each) => existsSync(join(each, 'cgroup.procs')))
    .map((each) => join(each, name));
}

/** A group of the hierarchy cpuset takes no process before it knows its processors. */
function cpusOf(group: string): string[] {
  if (!group.includes('/cpuset/')) return [];
  return [group, `${group}/system`].flatMap((each) =>
    ['cpus', 'mems'].map((kind) => `cat /sys/fs/cgroup/cpuset/cpuset.${kind} > ${each}/cpuset.${kind}`),
  );
}

/** Removes the control groups whose names start so, the innermost first, once no process is in them. */
export async function removeControlGroups(name: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const left = controlGroups(name).flatMap(removeTree);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`control groups cannot be removed: ${left.slice(0, 3).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Removes a group and those inside it; returns those that are still in use. */
function removeTree(group: string): string[] {
  if (!existsSync(group)) return [];
  const inner = readdirSync(group, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => removeTree(join(group, name)));
  try {
    rmdirSync(group);
    return inner;
  } catch {
    return [...inner, group];
  }
}
