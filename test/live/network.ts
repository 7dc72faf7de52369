import { must } from './command';
import { INTERNET, LAN, NODES, POD_RANGE, REGISTRIES, WIFI, type NodeName } from './topology';

/** Names of the network namespaces of one run. */
export interface Network {
  readonly prefix: string;
  /** The host ingress with the switch of the LAN. */
  readonly ingress: string;
  /** What is beyond the 4G router. */
  readonly internet: string;
  readonly node: (name: NodeName) => string;
}

/** Names of the namespaces of a run. The prefix holds the process id, so that stale ones can be told from live ones. */
export function networkNames(prefix: string): Network {
  return { prefix, ingress: `${prefix}-ingress`, internet: `${prefix}-internet`, node: (name) => `${prefix}-${name}` };
}

/**
 * Lays the cables: a switch in `ingress` for every node, and a Wi-Fi network from `control` and `ingress` to the router.
 * Workers have a default route to ingress, which does not forward, as on the real LAN.
 */
export async function layNetwork(network: Network): Promise<void> {
  const { ingress, internet, node } = network;
  const commands: string[] = [];
  const inside = (namespace: string, command: string) => commands.push(`ip -n ${namespace} ${command}`);
  const make = (namespace: string) => {
    commands.push(`ip netns add ${namespace}`);
    inside(namespace, 'link set lo up');
  };
  const plug = (from: string, device: string, into: string, bridge: string, port: string, address: string) => {
    commands.push(`ip link add ${port} netns ${into} type veth peer name ${device} netns ${from}`);
    inside(into, `link set ${port} master ${bridge} up`);
    inside(from, `addr add ${address}/24 dev ${device}`);
    inside(from, `link set ${device} up`);
  };
  make(ingress);
  make(internet);
  inside(ingress, 'link add lan0 type bridge');
  inside(ingress, `addr add ${LAN.ingress}/24 dev lan0`);
  inside(ingress, 'link set lan0 up');
  inside(internet, 'link add wifi0 type bridge');
  inside(internet, `addr add ${WIFI.router}/24 dev wifi0`);
  inside(internet, 'link set wifi0 up');
  for (const address of [
    ...INTERNET.nameServers,
    ...Object.values(REGISTRIES),
    INTERNET.google,
    INTERNET.github,
    INTERNET.edge,
  ])
    inside(internet, `addr add ${address}/32 dev lo`);
  plug(ingress, 'wlan0', internet, 'wifi0', 'p-ingress', WIFI.ingress);
  inside(ingress, `route add default via ${WIFI.router}`);
  for (const name of NODES) {
    make(node(name));
    plug(node(name), 'eth0', ingress, 'lan0', `p-${name}`, LAN[name]);
    commands.push(`ip netns exec ${node(name)} sysctl -qw net.ipv4.ip_forward=1`);
    if (name === 'control') {
      plug(node(name), 'wlan0', internet, 'wifi0', 'p-control', WIFI.control);
      inside(node(name), `route add default via ${WIFI.router}`);
    } else inside(node(name), `route add default via ${LAN.ingress}`);
    // What flannel does in K3s: a way to every other node's pods, and its own address for what leaves the pod network.
    for (const other of NODES.filter((each) => each !== name))
      inside(node(name), `route add ${POD_RANGE[other]} via ${LAN[other]}`);
    commands.push(
      `ip netns exec ${node(name)} iptables -t nat -A POSTROUTING -s 10.42.0.0/16 ! -d 10.42.0.0/16 -m comment --comment flannel -j MASQUERADE`,
    );
  }
  await must('sh', ['-ec', commands.join('\n')]);
}
