import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { StandInState, type StandInContainer } from './state';

/**
 * A strict stand-in of `docker` with its Compose plugin (https://docs.docker.com/reference/cli/docker/): it takes exactly the
 * calls that the runner makes, and its containers are processes of the reference API, kept and restarted by one of its own
 * ($DOCKER_STAND_IN has the state). It proves the runner's side of the contract, not how Docker behaves.
 */
const state = new StandInState(process.env['DOCKER_STAND_IN']!);
const LABEL = 'com.docker.compose.project';
const MIGRATION = 'run --rm -T database-migration';

class Complaint extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function main(words: readonly string[]): Promise<string> {
  const text = words.join(' ');
  appendFileSync(join(state.folder, 'calls.log'), `${text}\n`);
  if (process.env['DOCKER_HOST'] === 'unix:///nonexistent')
    throw new Complaint(1, 'Cannot connect to the Docker daemon at unix:///nonexistent. Is the docker daemon running?');
  if (text === 'version --format {{.Server.Version}}') return process.env['DOCKER_STAND_IN_VERSION'] ?? '28.2.2';
  if (words[0] === 'compose' && process.env['COMPOSE_STAND_IN_VERSION'] === 'none')
    throw new Complaint(
      125,
      "unknown flag: --short\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information",
    );
  if (text === 'compose version --short') return process.env['COMPOSE_STAND_IN_VERSION'] ?? '2.40.3';
  if (text === 'info --format {{json .}}') return JSON.stringify(information());
  if (words[0] === 'compose') return compose(words.slice(1));
  if (words[0] === 'inspect') return inspect(words.slice(1));
  if (words[0] === 'stats') return statistics(words.slice(1));
  return list(text);
}

function information() {
  const host = { Name: os.hostname(), NCPU: os.cpus().length, MemTotal: os.totalmem() };
  return {
    ...host,
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    KernelVersion: os.release(),
    Architecture: 'x86_64',
  };
}

/** `ps`, `volume ls` and `network ls` by the label of Compose. */
function list(text: string): string {
  const byProject = new RegExp(`^ps --all --quiet --no-trunc --filter label=${LABEL}=(\\S+)$`).exec(text);
  if (byProject !== null) return (state.project(byProject[1]!)?.containers ?? []).map(({ Id }) => Id).join('\n');
  const labels = `--filter label=${LABEL} --format {{.Label "${LABEL}"}}`;
  if (text === `ps --all ${labels}`)
    return state
      .names('projects')
      .flatMap((name) => state.project(name)!.containers.map(() => name))
      .join('\n');
  if (text === `volume ls ${labels}`) return state.names('volumes').join('\n');
  if (text === `network ls ${labels}`) return state.names('networks').join('\n');
  throw new Complaint(125, `unknown flag or command in: ${text}\nSee 'docker --help'.`);
}

function allContainers(): StandInContainer[] {
  return state.names('projects').flatMap((name) => state.project(name)?.containers ?? []);
}

function inspect([flag, kind, ...ids]: readonly string[]): string {
  if (flag !== '--type' || kind !== 'container') throw new Complaint(125, `unknown flag: ${flag}`);
  const found = ids.map((id) => allContainers().find(({ Id }) => Id === id));
  if (found.includes(undefined)) throw new Complaint(1, `Error: No such container: ${ids[found.indexOf(undefined)]}`);
  return JSON.stringify(found);
}

async function statistics([once, flag, format, ...names]: readonly string[]): Promise<string> {
  if (once !== '--no-stream' || flag !== '--format' || format !== '{{json .}}')
    throw new Complaint(125, 'unknown flag');
  const containers = names.map((name) => allContainers().find(({ Name }) => Name === `/${name}`)!);
  const before = containers.map(({ State }) => ticksOf(State.Pid));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return containers
    .map(({ Id, Name, State }, index) => {
      const cpu = ticksOf(State.Pid) - before[index]!; // A tick is 10 ms, so ticks in a second are per cent of a core.
      const memory = descendants(State.Pid).reduce((sum, pid) => sum + residentBytes(pid), 0);
      const total = os.totalmem();
      return JSON.stringify({
        BlockIO: '0B / 0B',
        CPUPerc: `${Math.max(0, cpu).toFixed(2)}%`,
        Container: Id.slice(0, 12),
        ID: Id.slice(0, 12),
        MemPerc: `${((100 * memory) / total).toFixed(2)}%`,
        MemUsage: `${(memory / 2 ** 20).toFixed(1)}MiB / ${(total / 2 ** 30).toFixed(2)}GiB`,
        Name: Name.slice(1),
        NetIO: '0B / 0B',
        PIDs: String(descendants(State.Pid).length),
      });
    })
    .join('\n');
}

async function compose(words: readonly string[]): Promise<string> {
  const [projectFlag, project, fileFlag, file, ...own] = words;
  if (projectFlag !== '--project-name' || fileFlag !== '--file' || !/^[a-z0-9][a-z0-9_-]*$/.test(project ?? ''))
    throw new Complaint(1, `unknown command: docker compose ${words.join(' ')}`);
  const text = readFileSync(file!, 'utf8');
  for (const [, name, complaint] of text.matchAll(/\$\{(\w+):\?([^}]*)\}/g))
    if (!process.env[name!])
      throw new Complaint(1, `error while interpolating: required variable ${name} is missing a value: ${complaint}`);
  if (own.join(' ') === 'down --volumes --remove-orphans') return down(project!);
  if (own.join(' ') === MIGRATION) return migrate(project!);
  if (/^up --detach --wait --wait-timeout \d+$/.test(own.join(' '))) return up(project!, text);
  throw new Complaint(1, `unknown flag or command: ${own.join(' ')}`);
}

function migrate(project: string): string {
  state.write('networks', project, '');
  state.write('volumes', project, 'migrated');
  return '';
}

async function up(project: string, text: string): Promise<string> {
  if (process.env['DOCKER_STAND_IN_UP'] === 'port')
    throw new Complaint(
      1,
      'Error response from daemon: driver failed programming external connectivity: Bind for 0.0.0.0:8000 failed: port is already allocated',
    );
  if (process.env['DOCKER_STAND_IN_UP'] === 'unhealthy')
    throw new Complaint(1, `container ${project}-postgres-1 is unhealthy`);
  // Without the tables the API would only answer errors.
  if (state.volume(project) !== 'migrated') throw new Complaint(1, `container ${project}-django-api-1 exited (1)`);
  if (state.project(project) !== undefined) return ''; // Everything is up already.
  const { services } = parse(text) as { services: Record<string, { image: string; profiles?: string[] }> };
  const containers = Object.entries(services)
    .filter(([, { profiles }]) => profiles === undefined)
    .map(([service, settings]) => created(project, service, settings));
  const engine = spawn(
    process.execPath,
    [
      '--require',
      'tsx/cjs',
      join(process.env['DOCKER_STAND_IN_SOURCE']!, 'engine.ts'),
      state.folder,
      project,
      process.env['DOCKER_STAND_IN_PORT']!,
    ],
    { detached: true, stdio: 'ignore', cwd: process.env['DOCKER_STAND_IN_SOURCE']!, env: process.env },
  );
  engine.unref();
  state.keep(project, { engine: engine.pid!, containers });
  await until(
    () => state.project(project)!.containers.every(({ State }) => State.Running),
    120_000,
    `container ${project}-django-api-1 is unhealthy`,
  );
  return '';
}

function created(project: string, service: string, settings: { image: string }): StandInContainer {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const labels = {
    [LABEL]: project,
    'com.docker.compose.service': service,
    'com.docker.compose.config-hash': hash(JSON.stringify(settings)),
  };
  return {
    Id: hash(`${project} ${service} ${Date.now()}`),
    Name: `/${project}-${service}-1`,
    Image: `sha256:${hash(settings.image)}`,
    RestartCount: 0,
    State: {
      Status: 'created',
      Running: false,
      OOMKilled: false,
      Pid: 0,
      ExitCode: 0,
      StartedAt: '0001-01-01T00:00:00Z',
    },
    Config: { Image: settings.image, Labels: labels },
  };
}

async function down(project: string): Promise<string> {
  const running = state.project(project);
  if (running !== undefined) {
    if (isAlive(running.engine)) process.kill(running.engine, 'SIGTERM');
    await until(() => !isAlive(running.engine), 60_000, 'the engine does not end');
  }
  for (const kind of ['projects', 'volumes', 'networks'] as const) state.remove(kind, project);
  return '';
}

async function until(done: () => boolean, limitMs: number, complaint: string): Promise<void> {
  for (let waited = 0; !done(); waited += 100) {
    if (waited > limitMs) throw new Complaint(1, complaint);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isAlive(pid: number): boolean {
  return readIfThere(`/proc/${pid}/stat`).split(') ')[1]?.startsWith('Z') === false;
}

function descendants(pid: number): number[] {
  const tasks = pid === 0 ? [] : readdirIfThere(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readIfThere(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
  return pid === 0 ? [] : [pid, ...children.flatMap(descendants)];
}

function ticksOf(root: number): number {
  return descendants(root).reduce((sum, pid) => {
    const fields = readIfThere(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
    return sum + Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }, 0);
}

function residentBytes(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

main(process.argv.slice(2))
  .then((answer) => process.stdout.write(answer === '' ? '' : `${answer}\n`))
  .catch((error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = error instanceof Complaint ? error.status : 99;
  });
