import type { CampaignManifest, CampaignPlan } from '../../campaign';
import { openCache, type ResultCache } from './cache';
import { readCampaign, type RecordedTrial } from './campaign-input';
import { cellId, type CellKey } from './cell-result';
import { measureCell, type MeasuredCell } from './cell-measurement';
import { Engine } from './engine';
import { groupBy } from '../../../lib/primitives/group-by';
import { AnalysisError, type TrialFinding } from './finding';
import { DEFAULT_SETTINGS, type AnalysisSettings } from './settings';

/** A measured cell with its place in the plan. */
export interface Cell extends CellKey, MeasuredCell {
  readonly id: string;
}

/** A whole campaign, measured: what questions and reports are made from. */
export interface CampaignAnalysis {
  readonly path: string;
  readonly manifest: CampaignManifest;
  /** The plan that the campaign began with. */
  readonly plan: CampaignPlan;
  readonly settings: AnalysisSettings;
  readonly cells: readonly Cell[];
  /** Attempts that take no part in any figure. */
  readonly setAside: readonly RecordedTrial[];
  readonly findings: readonly TrialFinding[];
  /** Whether results are stored for the next run. */
  readonly cached: boolean;
  /** Trials that were looked at, whether they count or not. */
  readonly measuredTrials: number;
  /** Trials computed in this run; the others came from the cache. */
  readonly computed: number;
}

export interface AnalysisOptions {
  readonly settings?: AnalysisSettings;
  /** False: neither read nor write stored results. */
  readonly cache?: boolean;
  readonly onProgress?: (done: number, total: number, cell: string) => void;
}

/** Cells measured side by side: one more than a small machine has cores, so that both query while the figures of a third are worked out. */
const ENGINES = 3;

/**
 * Measures every trial of a campaign.
 *
 * @throws {AnalysisError} when there is no campaign, or nothing in it can be analysed.
 */
export async function analyseCampaign(path: string, options: AnalysisOptions = {}): Promise<CampaignAnalysis> {
  const settings = options.settings ?? DEFAULT_SETTINGS;
  const input = readCampaign(path);
  const cached = options.cache !== false;
  const cache = openCache(path, { settings, plan: input.plan }, cached);
  const groups = [...groupBy(input.trials, (trial) => cellId(trial.record))].sort(([a], [b]) => a.localeCompare(b));
  const cells = await measureAll(groups, settings, cache, options.onProgress ?? (() => undefined));
  const findings = [...input.findings, ...cells.flatMap((cell) => cell.findings)];
  const kept = cells.filter((cell) => cell.trials.length > 0);
  if (kept.length === 0)
    throw new AnalysisError(
      `${path} holds no trial that can be analysed${findings.length > 0 ? `: ${findings[0].sentence}` : '.'}`,
    );
  return {
    path,
    manifest: input.manifest,
    plan: input.plan,
    settings,
    cells: kept,
    setAside: input.setAside,
    findings,
    cached,
    measuredTrials: input.trials.length,
    computed: cells.reduce((sum, cell) => sum + cell.computed, 0),
  };
}

async function measureAll(
  groups: readonly (readonly [string, readonly RecordedTrial[]])[],
  settings: AnalysisSettings,
  cache: ResultCache,
  onProgress: (done: number, total: number, cell: string) => void,
): Promise<Cell[]> {
  const cells = new Array<Cell>(groups.length);
  const { engines, close } = await Engine.open(ENGINES);
  let next = 0;
  let done = 0;
  const work = async (engine: Engine) => {
    for (let index = next++; index < groups.length; index = next++) {
      const [id, inputs] = groups[index];
      const { experiment, testType, variant, profile } = inputs[0].record;
      const ordered = [...inputs].sort((a, b) => a.record.repetition - b.record.repetition);
      cells[index] = {
        id,
        experiment,
        testType,
        variant,
        profile,
        ...(await measureCell(engine, id, ordered, settings, cache)),
      };
      onProgress(++done, groups.length, id);
    }
  };
  try {
    await Promise.all(engines.map(work));
  } finally {
    close();
  }
  return cells;
}
