import { percent } from '../../../lib/primitives/percent';
import { join } from 'node:path';
import {
  readTable,
  SAMPLE_COLUMNS,
  type CampaignFolder,
  type CampaignManifest,
  type TrialRecord,
} from '../../campaign';
import { verdict } from './view';
import { counted } from '../../../lib/primitives/counted';

/** Trials listed one by one; more would not fit a screen. */
const LISTED = 12;

/** What a campaign has yielded, on one screen. */
export async function summary(folder: CampaignFolder): Promise<string> {
  const records = folder.records();
  const valid = records.filter((record) => record.valid);
  const shown = records.slice(-LISTED);
  const lines = [
    `Campaign ${folder.manifest.campaign} in ${folder.path}`,
    `${valid.length} of ${counted(folder.manifest.order.length, 'trial')} valid, ${counted(records.length, 'attempt')} stored.`,
  ];
  for (const record of shown) lines.push('', ...(await trialLines(folder, record)));
  lines.push(...remedyLines(folder, records));
  if (records.length > shown.length)
    lines.push('', `… and ${counted(records.length - shown.length, 'attempt')} before these.`);
  return lines.join('\n');
}

/** What to do about trials that have no valid attempt, once for each reason. */
function remedyLines({ manifest }: CampaignFolder, records: readonly TrialRecord[]): string[] {
  const done = new Set(records.filter(({ valid }) => valid).map(({ trial }) => trial));
  const lost = records.filter(({ trial }) => !done.has(trial));
  const failed = lost.flatMap(({ gates }) => gates.filter(({ passed }) => !passed));
  const remedies = new Map<string, string>(failed.flatMap(({ gate, remedy }) => (remedy ? [[gate, remedy]] : [])));
  if (lost.length === 0) return [];
  const [first] = lost;
  return [
    '',
    'What to do about the trials that stayed invalid:',
    ...[...remedies].map(([gate, remedy]) => `  ${gate}: ${remedy}`),
    '  Then run them again in a campaign of their own, such as',
    `  npm run experiment -- run ${again(first!, manifest)}`,
  ];
}

/** Options that run a trial again as it was run. */
function again({ experiment, variant, profile, scale }: TrialRecord, { settings }: CampaignManifest): string {
  return [
    ...(settings?.site === 'local' ? ['--local'] : []),
    ...(settings?.site === 'live' ? ['--site live'] : []),
    `--experiment ${experiment} --variant ${variant} --profile ${profile}`,
    ...(scale.rate === 1 ? [] : [`--rate-scale ${scale.rate}`]),
    ...(scale.duration === 1 ? [] : [`--duration-scale ${scale.duration}`]),
  ].join(' ');
}

async function trialLines(folder: CampaignFolder, record: TrialRecord): Promise<string[]> {
  const lines = [
    record.attempt > 1 ? `${record.trial} (attempt ${record.attempt})` : record.trial,
    `  ${verdict(record)}`,
  ];
  if (record.rows.samples === 0) return lines;
  const samples = await readTable(
    join(folder.attemptPath(record.trial, record.attempt), 'samples.parquet'),
    SAMPLE_COLUMNS,
  );
  const good = samples.filter(({ error }) => error === null);
  const times = good.map((row) => responseMs(row as unknown as Record<string, number>)).sort((a, b) => a - b);
  const failed = samples.length - good.length;
  lines.push(
    `  ${counted(samples.length, 'request')} over ${record.scheduledSeconds} s, ${failed} failed (${percent(failed / samples.length)})`,
  );
  if (times.length > 0) lines.push(`  response time ms: ${percentiles(times)}, highest ${times.at(-1)!.toFixed(1)}`);
  const figures = record.gates.filter(({ value }) => value !== undefined);
  lines.push(
    `  gates: ${figures.map(({ gate, value, passed }) => `${gate} ${passed ? '' : '!'}${trimmed(value!)}`).join(', ')}`,
  );
  return lines;
}

/** Everything that a user waits for, from wanting a connection to the last byte. */
function responseMs(row: Record<string, number>): number {
  return (
    row['blocked_ms']! +
    row['connecting_ms']! +
    row['tls_ms']! +
    row['sending_ms']! +
    row['waiting_ms']! +
    row['receiving_ms']!
  );
}

/** A percentile is told only where at least one value lies beyond it. */
function percentiles(sorted: readonly number[]): string {
  return [50, 95, 99]
    .filter((percent) => sorted.length * (1 - percent / 100) >= 1 - 1e-9)
    .map((percent) => `p${percent} ${quantile(sorted, percent / 100)}`)
    .join(', ');
}

function quantile(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!.toFixed(1);
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(3)));
}
