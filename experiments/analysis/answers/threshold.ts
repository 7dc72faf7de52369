import { PROFILE_NAMES, type ProfileName } from '../../plan';
import type { CampaignAnalysis } from '../measurement/analyse';
import { AnalysisError } from '../measurement/finding';
import { cellEstimate } from './estimates';
import { MEASURES, type Measure } from './measures';
import { digits } from './numbers';

/** What must not be, such as "p95 > 200 ms at spike". */
export interface Threshold {
  readonly text: string;
  readonly measure: Measure;
  readonly comparison: '<' | '>';
  /** In the measure's own unit. */
  readonly limit: number;
  readonly profile: ProfileName;
  /** Only this variant; all without it. */
  readonly variant?: string;
}

const PATTERN = /^(\w+)\s*([<>])\s*(\d+(?:\.\d+)?)\s*([a-z%][\w%/-]*)?\s+at\s+(\w+)(?:\s+for\s+(\S+))?$/i;

/** @throws {AnalysisError} saying what is wrong with the text, and how it is written. */
export function parseThreshold(text: string): Threshold {
  const match = PATTERN.exec(text.trim());
  const names = Object.keys(MEASURES);
  if (match === null)
    throw new AnalysisError(
      `--fail-if "${text}" is not understood: write a measure, < or >, a number with its unit, and a profile, such as "p95 > 200 ms at spike".`,
    );
  const [, key, comparison, number, unit, profileName, variant] = match;
  const measure = new Map<string, Measure>(Object.entries(MEASURES)).get(key);
  if (measure === undefined)
    throw new AnalysisError(`--fail-if "${text}": there is no measure ${key}; there are ${names.join(', ')}.`);
  const profile = PROFILE_NAMES.find((name) => name === profileName);
  if (profile === undefined)
    throw new AnalysisError(
      `--fail-if "${text}": there is no profile ${profileName}; there are ${PROFILE_NAMES.join(', ')}.`,
    );
  const seconds = measure.unit === 'ms' && unit === 's';
  const isOwn = unit === measure.unit || unit === measure.unit.split(' ')[0];
  if (unit !== undefined && !isOwn && !seconds)
    throw new AnalysisError(
      `--fail-if "${text}": ${key} is measured in ${measure.unit || 'plain numbers'}, not in ${unit}.`,
    );
  return {
    text,
    measure,
    comparison: comparison as Threshold['comparison'],
    limit: Number(number) * (seconds ? 1000 : 1),
    profile,
    variant,
  };
}

/**
 * A sentence for each cell that a threshold is of and that has no valid trial: nobody knows whether it would have crossed.
 */
export function unchecked(analysis: CampaignAnalysis, { profile, variant, text }: Threshold): string[] {
  const planned = new Set(analysis.manifest.order.map((trial) => trial.replace(/\.\d+$/, '')));
  for (const { id } of analysis.cells) planned.delete(id);
  const end = `${variant === undefined ? '' : `.${variant}`}.${profile}`;
  return [...planned]
    .filter((id) => id.endsWith(end))
    .map((id) => `${id} has no valid trial, so that "${text}" was not checked for it.`);
}

/**
 * A sentence for each cell that crosses a threshold; a lower bound below an upper limit does not show that it was kept.
 *
 * @throws {AnalysisError} when no cell has the figure: a check of nothing must not pass.
 */
export function crossed(analysis: CampaignAnalysis, threshold: Threshold): string[] {
  const { measure, comparison, limit, profile, variant, text } = threshold;
  const judged = analysis.cells
    .filter((cell) => cell.profile === profile && (variant === undefined || cell.variant === variant))
    .flatMap((cell) => {
      const interval = cellEstimate(cell, measure, analysis.settings);
      return interval === null ? [] : [{ cell, interval }];
    });
  if (judged.length === 0)
    throw new AnalysisError(`--fail-if "${text}": no cell of this campaign has that figure, so nothing was checked.`);
  return judged.flatMap(({ cell, interval: { value, atLeast = false } }) => {
    const over = comparison === '>' ? value > limit : value < limit && !atLeast;
    const unknown = atLeast && !over && (comparison === '>' ? value <= limit : value < limit);
    if (!over && !unknown) return [];
    const figure = `${atLeast ? 'at least ' : ''}${digits(value)}${measure.unit === '' ? '' : ` ${measure.unit}`}`;
    return [`${cell.id}: ${measure.title} is ${figure}${unknown ? ', which may cross' : ', which crosses'} "${text}".`];
  });
}
