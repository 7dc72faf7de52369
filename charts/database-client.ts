import { secrets } from '../facts/secrets';
import type { ContainerProps } from '../lib/constructs/pod/container';

const AUTHORITY = '/etc/database-authority';
const authority = secrets.databaseAuthority.key('ca.crt');

/**
 * What a client of Postgres or PgBouncer is given beside its role (https://www.postgresql.org/docs/16/libpq-envars.html).
 * After five seconds it gives up on a connection: one that hangs on a dead node's pooler holds a worker of the API. The pod
 * needs a `volumeGroup` to read the file.
 */
export const knowsTheServer = {
  environment: {
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: `${AUTHORITY}/${authority.key}`,
    PGCONNECT_TIMEOUT: '5',
  },
  mounts: [{ kind: 'secret', reference: authority, path: AUTHORITY }],
} as const satisfies Pick<ContainerProps, 'environment' | 'mounts'>;
