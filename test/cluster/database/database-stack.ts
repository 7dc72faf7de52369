import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { startPgBouncer } from '../../fixtures/pgbouncer-server';
import { contractedServers, issueCertificates } from '../../fixtures/platform-certificates';
import { databaseUser, postgresPrograms, startPostgres, type PostgresServer } from '../../fixtures/postgres-server';
import type { GuardedProcess } from '../../fixtures/guarded-process';
import { run, type CommandResult } from '../daemon';
import { requireOwnNetwork } from '../own-network';
import { readRenderedDatabase, type RenderedDatabase } from './rendered-database';

/** Ports of the rendered configuration; the tests' own network namespace has them free. */
export const PORTS = { postgres: 5432, pgbouncer: 6432 } as const;

/** Where the pooler finds Postgres: an address of loopback that a test can make unreachable without harm to the rest. */
export const SERVER_OF_POOLER = '127.0.0.2';

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

/** Files of the Secrets that Ansible issues. */
const ISSUED = ['authority.crt', 'postgres-certificate.pem', 'pgbouncer-certificate.pem'] as const;
type Issued = (typeof ISSUED)[number];

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
    await this.giveCertificates();
    const server = await startPostgres({
      folder,
      port,
      password: SECRETS['postgres/password'],
      configuration: this.postgresConfiguration(),
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

  /** The rendered files; only the folder of the certificate is the test's. */
  postgresConfiguration(): RenderedDatabase['postgres'] {
    const { postgres } = this.rendered;
    const certificate = this.certificate('postgres-certificate.pem');
    return {
      ...postgres,
      'postgresql.conf': postgres['postgresql.conf'].replaceAll('/etc/postgresql-certificate/tls.pem', certificate),
    };
  }

  /** A file of the Secrets that Ansible issues. */
  certificate(name: Issued): string {
    return join(this.folder, 'certificates', name);
  }

  /** Issues what is missing, as Ansible does, and puts it where the kubelet would: of root, and readable by the group. */
  async giveCertificates(authority = 'authority', files: readonly Issued[] = ISSUED): Promise<void> {
    const issued = join(this.folder, authority);
    // Clients of a test come by addresses instead of names.
    issueCertificates(
      issued,
      730,
      365,
      contractedServers().map((server) => `${server},127.0.0.1,${SERVER_OF_POOLER}`),
    );
    mkdirSync(join(this.folder, 'certificates'), { recursive: true });
    const user = await databaseUser();
    for (const name of files) {
      const next = `${this.certificate(name)}.next`;
      copyFileSync(join(issued, name), next);
      chmodSync(next, user ? 0o440 : 0o400);
      if (user) chownSync(next, 0, user.gid);
      renameSync(next, this.certificate(name));
    }
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
    const run = join(this.folder, 'scripts', 'run.sh');
    writeFileSync(run, this.rendered.runPooler);
    this.pgbouncer = await startPgBouncer({
      folder,
      port: PORTS.pgbouncer,
      orphanFolder: this.folder,
      users: readFileSync(users, 'utf8'),
      through: ['/bin/sh', run, this.certificate('pgbouncer-certificate.pem'), this.certificate('authority.crt')],
      env: { RELOAD_SECONDS: '1' },
      // Only what a cluster gives differs: the name of the server, and the folder of the user list.
      configuration: this.rendered.pgbouncerIni
        .replace(/host=postgres\b/, `host=${SERVER_OF_POOLER}`)
        .replaceAll('/etc/pgbouncer-certificate/tls.pem', this.certificate('pgbouncer-certificate.pem'))
        .replaceAll('/etc/pgbouncer-authority/ca.crt', this.certificate('authority.crt'))
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
      ssl: {
        ca: readFileSync(this.certificate('authority.crt')),
        servername: (options.port ?? PORTS.pgbouncer) === PORTS.pgbouncer ? 'pgbouncer' : 'postgres',
      },
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
    // The server is known by the name that is rendered, wherever it is.
    const where = {
      PGHOSTADDR: '127.0.0.1',
      PGSSLROOTCERT: this.certificate('authority.crt'),
      BACKUP_DIRECTORY: dumps,
    };
    return this.script(workload, content, { ...this.rendered.environmentOf(workload), ...where, ...overrides });
  }
}
