import { Secret } from '../lib/kubernetes/secret';
import type { IssuedValue } from '../lib/kubernetes/secret-contract';
import { settings } from './settings';

const PASSWORD = { length: 40, alphabet: 'alphanumeric' } as const;

/** Under the name of its Service, by which clients call it, and the one that a person calls a forwarded port by. */
function serverCertificate(service: string): IssuedValue {
  return { what: 'server', names: [service, `${service}.${settings.namespace}.svc`, 'localhost'] };
}

/** Names of the database's roles, by the Secret that holds each, where the vault's author chose no others. */
export const databaseRoles = {
  database: 'ahuora',
  'database-owner': 'ahuora_owner',
  'database-backup': 'ahuora_backup',
} as const;

/** The Secrets of the platform as contracts. Ansible seeds exactly those that some component reads. */
export const secrets = {
  database: new Secret('database', {
    username: {
      description: `Role of the API, which reads and writes rows and changes no table; such as ${databaseRoles.database}.`,
    },
    password: { description: 'Password of that role, used by the API and PgBouncer.', generate: PASSWORD },
  }),
  databaseOwner: new Secret('database-owner', {
    username: {
      description: `Role that owns the database and its tables; such as ${databaseRoles['database-owner']}.`,
    },
    password: { description: 'Password of that role, used by the migration and a restore.', generate: PASSWORD },
  }),
  databaseBackup: new Secret('database-backup', {
    username: {
      description: `Role that reads the whole database and writes nothing; such as ${databaseRoles['database-backup']}.`,
    },
    password: { description: 'Password of that role, used by the backup.', generate: PASSWORD },
  }),
  postgres: new Secret('postgres', {
    password: {
      description:
        'Password of the superuser postgres, whom no network connection lets in; the first start insists on one.',
      generate: PASSWORD,
    },
  }),
  databaseAuthority: new Secret('database-authority', {
    'ca.crt': {
      description: 'Certificate of the authority by which clients know Postgres and PgBouncer.',
      issued: { what: 'authority' },
    },
  }),
  postgresCertificate: new Secret('postgres-certificate', {
    'tls.pem': { description: 'Certificate and private key of Postgres.', issued: serverCertificate('postgres') },
  }),
  pgbouncerCertificate: new Secret('pgbouncer-certificate', {
    'tls.pem': { description: 'Certificate and private key of PgBouncer.', issued: serverCertificate('pgbouncer') },
  }),
  djangoApi: new Secret('django-api', {
    'secret-key': {
      description: "Django's SECRET_KEY; a new one signs everybody out.",
      generate: { length: 64, alphabet: 'alphanumeric' },
    },
  }),
  oauth2Proxy: new Secret('oauth2-proxy', {
    'client-id': { description: 'Client id of the OAuth client at Google.' },
    'client-secret': { description: 'Client secret of the OAuth client at Google.' },
    'cookie-secret': {
      description: 'Key that encrypts session cookies; a new one signs everybody out.',
      generate: { length: 32, alphabet: 'alphanumeric' },
    },
    'authorised-emails': { description: 'E-mail addresses that may sign in, one a line.' },
  }),
  cloudflared: new Secret('cloudflared', {
    token: { description: 'Token of the Cloudflare Tunnel.' },
  }),
} as const;
