import { secrets } from '../facts/secrets';
import type { ContainerProps } from '../lib/constructs/pod/container';

const AUTHORITY = '/etc/database-authority';
const authority = secrets.databaseAuthority.key('ca.crt');

/**
 * What a client of Postgres or PgBouncer is given beside its role: it encrypts, and insists that the server is the one of that
 * name. libpq reads the variables, and with it psql, pg_dump and Django's driver: https://www.postgresql.org/docs/16/libpq-envars.html
 *
 * The pod needs a `volumeGroup` to read the file.
 */
export const knowsTheServer = {
  environment: { PGSSLMODE: 'verify-full', PGSSLROOTCERT: `${AUTHORITY}/${authority.key}` },
  mounts: [{ kind: 'secret', reference: authority, path: AUTHORITY }],
} as const satisfies Pick<ContainerProps, 'environment' | 'mounts'>;
