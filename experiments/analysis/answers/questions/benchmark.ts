import type { TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Effect } from '../effects';
import { MEASURES, SERVICE_MEASURES, type Measure } from '../measures';
import type { Answer, Sentence, Value } from '../model';
import { NO_VALUE } from '../numbers';
import {
  experimentCells,
  notAnswerable,
  missingCells,
  TEST_TITLES,
  variantOf,
  whyUnanswerable,
  type ExperimentCells,
} from '../experiment-cells';
import { distributionPlot, variantPlot } from '../plots';
import {
  certaintyOf,
  detectionSentence,
  effectsOf,
  effectTable,
  measureTable,
  phasesTable,
  quoted,
  saturationSentence,
} from '../tables';

/** Question: what does the cluster gain over one machine? */
export function benchmarkAnswer(analysis: CampaignAnalysis, testType: TestType, all: readonly Effect[]): Answer {
  const group = experimentCells(analysis, 'benchmark', testType);
  const id = `benchmark-${testType}`;
  const title = `Cluster against one machine, ${TEST_TITLES[testType]}`;
  const { question } = group.experiment;
  const unanswerable = whyUnanswerable(group, analysis) ?? siteWithoutTrial(group);
  if (unanswerable !== undefined) return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };

  const effects = effectsOf(
    group,
    [MEASURES.p50, MEASURES.p95, MEASURES.errors, MEASURES.breakpoint, MEASURES.sustained],
    all,
  );
  const steady = group.cells.filter((cell) => cell.profile !== 'breakpoint');
  return {
    id,
    title,
    question,
    sentences: [
      siteSentence(group, effects, analysis),
      detectionSentence(
        effects.filter((effect) => effect.measure.key === 'p95'),
        'p95 response time',
      ),
    ],
    certainty: certaintyOf(effects, group.cells),
    notes: [...saturationSentence(group.cells), ...missingCells(group, analysis)],
    plots: [
      variantPlot(`${id}-sustained`, 'Throughput sustained', group.cells, MEASURES.sustained, analysis),
      ...(steady.length > 0 ? [variantPlot(`${id}-p95`, 'Response time', steady, MEASURES.p95, analysis, true)] : []),
      ...distributionPlot(
        `${id}-distribution`,
        steady.filter((cell) => cell.profile === steady[0]?.profile),
      ),
    ],
    tables: [
      measureTable(`${id}-measures`, 'Measures', group.cells, SHOWN, analysis),
      phasesTable(`${id}-phases`, group.cells),
      effectTable(`${id}-effects`, 'Effects of one machine against the cluster', effects),
    ],
  };
}

const SHOWN: readonly Measure[] = [...SERVICE_MEASURES, MEASURES.used, MEASURES.reservedPerGood, MEASURES.memory];

/** A comparison needs both sites. */
function siteWithoutTrial(group: ExperimentCells): string | undefined {
  const missing = (['cluster', 'compose'] as const).find(
    (site) => !group.cells.some((cell) => variantOf(group, cell)?.site === site),
  );
  return missing === undefined
    ? undefined
    : notAnswerable(
        `the campaign holds no valid trial on ${missing === 'compose' ? 'one machine' : 'the cluster'}`,
        `run the trials of the experiment benchmark there too (--site ${missing})`,
      );
}

/** What either site sustains, and how fast it is at average load, each with the decision about the two. */
function siteSentence(group: ExperimentCells, effects: readonly Effect[], analysis: CampaignAnalysis): Sentence {
  const on = (site: string, profile: string) =>
    group.cells.find((cell) => cell.profile === profile && variantOf(group, cell)?.site === site);
  const onBoth = (profile: string, measure: Measure) => {
    const [cluster, machine] = [on('cluster', profile), on('compose', profile)];
    if (cluster === undefined || machine === undefined) return undefined;
    const known = (cell: Cell): Value => {
      const value = quoted(cell, measure, analysis);
      return value.text === NO_VALUE
        ? { ...value, text: measure === MEASURES.sustained ? 'no known rate' : 'unknown' }
        : value;
    };
    return { cluster: known(cluster), machine: known(machine) };
  };
  const verdictOn = (profile: string, measure: Measure) => {
    const effect = effects.find((one) => one.cell.profile === profile && one.measure === measure);
    return effect === undefined ? [] : [' (one machine: ', { text: effect.words, cell: effect.cell.id }, ')'];
  };
  const sustained = onBoth('breakpoint', MEASURES.sustained);
  const calm = onBoth('average', MEASURES.p95);
  return [
    ...(sustained === undefined
      ? ['What either sustains is not known, for want of a valid breakpoint trial on both']
      : [
          'Under climbing load the cluster sustains ',
          sustained.cluster,
          ', one machine ',
          sustained.machine,
          ...verdictOn('breakpoint', MEASURES.sustained),
        ]),
    ...(calm === undefined
      ? []
      : [
          '; at average load the p95 response time is ',
          calm.cluster,
          ' on the cluster and ',
          calm.machine,
          ' on one machine',
          ...verdictOn('average', MEASURES.p95),
        ]),
    '.',
  ];
}
