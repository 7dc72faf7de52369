import type { TestType } from '../../plan';
import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import type { Interval } from '../statistics/mean-interval';
import type { Effect } from './effects';
import { cellEstimate, hasSaturatedTrial, overlap } from './estimates';
import { PERCENTILE_NAMES, SUSTAINED } from '../measurement/settings';
import { groupBy } from '../../../lib/primitives/group-by';
import { MEASURES, type Measure } from './measures';
import type { Column, Sentence, Table, Value } from './model';
import { digits, estimate, NO_VALUE, plain, probability, withUnit } from './numbers';
import { PHASES } from '../measurement/trial/queries';
import { shortName, type ExperimentCells } from './experiment-cells';

/** One row for each cell, with an estimate for each measure. */
export function measureTable(
  id: string,
  title: string,
  cells: readonly Cell[],
  measures: readonly Measure[],
  analysis: CampaignAnalysis,
): Table {
  // That no cell has a breakpoint is a finding of its own; what nobody measured is none.
  const shown = measures.filter((measure) =>
    cells.some((cell) => measureValue(cell, measure, analysis).text !== NO_VALUE),
  );
  const columns: Column[] = [
    { key: 'variant', title: 'variant' },
    { key: 'profile', title: 'profile' },
    { key: 'n', title: 'trials' },
    { key: 'samples', title: 'successful samples', query: 'pooled' },
    ...shown.map(({ key, title: name, unit, query }) => ({ key, title: name, unit, query })),
  ];
  const rows = cells.map((cell) => ({
    variant: shortName(cell.variant),
    profile: cell.profile,
    n: { text: String(cell.trials.length), value: cell.trials.length, cell: cell.id },
    samples: { text: digits(cell.pooled?.samples ?? 0), value: cell.pooled?.samples ?? 0, cell: cell.id },
    ...Object.fromEntries(shown.map((measure) => [measure.key, measureValue(cell, measure, analysis)])),
  }));
  return { id, title, columns, rows };
}

function measureValue(cell: Cell, measure: Measure, analysis: CampaignAnalysis): Value {
  // A breakpoint trial passes through every rate: its response times describe the ramp, not the variant.
  if (cell.profile === 'breakpoint' && isResponseTime(measure)) return { text: NO_VALUE, value: null, cell: cell.id };
  const interval = cellEstimate(cell, measure, analysis.settings);
  const missing = measure.key === 'breakpoint' && cell.profile === 'breakpoint' && interval === null;
  if (!missing) return estimate(interval, cell.id);
  const failed = failedBeyond(cell, analysis);
  const text = `none up to the peak rate${failed === undefined ? '' : `, with ${failed}`}`;
  return { text, value: null, cell: cell.id };
}

/**
 * What of a climbing load failed, such as "12.5 % failed", where that is more than a sustained rate tolerates: a system that fails at
 * every rate has no breakpoint either, and holds none.
 */
export function failedBeyond(cell: Cell, { settings }: CampaignAnalysis): string | undefined {
  const failed = cellEstimate(cell, MEASURES.errors, settings)?.value ?? 0;
  return failed > 100 * SUSTAINED.failedShare ? `${digits(failed)} % failed` : undefined;
}

function isResponseTime({ key, unit }: Measure): boolean {
  return (PERCENTILE_NAMES as readonly string[]).includes(key) || unit === 'ms';
}

/** The decisions about one experiment, by the measures asked for, out of those of the whole report. */
export function effectsOf(
  { experiment, reference }: ExperimentCells,
  measures: readonly Measure[],
  effects: readonly Effect[],
): Effect[] {
  return effects.filter(
    ({ cell, reference: base, measure }) =>
      cell.experiment === experiment.name &&
      cell.testType === experiment.testType &&
      base.variant === reference.name &&
      measures.includes(measure),
  );
}

export function effectTable(id: string, title: string, effects: readonly Effect[]): Table {
  return {
    id,
    title,
    columns: [
      { key: 'variant', title: 'variant' },
      { key: 'reference', title: 'against' },
      { key: 'profile', title: 'profile' },
      { key: 'measure', title: 'measure' },
      { key: 'effect', title: 'ratio, or difference in its unit' },
      { key: 'g', title: "Hedges' g" },
      { key: 'p', title: 'p, corrected (whole report)' },
      { key: 'words', title: 'in words' },
    ],
    rows: effects.map(({ cell, reference, measure, comparison, adjustedP, words }) => ({
      variant: shortName(cell.variant),
      reference: shortName(reference.variant),
      profile: cell.profile,
      measure: measure.title,
      effect: effectValue(cell, measure, comparison),
      g: { text: digits(comparison?.hedgesG), value: comparison?.hedgesG ?? null, cell: cell.id },
      p: { text: adjustedP === null ? NO_VALUE : probability(adjustedP), value: adjustedP, cell: cell.id },
      words,
    })),
  };
}

function effectValue(cell: Cell, measure: Measure, comparison: Effect['comparison']): Value {
  const shown = estimate(comparison?.effect ?? null, cell.id);
  if (comparison === null) return shown;
  const bounded = comparison.bound === 'at most' ? { ...shown, text: `≤ ${digits(comparison.effect.value)}` } : shown;
  return comparison.scale === 'ratio' ? { ...bounded, text: `× ${bounded.text}` } : withUnit(bounded, measure.unit);
}

/** A measure's estimate with its unit, as a fragment that links to its trials. */
export function quoted(cell: Cell, measure: Measure, analysis: CampaignAnalysis): Value {
  return withUnit(estimate(cellEstimate(cell, measure, analysis.settings), cell.id), measure.unit);
}

/**
 * How many others cannot be told from the one that a sentence names for its extreme estimate, by their intervals: it is no
 * winner where there are any. Nothing where it is alone.
 */
export function alikeFragments(first: Interval, others: readonly Interval[], cell: TestType): Sentence {
  if (others.length === 0) return [];
  const alike = others.filter((other) => overlap(first, other)).length;
  const all = `${others.length} ${others.length === 1 ? 'other' : 'others'}`;
  return [' (the intervals of ', { text: `${alike} of the ${all}`, cell }, ' overlap it)'];
}

/**
 * A measure as what a sentence compares by, and under which load. Only the climbing load has a breakpoint, so that it is not
 * named beside it.
 */
export function comparedBy({ key, title }: Measure, where = ''): string {
  return key === MEASURES.breakpoint.key ? 'the breakpoint' : `${title}${where}`;
}

/** Variants that a sentence names at most. */
const NAMED = 4;

/**
 * How many of a set of comparisons the trials tell apart, and which. Made from the decisions of the effects' table alone: what
 * is not told apart there is named here neither as better nor as worse.
 */
export function detectionSentence(effects: readonly Effect[], what: string): Sentence {
  const compared = effects.filter(({ comparison }) => comparison !== null);
  if (compared.length === 0) return [nothingHeld(effects, what)];
  const distinct = compared.filter((effect) => effect.distinct);
  const testType = effects[0].cell.testType;
  const several = new Set(compared.map(({ cell }) => cell.profile)).size > 1;
  const named = ({ cell, words }: Effect): Value => ({
    text: `${shortName(cell.variant)}${several ? ` under ${cell.profile}` : ''} ${words}`,
    cell: cell.id,
  });
  const fragments: (string | Value)[] = [
    `By ${what}, the trials tell `,
    {
      text: `${distinct.length} of ${compared.length} ${several ? 'comparisons' : compared.length === 1 ? 'variant' : 'variants'}`,
      cell: testType,
    },
    ` ${several ? 'with' : 'from'} ${shortName(compared[0].reference.variant)}${several ? ' apart' : ''}`,
  ];
  distinct.slice(0, NAMED).forEach((effect, index) => fragments.push(index === 0 ? ': ' : ', ', named(effect)));
  if (distinct.length > NAMED) fragments.push(' and ', { text: `${distinct.length - NAMED} more`, cell: testType });
  const hidden = compared.filter((effect) => !effect.distinct);
  if (hidden.length > 0) fragments.push('; for ', untold(named(hidden[0]), hidden));
  const without = effects.length - compared.length;
  if (without > 0) fragments.push('; ', { text: `${without} not comparable`, cell: testType });
  return [...fragments, '.'];
}

/** Why a measure compares nothing, and what to do. */
function nothingHeld(effects: readonly Effect[], what: string): string {
  if (effects.length === 0)
    return `Nothing can be held against the reference by ${what}: it and another variant have no valid trials of one profile (remedy: run both).`;
  const reasons = new Set(effects.map(({ words }) => words.replace('not comparable: ', '')));
  return `Nothing can be held against ${shortName(effects[0].reference.variant)} by ${what}: ${[...reasons].slice(0, 2).join('; ')}.`;
}

/** The first comparison that is not told apart, as one of so many. */
function untold(first: Value, hidden: readonly Effect[]): Value {
  const among = hidden.length === 1 ? '' : `, one of ${hidden.length} not told apart`;
  return { ...first, text: first.text.replace(` ${hidden[0].words}`, `${among}: ${hidden[0].words}`) };
}

/** Cells that were overwhelmed, so that their response times are lower bounds; nothing where there are none. */
export function saturationSentence(cells: readonly Cell[]): Sentence[] {
  const saturated = cells.filter(hasSaturatedTrial);
  if (saturated.length === 0) return [];
  const named = [...groupBy(saturated, (cell) => cell.profile)].flatMap(([profile, ofProfile], index): Sentence => [
    index === 0 ? '' : '; ',
    ...ofProfile.flatMap((cell, place): Sentence => [
      place === 0 ? '' : ', ',
      { text: shortName(cell.variant), cell: cell.id },
    ]),
    ` under ${profile}`,
  ]);
  return [
    [
      'Saturated, with starts dropped because every virtual user was waiting: ',
      ...named,
      '. Dropped starts count as failed requests, and response times are lower bounds (≥).',
    ],
  ];
}

/** Mean time of each phase of a request, so that what the network costs and what the system costs can be parted. */
export function phasesTable(id: string, cells: readonly Cell[]): Table {
  const steady = cells.filter(
    (cell) => cell.profile !== 'breakpoint' && cell.trials.some(({ measures }) => measures.phases !== null),
  );
  return {
    id,
    title: 'Phases of a request',
    columns: [
      { key: 'variant', title: 'variant' },
      { key: 'profile', title: 'profile' },
      ...PHASES.map((phase) => ({ key: phase, title: phase, unit: 'ms', query: 'phases' as const })),
    ],
    rows: steady.map((cell) => {
      const known = cell.trials.flatMap(({ measures }) => measures.phases ?? []);
      return {
        variant: shortName(cell.variant),
        profile: cell.profile,
        ...Object.fromEntries(
          PHASES.map((phase) => [
            phase,
            plain(known.reduce((sum, phases) => sum + phases[phase], 0) / known.length, cell.id),
          ]),
        ),
      };
    }),
  };
}

/** How sure an answer is, in a few words for the first page. */
export function certaintyOf(effects: readonly Effect[], cells: readonly Cell[]): Sentence {
  const compared = effects.filter(({ comparison }) => comparison !== null);
  const trials = cells.reduce((sum, cell) => sum + cell.trials.length, 0);
  const testType = cells[0]?.testType;
  const distinct = compared.filter((effect) => effect.distinct).length;
  return [
    ...(compared.length === 0
      ? ['nothing to compare; ']
      : [{ text: `${distinct} of ${compared.length}`, cell: testType }, ' comparisons told apart; ']),
    { text: `${trials} ${trials === 1 ? 'trial' : 'trials'}`, cell: testType },
  ];
}
