import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CampaignFolder } from '../../../experiments/campaign';

const COMMAND = ['--require', 'tsx/cjs', join(__dirname, '../../../experiments/cli.ts')];

/** The experiment command in a process that goes on by itself. */
export function startExperiment(
  words: readonly string[],
  options: SpawnOptions = { stdio: ['ignore', 'ignore', 'inherit'] },
): ChildProcess {
  return spawn(process.execPath, [...COMMAND, ...words], options);
}

/** The experiment command to its end. */
export function finishExperiment(
  words: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
) {
  const all = [...COMMAND, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', ...options });
  return { status, stdout, stderr };
}

/** Waits until a campaign's journal holds a text, from a position on. */
export async function journalTells(campaign: string, text: string, withinMs: number, from = 0): Promise<void> {
  const journal = join(campaign, 'journal.jsonl');
  const content = () => (existsSync(journal) ? readFileSync(journal, 'utf8') : '');
  for (const deadline = Date.now() + withinMs; !content().includes(text, from);) {
    if (Date.now() > deadline) throw new Error(`the journal never told of ${text}: ${content()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the journal tells when the runner enters a state of a trial. */
export const enters = (state: string) => `"state":"${state}"`;

export function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) =>
    (child.exitCode ?? child.signalCode) !== null ? resolve() : child.once('exit', () => resolve()),
  );
}

/** A campaign's attempts that were loaded, first to last: a busy test machine may void others by a gate of the generator. */
export function loadedAttempts(campaign: string) {
  return CampaignFolder.open(campaign)
    .records()
    .filter(({ rows }) => rows.samples > 0)
    .sort((a, b) => a.attempt - b.attempt);
}
