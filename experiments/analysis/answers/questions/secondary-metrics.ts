import { jStat } from 'jstat';
import type { TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { TrialMeasures } from '../../measurement/trial/result';
import type { Answer, Plot, Sentence, Table } from '../model';
import { estimate, NO_VALUE, plain, probability } from '../numbers';
import { holm } from '../../statistics/comparison';
import { meanInterval, standardError, type Interval } from '../../statistics/mean-interval';
import { notAnswerable, TEST_TITLES } from '../experiment-cells';
import { counted } from '../../../../lib/primitives/counted';

const NAMES: Readonly<Record<string, string>> = {
  offered: 'offered rate',
  in_flight: 'requests in flight',
  django_cpu: 'CPU of django-api containers',
  idaes_cpu: 'CPU of idaes containers',
  other_cpu: 'CPU of other containers',
  django_memory: 'memory of django-api containers',
  idaes_memory: 'memory of idaes containers',
  other_memory: 'memory of other containers',
  node_cpu: 'CPU of all nodes',
  busiest_node_cpu: 'CPU of the busiest node',
  node_memory: 'memory of all nodes',
  disk: 'disk traffic',
  network: 'network traffic',
  pods: 'pod count',
  throttled: 'share of CFS periods that were throttled',
  waiting_clients: 'clients waiting at PgBouncer',
  container_disk: 'disk traffic of containers',
  pod_network: 'network traffic of pods',
};

/** How one metric goes with the moving p95, over trials. */
interface Correlation {
  readonly rho: Interval;
  /** Corrected with those of all metrics. */
  readonly p: number;
}

interface Row {
  readonly metric: string;
  /** As it is, and at equal offered rate; null where too few trials have such a coefficient. */
  readonly plain: Correlation | null;
  readonly atEqualLoad: Correlation | null;
}

/** Fewest trials with a coefficient for a metric to be judged. */
const FEWEST_TRIALS = 3;

/** Metrics that a sentence names at most. */
const NAMED = 4;

/** Question: which secondary metrics move with degradation, and say more of it than the load does? */
export function secondaryMetricsAnswer(analysis: CampaignAnalysis, testType: TestType): Answer {
  const heading = {
    id: `secondary-metrics-${testType}`,
    title: `Secondary metrics and degradation, ${TEST_TITLES[testType]}`,
    question: 'Which secondary metrics move with response time at equal load, and so warn of degradation?',
  };
  const { confidence } = analysis.settings;
  const rows = correlationRows(
    analysis.cells.filter((cell) => cell.testType === testType),
    confidence,
  );
  if (rows.length === 0)
    return {
      ...heading,
      sentences: [],
      unanswerable: notAnswerable(
        `fewer than ${FEWEST_TRIALS} valid trials of ${TEST_TITLES[testType]} have a metric and a response time that both vary`,
        `run at least ${FEWEST_TRIALS} trials of a profile that rises and falls (spike or waves), with metrics`,
      ),
      plots: [],
      tables: [],
    };
  return {
    ...heading,
    sentences: [warningSentence(rows, testType, confidence), plainSentence(rows, testType, confidence)],
    certainty: ['over ', { text: counted(mostTrials(rows), 'trial'), cell: testType }, ' at most'],
    notes: [
      [
        'Equal load means partial rank correlation beside the offered rate: load drives all metrics at once, and what it alone explains is no warning. Even so no correlation within a trial proves a cause.',
      ],
    ],
    plots: [correlationPlot(`${heading.id}-plot`, rows)],
    tables: [correlationTable(`${heading.id}-table`, rows, testType)],
  };
}

function clear(one: Correlation | null, confidence: number): one is Correlation {
  return one !== null && one.p < 1 - confidence;
}

/** Which metrics say more than the load does, as far as chance does not. */
function warningSentence(rows: readonly Row[], testType: TestType, confidence: number): Sentence {
  const judged = rows.filter(({ atEqualLoad }) => atEqualLoad !== null);
  const found = judged.filter(({ atEqualLoad }) => clear(atEqualLoad, confidence));
  if (judged.length === 0)
    return ['At equal load no metric can be judged, for want of trials in which the load varies.'];
  const named = found
    .slice(0, NAMED)
    .flatMap(({ metric, atEqualLoad }, index): Sentence => [
      index === 0 ? ': ' : ', ',
      { text: `${metric} (ρ = ${estimate(atEqualLoad!.rho).text})`, cell: testType },
    ]);
  return [
    'At equal load, ',
    { text: `${found.length} of ${counted(judged.length, 'metric')}`, cell: testType },
    ` ${found.length === 1 ? 'goes' : 'go'} with the moving p95 beyond chance`,
    ...named,
    ...(found.length > NAMED ? [' and ', { text: `${found.length - NAMED} more`, cell: testType }] : []),
    '.',
  ];
}

function plainSentence(rows: readonly Row[], testType: TestType, confidence: number): Sentence {
  const judged = rows.filter(({ plain }) => plain !== null);
  const found = judged.filter(({ plain }) => clear(plain, confidence)).length;
  return [
    'Without regard to the load, ',
    { text: `${found} of ${counted(judged.length, 'metric')}`, cell: testType },
    ` ${found === 1 ? 'does' : 'do'} after Holm's correction, which says little: the load drives them all.`,
  ];
}

/** The most trials that any coefficient rests on. */
function mostTrials(rows: readonly Row[]): number {
  return Math.max(...rows.flatMap(({ plain, atEqualLoad }) => [plain?.rho.n ?? 0, atEqualLoad?.rho.n ?? 0]));
}

function correlationPlot(id: string, rows: readonly Row[]): Plot {
  const series = (name: string, pick: (row: Row) => Correlation | null) => ({
    name,
    points: rows.map((row) => {
      const rho = pick(row)?.rho;
      return { x: row.metric, y: rho?.value ?? null, low: rho?.low, high: rho?.high, n: rho?.n };
    }),
  });
  return {
    id,
    title: 'Correlation with the moving p95',
    kind: 'points',
    caption: `Spearman's rank correlation (no unit) of each metric with the moving p95 within a trial, at equal offered rate and without regard to it, mean over trials with interval (Fisher's z); n = ${counted(mostTrials(rows), 'trial')} at most.`,
    query: 'resources',
    xTitle: 'metric',
    yTitle: "Spearman's ρ",
    xType: 'category',
    series: [series('at equal load', ({ atEqualLoad }) => atEqualLoad), series('as it is', ({ plain }) => plain)],
  };
}

function correlationTable(id: string, rows: readonly Row[], testType: TestType): Table {
  const shown = (one: Correlation | null) => ({
    rho: estimate(one?.rho ?? null, testType),
    n: plain(one?.rho.n ?? null, testType),
    p: plain(one?.p ?? null, testType, (p) => (p === null ? NO_VALUE : probability(p))),
  });
  return {
    id,
    title: 'Correlations',
    columns: [
      { key: 'metric', title: 'metric' },
      { key: 'equal', title: "Spearman's ρ at equal load", query: 'resources' },
      { key: 'equalN', title: 'trials' },
      { key: 'equalP', title: 'p, corrected (Holm)' },
      { key: 'rho', title: "Spearman's ρ as it is", query: 'resources' },
      { key: 'n', title: 'trials' },
      { key: 'p', title: 'p, corrected (Holm)' },
    ],
    rows: rows.map((row) => {
      const [equal, asItIs] = [shown(row.atEqualLoad), shown(row.plain)];
      return { metric: row.metric, equal: equal.rho, equalN: equal.n, equalP: equal.p, ...asItIs };
    }),
  };
}

/** Every metric with its coefficients, those at equal load that are furthest from zero first. */
function correlationRows(cells: readonly Cell[], confidence: number): Row[] {
  const measures = cells.flatMap((cell) => cell.trials.map((trial) => trial.measures));
  const metrics = [...new Set(measures.flatMap((one) => Object.keys(one.correlations)))];
  const over = (of: (one: TrialMeasures) => Readonly<Record<string, number | null>>) =>
    corrected(
      metrics.map((metric) =>
        meanCorrelation(
          measures.map((one) => of(one)[metric] ?? null),
          confidence,
        ),
      ),
    );
  const [plain, atEqualLoad] = [over((one) => one.correlations), over((one) => one.correlationsAtEqualLoad)];
  const size = (one: Correlation | null) => Math.abs(one?.rho.value ?? 0);
  return metrics
    .map((metric, index) => ({
      metric: NAMES[metric] ?? metric.replace('ready', 'ready replicas of'),
      plain: plain[index],
      atEqualLoad: atEqualLoad[index],
    }))
    .filter((row) => row.plain !== null || row.atEqualLoad !== null)
    .sort((a, b) => size(b.atEqualLoad) - size(a.atEqualLoad) || size(b.plain) - size(a.plain));
}

/** Mean over trials on Fisher's z scale; null for too few of them. */
function meanCorrelation(coefficients: readonly (number | null)[], confidence: number): Correlation | null {
  // A coefficient of exactly ±1 would be infinite on Fisher's scale.
  const z = coefficients.flatMap((rho) => (rho === null ? [] : Math.atanh(Math.min(0.9999, Math.max(-0.9999, rho)))));
  if (z.length < FEWEST_TRIALS) return null;
  const mean = meanInterval(z, confidence)!;
  const error = standardError(z);
  const back = (bound: number | null) => (bound === null ? null : Math.tanh(bound));
  return {
    rho: { value: Math.tanh(mean.value), low: back(mean.low), high: back(mean.high), n: z.length },
    p: error === 0 ? 0 : 2 * jStat.studentt.cdf(-Math.abs(mean.value / error), z.length - 1),
  };
}

/** With Holm's correction over all metrics that can be judged. */
function corrected(all: readonly (Correlation | null)[]): (Correlation | null)[] {
  const adjusted = holm(all.flatMap((one) => (one === null ? [] : one.p)));
  let next = 0;
  return all.map((one) => (one === null ? null : { ...one, p: adjusted[next++] }));
}
