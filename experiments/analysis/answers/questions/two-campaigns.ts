import { basename } from 'node:path';
import type { CampaignAnalysis } from '../../measurement/analyse';
import type { Effect, Pair } from '../effects';
import { cellEstimate } from '../estimates';
import { notAnswerable } from '../experiment-cells';
import { MEASURES } from '../measures';
import type { Answer, Plot, Sentence, Table } from '../model';
import { estimate, probability } from '../numbers';
import { certaintyOf } from '../tables';
import { counted } from '../../../../lib/primitives/counted';

/** Prefix of the other campaign's anchors in a report on two. */
export const OTHER_PREFIX = 'other-';

/** Every cell that both campaigns hold, this one against the other, by the measures that fit its profile. */
export function pairsBetween(analysis: CampaignAnalysis, other: CampaignAnalysis): Pair[] {
  const measuresOf = (profile: string) =>
    profile === 'breakpoint'
      ? [MEASURES.breakpoint, MEASURES.sustained]
      : [MEASURES.p50, MEASURES.p95, MEASURES.served, MEASURES.errors];
  return sharedCells(analysis, other).flatMap(({ cell, reference }) =>
    measuresOf(cell.profile).map((measure) => ({ cell, reference, measure })),
  );
}

function sharedCells({ cells }: CampaignAnalysis, other: CampaignAnalysis) {
  return cells.flatMap((cell) => {
    const reference = other.cells.find((one) => one.id === cell.id);
    return reference === undefined ? [] : [{ cell, reference }];
  });
}

/** Two campaigns side by side. */
export function twoCampaignsAnswer(
  analysis: CampaignAnalysis,
  other: CampaignAnalysis,
  all: readonly Effect[],
): Answer {
  const names = distinctNames(analysis, other);
  const shared = sharedCells(analysis, other);
  const effects = all.filter(({ cell, reference }) => cell.id === reference.id);
  const id = 'two-campaigns';
  const title = `${names.a} against ${names.b}`;
  const question = 'What differs between the two campaigns?';
  if (shared.length === 0)
    return {
      id,
      title,
      question,
      sentences: [],
      plots: [],
      tables: [],
      unanswerable: notAnswerable(
        'the two campaigns share no cell with valid trials',
        'run the same experiment, test type, variant and profile in both',
      ),
    };
  return {
    id,
    title,
    question,
    sentences: [
      [
        `The campaigns share ${shared.length} ${shared.length === 1 ? 'cell' : 'cells'}; ${analysis.cells.length - shared.length} are only in ${names.a} and ${other.cells.length - shared.length} only in ${names.b}.`,
      ],
      differenceSentence(effects),
    ],
    certainty: certaintyOf(
      effects,
      shared.flatMap(({ cell, reference }) => [cell, reference]),
    ),
    plots: ratioPlot(`${id}-p95`, names, effects),
    tables: [sideBySide(id, names, effects, [analysis, other])],
  };
}

interface Names {
  readonly a: string;
  readonly b: string;
}

/** How many comparisons differ beyond chance, and the first of them. */
function differenceSentence(effects: readonly Effect[]): Sentence {
  const compared = effects.filter(({ comparison }) => comparison !== null);
  const distinct = compared.filter((effect) => effect.distinct);
  return [
    `Of ${counted(compared.length, 'comparison')} ${distinct.length} ${distinct.length === 1 ? 'differs' : 'differ'} beyond chance`,
    ...distinct
      .slice(0, 3)
      .flatMap((effect, index) => [
        index === 0 ? ', such as ' : ', ',
        { text: `${effect.measure.title} of ${effect.cell.id} ${effect.words}`, cell: effect.cell.id },
      ]),
    '.',
  ];
}

/** p95 of one campaign over that of the other, cell by cell; none where no cell can be compared by it. */
function ratioPlot(id: string, names: Names, effects: readonly Effect[]): Plot[] {
  const points = effects.flatMap(({ cell, measure, comparison }) =>
    measure === MEASURES.p95 && comparison !== null
      ? [
          {
            x: `${cell.variant} ${cell.profile}`,
            y: comparison.effect.value,
            low: comparison.effect.low,
            high: comparison.effect.high,
            n: comparison.effect.n,
          },
        ]
      : [],
  );
  if (points.length === 0) return [];
  return [
    {
      id,
      title: 'p95 response time, ratio',
      kind: 'points',
      caption: `p95 response time of ${names.a} over that of ${names.b} (ratio, no unit), with intervals over trials before correction; n = ${points.length} cells.`,
      query: 'summary',
      xTitle: 'cell',
      yTitle: 'ratio',
      xType: 'category',
      yLog: true,
      series: [{ name: 'ratio', points }],
    },
  ];
}

function sideBySide(
  id: string,
  names: Names,
  effects: readonly Effect[],
  [analysis, other]: readonly [CampaignAnalysis, CampaignAnalysis],
): Table {
  return {
    id,
    title: 'Side by side',
    columns: [
      { key: 'cell', title: 'cell' },
      { key: 'measure', title: 'measure' },
      { key: 'a', title: names.a },
      { key: 'b', title: names.b },
      { key: 'effect', title: 'ratio, or difference' },
      { key: 'p', title: 'p, corrected (whole report)' },
      { key: 'words', title: 'in words' },
    ],
    rows: effects.map(({ cell, reference, measure, comparison, adjustedP, words }) => ({
      cell: cell.id,
      measure: measure.unit === '' ? measure.title : `${measure.title}, ${measure.unit}`,
      a: estimate(cellEstimate(cell, measure, analysis.settings), cell.id),
      b: estimate(cellEstimate(reference, measure, other.settings), `${OTHER_PREFIX}${reference.id}`),
      effect: estimate(comparison?.effect ?? null, cell.id),
      p: adjustedP === null ? '–' : { text: probability(adjustedP), value: adjustedP, cell: cell.id },
      words,
    })),
  };
}

/** The campaigns' names, or their folders where both have the same name. */
export function distinctNames(analysis: CampaignAnalysis, other: CampaignAnalysis): Names {
  const [a, b] = [analysis.manifest.campaign, other.manifest.campaign];
  return a === b ? { a: basename(analysis.path), b: basename(other.path) } : { a, b };
}
