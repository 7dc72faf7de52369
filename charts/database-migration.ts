import { scratch } from '../lib/constructs/pod/volume';
import { VersionedJob } from '../lib/constructs/workload/job';
import { knowsTheServer } from './database-client';
import { djangoEnvironment, DJANGO_USER } from './django-api';
import { images } from '../facts/images';
import { FOUNDATION } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { postgres } from './postgres';
import { waitForOwner } from './wait-for-postgres';
import { secrets } from '../facts/secrets';

/**
 * Brings the database's tables up to the API's version before it is rolled out, on Postgres itself (a pooler in transaction
 * mode would scatter its locks), once it lets the owner in. It is in every variant's base, a wave ahead, so it runs once per
 * image.
 */
export class DatabaseMigration extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'database-migration', 'foundation');
    const job = new VersionedJob(this, {
      version: tagOf(images.djangoApi),
      deadlineSeconds: 900,
      retries: 3,
      runAs: DJANGO_USER,
      volumeGroup: DJANGO_USER.group,
      priorityClass: FOUNDATION,
      initContainers: [waitForOwner(platform.settings)],
      containers: [
        {
          name: 'migrate',
          image: images.djangoApi,
          command: ['python', 'manage.py', 'migrate', '--no-input'],
          environment: djangoEnvironment(platform.settings, postgres, secrets.databaseOwner),
          mounts: [scratch('/tmp', '64Mi'), ...knowsTheServer.mounts],
          resources: { cpu: { request: '250m', limit: '1' }, memory: { request: '256Mi', limit: '512Mi' } },
        },
      ],
    });
    this.connects([postgres]);
    this.except({
      rule: 'calls-are-permitted',
      object: `Job/${job.name}`,
      reason: "The API's settings, which the migration loads, name the solver; a migration never calls it.",
    });
  }
}

/** The tag of an image, such as `0.0.17`. */
function tagOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/^.*:/, '');
}
