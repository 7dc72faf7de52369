import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { blockCommands, blocksWithoutLanguage, type BlockCommand } from './block-commands';
import { FreshClone, git } from './fresh-clone';
import { rowOf, ROWS, type Row } from './how-each-is-typed';
import { pages, ROOT } from './pages';

/*
 * Every command that a block of a page shows is typed in a fresh clone, as it stands or as its row says, in the order of the pages; so a
 * page whose command fails is red, and so is a command that no row is about.
 */

jest.setTimeout(600_000);

const commands = blockCommands();
const distinct = commands.filter(
  ({ command }, index) => commands.findIndex((each) => each.command === command) === index,
);
const name = ({ page, at, command }: BlockCommand) => `${page}:${at} ${command}`;
const cases = distinct.flatMap((each) => {
  const row = rowOf(each.command);
  return row ? [{ each, row }] : [];
});

let clone: FreshClone;
let server: Server;
const received: string[] = [];
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  clone = new FreshClone();
  prepareSurroundings(clone);
  server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    request.on('end', () => response.writeHead(202).end());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  env = environment((server.address() as AddressInfo).port);
});

afterAll(() => {
  server?.close();
  clone?.remove();
});

/** What pages take for granted: a home with a host that was known, the platform's repository beside this one, a definition to copy. */
function prepareSurroundings({ folder, path }: FreshClone): void {
  mkdirSync(join(folder, 'home', '.ssh'), { recursive: true, mode: 0o700 });
  const key = join(folder, 'key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'host', '-f', key]);
  writeFileSync(join(folder, 'home', '.ssh', 'known_hosts'), `192.168.100.124 ${readFileSync(`${key}.pub`, 'utf8')}`);
  const platform = join(folder, 'platform');
  mkdirSync(platform);
  git(platform, ['init', '--quiet']);
  const commit = ['-c', 'user.name=t', '-c', 'user.email=', 'commit', '--quiet', '--allow-empty', '-m'];
  git(platform, [...commit, 'feat: first']);
  git(platform, ['tag', 'django-api-0.0.17']);
  git(platform, [...commit, 'fix: second']);
  copyFileSync(join(__dirname, 'widgets-crd.yaml'), join(path, 'WIDGETS-CRD.yaml'));
}

/** A home of its own, no cluster and no account; what is built for the tests stays where it is. */
function environment(port: number): NodeJS.ProcessEnv {
  const go = (variable: string) => spawnSync('go', ['env', variable], { encoding: 'utf8' }).stdout?.trim();
  const own = Object.entries(process.env).filter(([key]) => !/^(GRAFANA_CLOUD|AHUORA|GITHUB)_/.test(key));
  return {
    ...Object.fromEntries(own),
    HOME: join(clone.folder, 'home'),
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    npm_config_cache: join(homedir(), '.npm'),
    GOMODCACHE: go('GOMODCACHE'),
    GOCACHE: go('GOCACHE'),
    KUBECONFIG: join(clone.folder, 'none'),
    INSTANCE: '1',
    TOKEN: 'none',
    ADDRESS: `http://127.0.0.1:${port}`,
  };
}

test('blocks say what they hold, so that none is overlooked', () => {
  expect(commands.length).toBeGreaterThan(80);
  expect(pages.flatMap(blocksWithoutLanguage)).toEqual([]);
});

test('every command has a row, and every row a command', () => {
  expect(distinct.filter(({ command }) => !rowOf(command)).map(name)).toEqual([]);
  const idle = ROWS.filter((row) => !distinct.some(({ command }) => rowOf(command) === row));
  expect(idle.map(({ command }) => String(command))).toEqual([]);
});

test('few commands are typed nowhere', () => {
  expect(cases.filter(({ row }) => 'never' in row).length).toBeLessThan(7);
});

const here = cases.filter(({ row }) => 'typed' in row || 'endsWith' in row);

test.each(here.map(({ each, row }) => [name(each), each.command, row] as const))('%s', async (_name, command, row) => {
  const { status, output } = await clone.type(...asTyped(command, row), env);
  if ('endsWith' in row) {
    expect(output).toMatch(row.endsWith);
    expect(output).not.toMatch(/^\s+at /m);
    expect(status).toBe(1);
  } else if ('typed' in row) {
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${output}`);
    if (row.prints) expect(output).toMatch(row.prints);
  }
});

/** The line and its folder. */
function asTyped(command: string, row: Row): [string, string | undefined] {
  if (!('typed' in row)) return [command, undefined];
  return [row.typed === 'as it stands' ? command : row.typed, row.folder];
}

test('the group of alerts that a page sends arrives whole', () => {
  expect(received.join('')).toMatch(/^name: /m);
});

const elsewhere = cases.flatMap(({ each, row }) => ('by' in row ? [[name(each), row.by, row.there] as const] : []));

test.each(elsewhere)('%s is typed by %s', (_name, by, there) => {
  expect(existsSync(join(ROOT, by)) && there.test(readFileSync(join(ROOT, by), 'utf8'))).toBe(true);
});
