import { ConfigFiles } from '../lib/constructs/config-files';
import { StatefulDatabase } from '../lib/constructs/database/stateful-database';
import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import type { ContainerProps } from '../lib/constructs/pod/container';
import type { Environment } from '../lib/constructs/pod/environment';
import { execute, usualProbes, type Probes } from '../lib/constructs/pod/probe';
import { scratch, type Mount } from '../lib/constructs/pod/volume';
import { clusterNode } from '../facts/inventory';
import { images } from '../facts/images';
import { FOUNDATION, LOCAL_STORAGE } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { firstStartFiles, roleEnvironment, ROLES, roleFiles } from './postgres/roles';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

/** Postgres itself: only PgBouncer, the migration and the backup call it. */
export const postgres = serviceEndpoint('postgres', 5432);

/** User and group `postgres` of the Debian image. */
export const POSTGRES_USER = { user: 999, group: 999 } as const;

const CONFIG = '/etc/postgresql';

/** The container beside Postgres that sets its roles; the benchmark on one machine, whose data are thrown away, has none. */
export const POSTGRES_ROLES = 'postgres-roles';

const CERTIFICATE = '/etc/postgresql-certificate';
const CERTIFICATE_KEY = secrets.postgresCertificate.key('tls.pem');
const CERTIFICATE_FILE = `${CERTIFICATE}/${CERTIFICATE_KEY.key}`;
const ROLES_ARE_SET = '/run/roles/set';
const rolesAreSet = execute('test', '-e', ROLES_ARE_SET);

/** Postgres on the disk of one node. */
export class Postgres extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'postgres', 'database');
    const { settings, inventory } = platform;
    const { node, hostPath, size, database } = settings.postgres;
    const config = new ConfigFiles(this, 'postgres-config', postgresFiles(settings));
    const firstStart = new ConfigFiles(this, 'postgres-first-start', firstStartFiles());
    const roles = new ConfigFiles(this, 'postgres-roles', roleFiles());
    const certificate = { kind: 'secret', reference: CERTIFICATE_KEY, path: CERTIFICATE } as const;
    const socket = scratch('/var/run/postgresql', '1Mi');
    const variables = roleEnvironment(database);
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
        ...variables,
      },
      mounts: [
        { kind: 'config', config, path: CONFIG },
        { kind: 'config', config: firstStart, path: '/docker-entrypoint-initdb.d', executable: true },
        { kind: 'config', config: roles, path: ROLES },
        certificate,
        socket,
        scratch('/tmp', '64Mi'),
        // Shared memory of parallel queries; the runtime's default of 64 MiB is too small for them.
        scratch('/dev/shm', '256Mi', { inMemory: true }),
      ],
      resources: { cpu: { request: '1', limit: '3' }, memory: { request: '1Gi', limit: '2Gi' } },
      probes: databaseProbes(database),
      sidecars: [roleKeeper(roles, variables, certificate, socket)],
      runAs: POSTGRES_USER,
      volumeGroup: POSTGRES_USER.group,
      priorityClass: FOUNDATION,
      // Time for a checkpoint to reach the SD card.
      terminationGracePeriodSeconds: 120,
    });
  }
}

/** Sets the roles with each pod, and has the server read a renewed certificate. */
function roleKeeper(roles: ConfigFiles, variables: Environment, ...shared: readonly Mount[]): ContainerProps {
  return {
    name: POSTGRES_ROLES,
    image: images.postgres,
    command: ['/bin/bash', `${ROLES}/keep-roles.sh`, ROLES_ARE_SET, CERTIFICATE_FILE],
    environment: variables,
    mounts: [{ kind: 'config', config: roles, path: ROLES }, ...shared, scratch('/run/roles', '1Mi')],
    resources: { cpu: { request: '10m', limit: '500m' }, memory: { request: '16Mi', limit: '64Mi' } },
    // As patient as the database's own recovery; from then on only a person takes the file away.
    probes: {
      ...usualProbes(rolesAreSet),
      startup: { action: rolesAreSet, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 300 },
    },
  };
}

function databaseProbes(database: string): Probes {
  return {
    // Recovery after a power cut replays the log and may take minutes.
    startup: { action: pgIsReady(database), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 },
    readiness: { action: pgIsReady(database), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    liveness: { action: pgIsReady(database), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

/** The files that Postgres is configured by. */
function postgresFiles(settings: Settings): Record<'postgresql.conf' | 'pg_hba.conf', string> {
  return { 'postgresql.conf': postgresqlConf(settings), 'pg_hba.conf': pgHbaConf(settings) };
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
    '# Certificate and key in one file, so that a renewed pair is never half there.',
    'ssl = on',
    `ssl_cert_file = '${CERTIFICATE_FILE}'`,
    `ssl_key_file = '${CERTIFICATE_FILE}'`,
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

function pgHbaConf({ podNetwork, postgres: { database } }: Settings): string {
  return [
    '# type  database  user  address  method',
    '# The superuser comes by the socket alone, which lies in a folder of the pod that no other pod can open: whoever learns its',
    '# password can do nothing with it over a network, nor by a forwarded port, which comes from 127.0.0.1.',
    'local  all  postgres  trust',
    'host  all  postgres  0.0.0.0/0  reject',
    'host  all  postgres  ::/0  reject',
    `host  ${database}  all  127.0.0.1/32  scram-sha-256`,
    '# From other pods only encrypted.',
    `hostssl  ${database}  all  ${podNetwork}  scram-sha-256`,
    '',
  ].join('\n');
}
