import type { Pod } from '../cluster/pod';
import type { RandomStream } from '../../../lib/primitives/random-stream';
import type { SystemModel } from '../model/system-model';

/**
 * Connections of django-api's pods to idaes. The Service chooses a ready pod at random when a connection is opened and never
 * again: where connections are kept, a new solver pod gets work only from connections that did not exist before it.
 */
export class SolverConnections {
  /** Pods of idaes at the other end of the idle connections of each pod of django-api, by its number. */
  private readonly idle = new Map<number, Pod[]>();

  constructor(
    private readonly kind: SystemModel['solverConnections'],
    private readonly endpoints: readonly Pod[],
    private readonly random: RandomStream,
  ) {}

  /** The pod that a request of a pod of django-api reaches; undefined where none is ready. */
  open(django: number): Pod | undefined {
    const idle = this.idle.get(django);
    while (idle !== undefined && idle.length > 0) {
      const pod = idle.pop() as Pod;
      // A pod that was sent SIGTERM has closed its idle connections, so a new one is opened.
      if (pod.state !== 'gone' && !pod.refuses) return pod;
    }
    return this.endpoints[this.random.below(this.endpoints.length)];
  }

  /** The answer is there, and the connection free. */
  close(django: number, pod: Pod): void {
    if (this.kind === 'new') return;
    const idle = this.idle.get(django);
    if (idle) idle.push(pod);
    else this.idle.set(django, [pod]);
  }
}
