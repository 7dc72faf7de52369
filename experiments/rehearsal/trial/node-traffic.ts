/**
 * Bytes of responses on the network interfaces of the nodes, nearly all there is. A response leaves the pod's node (unless
 * the gateway is on it), enters the gateway's, and leaves that for the client.
 */
export class NodeTraffic {
  private readonly bytes = new Map<string, number>();

  /** @param gateway Node of the gateway. */
  constructor(private readonly gateway: string) {}

  /** A response of so many bytes goes from a pod on a node to the client. */
  respond(node: string, bytes: number): void {
    if (node !== this.gateway) {
      this.add(node, bytes);
      this.add(this.gateway, bytes);
    }
    this.add(this.gateway, bytes);
  }

  /** Bytes so far. */
  of(node: string): number {
    return this.bytes.get(node) ?? 0;
  }

  private add(node: string, bytes: number): void {
    this.bytes.set(node, this.of(node) + bytes);
  }
}
