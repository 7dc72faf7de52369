import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Client, ClientConfig } from 'pg';
import { startGuarded, type GuardedProcess } from '../../fixtures/guarded-process';
import { issueCertificates } from '../../fixtures/platform-certificates';
import { postgresPrograms } from '../../fixtures/postgres-server';
import { run } from '../daemon';
import { eventually } from '../eventually';
import { takePodAddress } from '../gateway/pod-network';
import { DatabaseStack, PORTS } from './database-stack';
import { databaseTurn, TURN_TIMEOUT_MS } from './database-turn';

jest.setTimeout(60_000);

const SERVERS = [
  ['Postgres', PORTS.postgres],
  ['PgBouncer', PORTS.pgbouncer],
] as const;

/** Of the servers, in their order. */
const FILES = ['postgres-certificate.pem', 'pgbouncer-certificate.pem'] as const;

describe('connections to the database', () => {
  let stack: DatabaseStack;
  let folder: string;
  let address: string;
  let keeper: GuardedProcess;

  let endTurn: (() => void) | undefined;
  beforeAll(async () => {
    endTurn = await databaseTurn();
    folder = mkdtempSync(join(tmpdir(), 'ahuora-encryption-'));
    chmodSync(folder, 0o711);
    stack = new DatabaseStack(folder);
    address = await takePodAddress();
    await stack.start();
    keeper = await startGuarded({
      name: 'postgres-roles',
      command: [
        '/bin/bash',
        join(folder, 'scripts', 'roles', 'keep-roles.sh'),
        join(folder, 'roles-are-set'),
        stack.certificate('postgres-certificate.pem'),
      ],
      log: join(folder, 'keeper.log'),
      env: {
        ...stack.rendered.environmentOf('postgres'),
        PATH: `${await postgresPrograms()}:${process.env['PATH']}`,
        PGHOST: stack.postgres.socketFolder,
        RELOAD_SECONDS: '1',
      },
      orphanFolder: folder,
    });
    await eventually('the roles are set', () => Promise.resolve(keeper.output().includes('ahuora_owner owns ahuora')));
  }, TURN_TIMEOUT_MS);

  afterAll(async () => {
    await keeper?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
    endTurn?.();
  }, 60_000);

  const connect = (port: number, options: ClientConfig = {}) => stack.connect({ port, host: address, ...options });
  /** Serial number of the certificate that a new connection is shown. */
  const serial = async (port: number) => {
    const client = await connect(port);
    const shown = serialOf(client);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    return shown;
  };
  const serialIn = (name: (typeof FILES)[number]) =>
    new X509Certificate(readFileSync(stack.certificate(name))).serialNumber;
  const serialOf = (client: Client) =>
    (client as unknown as { connection: { stream: TLSSocket } }).connection.stream.getPeerCertificate().serialNumber;

  test('PgBouncer speaks to Postgres encrypted, as the application', async () => {
    const client = await connect(PORTS.pgbouncer);
    const query = 'SELECT usename, ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE pid = pg_backend_pid()';
    expect((await client.query(query)).rows).toEqual([{ usename: stack.user, ssl: true }]);
    await client.end();
  });

  test.each(SERVERS)('%s refuses who does not encrypt, with the right password', async (_name, port) => {
    await expect(connect(port, { ssl: false })).rejects.toThrow(/no encryption|SSL required/);
    await (await connect(port)).end();
  });

  test.each(SERVERS)('a client refuses %s under another name or by another authority', async (name, port) => {
    const host = name.toLowerCase();
    const ask = async (environment: Record<string, string>) =>
      run(join(await postgresPrograms(), 'psql'), ['--no-psqlrc', '--tuples-only', '--command', 'SELECT 42'], {
        env: {
          PGHOST: host,
          PGHOSTADDR: address,
          PGPORT: String(port),
          PGDATABASE: stack.database,
          PGUSER: stack.user,
          PGPASSWORD: stack.password,
          ...verifying(),
          ...environment,
        },
      });
    expect(await ask({})).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('42') as unknown });
    issueCertificates(join(folder, 'other-authority'));
    for (const [environment, complaint] of [
      [{ PGHOST: 'django-api' }, /does not match host name "django-api"/],
      [{ PGSSLROOTCERT: join(folder, 'other-authority', 'authority.crt') }, /certificate verify failed/],
    ] as const) {
      const refused = await ask(environment);
      expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(complaint)]);
    }
  });

  /** How the rendered clients are told to look at the server; only the folder is the test's. */
  function verifying(): Record<string, string> {
    const { PGSSLMODE, PGSSLROOTCERT } = stack.rendered.environmentOf('postgres-backup');
    expect([PGSSLMODE, PGSSLROOTCERT]).toEqual(['verify-full', '/etc/database-authority/ca.crt']);
    return { PGSSLMODE: PGSSLMODE!, PGSSLROOTCERT: stack.certificate('authority.crt') };
  }

  test('a renewed certificate is shown to new connections by itself, and those that are open stay', async () => {
    const before = await Promise.all(SERVERS.map(([, port]) => serial(port)));
    const open = await Promise.all(SERVERS.map(([, port]) => connect(port)));
    for (const name of FILES) rmSync(join(folder, 'authority', name));
    await stack.giveCertificates();
    for (const [index, [name, port]] of SERVERS.entries()) {
      expect(serialIn(FILES[index]!)).not.toBe(before[index]);
      await eventually(
        `${name} shows the new one`,
        async () => (await serial(port)) === serialIn(FILES[index]!),
        20_000,
      );
    }
    for (const client of open) {
      expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      await client.end();
    }
  }, 60_000);

  test('a file that is no certificate is not taken, and the one in use stays', async () => {
    const before = await Promise.all(SERVERS.map(([, port]) => serial(port)));
    for (const name of FILES) writeFileSync(stack.certificate(name), 'spoilt\n');
    await sleep(4000);
    expect(await Promise.all(SERVERS.map(([, port]) => serial(port)))).toEqual(before);
    await stack.giveCertificates();
  }, 60_000);

  test('a certificate that has ended is refused by clients and by PgBouncer, though its authority is the right one', async () => {
    const ask = async (port: number) =>
      run(join(await postgresPrograms(), 'psql'), ['--no-psqlrc', '--command', 'SELECT 42'], {
        env: {
          ...{ PGHOST: port === PORTS.postgres ? 'postgres' : 'pgbouncer', PGHOSTADDR: address, PGPORT: String(port) },
          ...{ PGDATABASE: stack.database, PGUSER: stack.user, PGPASSWORD: stack.password, PGCONNECT_TIMEOUT: '8' },
          ...verifying(),
        },
      });
    expect((await ask(PORTS.pgbouncer)).status).toBe(0);
    // As it will be, should nobody run the playbook for years: same key and names, and yesterday its last day.
    const [pem, csr] = [join(folder, 'authority', FILES[0]), join(folder, 'ended.csr')];
    const signed = [
      '-CA',
      join(folder, 'authority', 'authority.crt'),
      '-CAkey',
      join(folder, 'authority', 'authority.key'),
    ];
    execFileSync('openssl', [
      'x509',
      '-x509toreq',
      '-in',
      pem,
      '-signkey',
      pem,
      '-copy_extensions',
      'copy',
      '-out',
      csr,
    ]);
    const ended = execFileSync('openssl', [
      'x509',
      '-req',
      '-in',
      csr,
      ...signed,
      '-copy_extensions',
      'copy',
      '-days',
      '-1',
    ]);
    const key = readFileSync(pem, 'utf8').replace(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n/g, '');
    writeFileSync(stack.certificate(FILES[0]), `${ended.toString()}${key}`);
    await eventually(
      'a client refuses Postgres',
      async () => {
        await expect(connect(PORTS.postgres)).rejects.toThrow('certificate has expired');
        return true;
      },
      20_000,
    );
    expect((await ask(PORTS.postgres)).stderr).toContain('certificate verify failed');
    await stack.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ahuora'");
    expect((await ask(PORTS.pgbouncer)).status).not.toBe(0);
    expect(stack.pgbouncer.output()).toMatch(/certificate has expired|TLS handshake failed|certificate verif/i);

    await stack.giveCertificates();
    await eventually('all is well again', async () => (await ask(PORTS.pgbouncer)).status === 0, 40_000);
  }, 120_000);

  test('PgBouncer serves nobody from a server by another authority, until it knows that one', async () => {
    await stack.giveCertificates('second-authority', ['postgres-certificate.pem']);
    const issued = serialIn('postgres-certificate.pem');
    const authority = readFileSync(join(folder, 'second-authority', 'authority.crt'));
    const shownNow = async () => {
      const client = await connect(PORTS.postgres, { ssl: { ca: authority, servername: 'postgres' } });
      const shown = serialOf(client);
      await client.end();
      return shown;
    };
    await eventually('Postgres shows it', async () => (await shownNow()) === issued, 20_000);
    await stack.postgres.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ahuora'");
    const served = (port: number, options: ClientConfig) =>
      connect(port, { ...options, query_timeout: 8000, connectionTimeoutMillis: 8000 })
        .then((client) => client.query('SELECT 1').finally(() => client.end()))
        .then(() => 'served', String);
    expect(await served(PORTS.pgbouncer, {})).not.toBe('served');
    expect(stack.pgbouncer.output()).toMatch(/TLS handshake failed|certificate verif/i);

    await stack.giveCertificates('second-authority');
    await eventually(
      'PgBouncer serves again',
      async () => (await served(PORTS.pgbouncer, { ssl: { ca: authority, servername: 'pgbouncer' } })) === 'served',
      40_000,
    );
  }, 120_000);
});
