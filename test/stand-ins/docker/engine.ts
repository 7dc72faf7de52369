import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startGuarded, type GuardedProcess } from '../../fixtures/guarded-process';
import { startReferenceApi } from '../../fixtures/reference-api/start';
import { StandInState, type StandInContainer } from './state';

/** Keeps the "containers" of one project: `engine.ts <state> <project> <port>`. It ends on SIGTERM, or with its state's folder. */
const [folder, project, port] = process.argv.slice(2) as [string, string, string];
const state = new StandInState(folder);
const PARTS: Readonly<Record<string, string>> = {
  'django-api': 'django',
  idaes: 'solver',
  pgbouncer: 'pgbouncer',
  postgres: 'postgres',
};

/** Everything needed to start a process once more as it was started. */
interface Recipe {
  readonly name: string;
  readonly command: [string, ...string[]];
  readonly cwd: string;
  readonly env: Record<string, string>;
}

let stopping = false;
const restarted: GuardedProcess[] = [];

async function main(): Promise<void> {
  const api = await startReferenceApi({ port: Number(port) });
  for (const [service, name] of Object.entries(PARTS)) {
    const part = api.processes.find((one) => one.name === name)!;
    running(service, part.pid);
    void keepRunning(service, part, recipeOf(part));
  }
  const stop = async () => {
    stopping = true;
    for (const part of restarted) await part.stop();
    await api.stop();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop());
  setInterval(() => existsSync(folder) || void stop(), 1000);
}

/** As the policy `unless-stopped` of the Compose file asks. */
async function keepRunning(service: string, part: GuardedProcess, recipe: Recipe): Promise<void> {
  const code = await part.exited;
  if (stopping) return;
  change(service, ({ State }) => ({
    State: { ...State, Status: 'restarting', Running: false, Pid: 0, ExitCode: code },
  }));
  const next = await startGuarded({ ...recipe, log: join(folder, `${service}.log`) });
  restarted.push(next);
  change(service, ({ RestartCount }) => ({ RestartCount: RestartCount + 1 }));
  running(service, next.pid);
  void keepRunning(service, next, recipe);
}

function running(service: string, pid: number): void {
  // Every service of the Compose file has a health check.
  const Health = { Status: 'healthy' };
  const StartedAt = new Date().toISOString();
  change(service, ({ State }) => ({
    State: { ...State, Status: 'running', Running: true, Pid: pid, StartedAt, Health },
  }));
}

function change(service: string, how: (container: StandInContainer) => Partial<StandInContainer>): void {
  const kept = state.project(project);
  if (kept === undefined) return;
  const isOurs = ({ Config }: StandInContainer) => Config.Labels['com.docker.compose.service'] === service;
  const containers = kept.containers.map((one) => (isOurs(one) ? { ...one, ...how(one) } : one));
  state.keep(project, { ...kept, containers });
}

function recipeOf({ name, pid }: GuardedProcess): Recipe {
  const words = (file: string) =>
    readFileSync(`/proc/${pid}/${file}`, 'utf8')
      .split('\0')
      .filter((word) => word !== '');
  const env = Object.fromEntries(words('environ').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
  return { name, command: words('cmdline') as [string, ...string[]], cwd: readlinkSync(`/proc/${pid}/cwd`), env };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
