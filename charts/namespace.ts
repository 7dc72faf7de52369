import { k8s } from '../lib/constructs/typed-kinds';
import { NEVER_PRUNED } from '../lib/constructs/component';
import { LocalStorageClass } from '../lib/constructs/database/local-volume';
import { AhuoraComponent, type Platform } from './platform';

/** Storage class of the volumes on the nodes' own disks. */
export const LOCAL_STORAGE = 'ahuora-local';

/** Priority class of what everything else needs, the database first of all. */
export const FOUNDATION = 'ahuora-foundation';

/**
 * The namespace, with the strictest Pod Security Standard, the storage class of its volumes, and the priority class of its
 * foundations, for which other pods make way: Postgres can run on one node only.
 * Its quota allows no Service that opens a port on the nodes: K3s would open it on every one, past sign-in.
 * There is no quota of CPU, memory or pods (docs/decisions/0008-no-resource-quota.md), and a LimitRange would reach no pod,
 * since synthesis insists on requests and memory limits (`resources-are-stated`).
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
