import { model } from '../../main';
import { settings } from '../../facts/settings';
import type { Connection } from '../../lib/constructs/platform-model';
import { CLIENT } from './images/catalogue';
import type { LiveCluster } from './cluster';
import { eventually } from '../cluster/eventually';
import { INTERNET, LAN, NODES, type NodeName } from './topology';

/** A place that pods may or may not reach. */
export interface Destination {
  /** Name in the declarations where it has one, else ours. */
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Group in the table. */
  readonly group: 'platform' | 'cluster' | 'nodes and LAN' | 'internet';
}

/** Kinds of pods to ask from, in the order of the table. */
export const SOURCES = [
  ...['cloudflared', 'front-end', 'django-api', 'idaes', 'pgbouncer', 'postgres', 'oauth2-proxy'],
  ...[
    'wait-for-platform',
    'database-migration',
    'postgres-backup',
    'postgres-restore',
    'unlabelled',
    'traefik',
    'elsewhere',
  ],
] as const;
export type Source = (typeof SOURCES)[number];

const platform = (name: string, port: number): Destination => ({ name, port, protocol: 'TCP', group: 'platform' });
const cluster = (name: string, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): Destination => ({
  name,
  port,
  protocol,
  group: 'cluster',
});
const lan = (name: string, port: number): Destination => ({ name, port, protocol: 'TCP', group: 'nodes and LAN' });
const internet = (name: string, port: number, protocol: 'TCP' | 'UDP' = 'TCP'): Destination => ({
  name,
  port,
  protocol,
  group: 'internet',
});

/** Every place that listens: without a listener a refused connection would say nothing. */
export const DESTINATIONS: readonly Destination[] = [
  platform('postgres', 5432),
  platform('pgbouncer', 6432),
  platform('django-api', 8000),
  platform('idaes', 8080),
  platform('front-end', 8080),
  platform('oauth2-proxy', 4180),
  platform('cloudflared', 2000),
  cluster('traefik', 8443),
  cluster('kube-dns', 53, 'UDP'),
  cluster('kube-dns', 53),
  cluster('metrics-server', 10250),
  cluster('argo-cd', 8081),
  cluster('api-server', 443),
  lan('control', 6443),
  lan('kubelet', 10250),
  lan('ingress', 5001),
  internet('google', 443),
  internet('github', 443),
  internet('cloudflare', 7844),
  internet('public-dns', 53),
  internet('public-dns', 53, 'UDP'),
];

/** Whether a connection goes through, by source and destination; undefined where the question makes no sense (a pod and itself). */
export type Matrix = ReadonlyMap<string, boolean | undefined>;

export function cell(source: Source, { name, port, protocol }: Destination): string {
  return `${source} -> ${name}:${port}/${protocol}`;
}

/**
 * The matrix that the components' `connects` declare. What is declared towards the internet is declared by port: any public host is
 * meant. Pods of other namespaces are not held back, but get into the platform only as declared.
 */
export function declaredMatrix(connections: readonly Connection[] = model().connections): Matrix {
  const declared = (from: string, { name, port, protocol, group }: Destination) =>
    connections.some(
      (each) =>
        each.from === from &&
        each.port === port &&
        each.protocol === protocol &&
        (each.to === name || (group === 'internet' && OUTSIDE.includes(each.to))),
    );
  const calls = (from: string) => connections.some((each) => each.from === from);
  const isFree = (source: Source) => source === 'traefik' || source === 'elsewhere';
  const allowed = (source: Source, destination: Destination) => {
    // Who may open Traefik is named, wherever the caller is.
    if (isFree(source) && destination.group !== 'platform' && destination.name !== 'traefik') return true;
    if (destination.name === 'kube-dns') return calls(source);
    return declared(source, destination);
  };
  return new Map(
    SOURCES.flatMap((source) =>
      DESTINATIONS.map(
        (destination) =>
          [cell(source, destination), isSelf(source, destination) ? undefined : allowed(source, destination)] as const,
      ),
    ),
  );
}

/** Names under which components declare hosts of the internet. */
const OUTSIDE = ['google', 'cloudflare', 'public-dns'];

function isSelf(source: Source, { name }: Destination): boolean {
  return source === name;
}

/** Cells where two matrices differ, as `cell: expected, measured`. */
export function differences(expected: Matrix, measured: Matrix): string[] {
  const word = (value: boolean | undefined) => (value === undefined ? 'itself' : value ? 'allowed' : 'refused');
  return [...expected]
    .filter(([key, value]) => measured.get(key) !== value)
    .map(([key, value]) => `${key}: declared ${word(value)}, measured ${word(measured.get(key))}`);
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: { readonly nodeName: NodeName };
    readonly status: { readonly podIP: string; readonly phase: string };
  }[];
}

/** Kinds whose pods come and go: a pod with their labels stands for them. */
const SHORT_LIVED: readonly Source[] = [
  'wait-for-platform',
  'database-migration',
  'postgres-backup',
  'postgres-restore',
  'unlabelled',
];

/** Starts a pod with the labels of each kind that does not run all the time, on the node that reaches the internet. */
export async function startStandInPods(live: LiveCluster): Promise<void> {
  await live.kubectl.apply([
    ...SHORT_LIVED.map((name) =>
      clientPod(name, settings.namespace, name === 'unlabelled' ? {} : { 'app.kubernetes.io/name': name }),
    ),
    clientPod('elsewhere', 'default', {}),
  ]);
  for (const [namespace, names] of [
    [settings.namespace, SHORT_LIVED],
    ['default', ['elsewhere']],
  ] as const)
    await live.kubectl.kubectl([
      'wait',
      '--for=condition=Ready',
      ...names.map((name) => `pod/${podName(name)}`),
      '-n',
      namespace,
      '--timeout=90s',
    ]);
}

export async function removeStandInPods(live: LiveCluster): Promise<void> {
  await live.kubectl.kubectl([
    'delete',
    'pod',
    ...SHORT_LIVED.map(podName),
    '-n',
    settings.namespace,
    '--now',
    '--wait=false',
  ]);
  await live.kubectl.kubectl(['delete', 'pod', podName('elsewhere'), '-n', 'default', '--now', '--wait=false']);
}

/** Measures the whole matrix from inside the pods' own network namespaces, all kinds at once. */
export async function measureMatrix(live: LiveCluster, sources: readonly Source[] = SOURCES): Promise<Matrix> {
  const addresses = await destinationAddresses(live);
  const measured = await Promise.all(sources.map(async (source) => measureFrom(live, source, addresses)));
  return new Map(measured.flat());
}

async function measureFrom(
  live: LiveCluster,
  source: Source,
  addresses: ReadonlyMap<Destination, string>,
): Promise<[string, boolean | undefined][]> {
  const pod = await podOf(live, source);
  const asked = DESTINATIONS.filter((destination) => !isSelf(source, destination));
  // The kubelet of another node than its own.
  const otherNode = NODES.find((name) => name !== pod.spec.nodeName && name !== 'control')!;
  const targets = asked.map((destination) => ({
    key: cell(source, destination),
    host: destination.name === 'kubelet' ? LAN[otherNode] : addresses.get(destination),
    port: destination.port,
    protocol: destination.protocol,
  }));
  const namespace = await networkNamespaceOf(live, pod);
  const result = await live.nodes[pod.spec.nodeName].inside(
    ['nsenter', `--net=${namespace}`, 'python3', '-c', PROBE],
    JSON.stringify(targets),
  );
  if (result.status !== 0) throw new Error(`cannot ask from ${source}: ${result.stderr}`);
  const answers = JSON.parse(result.stdout) as Record<string, boolean>;
  return DESTINATIONS.map((destination) => [cell(source, destination), answers[cell(source, destination)]]);
}

/** Tries every target twice at the same time for at most two seconds each; one success is enough. UDP means a question to a name server. */
const PROBE = `
import asyncio, json, socket, sys
QUERY = bytes.fromhex("123401000001000000000000") + b"\\x06github\\x03com\\x00\\x00\\x01\\x00\\x01"
async def tcp(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    writer.close()
async def udp(host, port):
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        await loop.sock_connect(sock, (host, port))
        await loop.sock_sendall(sock, QUERY)
        await loop.sock_recv(sock, 512)
async def attempt(target):
    try:
        await asyncio.wait_for((tcp if target["protocol"] == "TCP" else udp)(target["host"], target["port"]), 2)
        return True
    except (OSError, asyncio.TimeoutError):
        return False
async def main():
    targets = json.load(sys.stdin)
    answers = await asyncio.gather(*(attempt(target) for target in targets))
    print(json.dumps({target["key"]: answer for target, answer in zip(targets, answers)}))
asyncio.run(main())
`;

async function destinationAddresses(live: LiveCluster): Promise<ReadonlyMap<Destination, string>> {
  const fixed: Readonly<Record<string, string>> = {
    'api-server': '10.43.0.1',
    control: LAN.control,
    ingress: LAN.ingress,
    kubelet: LAN['worker-1'],
    google: INTERNET.google,
    github: INTERNET.github,
    cloudflare: INTERNET.edge,
    'public-dns': INTERNET.nameServers[0],
  };
  const pairs = DESTINATIONS.map(
    async (destination) =>
      [destination, fixed[destination.name] ?? (await podOf(live, destination.name)).status.podIP] as const,
  );
  return new Map(await Promise.all(pairs));
}

const SELECTORS: Readonly<Record<string, readonly [namespace: string, selector: string]>> = {
  traefik: ['kube-system', 'app.kubernetes.io/name=traefik'],
  'kube-dns': ['kube-system', 'k8s-app=kube-dns'],
  'metrics-server': ['kube-system', 'k8s-app=metrics-server'],
  'argo-cd': ['argocd', 'app.kubernetes.io/name=argocd-repo-server'],
};

async function podOf(live: LiveCluster, name: string): Promise<PodList['items'][number]> {
  const standsIn = SHORT_LIVED.includes(name as Source) || name === 'elsewhere';
  const namespace = name === 'elsewhere' ? 'default' : (SELECTORS[name]?.[0] ?? settings.namespace);
  const which = standsIn
    ? ['--field-selector', `metadata.name=${podName(name)}`]
    : ['-l', SELECTORS[name]?.[1] ?? `app.kubernetes.io/name=${name}`];
  const { items } = await live.kubectl.get<PodList>(['pods', '-n', namespace, ...which]);
  const running = items.find(({ status }) => status.phase === 'Running' && status.podIP);
  if (!running) throw new Error(`no pod of ${name} runs`);
  return running;
}

/** The network namespace of a pod, as a path on its node: the one that holds its address. */
async function networkNamespaceOf(live: LiveCluster, pod: PodList['items'][number]): Promise<string> {
  let found = '';
  const script =
    'for each in /run/netns/cni-*; do nsenter --net=$each ip -4 -o addr show eth0 | grep -q "inet $0/" && echo $each; done; true';
  await eventually(
    `the network of ${pod.metadata.name} is found`,
    async () => {
      const { stdout } = await live.nodes[pod.spec.nodeName].inside(['sh', '-c', script, pod.status.podIP]);
      found = stdout.trim().split('\n')[0] ?? '';
      return found !== '';
    },
    10_000,
  );
  return found;
}

function podName(kind: string): string {
  return `stands-in-for-${kind}`;
}

function clientPod(kind: string, namespace: string, labels: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName(kind), namespace, labels },
    spec: {
      nodeName: 'control',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'client',
          image: CLIENT,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
