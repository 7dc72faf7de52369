import { basename } from 'node:path';
import type { CampaignAnalysis } from '../../measurement/analyse';
import { cellEstimate, corrected, MEASURES, trialValues, type Effect } from '../measures';
import { groupBy } from '../../statistics/grouping';
import type { Answer } from '../model';
import { estimate, probability } from '../numbers';
import { compareGroups } from '../../statistics/comparison';

/** Prefix of the other campaign's anchors in a report on two. */
export const OTHER_PREFIX = 'other-';

/** Two campaigns side by side: every cell that both hold, this one against the other. */
export function twoCampaignsAnswer(analysis: CampaignAnalysis, other: CampaignAnalysis): Answer {
  const names = distinctNames(analysis, other);
  const shared = analysis.cells.flatMap((cell) => {
    const counterpart = other.cells.find((one) => one.id === cell.id);
    return counterpart === undefined ? [] : [{ cell, counterpart }];
  });
  const measuresOf = (profile: string) =>
    profile === 'breakpoint'
      ? [MEASURES.breakpoint, MEASURES.sustained]
      : [MEASURES.p50, MEASURES.p95, MEASURES.served, MEASURES.errors];
  const pairs = shared.flatMap(({ cell, counterpart }) =>
    measuresOf(cell.profile).map((measure) => ({
      cell,
      reference: counterpart,
      measure,
      comparison: compareGroups(
        trialValues(cell, measure),
        trialValues(counterpart, measure),
        measure.scale,
        analysis.settings.confidence,
      ),
    })),
  );
  // Each measure is a family of its own, over all cells.
  const effects = new Map<string, Effect>();
  for (const family of groupBy(pairs, (pair) => pair.measure.key).values()) {
    const known = family.flatMap((pair) =>
      pair.comparison === null ? [] : [{ ...pair, comparison: pair.comparison }],
    );
    for (const effect of corrected(known, analysis.settings))
      effects.set(`${effect.cell.id}|${effect.measure.key}`, effect);
  }
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
      unanswerable: 'Not answerable, because the two campaigns share no cell with valid trials.',
    };
  const distinct = [...effects.values()].filter((effect) => effect.distinct);
  const p95 = [...effects.values()].filter(
    (effect) => effect.measure.key === 'p95' && effect.comparison.scale === 'ratio',
  );
  return {
    id,
    title,
    question,
    sentences: [
      [
        `The campaigns share ${shared.length} cells; ${analysis.cells.length - shared.length} are only in ${names.a} and ${other.cells.length - shared.length} only in ${names.b}.`,
      ],
      [
        `Of ${effects.size} comparisons ${distinct.length} differ beyond chance after Holm's correction`,
        ...distinct
          .slice(0, 3)
          .flatMap((effect, index) => [
            index === 0 ? ', such as ' : ', ',
            { text: `${effect.measure.title} of ${effect.cell.id} ${effect.words}`, cell: effect.cell.id },
          ]),
        '.',
      ],
    ],
    plots:
      p95.length === 0
        ? []
        : [
            {
              id: `${id}-p95`,
              title: 'p95 response time, ratio',
              kind: 'points',
              caption: `p95 response time of ${names.a} over that of ${names.b} (ratio, no unit), with intervals over trials before correction; n = ${p95.length} cells.`,
              query: 'summary',
              xTitle: 'cell',
              yTitle: 'ratio',
              xType: 'category',
              yLog: true,
              series: [
                {
                  name: 'ratio',
                  points: p95.map(({ cell, comparison: { effect } }) => ({
                    x: `${cell.variant} ${cell.profile}`,
                    y: effect.value,
                    low: effect.low,
                    high: effect.high,
                    n: effect.n,
                  })),
                },
              ],
            },
          ],
    tables: [
      {
        id,
        title: 'Side by side',
        columns: [
          { key: 'cell', title: 'cell' },
          { key: 'measure', title: 'measure' },
          { key: 'a', title: names.a },
          { key: 'b', title: names.b },
          { key: 'effect', title: 'ratio, or difference' },
          { key: 'p', title: 'p, corrected (Holm)' },
          { key: 'words', title: 'in words' },
        ],
        rows: pairs.map(({ cell, reference, measure }) => {
          const effect = effects.get(`${cell.id}|${measure.key}`);
          return {
            cell: cell.id,
            measure: measure.unit === '' ? measure.title : `${measure.title}, ${measure.unit}`,
            a: estimate(cellEstimate(cell, measure, analysis.settings), cell.id),
            b: estimate(cellEstimate(reference, measure, other.settings), `${OTHER_PREFIX}${reference.id}`),
            effect: estimate(effect?.comparison.effect ?? null, cell.id),
            p:
              effect === undefined
                ? '–'
                : { text: probability(effect.adjustedP), value: effect.adjustedP, cell: cell.id },
            words: effect?.words ?? 'too few trials to compare',
          };
        }),
      },
    ],
  };
}

/** The campaigns' names, or their folders where both have the same name. */
export function distinctNames(analysis: CampaignAnalysis, other: CampaignAnalysis): { a: string; b: string } {
  const [a, b] = [analysis.manifest.campaign, other.manifest.campaign];
  return a === b ? { a: basename(analysis.path), b: basename(other.path) } : { a, b };
}
