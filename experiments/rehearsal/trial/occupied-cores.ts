import type { Variant } from '../../plan';
import type { Pod } from '../cluster/pod';

/**
 * The cost of a trial: for each pod the core-seconds that it requested while it had a node, or that it used, if that is
 * more. Requests alone would make a pod look cheap that asks for little and takes much.
 */
export class OccupiedCores {
  private readonly usedBefore = new Map<Pod, number>();

  /** @param begin When the load begins; what happened before costs nothing. */
  constructor(
    private readonly pods: readonly Pod[],
    private readonly settings: Variant['settings'],
    private readonly begin: number,
  ) {
    for (const pod of pods) this.usedBefore.set(pod, pod.processor?.usedAt(begin) ?? 0);
  }

  total(end: number): number {
    return this.pods.reduce((sum, pod) => sum + this.ofPod(pod, end), 0);
  }

  private ofPod(pod: Pod, end: number): number {
    if (pod.startTime === undefined) return 0;
    const seconds = Math.max(0, (pod.goneAt ?? end) - Math.max(this.begin, pod.startTime));
    const used = pod.processor ? pod.processor.usedAt(end) : pod.usedWhenGone;
    const { cpuMillicores } = this.settings[pod.workload as keyof Variant['settings']];
    return Math.max((seconds * cpuMillicores) / 1000, used - (this.usedBefore.get(pod) ?? 0));
  }
}
