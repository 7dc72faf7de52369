import { IPv4 } from 'ipaddr.js';
import { toComposeFile } from '../lib/constructs/compose/file';
import { componentsOf } from '../lib/constructs/model-parts';
import type { PlainFile } from '../lib/constructs/platform-model';
import type { WorkloadSettings } from '../lib/kubernetes/workload-variant';
import { DatabaseMigration } from './database-migration';
import { djangoApi, DjangoApi, DjangoApiWorkload } from './django-api';
import { idaes, Idaes, IdaesWorkload } from './idaes';
import { pgbouncer, PgBouncer } from './pgbouncer';
import { separateOutput, type Platform } from './platform';
import { POSTGRES_ROLES, Postgres, postgres } from './postgres';
import { waitForPostgres } from './wait-for-postgres';

/** Addresses of the one network; outside those of the LAN, of pods and of Services. */
const NETWORK = '172.30.0.0/24';

const HEADER = [
  'The benchmark of the experiments: the same images and settings as the cluster, on one machine. Rendered; do not edit.',
  'Values of secrets come from the environment: `npm run --silent compose-environment` makes some up, certificates too.',
  'Before the first start:',
  '  docker compose run --rm database-migration',
];

/**
 * `compose/compose.yaml`: django-api, idaes, PgBouncer and Postgres on one network under Docker Compose, for the benchmark of
 * cluster against one machine. It is made of the cluster's own components, so that both are the same stack.
 */
export function composeFile(
  platform: Platform,
  baseline: Readonly<Record<'django-api' | 'idaes', WorkloadSettings>>,
): PlainFile {
  refuseTakenNetwork(platform);
  const here = onOneMachine(platform);
  const workloads = separateOutput(here);
  for (const ComponentClass of [Postgres, PgBouncer, DjangoApi, Idaes]) new ComponentClass(here);
  new DatabaseMigration(workloads);
  new DjangoApiWorkload(workloads, baseline['django-api']);
  new IdaesWorkload(workloads, baseline.idaes);
  const content = toComposeFile(componentsOf(here.app, workloads.app), {
    project: 'ahuora',
    header: HEADER,
    subnet: NETWORK,
    services: {
      [djangoApi.host]: { prober: 'python', published: [djangoApi.port] },
      [idaes.host]: { prober: 'python' },
      // Whom it calls is well before it starts, roles included.
      'database-migration': { onlyByHand: true, without: [waitForPostgres.name] },
      // The roles come with the first start, and these data know no second one.
      [postgres.host]: { without: [POSTGRES_ROLES] },
      // Its image is built on Alpine.
      [pgbouncer.host]: { prober: 'busybox' },
    },
  });
  return { path: 'compose/compose.yaml', content };
}

/** The machine of the benchmark is on the LAN, and must still reach it. */
function refuseTakenNetwork({ inventory }: Platform): void {
  const host = IPv4.isValidCIDR(NETWORK)
    ? inventory.hosts.find(({ address }) => IPv4.parse(address).match(IPv4.parseCIDR(NETWORK)))
    : undefined;
  if (host)
    throw new Error(
      `charts/compose.ts: NETWORK: ${NETWORK} holds ${host.address} of ${host.name}; write a range outside the LAN.`,
    );
}

/** One pooler has the connections of all the cluster's, and clients come from this network. */
function onOneMachine(platform: Platform): Platform {
  const { settings } = platform;
  const { replicas, poolSize, reservePoolSize, maxClientConnections } = settings.pgbouncer;
  return {
    ...separateOutput(platform),
    settings: {
      ...settings,
      podNetwork: NETWORK,
      pgbouncer: {
        ...settings.pgbouncer,
        replicas: 1,
        poolSize: poolSize * replicas,
        reservePoolSize: reservePoolSize * replicas,
        maxClientConnections: maxClientConnections * replicas,
      },
    },
  };
}
