import { images } from '../../facts/images';
import type { ConfigReference } from '../../lib/constructs/pod/container';
import { VersionedJob } from '../../lib/constructs/workload/job';
import { FOUNDATION } from '../namespace';
import { AhuoraComponent, type Platform } from '../platform';
import { POSTGRES_USER } from '../postgres';

/**
 * Holds a sync of the workloads until the platform of the same commit is in force, which another Application brings: a Job, a wave
 * before everything else, whose container does not start without the key of `PlatformApplied`. It needs no permission. A commit that leaves
 * the platform as it is finds the same finished Job and waits for nothing.
 */
export class WaitForPlatform extends AhuoraComponent {
  constructor(platform: Platform, applied: ConfigReference) {
    super(platform, 'wait-for-platform', 'beforeAll');
    const job = new VersionedJob(this, {
      version: applied.key,
      // A platform that does not come into force fails the sync; the commit that mends it is another.
      deadlineSeconds: 900,
      runAs: POSTGRES_USER,
      priorityClass: FOUNDATION,
      containers: [
        {
          name: 'wait',
          image: images.postgres,
          command: ['true'],
          startsAfter: applied,
          resources: { cpu: { request: '10m', limit: '200m' }, memory: { request: '16Mi', limit: '64Mi' } },
        },
      ],
    });
    this.except({
      rule: 'pods-have-a-network-policy',
      object: `Job/${job.name}`,
      reason: 'It talks to nobody; the default policy of its namespace lets it reach nothing.',
    });
  }
}
