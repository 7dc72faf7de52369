import { ConnectionPooler, type ConnectionPoolerProps } from '../lib/constructs/database/connection-pooler';
import { serviceEndpoint } from '../lib/constructs/network/endpoint';
import { images } from '../facts/images';
import { FOUNDATION } from './namespace';
import { AhuoraComponent, type Platform } from './platform';
import { postgres } from './postgres';
import { secrets } from '../facts/secrets';
import type { Settings } from '../facts/settings';

/** What clients of the database connect to. */
export const pgbouncer = serviceEndpoint('pgbouncer', 6432);

/** The connection pooler between the API and Postgres. */
export class PgBouncer extends AhuoraComponent {
  constructor(platform: Platform) {
    super(platform, 'pgbouncer', 'pooler');
    new ConnectionPooler(this, { ...poolerProps(platform.settings), priorityClass: FOUNDATION });
  }
}

/** How the pooler is set up. */
function poolerProps({ pgbouncer: pool, postgres: server }: Settings): ConnectionPoolerProps {
  return {
    ...pool,
    image: images.pgbouncer,
    port: pgbouncer.port,
    server: postgres,
    database: server.database,
    serverMaxConnections: server.maxConnections,
    username: secrets.database.key('username'),
    password: secrets.database.key('password'),
    certificate: secrets.pgbouncerCertificate.key('tls.pem'),
    authority: secrets.databaseAuthority.key('ca.crt'),
    resources: { cpu: { request: '100m', limit: '1' }, memory: { request: '64Mi', limit: '128Mi' } },
  };
}
