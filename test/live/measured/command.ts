import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Option } from 'commander';
import { NAMED_PLANS, type NamedPlan, type NamedPlanName } from '../../../experiments/plan';
import { LIVE_SITE_FILE, type LiveSite } from '../../../experiments/runner/sites/live/live-site';
import { settings } from '../../../facts/settings';
import { program } from '../../../lib/console/program';
import { buildTool } from '../../../tools/build';
import { LiveCluster } from '../cluster';
import { entryWorks, refresh, synced } from '../platform';
import { NODES } from '../topology';
import { Monitoring } from './monitoring';

const ROOT = join(__dirname, '..', '..', '..');
/** What every report of it says of where its figures come from. */
const ORIGIN = `measured, on three nodes of a ${os.cpus().length}-core machine; not the Pis`;

/** Status of a command that SIGINT has ended, as shells give it. */
const INTERRUPTED = 130;

interface Options {
  readonly plan: NamedPlanName;
  readonly campaign?: string;
  readonly keep?: true;
  readonly signals?: true;
}

/** Starts a live cluster with its monitoring, runs a campaign against it and writes its report, or keeps it until Ctrl-C. */
async function main(options: Options): Promise<void> {
  const started = Date.now();
  const say = (line: string) => console.error(`live: ${line}`);
  const { needsSignals }: NamedPlan = NAMED_PLANS[options.plan];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!stop.signal.aborted) say('ending');
      stop.abort();
    });
  // A cluster that is half there cannot be taken down: an end asked for meanwhile comes right after.
  const live = await LiveCluster.start({ say, signals: options.signals ?? needsSignals ?? false });
  let monitoring: Monitoring | undefined;
  try {
    const ready = async () => {
      const commit = await live.deploy();
      await refresh(live);
      await synced(live, commit, 400);
      const visitor = await entryWorks(live);
      monitoring = await Monitoring.start(live);
      return visitor;
    };
    const member = await unlessEnded(ready(), stop.signal);
    if (member === undefined || monitoring === undefined) {
      process.exitCode = INTERRUPTED;
      return;
    }
    writeSite({
      url: `https://127.0.0.1:${live.relays.lan.port}`,
      apiHost: settings.hosts.api,
      authHost: settings.hosts.auth,
      cookie: member.cookiesFor(settings.hosts.api),
      kubectl: await buildTool('kubectl'),
      kubeconfig: live.kubectl.kubeconfig,
      dist: join(live.surroundings.workTree, 'dist'),
      prometheus: monitoring.url,
      process: process.pid,
      facts: {
        origin: ORIGIN,
        host: `${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
        machine: `${NODES.length} nodes, their control plane, the databases and the generator share all of it; pods request a quarter of the CPU that the plan says`,
      },
    });
    console.error(`live: ready after ${Math.round((Date.now() - started) / 1000)} s`);
    if (options.keep) await ended(stop.signal);
    else process.exitCode = await campaign(options, stop.signal);
  } finally {
    rmSync(join(ROOT, LIVE_SITE_FILE), { force: true });
    await monitoring?.stop();
    await live.stop();
  }
}

/** Nobody else may read it, since it holds a session. */
function writeSite(site: LiveSite): void {
  const file = join(ROOT, LIVE_SITE_FILE);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(site, null, 2)}\n`, { mode: 0o600 });
}

async function ended(signal: AbortSignal): Promise<void> {
  // A signal is not enough to keep Node running.
  const alive = setInterval(() => undefined, 60_000);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(alive);
}

/** What the work gives, or nothing as soon as an end is asked for; the work is then left alone, and what it throws is not told. */
async function unlessEnded<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  work.catch(() => undefined);
  if (!signal.aborted) await Promise.race([work, once(signal, 'abort')]);
  return signal.aborted ? undefined : work;
}

/** Runs the campaign and writes its report; answers the status of whichever failed. */
async function campaign(
  { plan, campaign: folder = `campaigns/live-${Date.now()}` }: Options,
  signal: AbortSignal,
): Promise<number> {
  const status = await experiment(['run', '--site', 'live', '--plan', plan, '--campaign', folder], signal);
  // Some trials that stayed invalid are reported too.
  if (status !== 0 && status !== 3) return status;
  // The figures for machines are what a test holds against the samples of a campaign that is committed.
  await experiment(['report', folder, '--format', 'json'], signal);
  const reported = await experiment(['report', folder], signal);
  console.log(`campaign: ${resolve(folder)}`);
  return status === 0 ? reported : status;
}

async function experiment(words: readonly string[], signal: AbortSignal): Promise<number> {
  if (signal.aborted) return INTERRUPTED;
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'experiments', 'cli.ts'), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status ?? 1;
}

program(
  'measure',
  'Measure a campaign on three real nodes on this machine, with a report; needs root, and builds first what is missing.',
  'npm run measure',
  'npm run measure -- --plan demo --campaign docs/measured/demo',
)
  .addOption(new Option('--plan <name>', 'part of the plan to run').choices(Object.keys(NAMED_PLANS)).default('ci'))
  .option('--campaign <folder>', 'folder of the campaign (default: campaigns/live-<time>)')
  .addOption(
    new Option(
      '--keep',
      'only start the cluster and keep it until Ctrl-C, for "run --site live" and "resume" beside it',
    ).conflicts(['campaign']),
  )
  .option('--signals', 'with signals beyond CPU switched on; the plans that need them do so themselves')
  .action(async (options: Options) => {
    await main(options);
    // What was left alone still waits for a cluster that is gone.
    if (process.exitCode === INTERRUPTED) process.exit();
  })
  .parse();
