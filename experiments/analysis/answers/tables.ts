import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { cellEstimate, effectsAgainst, type Effect, type Measure } from './measures';
import type { Column, Sentence, Table, Value } from './model';
import { digits, estimate, probability } from './numbers';
import { shortName, type ExperimentCells } from './experiment-cells';

/** One row for each cell, with an estimate for each measure. */
export function measureTable(
  id: string,
  title: string,
  cells: readonly Cell[],
  measures: readonly Measure[],
  analysis: CampaignAnalysis,
): Table {
  const shown = measures.filter((measure) =>
    cells.some((cell) => cellEstimate(cell, measure, analysis.settings) !== null),
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
    samples: { text: String(cell.pooled?.samples ?? 0), value: cell.pooled?.samples ?? 0, cell: cell.id },
    ...Object.fromEntries(shown.map((measure) => [measure.key, measureValue(cell, measure, analysis)])),
  }));
  return { id, title, columns, rows };
}

function measureValue(cell: Cell, measure: Measure, analysis: CampaignAnalysis): Value {
  const interval = cellEstimate(cell, measure, analysis.settings);
  const missing = measure.key === 'breakpoint' && cell.profile === 'breakpoint' && interval === null;
  return missing ? { text: 'none up to the peak rate', value: null, cell: cell.id } : estimate(interval, cell.id);
}

/** Effects of the variants against the reference, for each profile and measure, each profile and measure corrected together. */
export function experimentEffects(
  { cells, reference }: ExperimentCells,
  measures: readonly Measure[],
  analysis: CampaignAnalysis,
): Effect[] {
  return [...new Set(cells.map((cell) => cell.profile))].flatMap((profile) => {
    const ofProfile = cells.filter((cell) => cell.profile === profile);
    const base = ofProfile.find((cell) => cell.variant === reference.name);
    if (base === undefined) return [];
    const others = ofProfile.filter((cell) => cell !== base);
    return (
      measures
        // A breakpoint trial passes through every rate: its percentiles describe the ramp, not the variant.
        .filter((measure) => (profile === 'breakpoint') === ['breakpoint', 'sustained'].includes(measure.key))
        .flatMap((measure) => effectsAgainst(base, others, measure, analysis.settings))
    );
  });
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
      { key: 'p', title: 'p, corrected (Holm)' },
      { key: 'words', title: 'in words' },
    ],
    rows: effects.map(({ cell, reference, measure, comparison, adjustedP, words }) => ({
      variant: shortName(cell.variant),
      reference: shortName(reference.variant),
      profile: cell.profile,
      measure: measure.title,
      effect: {
        ...estimate(comparison.effect, cell.id),
        text: `${comparison.scale === 'ratio' ? '× ' : ''}${estimate(comparison.effect).text}${comparison.scale === 'difference' && measure.unit !== '' ? ` ${measure.unit}` : ''}`,
      },
      g: { text: digits(comparison.hedgesG), value: comparison.hedgesG, cell: cell.id },
      p: { text: probability(adjustedP), value: adjustedP, cell: cell.id },
      words,
    })),
  };
}

/** A measure's estimate with its unit, as a fragment that links to its trials. */
export function quoted(cell: Cell, measure: Measure, analysis: CampaignAnalysis): Value {
  const value = estimate(cellEstimate(cell, measure, analysis.settings), cell.id);
  return { ...value, text: `${value.text}${measure.unit === '' || value.value == null ? '' : ` ${measure.unit}`}` };
}

/** How many of a family the trials tell apart, and what more trials would show. */
export function detectionSentence(effects: readonly Effect[], what: string): Sentence {
  if (effects.length === 0)
    return [`Fewer than two valid trials on one side: no variant can be held against the reference by ${what}.`];
  const distinct = effects.filter((effect) => effect.distinct);
  const hidden = effects.find((effect) => !effect.distinct);
  const reference = shortName(effects[0].reference.variant);
  const fragments: (string | Value)[] = [
    `By ${what}, the trials tell `,
    { text: `${distinct.length} of ${effects.length} variants`, cell: effects[0].cell.testType },
    ` from ${reference}`,
  ];
  distinct
    .slice(0, 4)
    .forEach(({ cell, words }, index) =>
      fragments.push(index === 0 ? ': ' : ', ', { text: `${shortName(cell.variant)} ${words}`, cell: cell.id }),
    );
  if (distinct.length > 4)
    fragments.push(' and ', { text: `${distinct.length - 4} more`, cell: effects[0].cell.testType });
  if (hidden !== undefined)
    fragments.push(
      distinct.length > 0 ? '; for ' : ' (',
      { text: `${shortName(hidden.cell.variant)}: ${hidden.words}`, cell: hidden.cell.id },
      distinct.length > 0 ? '' : ')',
    );
  return [...fragments, '.'];
}
