import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

/** One thing that the live cluster asks of the machine. */
interface Requirement {
  /** What is missing, and what to do, as the end of one sentence. */
  readonly missing: string;
  readonly holds: () => boolean;
}

/** cgroup v1 controllers that the kubelet and runc write to; a machine with the unified hierarchy has them all in one. */
export const CGROUP_CONTROLLERS = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
] as const;

const requirements: readonly Requirement[] = [
  { missing: 'Linux; run it on a Linux machine', holds: () => process.platform === 'linux' },
  { missing: 'root, for namespaces, mounts and cgroups; run it as root', holds: () => process.getuid?.() === 0 },
  {
    missing: 'the capabilities CAP_SYS_ADMIN and CAP_NET_ADMIN; run it outside a container, or in a privileged one',
    holds: () => hasCapability(21) && hasCapability(12),
  },
  {
    missing: 'a /sys/fs/cgroup that can be written to; mount it for writing',
    holds: () => (isUnified() ? existsSync('/sys/fs/cgroup/cgroup.procs') : CGROUP_CONTROLLERS.every(hasController)),
  },
  ...(['overlay', 'tmpfs', 'ext4'] as const).map((name) => ({
    missing: `the file system ${name} in the kernel; load its module or take a kernel that has it`,
    holds: () => new RegExp(`\\s${name}$`, 'm').test(readFileSync('/proc/filesystems', 'utf8')),
  })),
  {
    missing: 'loop devices in the kernel (/dev/loop-control); load the module loop',
    holds: () => existsSync('/dev/loop-control'),
  },
  {
    missing:
      'network namespaces with bridge, veth and netfilter (iptables, ipset) in the kernel; load br_netfilter, veth and ip_set',
    holds: networkWorks,
  },
];

/**
 * Asks whether this machine can carry the live cluster, before anything is built or started.
 *
 * @throws Error with one sentence that names the first thing that is missing.
 */
export function requireMachine(asked: readonly Requirement[] = requirements): void {
  const missing = asked.find(({ holds }) => !quietly(holds));
  if (missing) throw new Error(`The live cluster needs ${missing.missing}.`);
}

/** Whether the machine has one cgroup hierarchy (version 2), as a Raspberry Pi has. */
export function isUnified(): boolean {
  return existsSync('/sys/fs/cgroup/cgroup.controllers');
}

function hasController(name: string): boolean {
  return existsSync(`/sys/fs/cgroup/${name}/cgroup.procs`);
}

/** Whether this process has a capability, by its number in linux/capability.h. */
function hasCapability(number: number): boolean {
  const [, mask = '0'] = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return (BigInt(`0x${mask}`) & (1n << BigInt(number))) !== 0n;
}

/** Tries in a throw-away network namespace what the nodes will do in theirs. */
function networkWorks(): boolean {
  const script = [
    'ip link add probe0 type bridge',
    'ip link add probe1 type veth peer name probe2',
    'test -e /proc/sys/net/bridge/bridge-nf-call-iptables',
    ...(existsSync('/usr/sbin/iptables') ? ['/usr/sbin/iptables -t nat -A OUTPUT -p tcp -j ACCEPT'] : []),
    ...(existsSync('/usr/sbin/ipset') ? ['/usr/sbin/ipset create probe hash:ip'] : []),
  ].join(' && ');
  execFileSync('unshare', ['--net', '--mount', 'sh', '-c', script], { stdio: 'ignore' });
  return true;
}

function quietly(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
