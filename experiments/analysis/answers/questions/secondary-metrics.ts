import { jStat } from 'jstat';
import type { TestType } from '../../../plan';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import type { Answer } from '../model';
import { digits, estimate, probability } from '../numbers';
import { holm } from '../../statistics/comparison';
import { meanInterval, standardError, type Interval } from '../../statistics/mean-interval';
import { TEST_TITLES } from '../experiment-cells';

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

interface Row {
  readonly metric: string;
  readonly rho: Interval;
  readonly p: number;
}

/** Fewest trials with a coefficient for a metric to be judged. */
const FEWEST_TRIALS = 3;

/** Question: which secondary metrics move with degradation? */
export function secondaryMetricsAnswer(analysis: CampaignAnalysis, testType: TestType): Answer {
  const id = `secondary-metrics-${testType}`;
  const title = `Secondary metrics and degradation, ${TEST_TITLES[testType]}`;
  const question = 'Which secondary metrics move with response time, and so warn of degradation?';
  const cells = analysis.cells.filter((cell) => cell.testType === testType);
  const rows = correlationRows(cells, analysis.settings.confidence);
  if (rows.length === 0)
    return {
      id,
      title,
      question,
      sentences: [],
      unanswerable: `Not answerable, because fewer than ${FEWEST_TRIALS} valid trials of ${TEST_TITLES[testType]} have a metric and a response time that both vary.`,
      plots: [],
      tables: [],
    };
  const adjusted = holm(rows.map((row) => row.p));
  const strongest = rows[0];
  const clear = rows.filter((_, index) => adjusted[index] < 1 - analysis.settings.confidence).length;
  return {
    id,
    title,
    question,
    sentences: [
      [
        `The moving p95 follows the ${strongest.metric} most closely (Spearman's ρ `,
        estimate(strongest.rho, testType),
        ' over ',
        { text: `${strongest.rho.n} trials`, cell: testType },
        ').',
      ],
      [
        { text: `${clear} of ${rows.length} metrics`, cell: testType },
        ` correlate beyond chance after Holm's correction; correlation within a trial is no proof of cause, since the load drives them all.`,
      ],
    ],
    plots: [
      {
        id: `${id}-plot`,
        title: 'Correlation with the moving p95',
        kind: 'points',
        caption: `Spearman's rank correlation (no unit) of each metric with the moving p95 within a trial, mean over trials with interval (Fisher's z); n = ${Math.max(...rows.map((row) => row.rho.n))} trials at most.`,
        query: 'resources',
        xTitle: 'metric',
        yTitle: "Spearman's ρ",
        xType: 'category',
        series: [
          {
            name: 'ρ',
            points: rows.map(({ metric, rho }) => ({
              x: metric,
              y: rho.value,
              low: rho.low,
              high: rho.high,
              n: rho.n,
            })),
          },
        ],
      },
    ],
    tables: [
      {
        id: `${id}-table`,
        title: 'Correlations',
        columns: [
          { key: 'metric', title: 'metric' },
          { key: 'rho', title: "Spearman's ρ", query: 'resources' },
          { key: 'n', title: 'trials' },
          { key: 'p', title: 'p, corrected (Holm)' },
        ],
        rows: rows.map(({ metric, rho }, index) => ({
          metric,
          rho: estimate(rho, testType),
          n: { text: digits(rho.n), value: rho.n, cell: testType },
          p: { text: probability(adjusted[index]), value: adjusted[index], cell: testType },
        })),
      },
    ],
  };
}

/** Mean over trials on Fisher's z scale, strongest first. */
function correlationRows(cells: readonly Cell[], confidence: number): Row[] {
  const trials = cells.flatMap((cell) => cell.trials);
  const metrics = [...new Set(trials.flatMap((trial) => Object.keys(trial.measures.correlations)))];
  return metrics
    .flatMap((metric) => {
      const coefficients = trials
        .map((trial) => trial.measures.correlations[metric])
        .filter((value): value is number => value != null);
      if (coefficients.length < FEWEST_TRIALS) return [];
      // A coefficient of exactly ±1 would be infinite on Fisher's scale.
      const z = coefficients.map((rho) => Math.atanh(Math.min(0.9999, Math.max(-0.9999, rho))));
      const mean = meanInterval(z, confidence);
      if (mean === null) return [];
      const error = standardError(z);
      const p = error === 0 ? 0 : 2 * jStat.studentt.cdf(-Math.abs(mean.value / error), z.length - 1);
      const back = (bound: number | null) => (bound === null ? null : Math.tanh(bound));
      return [
        {
          metric: NAMES[metric] ?? metric.replace('ready', 'ready replicas of'),
          rho: { value: Math.tanh(mean.value), low: back(mean.low), high: back(mean.high), n: z.length },
          p,
        },
      ];
    })
    .sort((a, b) => Math.abs(b.rho.value) - Math.abs(a.rho.value));
}
