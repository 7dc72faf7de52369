import { k8s } from 'cdk8s-plus-28';
import { NEVER_PRUNED } from '../lib/component';
import { LocalStorageClass } from '../lib/database/local-volume';
import { AhuoraComponent, type Platform } from './platform';

/** Storage class of the volumes on the nodes' own disks. */
export const LOCAL_STORAGE = 'ahuora-local';

/** Priority class of what everything else needs, the database first of all. */
export const FOUNDATION = 'ahuora-foundation';

/**
 * The namespace, with the strictest Pod Security Standard enforced, the storage class of its volumes, and the priority class
 * of its foundations. Postgres can run on one node only: were that node full of pods that an autoscaler added, it could not
 * come back after a restart, unless they make way.
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
    new LocalStorageClass(this, LOCAL_STORAGE);
    new k8s.KubePriorityClass(this, 'foundation', {
      metadata: this.clusterMetadata(FOUNDATION),
      value: 100_000,
      preemptionPolicy: 'PreemptLowerPriority',
      description: 'Database, pooler, migration and gateway: pods without a class make way for them.',
    });
  }
}
