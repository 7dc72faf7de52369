import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigFiles } from '../lib/constructs/config-files';
import { StatefulDatabase } from '../lib/constructs/database/stateful-database';
import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import { execute } from '../lib/constructs/pod/probe';
import { scratch } from '../lib/constructs/pod/volume';
import { clusterNode } from '../facts/inventory';
import { images } from '../facts/images';
import { FOUNDATION, LOCAL_STORAGE } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

/** Postgres itself: only PgBouncer, the migration and the backup call it. */
export const postgres = serviceEndpoint('postgres', 5432);

/** User and group `postgres` of the Debian image. */
export const POSTGRES_USER = { user: 999, group: 999 } as const;

const CONFIG = '/etc/postgresql';

/** Postgres on the disk of one node. */
export class Postgres extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'postgres', 'database');
    const { settings, inventory } = platform;
    const { node, hostPath, size, database } = settings.postgres;
    const config = new ConfigFiles(this, 'postgres-config', postgresFiles(settings));
    const firstStart = new ConfigFiles(this, 'postgres-first-start', firstStartFiles());
    new StatefulDatabase(this, {
      image: images.postgres,
      args: ['-c', `config_file=${CONFIG}/postgresql.conf`, '-c', `hba_file=${CONFIG}/pg_hba.conf`],
      port: postgres.port,
      portName: 'postgresql',
      data: {
        node: clusterNode(inventory, node, 'facts/settings.ts: postgres.node'),
        hostPath,
        mountPath: '/var/lib/postgresql/data',
        size,
        storageClass: LOCAL_STORAGE,
      },
      environment: {
        // A folder below the mount, which may hold lost+found and which the kubelet owns.
        PGDATA: '/var/lib/postgresql/data/pgdata',
        // Pages that an SD card returns damaged are noticed.
        POSTGRES_INITDB_ARGS: '--data-checksums',
        POSTGRES_PASSWORD: secrets.postgres.key('password'),
        DATABASE_NAME: database,
        DATABASE_USER: secrets.database.key('username'),
        DATABASE_PASSWORD: secrets.database.key('password'),
      },
      mounts: [
        { kind: 'config', config, path: CONFIG },
        { kind: 'config', config: firstStart, path: '/docker-entrypoint-initdb.d', executable: true },
        scratch('/var/run/postgresql', '1Mi'),
        scratch('/tmp', '64Mi'),
        // Shared memory of parallel queries; the runtime's default of 64 MiB is too small for them.
        scratch('/dev/shm', '256Mi', { inMemory: true }),
      ],
      resources: { cpu: { request: '1', limit: '3' }, memory: { request: '1Gi', limit: '2Gi' } },
      probes: {
        // Recovery after a power cut replays the log and may take minutes.
        startup: { action: pgIsReady(database), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 },
        readiness: { action: pgIsReady(database), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
        liveness: { action: pgIsReady(database), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      },
      runAs: POSTGRES_USER,
      volumeGroup: POSTGRES_USER.group,
      priorityClass: FOUNDATION,
      // Time for a checkpoint to reach the SD card.
      terminationGracePeriodSeconds: 120,
    });
  }
}

/** The files that Postgres is configured by. */
function postgresFiles(settings: Settings): Record<'postgresql.conf' | 'pg_hba.conf', string> {
  return { 'postgresql.conf': postgresqlConf(settings), 'pg_hba.conf': pgHbaConf(settings) };
}

/** The scripts that Postgres runs once, on an empty data folder. */
function firstStartFiles(): Record<'10-role.sh', string> {
  return { '10-role.sh': readFileSync(join(__dirname, 'postgres', 'first-start.sh'), 'utf8') };
}

function pgIsReady(database: string) {
  return execute('pg_isready', '--host=127.0.0.1', `--port=${postgres.port}`, `--dbname=${database}`);
}

function postgresqlConf({ postgres: { maxConnections } }: Settings): string {
  return [
    "listen_addresses = '*'",
    `port = ${postgres.port}`,
    `max_connections = ${maxConnections}`,
    'password_encryption = scram-sha-256',
    '# A quarter of the memory limit, and what the page cache of the node can be expected to hold.',
    'shared_buffers = 512MB',
    'effective_cache_size = 2GB',
    '# Fewer, longer checkpoints wear an SD card less; a commit still waits for its own log record (fsync stays on).',
    'checkpoint_timeout = 15min',
    'checkpoint_completion_target = 0.9',
    'max_wal_size = 1GB',
    'wal_compression = on',
    '# A client that vanished must not hold its connection for two hours.',
    'tcp_keepalives_idle = 60',
    'tcp_keepalives_interval = 10',
    'tcp_keepalives_count = 3',
    'log_min_duration_statement = 1000',
    'log_connections = off',
    '',
  ].join('\n');
}

function pgHbaConf({ podNetwork }: Settings): string {
  return [
    '# type  database  user  address  method',
    '# The socket lies in a folder of the pod that no other pod can open.',
    'local  all  all  trust',
    'host  all  all  127.0.0.1/32  scram-sha-256',
    '# The superuser comes from inside the pod alone: whoever learns its password can do nothing with it from another.',
    'host  all  postgres  0.0.0.0/0  reject',
    'host  all  postgres  ::/0  reject',
    `host  all  all  ${podNetwork}  scram-sha-256`,
    '',
  ].join('\n');
}
