import type { TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { baselineCells, type Effect } from '../effects';
import { cellEstimate } from '../estimates';
import { notAnswerable, shortName, TEST_TITLES } from '../experiment-cells';
import { MEASURES } from '../measures';
import type { Answer, Plot, Sentence } from '../model';
import { countOf } from '../plots';
import { certaintyOf, comparedBy, detectionSentence, effectTable, measureTable } from '../tables';

/** Question: does an autoscaler help at all, against a fixed number of pods? */
export function autoscalerHelpAnswer(analysis: CampaignAnalysis, testType: TestType, all: readonly Effect[]): Answer {
  const id = `autoscaler-help-${testType}`;
  const title = `Autoscaler against fixed counts, ${TEST_TITLES[testType]}`;
  const question = 'Does an autoscaler help at all, against a number of pods that is fixed?';
  const baseline = baselineCells(analysis, testType);
  const effects = all.filter(
    ({ cell, reference }) => cell.experiment === 'replica-count' && baseline.includes(reference),
  );
  if (effects.length === 0) {
    const unanswerable = notAnswerable(
      `the campaign holds no profile under which both the baseline's autoscaler and a fixed count of ${TEST_TITLES[testType]} have valid trials`,
      `run replica-count and an autoscaled experiment of ${testType} (resources, minimum-replicas or scale-up-limit) under one profile, such as spike`,
    );
    return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };
  }
  const spike = effects.some(({ cell }) => cell.profile === 'spike');
  const told = effects.filter(({ cell }) => cell.profile === (spike ? 'spike' : effects[0].cell.profile));
  const fixed = [...new Set(effects.map(({ cell }) => cell))];
  const focus = [...new Set(told.flatMap(({ cell, reference }) => [reference, cell]))];
  return {
    id,
    title,
    question,
    sentences: [
      verdict(told),
      ...(spike ? [detectionSentence(byMeasure(told, 'reserved'), 'CPU reserved under the spike')] : []),
    ],
    certainty: certaintyOf(effects, [...fixed, ...baseline]),
    notes: [
      [
        'The autoscaler that fixed counts are held against is production’s own, ',
        { text: shortName(told[0].reference.variant), cell: told[0].reference.id },
        `, as the experiment ${told[0].reference.experiment} ran it.`,
      ],
    ],
    plots: spike ? [costPlot(`${id}-cost`, focus, analysis)] : [],
    tables: [
      measureTable(
        `${id}-measures`,
        'Autoscaled and fixed side by side',
        [...new Set([...baseline, ...fixed])],
        [
          MEASURES.p95,
          MEASURES.errors,
          MEASURES.degradedShare,
          MEASURES.breakpoint,
          MEASURES.reserved,
          MEASURES.reservedPerGood,
        ],
        analysis,
      ),
      effectTable(`${id}-effects`, 'Fixed counts against the autoscaler', effects),
    ],
  };
}

function byMeasure(effects: readonly Effect[], key: string): Effect[] {
  return effects.filter(({ measure }) => measure.key === key);
}

/** Which fixed counts are worse than the autoscaler, and which are better: from the decisions alone. */
function verdict(effects: readonly Effect[]): Sentence {
  const key = effects.some(({ measure }) => measure.key === 'p95') ? 'p95' : 'breakpoint';
  return detectionSentence(byMeasure(effects, key), comparedBy(MEASURES[key], ` under ${effects[0].cell.profile}`));
}

function costPlot(id: string, cells: readonly Cell[], analysis: CampaignAnalysis): Plot {
  const point = (cell: Cell) => {
    const latency = cellEstimate(cell, MEASURES.p95, analysis.settings);
    const cost = cellEstimate(cell, MEASURES.reserved, analysis.settings);
    return {
      x: cost?.value ?? NaN,
      y: latency?.value ?? null,
      low: latency?.low,
      high: latency?.high,
      n: latency?.n,
      label: shortName(cell.variant),
    };
  };
  const known = cells.filter((cell) => cellEstimate(cell, MEASURES.reserved, analysis.settings) !== null);
  return {
    id,
    title: 'Latency against cost, autoscaled and fixed',
    kind: 'points',
    caption: `p95 response time (ms) against CPU reserved (core-seconds a trial), spike profile, with intervals over trials; ${countOf(known)}.`,
    query: 'pooled',
    xTitle: 'CPU reserved, core-s',
    yTitle: 'p95 response time, ms',
    xType: 'value',
    yLog: true,
    series: [
      { name: 'fixed', points: known.filter((cell) => cell.experiment === 'replica-count').map(point) },
      { name: 'autoscaled', points: known.filter((cell) => cell.experiment !== 'replica-count').map(point) },
    ],
  };
}
