import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { PostgresServer } from '../../fixtures/postgres-server';
import { DatabaseStack, PORTS, SERVER_OF_POOLER } from './database-stack';
import { databaseTurn, TURN_TIMEOUT_MS } from './database-turn';
import { contentOf, fillWithEveryKindOfRow } from './sample-data';
import { run } from '../daemon';
import { takePodAddress } from '../gateway/pod-network';

describe('the database path', () => {
  let stack: DatabaseStack;
  let folder: string;

  let endTurn: (() => void) | undefined;
  beforeAll(async () => {
    endTurn = await databaseTurn();
    // Not in the cache of a user whom the database's own user cannot visit.
    folder = mkdtempSync(join(tmpdir(), 'ahuora-database-'));
    chmodSync(folder, 0o711);
    stack = new DatabaseStack(folder);
    await stack.start();
  }, TURN_TIMEOUT_MS);

  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
    endTurn?.();
  }, 60_000);

  test('Postgres runs with the rendered settings', async () => {
    const names = [...stack.rendered.postgres['postgresql.conf'].matchAll(/^(\w+) = /gm)].map(([, name]) => name!);
    const applied = await stack.postgres.sql('SELECT name FROM pg_file_settings WHERE applied AND error IS NULL');
    expect(applied.split('\n').sort()).toEqual(names.sort());
    expect(names).toContain('max_connections');
    expect(await stack.postgres.sql('SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL')).toBe('');
  });

  test('PgBouncer takes every rendered setting, without a complaint', () => {
    expect(stack.pgbouncer.output()).not.toMatch(/unknown|invalid|WARNING|ERROR|FATAL/i);
  });

  test('the application reaches its database through PgBouncer, changes no table, and nobody else enters it', async () => {
    const client = await stack.connect();
    expect((await client.query('SELECT current_user')).rows).toEqual([{ current_user: stack.user }]);
    await expect(client.query('CREATE TABLE reachable (id int)')).rejects.toThrow(
      /permission denied for schema public/,
    );
    await client.end();
    await stack.postgres.sql("CREATE ROLE passer_by LOGIN PASSWORD 'known'");
    const outsider = stack.connect({ port: PORTS.postgres, user: 'passer_by', password: 'known' });
    await expect(outsider).rejects.toThrow(/permission denied for database/);
  });

  test.each([
    ['PgBouncer', PORTS.pgbouncer],
    ['Postgres', PORTS.postgres],
  ])('a wrong password, an empty one and an unknown user are refused by %s', async (_name, port) => {
    await expect(stack.connect({ port, password: 'wrong' })).rejects.toThrow(/password authentication failed|SASL/);
    await expect(stack.connect({ port, password: '' })).rejects.toThrow(/password|SASL/);
    await expect(stack.connect({ port, user: 'nobody' })).rejects.toThrow(
      /password authentication failed|no such user|SASL/,
    );
    const right = await stack.connect({ port });
    expect((await right.query('SELECT current_user')).rows).toEqual([{ current_user: stack.user }]);
    await right.end();
  });

  test('the superuser, its right password known, is refused from another pod, and another role with it is not', async () => {
    const from = { port: PORTS.postgres, host: await takePodAddress(), password: stack.superuserPassword };
    for (const database of ['postgres', stack.database]) {
      const refused = stack.connect({ ...from, user: 'postgres', database });
      await expect(refused).rejects.toThrow(/pg_hba\.conf rejects connection/);
    }
    await stack.postgres.sql(`CREATE ROLE passenger LOGIN PASSWORD '${stack.superuserPassword}'`);
    await stack.postgres.sql(`GRANT CONNECT ON DATABASE ${stack.database} TO passenger`);
    await (await stack.connect({ ...from, user: 'passenger' })).end();
  });

  test('more clients than max_connections queue in PgBouncer and none fails; without it most are turned away', async () => {
    const maxConnections = Number(await stack.postgres.sql('SHOW max_connections'));
    const clients = maxConnections * 3;
    let most = 0;
    const watch = setInterval(() => {
      const count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ahuora'";
      void stack.postgres.sql(count).then(
        (text) => (most = Math.max(most, Number(text))),
        () => undefined,
      );
    }, 200);
    const pooled = await Promise.allSettled(workOf(clients, PORTS.pgbouncer));
    clearInterval(watch);
    expect(pooled.filter(({ status }) => status === 'rejected')).toEqual([]);
    const poolLimit = Number(/max_db_connections = (\d+)/.exec(stack.rendered.pgbouncerIni)![1]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(poolLimit);

    const direct = await Promise.allSettled(workOf(clients, PORTS.postgres));
    const refused = direct.filter((each) => each.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(String((refused[0] as PromiseRejectedResult).reason)).toMatch(/too many clients|remaining connection slots/);
  }, 120_000);

  /** That many clients at once, each with one transaction of 200 ms; a client keeps its connection until all are done. */
  function workOf(clients: number, port: number): Promise<void>[] {
    const connecting = Array.from({ length: clients }, () => stack.connect({ port }));
    const allConnected = Promise.allSettled(connecting);
    return connecting.map(async (each) => {
      const client = await each;
      try {
        await allConnected;
        await client.query('BEGIN');
        await client.query('SELECT pg_sleep(0.2)');
        await client.query('COMMIT');
      } finally {
        await client.end();
      }
    });
  }

  test('kill -9 of Postgres under load loses no committed row, and PgBouncer serves again by itself', async () => {
    const owner = await stack.connect({ port: PORTS.postgres, ...stack.owner });
    await owner.query('CREATE TABLE ledger (writer int, entry int, PRIMARY KEY (writer, entry))');
    await owner.end();
    const load = new Load(stack, 20);
    await sleep(1500);
    const before = load.committed.size;
    // Of the writers none may wait for an answer in that very moment; this one does.
    const waiting = await stack.connect();
    const answer = waiting.query('SELECT pg_sleep(60)').then(
      () => 'an answer',
      (error: Error) => error.message,
    );
    await sleep(500);
    stack.postgres.process.signal('SIGKILL');
    await stack.postgres.process.exited;
    await sleep(1000);
    stack.postgres = await stack.startPostgres();
    const restarted = Date.now();
    const atRestart = load.committed.size;
    while (load.committed.size < atRestart + 200 && Date.now() < restarted + 30_000) await sleep(50);
    const recoveredAfter = Date.now() - restarted;
    await load.stop();

    expect(before).toBeGreaterThan(50);
    expect(await answer).not.toBe('an answer');
    await waiting.end().catch(() => undefined);
    expect(load.committed.size).toBeGreaterThanOrEqual(atRestart + 200);
    expect(recoveredAfter).toBeLessThan(20_000);
    const rows = (await stack.postgres.sql('SELECT writer, entry FROM ledger', stack.database)).split('\n');
    const stored = new Set(rows.map((row) => row.replace('|', '/')));
    expect([...load.committed].filter((entry) => !stored.has(entry))).toEqual([]);
    expect(stack.pgbouncer.running()).toBe(true);
    expect(readFileSync(join(folder, 'postgres', 'postgres.log'), 'utf8')).toContain('automatic recovery in progress');
  }, 120_000);

  test('a server whose machine has lost its power says nothing: what waits for it is told so within half a minute', async () => {
    const client = await stack.connect();
    // A transaction holds its connection to the server, so that the next query goes to the one that is gone.
    await client.query('BEGIN');
    await client.query('SELECT 1');
    const silence = ['blackhole', `${SERVER_OF_POOLER}/32`, 'table', 'local'];
    await run('ip', ['route', 'add', ...silence]);
    const cut = Date.now();
    try {
      const answer = Promise.race([client.query('SELECT 2'), sleep(60_000).then(() => 'still waiting')]);
      await expect(answer).rejects.toThrow();
      expect(Date.now() - cut).toBeLessThan(30_000);
    } finally {
      await run('ip', ['route', 'delete', ...silence]);
      await client.end().catch(() => undefined);
    }
    const next = await stack.connect();
    expect((await next.query('SELECT 3 AS answer')).rows).toEqual([{ answer: 3 }]);
    await next.end();
  }, 120_000);

  describe('the nightly backup', () => {
    let dumps: string;
    let empty: PostgresServer;

    beforeAll(async () => {
      dumps = join(folder, 'dumps');
      mkdirSync(dumps);
      const client = await stack.connect({ port: PORTS.postgres, ...stack.owner });
      await fillWithEveryKindOfRow(client);
      await client.end();
      empty = await stack.startPostgres('empty', PORTS.postgres + 1);
    }, 120_000);

    afterAll(() => empty?.stop());

    const fromEmpty = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
      const client = await stack.connect({ port: PORTS.postgres + 1 });
      return work(client).finally(() => client.end());
    };
    const restore = (overrides: Record<string, string> = {}) =>
      stack.job('postgres-restore', dumps, { PGPORT: String(PORTS.postgres + 1), ...overrides });
    const dumpFiles = () => readdirSync(dumps).sort();

    test('a restore with no dump says so in one sentence and fails', async () => {
      const { status, stderr } = await restore();
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^restore: no dump of ahuora in /)]);
    });

    test('it restores into an empty server and every row, sequence and constraint matches', async () => {
      const backup = await stack.job('postgres-backup', dumps);
      expect([backup.status, backup.stderr]).toEqual([0, '']);
      expect(dumpFiles()).toEqual([expect.stringMatching(/^ahuora-\d{8}T\d{6}Z\.dump$/)]);
      const source = await stack.connect({ port: PORTS.postgres });
      const original = await contentOf(source);
      await source.end();
      expect(await fromEmpty(contentOf)).not.toEqual(original);

      const restored = await restore();
      expect([restored.status, restored.stderr]).toEqual([0, '']);
      expect(await fromEmpty(contentOf)).toEqual(original);
      expect(original.rows['every_kind']).toBeGreaterThan(1000);
    }, 60_000);

    test('restoring over changed data brings the dump back', async () => {
      const before = await fromEmpty(contentOf);
      await fromEmpty((client) =>
        client.query("DELETE FROM every_kind WHERE id % 3 = 0; UPDATE every_kind SET word = 'spoilt'"),
      );
      expect(await fromEmpty(contentOf)).not.toEqual(before);
      expect((await restore()).status).toBe(0);
      expect(await fromEmpty(contentOf)).toEqual(before);
    }, 60_000);

    test('a damaged dump is refused as a whole: nothing of the present data is touched', async () => {
      const before = await fromEmpty(contentOf);
      const damaged = join(dumps, 'damaged.dump');
      writeFileSync(damaged, readFileSync(join(dumps, dumpFiles()[0]!)));
      for (const part of [0.95, 0.6, 0.3, 0.02]) {
        truncateSync(damaged, Math.floor(statSync(join(dumps, dumpFiles()[0]!)).size * part));
        expect([part, (await restore({ RESTORE_FILE: 'damaged.dump' })).status]).not.toEqual([part, 0]);
        expect(await fromEmpty(contentOf)).toEqual(before);
      }
      rmSync(damaged);
    }, 60_000);

    test('a backup that fails leaves no file behind, and the dumps that exist stay', async () => {
      const before = dumpFiles();
      const { status } = await stack.job('postgres-backup', dumps, { PGPASSWORD: 'wrong' });
      expect(status).not.toBe(0);
      expect(dumpFiles()).toEqual(before);
    });

    test('dumps older than the retention go, but never the newest few', async () => {
      for (const file of dumpFiles()) rmSync(join(dumps, file));
      const old = ['20200101', '20200102', '20200103', '20200104'].map((day) => `ahuora-${day}T023000Z.dump`);
      for (const file of [...old, 'other-20200101T023000Z.dump']) writeFileSync(join(dumps, file), '');
      expect((await stack.job('postgres-backup', dumps)).status).toBe(0);
      const keep = Number(stack.rendered.environmentOf('postgres-backup')['KEEP_AT_LEAST']);
      const kept = dumpFiles().filter((file) => file.startsWith('ahuora-'));
      expect(kept).toHaveLength(keep);
      expect(kept.slice(0, keep - 1)).toEqual(old.slice(-(keep - 1)));
      expect(existsSync(join(dumps, 'other-20200101T023000Z.dump'))).toBe(true);
    });
  });
});

/** Writers that insert one row per transaction through the pooler, and remember which commits were acknowledged. */
class Load {
  readonly committed = new Set<string>();
  private stopping = false;
  private readonly writers: Promise<void>[];

  constructor(
    private readonly stack: DatabaseStack,
    writers: number,
  ) {
    this.writers = Array.from({ length: writers }, (_, writer) => this.write(writer));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.writers);
  }

  private async write(writer: number): Promise<void> {
    let client: Client | undefined;
    for (let entry = 0; !this.stopping; entry++) {
      try {
        client ??= await this.stack.connect();
        await client.query('INSERT INTO ledger VALUES ($1, $2)', [writer, entry]);
        this.committed.add(`${writer}/${entry}`);
      } catch {
        // Neither known to be committed nor known not to be: it may be there or not.
        await client?.end().catch(() => undefined);
        client = undefined;
        await sleep(100);
      }
    }
    await client?.end();
  }
}
