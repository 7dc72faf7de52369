import { secrets } from '../facts/secrets';
import type { ContainerProps } from '../lib/constructs/pod/container';

const AUTHORITY = '/etc/database-authority';
const authority = secrets.databaseAuthority.key('ca.crt');

/**
 * What a client of Postgres or PgBouncer is given beside its role: it encrypts, insists that the server is the one of that name, and
 * gives up on a connection after five seconds. Until Kubernetes notices that a node has lost its power, half of all connections go
 * to the pooler that was on it, and each that hangs holds a worker of the API. libpq reads the variables, and with it psql, pg_dump
 * and Django's driver: https://www.postgresql.org/docs/16/libpq-envars.html
 *
 * The pod needs a `volumeGroup` to read the file.
 */
export const knowsTheServer = {
  environment: {
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: `${AUTHORITY}/${authority.key}`,
    PGCONNECT_TIMEOUT: '5',
  },
  mounts: [{ kind: 'secret', reference: authority, path: AUTHORITY }],
} as const satisfies Pick<ContainerProps, 'environment' | 'mounts'>;
