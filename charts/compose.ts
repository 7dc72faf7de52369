import { stringify } from 'yaml';
import { poolerFiles } from '../lib/constructs/database/connection-pooler';
import type { PlainFile } from '../lib/constructs/platform-model';
import type { Environment } from '../lib/constructs/pod/environment';
import type { SecretReference } from '../lib/kubernetes/secret';
import { djangoApi, djangoEnvironment } from './django-api';
import { idaes } from './idaes';
import { images } from '../facts/images';
import { pgbouncer, poolerProps } from './pgbouncer';
import { firstStartFiles, postgres, postgresFiles } from './postgres';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

/** Addresses of the one network; outside those of the LAN, of pods and of Services. */
const NETWORK = '172.30.0.0/24';

const HEADER = [
  '# The benchmark of the experiments: the same images and settings as the cluster, on one machine. Rendered; do not edit.',
  '# Values of secrets come from the environment or from a file .env beside this one, which git must never see.',
  '# Before the first start:',
  '#   docker compose run --rm -e DATABASE_HOST=postgres -e DATABASE_PORT=5432 django-api python manage.py migrate --no-input',
  '',
].join('\n');

/**
 * `compose/compose.yaml`: django-api, idaes, PgBouncer and Postgres on one network under Docker Compose, for the
 * benchmark of cluster against one machine. No service has a CPU or memory limit: on one machine all share all of it.
 *
 * Format: the Compose Specification; inline `configs` need Docker Compose 2.23.1 or newer.
 */
export function composeFile(settings: Settings): PlainFile {
  const here = onOneMachine(settings);
  const pooler = poolerFiles(poolerProps(here));
  const database = { ...postgresFiles(here), ...firstStartFiles() };
  const file = {
    name: 'ahuora',
    services: {
      [djangoApi.host]: {
        ...hardened,
        image: images.djangoApi,
        environment: variables(djangoEnvironment(here, pgbouncer)),
        ports: [`${djangoApi.port}:${djangoApi.port}`],
        depends_on: {
          [pgbouncer.host]: { condition: 'service_started' },
          [idaes.host]: { condition: 'service_started' },
        },
        stop_grace_period: '30s',
      },
      [idaes.host]: { ...hardened, image: images.idaes, environment: { HOME: '/tmp' }, stop_grace_period: '30s' },
      [pgbouncer.host]: {
        ...hardened,
        image: images.pgbouncer,
        entrypoint: [
          '/bin/sh',
          '-c',
          literal(
            '/bin/sh /etc/pgbouncer/write-user-list.sh /run/pgbouncer/userlist.txt && exec pgbouncer /etc/pgbouncer/pgbouncer.ini',
          ),
        ],
        environment: variables({
          DATABASE_USER: secrets.database.key('username'),
          DATABASE_PASSWORD: secrets.database.key('password'),
        }),
        configs: mounted(pooler, () => '/etc/pgbouncer'),
        tmpfs: ['/tmp', '/run/pgbouncer:uid=70,gid=70,mode=0700'],
        user: '70:70',
        depends_on: { [postgres.host]: { condition: 'service_healthy' } },
      },
      [postgres.host]: {
        ...hardened,
        image: images.postgres,
        command: ['-c', 'config_file=/etc/postgresql/postgresql.conf', '-c', 'hba_file=/etc/postgresql/pg_hba.conf'],
        environment: variables({
          PGDATA: '/var/lib/postgresql/data/pgdata',
          POSTGRES_INITDB_ARGS: '--data-checksums',
          POSTGRES_PASSWORD: secrets.postgres.key('password'),
          DATABASE_NAME: here.postgres.database,
          DATABASE_USER: secrets.database.key('username'),
          DATABASE_PASSWORD: secrets.database.key('password'),
        }),
        configs: mounted(database, (name) =>
          name.endsWith('.sh') ? '/docker-entrypoint-initdb.d' : '/etc/postgresql',
        ),
        volumes: ['data:/var/lib/postgresql/data'],
        tmpfs: ['/tmp', '/var/run/postgresql:uid=999,gid=999'],
        shm_size: '256mb',
        user: '999:999',
        healthcheck: {
          test: [
            'CMD',
            'pg_isready',
            '--host=127.0.0.1',
            `--port=${postgres.port}`,
            `--dbname=${here.postgres.database}`,
          ],
          interval: '5s',
          timeout: '5s',
          retries: 120,
        },
        stop_grace_period: '120s',
      },
    },
    configs: Object.fromEntries(
      Object.entries({ ...pooler, ...database }).map(([name, content]) => [
        configName(name),
        { content: literal(content) },
      ]),
    ),
    networks: { default: { ipam: { config: [{ subnet: NETWORK }] } } },
    volumes: { data: {} },
  };
  return {
    path: 'compose/compose.yaml',
    content: HEADER + stringify(file, { lineWidth: 0, aliasDuplicateObjects: false }),
  };
}

/** What every service shares with the pods' security settings. */
const hardened = {
  restart: 'unless-stopped',
  read_only: true,
  tmpfs: ['/tmp'],
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
};

/** One pooler has the connections of all the cluster's, and clients come from this network. */
function onOneMachine(settings: Settings): Settings {
  const { replicas, poolSize, reservePoolSize, maxClientConnections } = settings.pgbouncer;
  return {
    ...settings,
    podNetwork: NETWORK,
    pgbouncer: {
      ...settings.pgbouncer,
      replicas: 1,
      poolSize: poolSize * replicas,
      reservePoolSize: reservePoolSize * replicas,
      maxClientConnections: maxClientConnections * replicas,
    },
  };
}

/** Secrets become variables that Compose insists on, such as `DATABASE_PASSWORD` of the Secret `database`. */
function variables(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      typeof value === 'string' ? literal(value) : `\${${variableOf(value)}:?set it in .env}`,
    ]),
  );
}

function variableOf({ secret, key }: SecretReference): string {
  return `${secret.name}_${key}`.toUpperCase().replaceAll('-', '_');
}

function mounted(files: Readonly<Record<string, string>>, folderOf: (name: string) => string) {
  return Object.keys(files).map((name) => ({
    source: configName(name),
    target: `${folderOf(name)}/${name}`,
    // Readable by the user of the image, and executable where it is a script.
    mode: name.endsWith('.sh') ? 0o555 : 0o444,
  }));
}

const configName = (file: string) => file.replaceAll('.', '-');

/** Compose replaces `$NAME`; a doubled dollar is a dollar. */
const literal = (text: string) => text.replaceAll('$', '$$$$');
