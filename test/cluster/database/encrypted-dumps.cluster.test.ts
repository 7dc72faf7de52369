import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { postgresPrograms, type PostgresServer } from '../../fixtures/postgres-server';
import { DatabaseStack, PORTS } from './database-stack';
import { databaseTurn, TURN_TIMEOUT_MS } from './database-turn';
import { contentOf, fillWithEveryKindOfRow } from './sample-data';

/*
 * The rendered scripts with a real server and a real openssl: what lies on the disk of a dump that is encrypted, who can read it, and
 * what a restore says of it.
 */

describe('a dump that is encrypted', () => {
  let folder: string;
  let dumps: string;
  let stack: DatabaseStack;
  let empty: PostgresServer;
  let endTurn: (() => void) | undefined;

  beforeAll(async () => {
    endTurn = await databaseTurn();
    folder = mkdtempSync(join(tmpdir(), 'ahuora-dumps-'));
    chmodSync(folder, 0o711);
    dumps = join(folder, 'dumps');
    mkdirSync(dumps);
    mkdirSync(join(folder, 'own'));
    for (const name of ['recipient', 'stranger']) makeKey(name);
    stack = new DatabaseStack(folder);
    await stack.start();
    const client = await stack.connect({ port: PORTS.postgres, ...stack.owner });
    await fillWithEveryKindOfRow(client);
    await client.end();
    empty = await stack.startPostgres('empty', PORTS.postgres + 1);
  }, TURN_TIMEOUT_MS);

  afterAll(async () => {
    await empty?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
    endTurn?.();
  }, 60_000);

  /** As docs/how-to/encrypt-the-dumps.md makes one, but for the passphrase. */
  function makeKey(name: string): void {
    const names = ['-subj', '/CN=dumps of ahuora', '-keyout', own(`${name}.key`), '-out', own(`${name}.pem`)];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-days', '36500', ...names], {
      stdio: 'pipe',
    });
  }
  const own = (name: string) => join(folder, 'own', name);
  const files = () => readdirSync(dumps).sort();
  const encryptFor = (overrides: Record<string, string> = {}) =>
    stack.job('postgres-backup', dumps, { ENCRYPT_FOR: own('recipient.pem'), ...overrides });
  const restore = (overrides: Record<string, string> = {}) =>
    stack.job('postgres-restore', dumps, { PGPORT: String(PORTS.postgres + 1), ...overrides });
  const decrypt = (file: string, key: string, to: string) =>
    spawnSync('openssl', [
      'cms',
      '-decrypt',
      '-binary',
      '-inform',
      'DER',
      '-inkey',
      own(`${key}.key`),
      '-in',
      file,
      '-out',
      to,
    ]);
  const contentFrom = async (port: number) => {
    const client: Client = await stack.connect({ port });
    return contentOf(client).finally(() => client.end());
  };

  /** Has the scripts find another program of this name, which may call the real one by its path. */
  async function inPlaceOf(program: string, script: (real: string) => string): Promise<{ PATH: string }> {
    const programs = join(folder, `instead-of-${program}`);
    const real = join(await postgresPrograms(), program);
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, program), `#!/bin/bash\n${script(real)}\n`, { mode: 0o755 });
    return { PATH: `${programs}:${await postgresPrograms()}:${process.env['PATH']}` };
  }

  test('is on the disk in no form that Postgres or a reader knows, and decrypts to the very bytes of pg_dump', async () => {
    const plain = own('plain');
    const watched = await inPlaceOf('pg_dump', (real) => `set -o pipefail\n${real} "$@" | tee ${plain}`);
    const backup = await encryptFor(watched);
    expect([backup.status, backup.stderr]).toEqual([0, '']);
    expect(files()).toEqual([expect.stringMatching(/^ahuora-\d{8}T\d{6}Z\.dump\.cms$/)]);
    const file = join(dumps, files()[0]!);
    const bytes = readFileSync(file);
    for (const word of ['PGDMP', 'every_kind', 'CREATE TABLE'])
      expect([word, bytes.includes(word)]).toEqual([word, false]);
    expect(spawnSync(join(await postgresPrograms(), 'pg_restore'), ['--list', file]).status).not.toBe(0);
    expect(decrypt(file, 'recipient', own('decrypted')).status).toBe(0);
    expect(readFileSync(own('decrypted')).equals(readFileSync(plain))).toBe(true);
    expect(readFileSync(plain).includes('PGDMP')).toBe(true);
  }, 60_000);

  test('opens to no other key, and not at all once it was cut or changed', () => {
    const file = join(dumps, files()[0]!);
    const bytes = readFileSync(file);
    expect(decrypt(file, 'stranger', own('wrong')).status).not.toBe(0);
    const changed = Buffer.from(bytes);
    changed[Math.floor(bytes.length / 2)]! ^= 1;
    const spoilt = { cut: bytes.subarray(0, bytes.length - 20), half: bytes.subarray(0, bytes.length / 2), changed };
    for (const [how, content] of Object.entries(spoilt)) {
      writeFileSync(own(how), content);
      expect([how, decrypt(own(how), 'recipient', own('wrong')).status]).not.toEqual([how, 0]);
    }
  }, 60_000);

  test('is not restored, nor is an older one in its place, until it lies decrypted beside it', async () => {
    const name = files()[0]!.replace(/\.cms$/, '');
    const before = await contentFrom(PORTS.postgres + 1);
    writeFileSync(join(dumps, 'ahuora-20200101T023000Z.dump'), readFileSync(own('decrypted')));
    for (const RESTORE_FILE of ['latest', name, `${name}.cms`]) {
      const refused = await restore({ RESTORE_FILE });
      expect([RESTORE_FILE, refused.status]).toEqual([RESTORE_FILE, 1]);
      expect(refused.stderr.trim().split('\n')).toEqual([
        expect.stringContaining(`restore: ${name}.cms is encrypted and its key is not in the cluster`),
      ]);
    }
    expect(await contentFrom(PORTS.postgres + 1)).toEqual(before);

    writeFileSync(join(dumps, name), readFileSync(own('decrypted')));
    const restored = await restore();
    expect([restored.status, restored.stderr]).toEqual([0, '']);
    expect(await contentFrom(PORTS.postgres + 1)).toEqual(await contentFrom(PORTS.postgres));
    rmSync(join(dumps, name));
  }, 60_000);

  test('leaves nothing behind when the dump is cut, the encryption fails or the server refuses', async () => {
    const before = files();
    const failing: Record<string, Record<string, string>> = {
      // Ends well, and has written half a dump.
      'a dump that is cut': await inPlaceOf('pg_dump', (real) => `${real} "$@" | head --bytes=20000`),
      'a dump without an end': await inPlaceOf('pg_dump', (real) => `${real} "$@" | head --bytes=-3000`),
      'no certificate': { ENCRYPT_FOR: own('recipient.key') },
      'no file': { ENCRYPT_FOR: own('nothing.pem') },
      'a wrong password': { PGPASSWORD: 'wrong' },
    };
    for (const [how, overrides] of Object.entries(failing)) {
      expect([how, (await encryptFor(overrides)).status]).not.toEqual([how, 0]);
      expect([how, files()]).toEqual([how, before]);
      expect([how, readdirSync(dumps).filter((file) => file.startsWith('.'))]).toEqual([how, []]);
    }
  }, 120_000);

  test('goes with its age as those in the clear do', async () => {
    for (const file of files()) rmSync(join(dumps, file));
    const old = ['20200101', '20200102', '20200103', '20200104'].map(
      (day, index) => `ahuora-${day}T023000Z.dump${index % 2 ? '.cms' : ''}`,
    );
    for (const file of old) writeFileSync(join(dumps, file), '');
    expect((await encryptFor()).status).toBe(0);
    const keep = Number(stack.rendered.environmentOf('postgres-backup')['KEEP_AT_LEAST']);
    expect(files().slice(0, -1)).toEqual(old.slice(-(keep - 1)));
  });
});
