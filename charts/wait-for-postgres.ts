import type { ContainerProps } from '../lib/constructs/pod/container';
import { images } from '../facts/images';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';
import { knowsTheServer } from './database-client';
import { postgres } from './postgres';

/**
 * Ends once Postgres takes connections from this very pod, which a job must not fail on: the node's network policy controller
 * (kube-router in K3s) refuses a young pod for some seconds. The job's own deadline bounds the wait.
 */
export const waitForPostgres: ContainerProps = {
  name: 'wait-for-postgres',
  image: images.postgres,
  command: [
    '/bin/sh',
    '-c',
    `until pg_isready --host=${postgres.host} --port=${postgres.port} --timeout=3; do sleep 2; done`,
  ],
  resources: { cpu: { request: '10m', limit: '200m' }, memory: { request: '16Mi', limit: '64Mi' } },
};

/**
 * As {@link waitForPostgres}, until the owner of the database is let in: a database of an earlier version has no such role before its
 * pod is replaced, and a job must not fail on that either. The role, its tables and its rights come in one transaction.
 */
export function waitForOwner({ postgres: { database } }: Settings): ContainerProps {
  const login = "psql --no-psqlrc --no-password --quiet --output=/dev/null --command='SELECT 1'";
  return {
    ...waitForPostgres,
    command: ['/bin/sh', '-c', `until ${login}; do sleep 2; done`],
    environment: {
      PGHOST: postgres.host,
      PGPORT: String(postgres.port),
      PGDATABASE: database,
      PGUSER: secrets.databaseOwner.key('username'),
      PGPASSWORD: secrets.databaseOwner.key('password'),
      ...knowsTheServer.environment,
    },
    mounts: knowsTheServer.mounts,
  };
}
