import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { LIVE_SITE_FILE, type LiveSite } from '../../../experiments/runner/sites/live/live-site';
import { settings } from '../../../facts/settings';
import { buildTool } from '../../../tools/build';
import { LiveCluster } from '../cluster';
import { entryWorks, refresh, synced } from '../platform';
import { NODES } from '../topology';
import { Monitoring } from './monitoring';

const ROOT = join(__dirname, '..', '..', '..');
/** What every report of it says of where its figures come from. */
const ORIGIN = `measured, on three nodes of a ${os.cpus().length}-core machine; not the Pis`;

/**
 * `npm run measure`: starts a live cluster with its monitoring, runs a campaign against it, writes the report, and ends. Further
 * words go to `experiment run` (default `--plan ci`). With `--keep` it only starts the cluster and keeps it until Ctrl-C, for
 * `npm run experiment -- run --site live` and `resume` beside it.
 */
async function main(args: readonly string[]): Promise<void> {
  const started = Date.now();
  const say = (line: string) => console.error(`live: ${line}`);
  const live = await LiveCluster.start({ say });
  let monitoring: Monitoring | undefined;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  try {
    const commit = await live.deploy();
    await refresh(live);
    await synced(live, commit, 400);
    const member = await entryWorks(live);
    monitoring = await Monitoring.start(live);
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
    if (args.includes('--keep')) await ended(stop.signal);
    else process.exitCode = await campaign(args, stop.signal);
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

/** Runs the campaign and writes its report; answers the status of whichever failed. */
async function campaign(args: readonly string[], signal: AbortSignal): Promise<number> {
  const given = args.indexOf('--campaign');
  const folder = given >= 0 && args[given + 1] ? args[given + 1]! : `campaigns/live-${Date.now()}`;
  const run = args.length === 0 || (args.length === 2 && given === 0) ? ['--plan', 'ci'] : [];
  const rest = given < 0 ? args : args.filter((_, index) => index !== given && index !== given + 1);
  const status = await experiment(['run', '--site', 'live', ...run, ...rest, '--campaign', folder], signal);
  // Some trials that stayed invalid are reported too.
  if (status !== 0 && status !== 3) return status;
  // The figures for machines are what a test holds against the samples of a campaign that is committed.
  await experiment(['report', folder, '--format', 'json'], signal);
  const reported = await experiment(['report', folder], signal);
  console.log(`campaign: ${resolve(folder)}`);
  return status === 0 ? reported : status;
}

async function experiment(words: readonly string[], signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'experiments', 'cli.ts'), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status ?? 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
