/** A party of a connection, as network policies select it. Exactly one of `pods` and `addresses` is set. */
export interface Peer {
  /** Name in pictures and messages. */
  readonly name: string;
  /** Labels of its pods. */
  readonly pods?: Readonly<Record<string, string>>;
  /** Where its pods are, when not in the same namespace. */
  readonly namespace?: string;
  /** Addresses in CIDR notation, for what is outside the cluster. */
  readonly addresses?: {
    /** All of these… */
    readonly include: readonly string[];
    /** …but for these. @default none */
    readonly except?: readonly string[];
  };
}

/** A port of an endpoint. */
export interface EndpointPort {
  /** Number of the port. */
  readonly port: number;
  /** What it speaks. */
  readonly protocol: 'TCP' | 'UDP';
}

/** Something that can be called. */
export interface Endpoint {
  /** Whose pods it is, or whose addresses. */
  readonly peer: Peer;
  /** Ports as the pod has them: policies act behind the Service's translation. */
  readonly ports: readonly EndpointPort[];
}

/** A service of this namespace, which clients reach at `<name>:<port>`. */
export interface ServiceEndpoint extends Endpoint {
  /** Name that its callers use. */
  readonly host: string;
  /** Port of the Service, which callers use. */
  readonly port: number;
}

/** A component's Service, whose port equals the port of its pods. */
export function serviceEndpoint(name: string, port: number): ServiceEndpoint {
  return {
    peer: { name, pods: { 'app.kubernetes.io/name': name } },
    ports: [{ port, protocol: 'TCP' }],
    host: name,
    port,
  };
}

/** Pods of other software in another namespace. */
export function podsElsewhere(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  ports: readonly EndpointPort[],
): Endpoint {
  return { peer: { name, namespace, pods: labels }, ports };
}

/** Hosts outside the cluster, by address; private networks are left out by default, because they are not the internet. */
export function internet(name: string, ports: readonly EndpointPort[]): Endpoint {
  return { peer: { name, addresses: { include: ['0.0.0.0/0'], except: PRIVATE_NETWORKS } }, ports };
}

/** Hosts outside the cluster that are known one by one, by their IPv4 addresses. */
export function outsideHosts(name: string, addresses: readonly string[], ports: readonly EndpointPort[]): Endpoint {
  return { peer: { name, addresses: { include: addresses.map((address) => `${address}/32`) } }, ports };
}

/** RFC 1918, shared address space (RFC 6598) and link-local (RFC 3927). */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];

/** TCP ports. */
export function tcp(...ports: number[]): EndpointPort[] {
  return ports.map((port) => ({ port, protocol: 'TCP' }));
}

/** UDP ports. */
export function udp(...ports: number[]): EndpointPort[] {
  return ports.map((port) => ({ port, protocol: 'UDP' }));
}
