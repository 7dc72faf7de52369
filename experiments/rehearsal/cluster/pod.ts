import type { ContainerProcessor } from '../engine/container-processor';
import { Ring } from '../engine/ring';
import type { PodObservation } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import type { Node } from './node';

/** Where a pod stands in its life. */
export type PodState = 'pending' | 'starting' | 'ready' | 'terminating' | 'gone';

/** One pod of a workload: its life for the control plane, and its places for requests. Times are seconds of the trial. */
export class Pod {
  state: PodState = 'pending';
  node?: Node;
  processor?: ContainerProcessor;
  /** The kubelet's `status.startTime`. */
  startTime?: number;
  /** When the process began, as cAdvisor sees it. */
  processStart?: number;
  /** Last change of the condition Ready. */
  readyChanged?: number;
  isReady = false;
  /** When it was gone from its node, and the core-seconds it had used by then. */
  goneAt?: number;
  usedWhenGone = 0;
  /** True once SIGTERM has been sent: new connections are refused. */
  refuses = false;
  /** Requests that hold a thread. */
  active = 0;
  /** Requests accepted by the socket that wait for a thread. */
  readonly waiting = new Ring();

  constructor(
    readonly name: string,
    readonly number: number,
    readonly workload: string,
    readonly createdAt: number,
    /** Requests handled at the same time. */
    readonly threads: number,
    /** Decides between pods that nothing else tells apart, as the random UID does. */
    readonly lot: number,
  ) {}

  /** The pod as the autoscaler's controller sees it; API times are whole seconds. */
  observe(millicores: number, memoryMiB: number): PodObservation {
    return {
      name: this.name,
      phase: this.processStart === undefined ? 'Pending' : 'Running',
      deleting: this.state === 'terminating',
      ...(this.startTime !== undefined && { startTime: wholeSeconds(this.startTime) }),
      ...(this.readyChanged !== undefined && {
        ready: { status: this.isReady ? 'True' : 'False', lastTransitionTime: wholeSeconds(this.readyChanged) },
      }),
      requests: { main: { cpu: millicores, memory: memoryMiB * 1024 * 1024 * 1000 } },
    };
  }
}

/** Milliseconds of an API time, which has no fraction of a second. */
export function wholeSeconds(seconds: number): number {
  return Math.floor(seconds) * 1000;
}
