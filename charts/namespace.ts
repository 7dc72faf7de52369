import { k8s } from 'cdk8s-plus-28';
import { NEVER_PRUNED } from '../lib/constructs/component';
import { LocalStorageClass } from '../lib/constructs/database/local-volume';
import { AhuoraComponent, type Platform } from './platform';

/** Storage class of the volumes on the nodes' own disks. */
export const LOCAL_STORAGE = 'ahuora-local';

/** Priority class of what everything else needs, the database first of all. */
export const FOUNDATION = 'ahuora-foundation';

/**
 * The namespace, with the strictest Pod Security Standard enforced, the storage class of its volumes, and the priority class
 * of its foundations. Postgres can run on one node only: were that node full of pods that an autoscaler added, it could not
 * come back after a restart, unless they make way.
 *
 * Its quota allows no Service that opens a port on the nodes: K3s would open it on every one, those with Wi-Fi too, and past
 * sign-in. Everything comes in through the gateway.
 *
 * There is deliberately no quota of CPU, memory or pods, for either it would spoil trials or it would limit nothing:
 * - Rows of the experiments ask for more than the nodes hold (8 + 8 pods of 2 cores, with one pod of surge each: 36 of 26.3
 *   cores), to show pods that stay Pending. A quota that fits the nodes would refuse those pods instead: the autoscaler
 *   would see fewer replicas, and the ReplicaSet would try again after ever longer pauses.
 * - Pods count against a quota until they are gone, for up to 30 s after their deletion
 *   (https://kubernetes.io/docs/concepts/policy/resource-quotas/). When a variant replaces another, or load returns just
 *   after a scale-down, old and new pods are there together, so that a quota must hold twice the largest row: 72 cores.
 * - What the manifests ask for is held against the nodes at synthesis already (`pods-fit-the-nodes`).
 * The defaults of a LimitRange would reach no pod of ours: synthesis insists on requests and a memory limit in every
 * container (`resources-are-stated`), and a CPU limit that is not in the manifest would be one more thing to vary.
 */
export class Namespace extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'namespace', 'foundation');
    const { namespace } = platform.settings;
    const levels = Object.fromEntries(
      ['enforce', 'audit', 'warn'].flatMap((mode) => [
        [`pod-security.kubernetes.io/${mode}`, 'restricted'],
        [`pod-security.kubernetes.io/${mode}-version`, 'latest'],
      ]),
    );
    new k8s.KubeNamespace(this, 'namespace', {
      metadata: this.clusterMetadata(namespace, { labels: levels, annotations: NEVER_PRUNED, syncWave: -1 }),
    });
    new k8s.KubeResourceQuota(this, 'entry', {
      metadata: this.objectMetadata('no-open-ports'),
      spec: {
        hard: {
          'services.loadbalancers': k8s.Quantity.fromString('0'),
          'services.nodeports': k8s.Quantity.fromString('0'),
        },
      },
    });
    new LocalStorageClass(this, LOCAL_STORAGE);
    new k8s.KubePriorityClass(this, 'foundation', {
      metadata: this.clusterMetadata(FOUNDATION),
      value: 100_000,
      preemptionPolicy: 'PreemptLowerPriority',
      description: 'Database, pooler, migration and gateway: pods without a class make way for them.',
    });
  }
}
