import type { Mutation } from './mutation';

/** A mistake that synthesis lets through, and why it cannot, or need not, know it to be one. */
export interface AcceptedMutation extends Omit<Mutation, 'says'> {
  readonly reason: string;
}

export const acceptedMutations: readonly AcceptedMutation[] = [
  {
    file: 'lib/constructs/database/connection-pooler.ts',
    from: '`max_db_connections = ${props.poolSize + props.reservePoolSize}`,',
    to: "'max_db_connections = 400',",
    reason: 'with one database and one user PgBouncer opens no more than its pool and the reserve, whatever this says',
  },
  {
    file: 'charts/platform.ts',
    from: 'application: 3',
    to: 'application: 1',
    reason:
      'what needs the pooler is synced by another Application, after this one; nothing of that wave in dist/platform needs a later wave',
  },
  {
    file: 'charts/oauth2-proxy.ts',
    from: "httpGet('/ping', oauth2Proxy.port), periodSeconds: 1",
    to: "httpGet('/ping', 4181), periodSeconds: 1",
    reason:
      'the container declares that port too, for its metrics; that it does not answer /ping is known to the program alone',
  },
];
