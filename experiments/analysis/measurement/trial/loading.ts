import { fileDigest, SCHEMA_VERSION, SCHEMA_VERSION_KEY, TRIAL_TABLES } from '../../../campaign';
import type { RecordedTrial } from '../campaign-input';
import { sqlLiteral, type Engine } from '../engine';
import type { TrialFinding } from '../finding';
import { scheduleOf, whyNotItsLoad, type LoadSigns, type ScheduleSigns } from './own-load';
import { whyImpossible } from './possible-figures';
import { clockQuery, replicasQuery, requestsQuery, scheduleQuery } from './queries';
import { counted } from '../../../../lib/primitives/counted';

interface ClockSigns extends LoadSigns {
  readonly reversed: number;
  readonly early: number;
  readonly negative: number;
  readonly unplaced: number;
  readonly untimed: number;
  /** First and last name of a trial, in alphabetical order: the same where all samples are of one. */
  readonly trial: string | null;
  readonly last_trial: string | null;
}

/**
 * Loads a trial's samples and replicas under `slot` after checking that they are whole and can be trusted.
 * Returns the finding that excludes the trial, or null; an excluded trial leaves no rows behind.
 */
export async function loadTrial(engine: Engine, slot: number, trial: RecordedTrial): Promise<TrialFinding | null> {
  const finding = await load(engine, slot, trial);
  if (finding !== null) {
    await engine.run(`DELETE FROM request WHERE slot = ${slot}`);
    await engine.run(`DELETE FROM replica WHERE slot = ${slot}`);
  }
  return finding;
}

async function load(engine: Engine, slot: number, trial: RecordedTrial): Promise<TrialFinding | null> {
  const { folder, record, files } = trial;
  const excluded = (kind: TrialFinding['kind'], sentence: string): TrialFinding => ({
    kind,
    trial: folder,
    sentence: `${sentence}; the trial is left out.`,
    excluded: true,
  });

  for (const name of TRIAL_TABLES) {
    const file = files[name];
    const facts = await attempt(() => fileFacts(engine, file));
    if (facts instanceof Error)
      return excluded(
        'unreadable-file',
        `${name}.parquet of ${folder} is cut short or not Parquet (${firstLine(facts)})`,
      );
    const { rows, version } = facts;
    if (version !== String(SCHEMA_VERSION))
      return excluded(
        'schema-version',
        `${name}.parquet of ${folder} has schema version ${version ?? '(none)'}, but this program knows only ${SCHEMA_VERSION}`,
      );
    if (rows !== record.rows[name])
      return excluded(
        'row-count',
        `${name}.parquet of ${folder} holds ${counted(rows, 'row')}, but trial.json says ${record.rows[name]}`,
      );
  }
  for (const name of record.digests === undefined ? [] : TRIAL_TABLES)
    if ((await fileDigest(files[name])) !== record.digests![name])
      return excluded(
        'changed-file',
        `${name}.parquet of ${folder} is not the file that was written with its trial.json: restore it from a copy`,
      );
  if (record.rows.samples === 0) return excluded('no-requests', `Trial ${folder} holds no requests at all`);

  // The footer can be whole where a page within the file is damaged: only reading tells.
  const readings = {
    samples: requestsQuery(slot, files.samples),
    replicas: replicasQuery(slot, files.replicas, record.scheduledSeconds),
    metrics: `SELECT count(value), count(metric) FROM read_parquet(${sqlLiteral(files.metrics)})`,
  };
  for (const [name, query] of Object.entries(readings)) {
    const reading = await attempt(() => engine.run(query));
    if (reading instanceof Error)
      return excluded('unreadable-file', `${name}.parquet of ${folder} is damaged (${firstLine(reading)})`);
  }

  return contradiction(engine, slot, trial, excluded);
}

/** What the loaded samples, and the files beside them, say that cannot be of their trial. */
async function contradiction(
  engine: Engine,
  slot: number,
  trial: RecordedTrial,
  excluded: (kind: TrialFinding['kind'], sentence: string) => TrialFinding,
): Promise<TrialFinding | null> {
  const { folder, record, plan } = trial;
  const [signs] = await engine.rows<ClockSigns & Record<string, number | string | null>>(
    clockQuery(slot, plan.generator.timeoutSeconds),
  );
  if (signs.trial !== record.trial || signs.last_trial !== record.trial)
    return excluded(
      'mixed-trial',
      `samples.parquet of ${folder} holds samples of ${signs.trial ?? 'no trial'}, not of ${record.trial} alone`,
    );
  if (signs.reversed + signs.early + signs.negative + signs.unplaced > 0)
    return excluded('clock-backwards', `The clock of ${folder} went backwards: ${clockDetail(signs)}`);
  if (signs.untimed > 0)
    return excluded('no-timing', `${signs.untimed} successful requests of ${folder} have no response time`);
  return (
    otherLoad({ ...signs, ...(await scheduleSigns(engine, slot, trial)) }, trial) ??
    (await impossible(engine, slot, trial))
  );
}

/** Figures of pods and of monitoring that cannot be: then none of that trial's is known. */
async function impossible(engine: Engine, slot: number, trial: RecordedTrial): Promise<TrialFinding | null> {
  const why = await whyImpossible(engine, slot, trial);
  if (why === undefined) return null;
  const sentence = `${why.file}.parquet of ${trial.folder} says what cannot be: ${why.reason}; the trial is left out.`;
  return { kind: 'impossible-figure', trial: trial.folder, sentence, excluded: true };
}

/** Arrivals at random are on no schedule that could be solved for a request's number. */
async function scheduleSigns(engine: Engine, slot: number, trial: RecordedTrial): Promise<ScheduleSigns> {
  const schedule = trial.atRandom ? undefined : scheduleOf(trial);
  if (schedule === undefined) return { unscheduled: 0, repeated: 0 };
  const [signs] = await engine.rows<ScheduleSigns & Record<string, unknown>>(scheduleQuery(slot, schedule));
  return signs;
}

function otherLoad(signs: ClockSigns & ScheduleSigns, trial: RecordedTrial): TrialFinding | null {
  const why = whyNotItsLoad(signs, trial);
  if (why === undefined) return null;
  const sentence = `The samples of ${trial.folder} are not those of its load: ${why}; the trial is left out.`;
  return { kind: 'other-load', trial: trial.folder, sentence, excluded: true };
}

function clockDetail(signs: ClockSigns): string {
  return [
    [signs.reversed, 'requests started before an earlier one'],
    [signs.early, 'started before they were due'],
    [signs.negative, 'have a negative phase'],
    [signs.unplaced, 'are due before the start'],
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}

interface FileFacts {
  readonly rows: number;
  readonly version: string | null;
}

/** Rows and schema version from the footer of a Parquet file. */
async function fileFacts(engine: Engine, file: string): Promise<FileFacts> {
  const [facts] = await engine.rows<FileFacts & Record<string, number | string | null>>(
    `SELECT num_rows AS rows, (SELECT any_value(decode(value)) FROM parquet_kv_metadata(${sqlLiteral(file)})
       WHERE decode(key) = ${sqlLiteral(SCHEMA_VERSION_KEY)}) AS version
     FROM parquet_file_metadata(${sqlLiteral(file)})`,
  );
  return facts;
}

async function attempt<T>(work: () => Promise<T>): Promise<T | Error> {
  try {
    return await work();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function firstLine(error: Error): string {
  return error.message.split('\n')[0].replace(/\.$/, '');
}
