import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CampaignFolder,
  METRIC_COLUMNS,
  readTable,
  REPLICA_COLUMNS,
  SAMPLE_COLUMNS,
} from '../../../experiments/campaign';
import { enters, exited, finishExperiment, journalTells, loadedAttempts, startExperiment } from './command-line';
import { installDockerStandIn, type DockerStandIn } from '../../stand-ins/docker/install';

jest.setTimeout(400_000);

const REPOSITORY = join(__dirname, '../../..');
const NOTHING = { projects: [], volumes: [], networks: [] };
/** The spike of retrieval on one machine: 24 requests in 12 s. */
const SELECTION = ['--variant', 'uor-benchmark-compose', '--profile', 'spike', '--repetitions', '1'];
const RUN = ['run', ...SELECTION, '--scale', '0.05'];

let docker: DockerStandIn;
let root: string;
let campaign: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'compose-trial-'));
  campaign = join(root, 'campaign');
  docker = await installDockerStandIn();
});

afterEach(() => {
  docker.remove();
  rmSync(root, { recursive: true, force: true });
});

function options(more: Record<string, string> = {}) {
  return { cwd: REPOSITORY, env: { ...process.env, ...docker.environment, ...more } };
}

const start = (...words: string[]) => startExperiment(words, { stdio: ['ignore', 'ignore', 'inherit'], ...options() });
const finish = (words: readonly string[], more?: Record<string, string>) => finishExperiment(words, options(more));
const reached = (state: string) => journalTells(campaign, enters(state), 180_000);
const loaded = () => loadedAttempts(campaign);

function left() {
  const { state } = docker;
  return { projects: state.names('projects'), volumes: state.names('volumes'), networks: state.names('networks') };
}

const gateOf = (record: ReturnType<typeof loaded>[number], name: string) =>
  record.gates.find(({ gate }) => gate === name);

describe('a trial under Docker Compose, against a strict stand-in of docker that starts the reference API', () => {
  it('makes the stack, measures it, judges it and leaves nothing behind', async () => {
    const { stdout } = finish([...RUN, '--campaign', campaign, '--attempts', '6']);
    expect(stdout).toContain('1 of 1 trials run under Docker Compose');
    expect(stdout).toContain('response time ms: p50');
    expect(left()).toEqual(NOTHING);

    const record = loaded().at(-1)!;
    const folder = CampaignFolder.open(campaign);
    const table = (name: string) => join(folder.attemptPath(record.trial, record.attempt), name);
    const samples = await readTable(table('samples.parquet'), SAMPLE_COLUMNS);
    expect(samples).toHaveLength(24);
    expect(samples.filter(({ status }) => status === 200).length).toBeGreaterThan(20);
    for (const gate of ['variant-live-start', 'variant-live-end', 'pods-stable', 'clock-offset', 'no-redirects'])
      expect(gateOf(record, gate)).toMatchObject({ passed: true });
    const replicas = await readTable(table('replicas.parquet'), REPLICA_COLUMNS);
    expect(replicas.find(({ workload }) => workload === 'idaes')).toMatchObject({
      at_s: 0,
      desired: 1,
      current: 1,
      ready: 1,
    });
    const metrics = await readTable(table('metrics.parquet'), METRIC_COLUMNS);
    const services = (metric: string) =>
      [...new Set(metrics.filter((one) => one['metric'] === metric).map(({ container }) => container))].sort();
    for (const metric of ['container_cpu_cores', 'container_memory_bytes'])
      expect(services(metric)).toEqual(['django-api', 'idaes', 'pgbouncer', 'postgres']);
    const djangoCpu = metrics.filter(
      ({ metric, container }) => metric === 'container_cpu_cores' && container === 'django-api',
    );
    expect(Math.max(...djangoCpu.map(({ value }) => Number(value)))).toBeGreaterThan(0);
    expect(folder.manifest.environment).toMatchObject({
      docker: '28.2.2',
      dockerCompose: '2.40.3',
      composeSystem: docker.url,
    });

    // The tables are made before the API starts, and the project is the campaign's own.
    const project = `ahuora-experiment-${folder.manifest.campaign}`;
    const calls = docker.calls().filter((call) => call.startsWith(`compose --project-name ${project} `));
    const at = (word: string) => calls.findIndex((call) => call.includes(` ${word} `));
    expect(at('run')).toBeGreaterThanOrEqual(0);
    expect(at('up')).toBeGreaterThan(at('run'));
    expect(at('down')).toBeGreaterThan(at('up'));
  });

  it.each(['settle', 'load'])(
    'killed with SIGKILL in state %s finishes when resumed, and leaves no project',
    async (state) => {
      const first = start(...RUN, '--campaign', campaign, '--attempts', '2');
      await reached(state);
      first.kill('SIGKILL');
      await exited(first);
      expect(left().projects).toHaveLength(1);
      const { stdout } = finish(['resume', campaign]);
      expect(stdout).toMatch(/Compose project ahuora-experiment-\S+ of an earlier run was removed/);
      expect(loaded()[0]!.attempt).toBeGreaterThan(1);
      expect(left()).toEqual(NOTHING);
    },
  );

  it('removes what a campaign that died and was never resumed has left, and no project of anyone else', () => {
    docker.state.write('volumes', 'ahuora-experiment-forgotten', 'migrated');
    docker.state.write('volumes', 'ahuora', 'migrated');
    const { stdout } = finish([...RUN, '--campaign', campaign, '--attempts', '1']);
    expect(stdout).toContain('Compose project ahuora-experiment-forgotten of an earlier run was removed.');
    expect(left()).toEqual({ ...NOTHING, volumes: ['ahuora'] });
  });

  it.each(['idaes', 'pgbouncer'])(
    'is void when the container %s is killed and restarts during the load',
    async (service) => {
      const run = start(...RUN, '--campaign', campaign, '--attempts', '1');
      await reached('load');
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const [project] = docker.state.names('projects');
      const container = docker.state.project(project!)!.containers.find(({ Name }) => Name.includes(service))!;
      process.kill(container.State.Pid, 'SIGKILL');
      await exited(run);
      const [record] = loaded();
      expect(gateOf(record!, 'pods-stable')).toMatchObject({ passed: false });
      expect(gateOf(record!, 'pods-stable')!.detail).toContain(`${project}-${service}-1 restarted`);
      expect(record!.valid).toBe(false);
      expect(left()).toEqual(NOTHING);
    },
  );

  it('that does not come up is void and tried again, and leaves nothing', () => {
    const { status, stdout } = finish([...RUN, '--campaign', campaign, '--attempts', '2'], {
      DOCKER_STAND_IN_UP: 'unhealthy',
    });
    expect(status).toBe(3);
    expect(stdout).toContain('uor-benchmark-compose did not come up');
    expect(CampaignFolder.open(campaign).records()).toHaveLength(2);
    expect(left()).toEqual(NOTHING);
  });
});

describe('what is wrong with Docker is said in one sentence, with a non-zero exit, before anything starts', () => {
  it.each([
    ['no docker', { PATH: '/nonexistent' }, 'docker is not on the PATH: install Docker with its Compose plugin'],
    ['no engine', { DOCKER_HOST: 'unix:///nonexistent' }, 'Docker cannot be reached'],
    ['no Compose plugin', { COMPOSE_STAND_IN_VERSION: 'none' }, 'Docker has no Compose plugin: install it'],
    ['an engine without start intervals', { DOCKER_STAND_IN_VERSION: '24.0.7' }, '25 or newer is needed'],
    ['a Compose without inline configs', { COMPOSE_STAND_IN_VERSION: '2.20.0' }, '2.23.1 or newer is needed'],
    ['a missing variable', { DATABASE_PASSWORD: '' }, 'DATABASE_PASSWORD is not set: Docker Compose needs it'],
  ])('%s', (_, environment, message) => {
    const { status, stderr } = finish([...RUN, '--campaign', campaign], environment);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(campaign)).toBe(false);
  });

  it('a port that something else uses stops the campaign, which can be resumed', () => {
    const { status, stderr } = finish([...RUN, '--campaign', campaign], { DOCKER_STAND_IN_UP: 'port' });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^docker compose up failed: .*port is already allocated$/m),
    ]);
    expect(left()).toEqual(NOTHING);
    expect(CampaignFolder.open(campaign).journal.entries().at(-1)).toMatchObject({ event: 'stopped' });
  });
});
