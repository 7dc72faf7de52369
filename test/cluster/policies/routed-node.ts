import { readlink } from 'node:fs/promises';
import { buildTool } from '../../../tools/build';
import type { ControlPlane } from '../control-plane';
import { run, startDaemon, waitUntilReady, type Daemon } from '../daemon';
import { eventually } from '../eventually';
import { requireOwnNetwork } from '../own-network';

/** A pod as its node knows it: a network namespace of its own, and an object that says so. */
export interface RoutedPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
}

/** Somewhere to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

const NODE = { name: 'control', address: '192.168.100.121' } as const;

/**
 * One node without a kubelet: the tests' own network namespace, with the policy controller that K3s embeds (kube-router), and
 * for each pod a namespace behind a cable. The node routes between them, so that every packet passes its rules.
 */
export class RoutedNode {
  private readonly daemons: Daemon[] = [];
  /** Process that holds the network of each pod and place. */
  private readonly holders = new Map<string, number>();
  private readonly listeners = new Map<string, Daemon>();

  private constructor(private readonly cluster: ControlPlane) {}

  /** @param cluster a control plane whose nodes are those of the inventory */
  static async start(cluster: ControlPlane): Promise<RoutedNode> {
    requireOwnNetwork();
    const node = new RoutedNode(cluster);
    await must('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    await must('ip', 'link', 'add', 'lan0', 'type', 'bridge');
    await must('ip', 'address', 'add', `${NODE.address}/32`, 'dev', 'lan0');
    await must('ip', 'link', 'set', 'lan0', 'up');
    const flags = ['--run-router=false', '--run-firewall=true', '--run-service-proxy=false'];
    const program = await buildTool('kube-router');
    node.daemons.push(
      startDaemon(
        'kube-router',
        program,
        [
          `--kubeconfig=${cluster.kubeconfig}`,
          `--hostname-override=${NODE.name}`,
          ...flags,
          ...['--service-cluster-ip-range=10.43.0.0/16', '--health-port=0', '--metrics-port=0'],
        ],
        { folder: cluster.folder },
      ),
    );
    return node;
  }

  /** Makes a pod; what it listens on is `listens`. */
  async pod({ name, namespace, labels, address }: RoutedPod, listens: readonly number[] = []): Promise<void> {
    await this.place(name, [address], listens);
    await eventually('the namespace has its account', async () => {
      const account = ['get', 'serviceaccount', 'default', '-n', namespace];
      return (await this.cluster.tryKubectl(account)).status === 0;
    });
    const spec = { nodeName: NODE.name, containers: [{ name: 'main', image: 'example.org/none:1' }] };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec };
    await this.cluster.kubectl(['create', '-f', '-'], JSON.stringify(object));
    const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }], hostIP: NODE.address };
    await this.cluster.kubectl([
      ...['patch', 'pod', name, '-n', namespace, '--subresource=status', '--type=merge'],
      ...['--patch', JSON.stringify({ status })],
    ]);
  }

  /** Makes a place outside the node that has those addresses, and listens on those ports of each. */
  async place(name: string, addresses: readonly string[], listens: readonly number[]): Promise<void> {
    const cable = `c${this.holders.size}`;
    const sleeper = startDaemon(`place-${name}`, 'unshare', ['--net', '--', 'sleep', 'infinity'], {
      folder: this.cluster.folder,
    });
    this.daemons.push(sleeper);
    const holder = sleeper.process.pid!;
    this.holders.set(name, holder);
    await eventually(`${name} has a network of its own`, async () => {
      const [own, other] = await Promise.all(['self', holder].map((each) => readlink(`/proc/${each}/ns/net`)));
      return own !== other;
    });
    await must('ip', 'link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(holder));
    await must('ip', 'link', 'set', cable, 'up');
    const inside = (...args: string[]) => must('nsenter', `--net=/proc/${holder}/ns/net`, 'ip', ...args);
    await inside('link', 'set', 'eth0', 'up');
    for (const address of addresses) {
      await inside('address', 'add', `${address}/32`, 'dev', 'eth0');
      await must('ip', 'route', 'add', `${address}/32`, 'dev', cable);
    }
    await inside('route', 'add', NODE.address, 'dev', 'eth0');
    await inside('route', 'add', 'default', 'via', NODE.address, 'onlink', 'dev', 'eth0');
    // Only now: in a network without a single address bind() takes any for a broadcast's, and answers come from elsewhere.
    await this.listen(name, addresses, listens, ['nsenter', `--net=/proc/${holder}/ns/net`]);
  }

  /** What the listener of a pod or place printed: whom it heard by UDP, and what it could not answer. */
  printed(name: string): string {
    return this.listeners.get(name)!.tail(100);
  }

  /** Listens on the node itself. */
  async listenHere(ports: readonly number[]): Promise<void> {
    await this.listen('node', [NODE.address], ports);
  }

  /** Which of the targets answer a pod or place; `undefined` asks from the node. */
  async reached(from: string | undefined, targets: readonly Target[]): Promise<boolean[]> {
    const inside = from === undefined ? [] : ['nsenter', `--net=/proc/${this.holders.get(from)}/ns/net`];
    const [program, ...args] = [...inside, 'python3', '-c', ASK];
    const { status, stdout, stderr } = await run(program!, args, { input: JSON.stringify(targets) });
    if (status !== 0) throw new Error(`cannot ask from ${from ?? 'the node'}: ${stderr}`);
    return JSON.parse(stdout) as boolean[];
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.reverse()) await daemon.stop(1000);
  }

  private async listen(
    name: string,
    addresses: readonly string[],
    ports: readonly number[],
    inside: readonly string[] = [],
  ): Promise<void> {
    const [program, ...args] = [...inside, 'python3', '-c', LISTEN, addresses.join(), ...ports.map(String)];
    const daemon = startDaemon(`listener-${name}`, program!, args, { folder: this.cluster.folder });
    this.daemons.push(daemon);
    this.listeners.set(name, daemon);
    await waitUntilReady(daemon, () => Promise.resolve(this.printed(name).includes(LISTENS)), 30_000);
  }
}

async function must(program: string, ...args: string[]): Promise<void> {
  const { status, stderr } = await run(program, args);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
}

/** What a listener prints once it listens everywhere. */
const LISTENS = 'listens everywhere';

/**
 * Answers on those ports of those addresses by TCP and by UDP, whose answers come from where they were asked.
 * Prints who asked by UDP, the first time.
 */
const LISTEN = `
import selectors, socket, sys
places = [(address, int(port)) for address in sys.argv[1].split(",") for port in sys.argv[2:]]
chosen = selectors.DefaultSelector()
for place in places:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        one = socket.socket(socket.AF_INET, kind)
        one.bind(place)
        one.setblocking(False)
        if kind == socket.SOCK_STREAM: one.listen(100)
        chosen.register(one, selectors.EVENT_READ, kind)
print("${LISTENS}", flush=True)
heard = set()
while True:
    for key, _ in chosen.select():
        try:
            if key.data == socket.SOCK_STREAM:
                key.fileobj.accept()[0].close()
                continue
            data, peer = key.fileobj.recvfrom(100)
            key.fileobj.sendto(data, peer)
            asked = (peer[0], key.fileobj.getsockname())
            if asked not in heard: print("heard", *asked, flush=True)
            heard.add(asked)
        except OSError as error:
            print("not answered:", error, flush=True)
`;

/** Tries all targets at once, for two seconds. */
const ASK = `
import asyncio, json, sys
class Asked(asyncio.DatagramProtocol):
    def __init__(self): self.answered = asyncio.get_running_loop().create_future()
    def connection_made(self, transport): transport.sendto(b"?")
    def datagram_received(self, data, peer): self.answered.done() or self.answered.set_result(True)
    def error_received(self, error): self.answered.done() or self.answered.set_exception(error)
async def connect(host, port, protocol="TCP"):
    if protocol == "TCP":
        _, writer = await asyncio.open_connection(host, port)
        return writer.close()
    transport, asked = await asyncio.get_running_loop().create_datagram_endpoint(Asked, remote_addr=(host, port))
    # Nobody sends a lost datagram again but who asks.
    while not (await asyncio.wait([asked.answered], timeout=0.3))[0]:
        transport.sendto(b"?")
    asked.answered.result()
async def attempt(target):
    try:
        await asyncio.wait_for(connect(**target), 2)
        return True
    except (OSError, asyncio.TimeoutError):
        return False
async def main():
    print(json.dumps(await asyncio.gather(*map(attempt, json.load(sys.stdin)))))
asyncio.run(main())
`;
