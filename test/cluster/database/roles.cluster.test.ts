import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, ClientConfig } from 'pg';
import { startPostgres, type PostgresServer } from '../../fixtures/postgres-server';
import { takePodAddress } from '../gateway/pod-network';
import { DatabaseStack, PORTS } from './database-stack';
import { databaseTurn, TURN_TIMEOUT_MS } from './database-turn';
import { contentOf, fillWithEveryKindOfRow } from './sample-data';

jest.setTimeout(60_000);

/** Everything that setting the roles may touch, as text, ordered. */
const STATE = `
  SELECT 'role', rolname, row_to_json(r)::text FROM (SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolpassword FROM pg_authid) r
  UNION ALL SELECT 'member', roleid::regrole::text, member::regrole || ' ' || admin_option FROM pg_auth_members
  UNION ALL SELECT 'database', datname, datdba::regrole || ' ' || coalesce(datacl::text, '') FROM pg_database
  UNION ALL SELECT 'schema', nspname, nspowner::regrole || ' ' || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)'
  UNION ALL SELECT 'relation', oid::regclass::text, relowner::regrole || ' ' || coalesce(relacl::text, '') FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_toast'
  UNION ALL SELECT 'default', defaclrole::regrole || ' ' || defaclobjtype::text, defaclacl::text FROM pg_default_acl
  UNION ALL SELECT 'function', oid::regprocedure::text, proowner::regrole || ' ' || coalesce(proacl::text, '') || md5(prosrc) FROM pg_proc
  UNION ALL SELECT 'large object', oid::text, lomowner::regrole || ' ' || coalesce(lomacl::text, '') FROM pg_largeobject_metadata
  ORDER BY 1, 2, 3`;

/** A table and a change of each kind, as a migration makes them. */
const MIGRATION = [
  'CREATE TABLE added (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES children, word text)',
  'CREATE SCHEMA later',
  'CREATE TABLE later.added (id serial PRIMARY KEY)',
  "ALTER TABLE every_kind ADD COLUMN colour text DEFAULT 'none'",
  'CREATE INDEX added_word ON added (word)',
  'ALTER TABLE by_hand RENAME COLUMN id TO number',
  "ALTER TYPE aside.mood ADD VALUE 'better'",
  'ALTER FUNCTION aside.one() RENAME TO two',
  'ALTER DOMAIN aside.even DROP CONSTRAINT even_check',
  'CREATE TABLE aside.added (id int)',
];

describe('the roles of a database that an earlier version made', () => {
  let stack: DatabaseStack;
  let folder: string;
  let server: PostgresServer;
  let address: string;
  let before: Awaited<ReturnType<typeof contentOf>>;
  const clients: Client[] = [];

  const as = async (role: ClientConfig, options: ClientConfig = {}) => {
    const client = await stack.connect({ port: PORTS.postgres, host: address, ...role, ...options });
    clients.push(client);
    return client;
  };
  const application = () => as({ user: stack.user, password: stack.password });
  const state = async () => (await server.sql(STATE, stack.database)).split('\n');

  let endTurn: (() => void) | undefined;
  beforeAll(async () => {
    endTurn = await databaseTurn();
    folder = mkdtempSync(join(tmpdir(), 'ahuora-roles-'));
    chmodSync(folder, 0o711);
    stack = new DatabaseStack(folder);
    address = await takePodAddress();
    await stack.giveCertificates();
    server = await startPostgres({
      folder: join(folder, 'postgres'),
      port: PORTS.postgres,
      password: stack.superuserPassword,
      configuration: stack.postgresConfiguration(),
      orphanFolder: folder,
    });
    // As the first-start script of earlier versions left it: one role, which owns everything and is the API's as well.
    await server.sql(`CREATE ROLE ${stack.user} LOGIN PASSWORD '${stack.password}'`);
    await server.sql(`CREATE DATABASE ${stack.database} OWNER ${stack.user}`);
    await server.sql(`REVOKE ALL ON DATABASE ${stack.database} FROM PUBLIC`);
    const old = await application();
    await fillWithEveryKindOfRow(old);
    await old.query("SELECT lo_from_bytea(4711, 'the application''s')");
    await old.query('CREATE SCHEMA side; CREATE TABLE side.notes (id serial PRIMARY KEY, note text)');
    // What people did, in haste.
    await server.sql(
      "CREATE TABLE by_hand (id int); INSERT INTO by_hand VALUES (1); SELECT lo_from_bytea(4712, 'of the superuser')",
      stack.database,
    );
    await server.sql(
      `CREATE EXTENSION hstore; CREATE SCHEMA aside; CREATE TYPE aside.mood AS ENUM ('well'); CREATE TYPE aside.span AS RANGE (subtype = int);
       CREATE TYPE aside.pair AS (one int, other int); CREATE DOMAIN aside.even AS int CHECK (value % 2 = 0);
       CREATE TABLE aside.moods (mood aside.mood[], span aside.span, pair aside.pair, even aside.even, words hstore);
       INSERT INTO aside.moods VALUES ('{well}', '[1,3)', '(1,2)', 4, 'a=>b');
       CREATE FUNCTION aside.one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE by_hand() LANGUAGE sql AS 'SELECT 1';
       CREATE AGGREGATE summed(int) (sfunc = int4pl, stype = int); CREATE EXTENSION dblink`,
      stack.database,
    );
    await server.sql(
      `ALTER ROLE ${stack.user} CREATEDB CREATEROLE; GRANT pg_read_server_files TO ${stack.user}; GRANT TEMPORARY, CREATE ON DATABASE ${stack.database} TO PUBLIC`,
    );
    before = await contentOf(old);
    await old.end();
    expect((await stack.setRoles(server)).stderr).toBe('');
  }, TURN_TIMEOUT_MS);

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
    endTurn?.();
  }, 60_000);

  test('every row is there, and setting them again changes nothing', async () => {
    const now = await contentOf(await as(stack.owner));
    for (const [table, checksum] of Object.entries(before.checksums))
      expect([table, now.checksums[table]]).toEqual([table, checksum]);
    expect(now).toMatchObject({ sequences: before.sequences, definitions: before.definitions });
    expect(now.rows).toEqual({ ...before.rows, by_hand: 1 });
    const after = await state();
    expect(after.length).toBeGreaterThan(300);
    const again = await stack.setRoles(server);
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(await state()).toEqual(after);
  });

  test('the owner migrates: tables of its own, of the old role and of the superuser', async () => {
    const owner = await as(stack.owner);
    for (const statement of MIGRATION) await owner.query(statement);
    await expect(owner.query('CREATE ROLE another')).rejects.toThrow(/permission denied/);
    await expect(owner.query("SELECT pg_read_file('/etc/hostname')")).rejects.toThrow(/permission denied/);
  });

  test('the application reads and writes rows of all of them, old and new', async () => {
    const client = await application();
    await client.query("INSERT INTO added (word) VALUES ('one'); INSERT INTO later.added DEFAULT VALUES");
    await client.query("INSERT INTO every_kind (word) VALUES ('new'); UPDATE by_hand SET number = 2");
    await client.query("INSERT INTO side.notes (note) VALUES ('x'); UPDATE children SET parent = parent WHERE id = 1");
    await client.query("SELECT setval('children_id_seq', 99999); SELECT * FROM totals");
    await client.query('DELETE FROM added');
    await client.query(
      'INSERT INTO aside.moods SELECT * FROM aside.moods; INSERT INTO aside.added VALUES (aside.two())',
    );
    expect((await client.query("SELECT convert_from(lo_get(4711), 'UTF8') AS text")).rows[0]).toEqual({
      text: "the application's",
    });
    await client.query("SELECT lo_put(4712, 0, 'OF'); SELECT lo_from_bytea(4713, 'new')");
  });

  test.each([
    'CREATE TABLE mine (id int)',
    'CREATE TEMPORARY TABLE mine (id int)',
    'CREATE SCHEMA mine',
    'DROP TABLE children',
    'ALTER TABLE every_kind ADD COLUMN mine int',
    'CREATE INDEX mine ON every_kind (word)',
    'TRUNCATE added',
    'ALTER TABLE every_kind DISABLE TRIGGER ALL',
    'CREATE ROLE mine',
    'CREATE DATABASE mine',
    "ALTER ROLE ahuora_owner PASSWORD 'mine'",
    'SET ROLE ahuora_owner',
    'GRANT ahuora_owner TO ahuora',
    "SELECT pg_read_file('/etc/hostname')",
    "COPY added TO PROGRAM 'true'",
    "COPY added FROM '/etc/hostname'",
    'SELECT platform.let_backup_read_large_objects()',
    'SELECT rolpassword FROM pg_authid',
    'ALTER SYSTEM SET fsync = off',
    'DROP SCHEMA side CASCADE',
    'DROP DATABASE ahuora',
    'ALTER DATABASE ahuora SET statement_timeout = 1',
    'ALTER TABLE children OWNER TO ahuora',
    'ALTER TABLE later.added RENAME TO mine',
    'CREATE VIEW mine AS SELECT 1',
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    'CREATE TRIGGER mine BEFORE INSERT ON added EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE RULE mine AS ON INSERT TO added DO INSTEAD NOTHING',
    'CREATE POLICY mine ON added',
    'CREATE EXTENSION pg_trgm',
    'CREATE EXTENSION file_fdw',
    "CREATE TABLESPACE mine LOCATION '/tmp'",
    'CREATE PUBLICATION mine FOR ALL TABLES',
    'CREATE FOREIGN DATA WRAPPER mine',
    'CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION pg_catalog.event_trigger_in()',
    'ALTER DEFAULT PRIVILEGES FOR ROLE ahuora_owner GRANT ALL ON TABLES TO ahuora',
    'ALTER ROLE ahuora SUPERUSER',
    'ALTER ROLE ahuora CREATEROLE',
    'ALTER ROLE ahuora BYPASSRLS',
    "ALTER ROLE postgres PASSWORD 'mine'",
    'DROP ROLE ahuora_owner',
    'REASSIGN OWNED BY ahuora_owner TO ahuora',
    'GRANT pg_read_all_data TO ahuora',
    'SET ROLE postgres',
    'SET SESSION AUTHORIZATION postgres',
    'SET session_replication_role = replica',
    "SET log_statement = 'none'",
    "COPY added TO '/tmp/mine'",
    "COPY added FROM PROGRAM 'cat /etc/hostname'",
    "DO $$ BEGIN EXECUTE 'COPY added TO PROGRAM ''true'''; END $$",
    "SELECT lo_import('/etc/hostname')",
    "SELECT lo_export(4711, '/tmp/mine')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_stat_file('/etc/hostname')",
    'SELECT pg_reload_conf()',
    "SELECT pg_create_physical_replication_slot('mine')",
    'SELECT pg_switch_wal()',
    'SELECT passwd FROM pg_shadow',
    'SELECT * FROM pg_hba_file_rules',
    'SELECT * FROM pg_largeobject',
    'SELECT * FROM platform.notes',
    'SELECT pg_terminate_backend(max(pid)) FROM pg_stat_activity WHERE backend_type IS NULL',
  ])('the application is refused: %s', async (statement) => {
    await expect((await application()).query(statement)).rejects.toThrow(
      /permission denied|must be|must have admin option/,
    );
  });

  test('the three enter this database alone, and the superuser comes by no network address', async () => {
    await server.sql('CREATE DATABASE elsewhere');
    expect((await stack.setRoles(server)).status).toBe(0);
    for (const role of [{ user: stack.user, password: stack.password }, stack.owner, stack.backup])
      for (const database of ['postgres', 'template1', 'elsewhere']) {
        await expect(as(role, { database })).rejects.toThrow(/no pg_hba.conf entry/);
        expect(await server.sql(`SELECT has_database_privilege('${role.user}', '${database}', 'CONNECT')`)).toBe('f');
      }
    for (const host of [address, '127.0.0.1'])
      for (const database of ['postgres', stack.database])
        await expect(as({ user: 'postgres', password: stack.superuserPassword }, { host, database })).rejects.toThrow(
          /pg_hba\.conf rejects connection/,
        );
    expect(await server.sql('SELECT current_user')).toBe('postgres');
  });

  test('the backup dumps everything, rows behind a policy and large objects of a minute ago included, and writes nothing', async () => {
    const owner = await as(stack.owner);
    await owner.query(
      "CREATE TABLE hidden (id int); INSERT INTO hidden VALUES (7); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; SELECT lo_from_bytea(4714, 'of the owner')",
    );
    const dumps = join(folder, 'dumps');
    mkdirSync(dumps);
    const backup = await stack.job('postgres-backup', dumps, { PGHOSTADDR: address });
    expect([backup.status, backup.stderr]).toEqual([0, '']);

    const client = await as(stack.backup);
    for (const statement of [
      "INSERT INTO added (word) VALUES ('mine')",
      'UPDATE every_kind SET word = word',
      'DELETE FROM children',
      'TRUNCATE added',
      'CREATE TABLE mine (id int)',
      'CREATE TEMPORARY TABLE mine (id int)',
      "SELECT nextval('children_id_seq')",
      "SELECT lo_from_bytea(0, 'mine')",
      'SELECT lo_create(0)',
      "SELECT lo_put(4711, 0, 'mine')",
      'SELECT lo_unlink(4711)',
      'SET ROLE ahuora',
      "SELECT pg_read_file('/etc/hostname')",
    ])
      await expect(client.query(statement).then(() => statement)).rejects.toThrow(/permission denied|must be owner/);

    const full = await contentOf(await as(stack.owner));
    const moods = 'SELECT moods::text FROM aside.moods';
    const handMade = await server.sql(moods, stack.database);
    const large = 'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1';
    const objects = await server.sql(large, stack.database);
    expect(objects.split('\n')).toHaveLength(4);
    await (await application()).query('DELETE FROM children; SELECT lo_unlink(4711), lo_from_bytea(4715, $$late$$)');
    const restored = await stack.job('postgres-restore', dumps, { PGHOSTADDR: address });
    expect([restored.status, restored.stderr]).toEqual([0, '']);
    expect(await contentOf(await as(stack.owner))).toEqual(full);
    expect(await server.sql(large, stack.database)).toBe(objects);
    expect(handMade.split('\n')).toHaveLength(2);
    expect(await server.sql(moods, stack.database)).toBe(handMade);
  }, 60_000);

  test('after a restore each role may do what it could before, and the dump after it holds everything', async () => {
    const client = await application();
    await client.query(
      "INSERT INTO added (word) VALUES ('after'); SELECT lo_put(4711, 0, 'T'); SELECT lo_unlink(4712)",
    );
    await expect(client.query('DROP TABLE children')).rejects.toThrow(/must be owner/);
    await (await as(stack.owner)).query('CREATE TABLE younger (id serial)');
    await client.query('INSERT INTO younger DEFAULT VALUES');
    const backup = await stack.job('postgres-backup', join(folder, 'dumps'), { PGHOSTADDR: address });
    expect([backup.status, backup.stderr]).toEqual([0, '']);
    const after = await state();
    expect((await stack.setRoles(server)).status).toBe(0);
    expect(await state()).toEqual(after);
  });

  test('a changed password is taken, the old one no longer; what cannot be meant is refused in a sentence', async () => {
    const changed = await stack.setRoles(server, { DATABASE_PASSWORD: 'new $1 \'"' });
    expect([changed.status, changed.stderr]).toEqual([0, '']);
    await expect(application()).rejects.toThrow(/password authentication failed/);
    expect((await (await as({ user: stack.user, password: 'new $1 \'"' })).query('SELECT 1')).rows).toHaveLength(1);
    const settled = await state();
    for (const [overrides, sentence] of [
      [
        { DATABASE_OWNER_USER: stack.user },
        /^roles: two of .* are one name; give each Secret a username of its own\n$/,
      ],
      [{ DATABASE_USER: 'postgres' }, /^roles: DATABASE_USER is "postgres", a name that belongs to Postgres itself; /],
      [{ DATABASE_BACKUP_PASSWORD: '' }, /^roles: DATABASE_BACKUP_PASSWORD is empty; give the Secret /],
    ] as const) {
      const refused = await stack.setRoles(server, overrides);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(sentence);
    }
    expect(await state()).toEqual(settled);
    expect((await stack.setRoles(server)).status).toBe(0);
    const log = readFileSync(join(folder, 'postgres', 'postgres.log'), 'utf8');
    for (const password of [stack.password, stack.owner.password, stack.backup.password])
      expect(log).not.toContain(password);
  });
});
