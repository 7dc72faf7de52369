import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k8s } from '../lib/constructs/typed-kinds';
import { NEVER_PRUNED } from '../lib/constructs/component';
import { ConfigFiles } from '../lib/constructs/config-files';
import { claimOfVolume, LocalVolume } from '../lib/constructs/database/local-volume';
import type { ContainerProps } from '../lib/constructs/pod/container';
import type { Environment } from '../lib/constructs/pod/environment';
import { scratch } from '../lib/constructs/pod/volume';
import { clusterNode } from '../facts/inventory';
import { ScheduledJob, type ScheduledJobProps } from '../lib/constructs/workload/job';
import type { Secret } from '../lib/kubernetes/secret';
import { images } from '../facts/images';
import { dumpRecipient } from '../facts/platform-settings/recipient';
import { knowsTheServer } from './database-client';
import { LOCAL_STORAGE } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { postgres, POSTGRES_USER } from './postgres';
import { privileges } from './postgres/roles';
import { waitForPostgres } from './wait-for-postgres';
import { secrets } from '../facts/secrets';

const BACKUP = 'postgres-backup';
const RESTORE = 'postgres-restore';
const SCRIPTS = '/scripts';
const DUMPS = '/backup';
/** The certificate that dumps are encrypted for, where the settings name one. */
const RECIPIENT = 'recipient.pem';

/**
 * A dump of the database every night, on the disk of another node than the database's, and a job that puts one back. The
 * second never starts by itself: `kubectl create job --from=cronjob/postgres-restore postgres-restore-1`.
 */
export class PostgresBackup extends AhuoraComponent {
  constructor(platform: Platform) {
    // In the last wave, so that a failed dump keeps nothing from being synced; and not after it, so that the backup of a site
    // that Cloudflare does not reach is installed all the same.
    super(platform, BACKUP, 'upkeep');
    const { backup } = platform.settings;
    const recipient = dumpRecipient(platform.settings);
    new LocalVolume(this, {
      name: BACKUP,
      node: clusterNode(platform.inventory, backup.node, 'facts/settings.ts: backup.node'),
      path: backup.hostPath,
      owner: POSTGRES_USER,
      size: backup.size,
      storageClass: LOCAL_STORAGE,
    });
    new k8s.KubePersistentVolumeClaim(this, 'claim', {
      metadata: this.objectMetadata(BACKUP, { annotations: NEVER_PRUNED }),
      spec: claimOfVolume(BACKUP, LOCAL_STORAGE, backup.size),
    });
    const scripts = new ConfigFiles(this, 'postgres-backup-scripts', {
      'backup.sh': script('backup.sh'),
      'restore.sh': script('restore.sh'),
      'privileges.sql': privileges(),
      ...(recipient !== undefined && { [RECIPIENT]: recipient }),
    });
    const container = (name: string, variables: Environment) => containerFor(name, platform, scripts, variables);
    const common = commonProps(platform);
    new ScheduledJob(this, {
      ...common,
      name: BACKUP,
      containers: [
        container('backup', {
          ...credentialsOf(secrets.databaseBackup),
          ...(recipient !== undefined && { ENCRYPT_FOR: `${SCRIPTS}/${RECIPIENT}` }),
        }),
      ],
    });
    new ScheduledJob(this, {
      ...common,
      name: RESTORE,
      onlyByHand: true,
      retries: 0,
      containers: [
        container('restore', {
          ...credentialsOf(secrets.databaseOwner),
          // Who is given its rights on what is restored.
          APPLICATION_ROLE: secrets.database.key('username'),
          // The dump to restore: a file name, or the newest.
          RESTORE_FILE: 'latest',
        }),
      ],
    });
    this.connects([postgres]);
    this.connects([postgres], { name: RESTORE, pods: this.selectorLabels(RESTORE) });
  }
}

function commonProps({ settings: { backup } }: Platform): Omit<ScheduledJobProps, 'containers'> {
  return {
    schedule: backup.schedule,
    timeZone: backup.timeZone,
    deadlineSeconds: 3600,
    initContainers: [waitForPostgres],
    runAs: POSTGRES_USER,
    volumeGroup: POSTGRES_USER.group,
  };
}

/** Read by the client programs of Postgres. */
function credentialsOf(role: Secret<'username' | 'password'>): Environment {
  return { PGUSER: role.key('username'), PGPASSWORD: role.key('password') };
}

function containerFor(
  name: string,
  { settings }: Platform,
  config: ConfigFiles,
  variables: Environment,
): ContainerProps {
  const { backup, postgres: server } = settings;
  return {
    name,
    image: images.postgres,
    command: ['/bin/bash', `${SCRIPTS}/${name}.sh`],
    environment: {
      // Read by the client programs of Postgres.
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGDATABASE: server.database,
      BACKUP_DIRECTORY: DUMPS,
      RETENTION_DAYS: String(backup.retentionDays),
      KEEP_AT_LEAST: String(backup.keepAtLeast),
      ...variables,
      ...knowsTheServer.environment,
    },
    mounts: [
      { kind: 'config', config, path: SCRIPTS },
      { kind: 'claim', claim: BACKUP, path: DUMPS },
      ...knowsTheServer.mounts,
      scratch('/tmp', '64Mi'),
    ],
    resources: { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '256Mi' } },
  };
}

function script(name: string): string {
  return readFileSync(join(__dirname, 'postgres-backup', name), 'utf8');
}
