import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { startPgBouncer } from '../../fixtures/pgbouncer-server';
import { postgresPrograms, startPostgres, type PostgresServer } from '../../fixtures/postgres-server';
import type { GuardedProcess } from '../../fixtures/guarded-process';
import { run, type CommandResult } from '../daemon';
import { requireOwnNetwork } from '../own-network';
import { readRenderedDatabase, type RenderedDatabase } from './rendered-database';

/** Ports of the rendered configuration; the tests' own network namespace has them free. */
export const PORTS = { postgres: 5432, pgbouncer: 6432 } as const;

/** Made up at each run; the quotes must survive every file and script that they pass through. */
const SECRETS = {
  'database/username': 'ahuora',
  'database/password': `a"b${randomBytes(12).toString('hex')}`,
  'database-owner/username': 'ahuora_owner',
  'database-owner/password': `a'b"c$${randomBytes(12).toString('hex')}`,
  // Needs quoting in every statement.
  'database-backup/username': 'Ahuora "backup"',
  'database-backup/password': randomBytes(12).toString('hex'),
  'postgres/password': randomBytes(12).toString('hex'),
};

/** Debian's PostgreSQL and PgBouncer with the configuration of `dist/platform`. */
export class DatabaseStack {
  readonly rendered: RenderedDatabase;
  readonly database: string;
  readonly user = SECRETS['database/username'];
  readonly password = SECRETS['database/password'];
  readonly owner = { user: SECRETS['database-owner/username'], password: SECRETS['database-owner/password'] };
  readonly backup = { user: SECRETS['database-backup/username'], password: SECRETS['database-backup/password'] };
  readonly superuserPassword = SECRETS['postgres/password'];
  postgres!: PostgresServer;
  pgbouncer!: GuardedProcess;

  constructor(readonly folder: string) {
    requireOwnNetwork();
    this.rendered = readRenderedDatabase(SECRETS);
    this.database = this.rendered.environmentOf('postgres')['DATABASE_NAME']!;
  }

  /** Starts Postgres on its data folder; when that is empty, it is filled as the image's entry point fills it. */
  async startPostgres(name = 'postgres', port: number = PORTS.postgres): Promise<PostgresServer> {
    const folder = join(this.folder, name);
    const server = await startPostgres({
      folder,
      port,
      password: SECRETS['postgres/password'],
      configuration: this.rendered.postgres,
      orphanFolder: this.folder,
      // A second server beside the first needs another port; all else is as rendered.
      ...(port !== PORTS.postgres && { settings: { port } }),
    });
    if ((await server.sql(`SELECT 1 FROM pg_database WHERE datname = '${this.database}'`)) === '') {
      const result = await this.setRoles(server);
      if (result.status !== 0) throw new Error(`the first-start script failed: ${result.stderr}`);
    }
    return server;
  }

  /** Runs the first-start script, which is what the container beside Postgres runs with each pod. */
  setRoles(server: PostgresServer, overrides: Record<string, string> = {}): Promise<CommandResult> {
    const folder = join(this.folder, 'scripts', 'roles');
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of Object.entries(this.rendered.roleFiles)) writeFileSync(join(folder, file), content);
    return this.script('first-start', this.rendered.firstStart.replaceAll('/etc/postgresql-roles', folder), {
      ...this.rendered.environmentOf('postgres'),
      PGHOST: server.socketFolder,
      PGPORT: String(server.port),
      ...overrides,
    });
  }

  async start(): Promise<void> {
    this.postgres = await this.startPostgres();
    const folder = join(this.folder, 'pgbouncer');
    const users = join(this.folder, 'users.txt');
    const written = await this.script(
      'write-user-list',
      this.rendered.writeUserList,
      {
        DATABASE_USER: this.user,
        DATABASE_PASSWORD: this.password,
      },
      [users],
    );
    if (written.status !== 0) throw new Error(`the user list was not written: ${written.stderr}`);
    this.pgbouncer = await startPgBouncer({
      folder,
      port: PORTS.pgbouncer,
      orphanFolder: this.folder,
      users: readFileSync(users, 'utf8'),
      // Only what a cluster gives differs: the name of the server, and the folder of the user list.
      configuration: this.rendered.pgbouncerIni
        .replace(/host=postgres\b/, 'host=127.0.0.1')
        .replace('/run/pgbouncer/userlist.txt', join(folder, 'userlist.txt')),
    });
  }

  async stop(): Promise<void> {
    await this.pgbouncer?.stop();
    await this.postgres?.stop();
  }

  /** A connected client of the application's role; through the pooler unless another port is given. */
  async connect(options: ClientConfig = {}): Promise<Client> {
    const client = new Client({
      host: '127.0.0.1',
      port: PORTS.pgbouncer,
      database: this.database,
      user: this.user,
      password: this.password,
      connectionTimeoutMillis: 60_000,
      ...options,
    });
    // A connection that breaks while idle is reported by the next query too.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Runs a rendered script with an environment, and PostgreSQL's programs on its path. */
  async script(
    name: string,
    content: string,
    environment: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<CommandResult> {
    mkdirSync(join(this.folder, 'scripts'), { recursive: true });
    const file = join(this.folder, 'scripts', `${name}.sh`);
    writeFileSync(file, content);
    const path = `${await postgresPrograms()}:${process.env['PATH']}`;
    return run('/bin/bash', [file, ...args], { env: { PATH: path, ...environment } });
  }

  /** The rendered backup or restore, with the server at this port of this machine and dumps in the given folder. */
  job(workload: 'postgres-backup' | 'postgres-restore', dumps: string, overrides: Record<string, string> = {}) {
    const content = workload === 'postgres-backup' ? this.rendered.backupScript : this.rendered.restoreScript;
    mkdirSync(join(this.folder, 'scripts'), { recursive: true });
    writeFileSync(join(this.folder, 'scripts', 'privileges.sql'), this.rendered.privileges);
    const where = { PGHOST: '127.0.0.1', BACKUP_DIRECTORY: dumps };
    return this.script(workload, content, { ...this.rendered.environmentOf(workload), ...where, ...overrides });
  }
}
