import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secrets } from '../../facts/secrets';
import type { Environment } from '../../lib/constructs/pod/environment';

/** Folder of the pod that {@link roleFiles} are mounted at; the first-start script names it too. */
export const ROLES = '/etc/postgresql-roles';

/** What sets the roles of the database, at the first start and again with each pod. */
export function roleFiles(): Record<'roles.sh' | 'roles.sql' | 'privileges.sql' | 'keep-roles.sh', string> {
  return {
    'roles.sh': text('roles.sh'),
    'roles.sql': text('roles.sql'),
    'privileges.sql': privileges(),
    'keep-roles.sh': text('keep-roles.sh'),
  };
}

/** The part that a restore repeats, since it replaces everything that the owner has granted. */
export function privileges(): string {
  return text('privileges.sql');
}

/** The scripts that Postgres runs once, on an empty data folder. */
export function firstStartFiles(): Record<'10-roles.sh', string> {
  return { '10-roles.sh': text('first-start.sh') };
}

/** What the scripts of the roles read: an owner for migrations, the API's role of rows alone, and one that only reads. */
export function roleEnvironment(database: string): Environment {
  return {
    DATABASE_NAME: database,
    DATABASE_OWNER_USER: secrets.databaseOwner.key('username'),
    DATABASE_OWNER_PASSWORD: secrets.databaseOwner.key('password'),
    DATABASE_USER: secrets.database.key('username'),
    DATABASE_PASSWORD: secrets.database.key('password'),
    DATABASE_BACKUP_USER: secrets.databaseBackup.key('username'),
    DATABASE_BACKUP_PASSWORD: secrets.databaseBackup.key('password'),
  };
}

function text(file: string): string {
  return readFileSync(join(__dirname, file), 'utf8');
}
