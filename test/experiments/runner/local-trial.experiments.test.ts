import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CampaignFolder, readTable, REPLICA_COLUMNS, SAMPLE_COLUMNS } from '../../../experiments/campaign';
import { enters, exited, finishExperiment, journalTells, loadedAttempts, startExperiment } from './command-line';

jest.setTimeout(600_000);

let root: string;
let campaign: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'local-trial-'));
  campaign = join(root, 'campaign');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const RUN = ['run', '--local', '--profile', 'spike', '--attempts', '6'];

const start = (...words: string[]) => startExperiment(words);
const finish = (...words: string[]) => finishExperiment(words);
const reached = (state: string, from?: number) => journalTells(campaign, enters(state), 120_000, from);
const loaded = () => loadedAttempts(campaign);

/** Processes of the reference API that this test's runs have started and that still live. */
function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe('a real local trial', () => {
  it('ends with samples on disk and a summary of one screen', async () => {
    const { stdout } = finish(...RUN, '--scale', '0.05', '--campaign', campaign);
    const record = loaded()[0]!;
    const folder = CampaignFolder.open(campaign).attemptPath(record.trial, record.attempt);
    const samples = await readTable(join(folder, 'samples.parquet'), SAMPLE_COLUMNS);
    expect(samples).toHaveLength(24);
    expect(samples.filter(({ status }) => status === 200).length).toBeGreaterThan(20);
    const replicas = await readTable(join(folder, 'replicas.parquet'), REPLICA_COLUMNS);
    expect(replicas.filter(({ workload }) => workload === 'django-api')[0]).toMatchObject({
      at_s: 0,
      desired: 1,
      ready: 1,
    });
    expect(stdout).toContain('response time ms: p50');
    expect(stdout.slice(stdout.indexOf('\nCampaign ')).split('\n').length).toBeLessThan(50);
  });

  it.each(['load', 'remove-flowsheet'])(
    'killed with SIGKILL in state %s finishes when resumed, and leaves no process',
    async (state) => {
      const first = start(...RUN, '--scale', '0.05', '--campaign', campaign);
      await reached(state);
      first.kill('SIGKILL');
      await exited(first);
      const { stdout } = finish('resume', campaign);
      expect(stdout).toContain('was interrupted in state');
      expect(loaded()[0]!.attempt).toBeGreaterThan(1);
      expect(loaded()[0]!.rows.samples).toBe(24);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(processesNaming(campaign)).toEqual([]);
    },
  );

  it('is saturated when the server is paused: starts are dropped with 150 in flight, and only the generator can void it', async () => {
    const run = start(...RUN, '--rate-scale', '1', '--duration-scale', '0.05', '--campaign', campaign);
    await reached('load');
    const from = readFileSync(join(campaign, 'journal.jsonl'), 'utf8').lastIndexOf('"state":"load"');
    const server = descendantsOf(run.pid!).filter((pid) => cmdline(pid).includes('reference_api.wsgi'));
    server.forEach((pid) => process.kill(pid, 'SIGSTOP'));
    await reached('remove-flowsheet', from);
    server.forEach((pid) => process.kill(pid, 'SIGCONT'));
    await reached('store', from);
    run.kill('SIGTERM'); // One attempt is enough.
    await exited(run);
    const record = loaded()[0]!;
    const passed = (name: string) => record.gates.find(({ gate }) => gate === name)!.passed;
    expect(record.saturated).toBe(true);
    expect(record.gates.find(({ gate }) => gate === 'dropped-starts')!.value).toBeGreaterThan(0.01);
    // A busy test machine starves the generator too, and then the drops count for nothing.
    const healthy = ['generator-cpu', 'generator-memory', 'achieved-rate'].every(passed);
    expect(passed('dropped-starts')).toBe(healthy);
  });

  it('is void when a worker of the API is lost during the load, and the next attempt has a new API', async () => {
    const run = start(
      'run',
      '--local',
      '--profile',
      'spike',
      '--attempts',
      '2',
      '--scale',
      '0.05',
      '--campaign',
      campaign,
    );
    await reached('load');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const interrupted = CampaignFolder.open(campaign).journal.entries().length;
    const worker = descendantsOf(run.pid!)
      .filter((pid) => cmdline(pid).includes('reference_api.wsgi'))
      .at(-1)!;
    process.kill(worker, 'SIGKILL');
    await exited(run);
    const folder = CampaignFolder.open(campaign);
    const attempt = folder.journal.entries()[interrupted - 1]!.attempt!;
    // The whole API ends with its worker, and the flowsheet with it: the attempt is void, and the campaign goes on.
    const failed = folder.record(folder.manifest.order[0]!, attempt)!.gates.filter(({ passed }) => !passed);
    const names = failed.map(({ gate }) => gate);
    for (const gate of ['pods-stable', 'variant-live-end', 'delay-after']) expect(names).toContain(gate);
    expect(failed.find(({ gate }) => gate === 'pods-stable')!.detail).toContain(
      "of django-api's pods were replaced or lost",
    );
    expect(failed.find(({ gate }) => gate === 'variant-live-end')!.detail).toContain(
      'the reference API no longer runs',
    );
    expect(folder.journal.entries().at(-1)).toMatchObject({ event: 'finished' });
    expect(
      folder
        .records()
        .map((record) => record.attempt)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('stops in order on SIGTERM and can be resumed', async () => {
    const run = start(...RUN, '--scale', '0.05', '--campaign', campaign);
    await reached('load');
    run.kill('SIGTERM');
    await exited(run);
    expect(run.exitCode).toBe(1);
    const entries = CampaignFolder.open(campaign).journal.entries();
    expect(entries.map(({ state }) => state)).toContain('remove-delay');
    expect(entries.at(-1)).toMatchObject({ event: 'stopped' });
    finish('resume', campaign);
    expect(loaded()[0]!.attempt).toBeGreaterThan(1);
  });
});

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function cmdline(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
