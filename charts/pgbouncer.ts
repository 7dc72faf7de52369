import { ConnectionPooler } from '../lib/database/connection-pooler';
import { serviceEndpoint } from '../lib/network/endpoint';
import { images } from './images';
import { FOUNDATION } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { postgres } from './postgres';
import { secrets } from './secrets';

/** What clients of the database connect to. */
export const pgbouncer = serviceEndpoint('pgbouncer', 6432);

/** The connection pooler between the API and Postgres. */
export class PgBouncer extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'pgbouncer', 'pooler');
    const { pgbouncer: pool, postgres: server } = platform.settings;
    new ConnectionPooler(this, {
      ...pool,
      image: images.pgbouncer,
      priorityClass: FOUNDATION,
      port: pgbouncer.port,
      server: postgres,
      database: server.database,
      serverMaxConnections: server.maxConnections,
      username: secrets.database.key('username'),
      password: secrets.database.key('password'),
      resources: { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '128Mi' } },
    });
  }
}
