import type { ProfileName, TestType } from '../../../../plan';
import type { CampaignAnalysis, Cell } from '../../../measurement/analyse';
import type { Interval } from '../../../statistics/mean-interval';
import { cellEstimate } from '../../estimates';
import { everyExperiment, notAnswerable, shortName, TEST_TITLES } from '../../experiment-cells';
import { MEASURES, type Measure } from '../../measures';
import type { Answer, Sentence, Table } from '../../model';
import { estimate } from '../../numbers';
import { variantPlot } from '../../plots';
import { demandCapacity, demandPlots, demandSentence, demandTable } from './demand-capacity';
import { ALLOWED_PERCENT, verdictOf, type Verdict } from './verdict';
import { alikeFragments, quoted } from '../../tables';

const WITHIN = `${100 - ALLOWED_PERCENT} %`;

interface Judged {
  readonly cell: Cell;
  readonly verdict: Verdict;
  /** The same variant under the breakpoint, where there is one. */
  readonly breakpoint?: Cell;
  readonly cost: Interval | null;
}

const PER_THOUSAND: Measure = {
  ...MEASURES.reservedPerGood,
  key: 'reservedPerThousandGood',
  title: 'CPU reserved per thousand good requests',
  of: (measures) => {
    const each = MEASURES.reservedPerGood.of(measures);
    return each === null ? null : each * 1000;
  },
};

/** Question: which variants keep the objective, with what room above it, at what cost, and how many pods does each demand need? */
export function objectivesAnswer(analysis: CampaignAnalysis, testType: TestType): Answer {
  const id = `objective-${testType}`;
  const title = `Objective, ${TEST_TITLES[testType]}`;
  const limit = analysis.settings.objectiveMs[testType];
  const question = `Which variants answer ${WITHIN} of all requests within ${limit} ms, with what headroom, and at what cost?`;
  const judged = judge(analysis, testType);
  if (judged.length === 0) {
    const unanswerable = notAnswerable(
      `the campaign holds no valid trial of ${TEST_TITLES[testType]} under a profile that states a load (the breakpoint climbs until it breaks)`,
      `run --test-type ${testType} under --profile average, stress, spike or waves`,
    );
    return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };
  }
  const told = underProfile(judged, 'spike') ?? underProfile(judged, judged[0].cell.profile)!;
  const demands = demandCapacity(analysis, testType);
  const decided = told.filter(({ verdict }) => verdict !== 'not decided').length;
  return {
    id,
    title,
    question,
    sentences: verdictSentences(told, analysis),
    certainty: [
      'decided for ',
      { text: `${decided} of ${told.length} ${told.length === 1 ? 'variant' : 'variants'}`, cell: testType },
    ],
    notes: [
      demandSentence(demands, testType),
      [
        'A request that fails or is dropped counts as one too slow. Headroom is the peak sustained throughput of the same variant under the breakpoint: the demand at which its capacity ends.',
      ],
    ],
    plots: [
      variantPlot(
        `${id}-share`,
        'Requests failed or over the objective',
        told.map(({ cell }) => cell),
        MEASURES.degradedShare,
        analysis,
      ),
      ...demandPlots(`${id}-demand-plot`, demands),
    ],
    tables: [
      objectiveTable(id, judged, analysis),
      ...(demands.length === 0 ? [] : [demandTable(`${id}-demand`, demands)]),
    ],
  };
}

/** What was judged under one profile: sentences never mix loads. */
function underProfile(judged: readonly Judged[], profile: ProfileName): Judged[] | undefined {
  const found = judged.filter(({ cell }) => cell.profile === profile);
  return found.length === 0 ? undefined : found;
}

function judge(analysis: CampaignAnalysis, testType: TestType): Judged[] {
  return everyExperiment(analysis)
    .filter(({ experiment }) => experiment.testType === testType)
    .flatMap(({ cells }) =>
      cells
        .filter(({ profile }) => profile !== 'breakpoint')
        .map((cell): Judged => {
          const breakpoint = cells.find((one) => one.variant === cell.variant && one.profile === 'breakpoint');
          return {
            cell,
            verdict: verdictOf(cellEstimate(cell, MEASURES.degradedShare, analysis.settings)),
            ...(breakpoint && { breakpoint }),
            cost: cellEstimate(cell, PER_THOUSAND, analysis.settings),
          };
        }),
    );
}

/** How many keep it and how many do not; then the costs of those that do, or the shares that come nearest where none does. */
function verdictSentences(told: readonly Judged[], analysis: CampaignAnalysis): Sentence[] {
  const { profile, testType } = told[0].cell;
  const count = (verdict: Verdict) => told.filter((one) => one.verdict === verdict).length;
  const holding = told.filter(({ verdict }) => verdict === 'holds');
  const first: Sentence = [
    `Under ${profile} `,
    { text: `${holding.length} of ${told.length} ${told.length === 1 ? 'variant' : 'variants'}`, cell: testType },
    ` ${holding.length === 1 ? 'keeps' : 'keep'} the objective for certain, `,
    { text: String(count('does not hold')), cell: testType },
    ` certainly ${count('does not hold') === 1 ? 'does' : 'do'} not, and `,
    { text: String(count('not decided')), cell: testType },
    ` ${count('not decided') === 1 ? 'is' : 'are'} not decided by their trials.`,
  ];
  if (holding.length === 0) {
    const share = (one: Judged) => cellEstimate(one.cell, MEASURES.degradedShare, analysis.settings);
    const found = lowest(told, share);
    if (found === null) return [first];
    const { cell } = found.one;
    const figure = quoted(cell, MEASURES.degradedShare, analysis);
    return [
      first,
      [
        'The lowest estimate of requests that fail or take longer is that of ',
        named(cell),
        ', ',
        figure,
        ...found.among,
        '.',
      ],
    ];
  }
  const found = lowest(holding, ({ cost }) => cost);
  if (found === null) return [first];
  const { cell, breakpoint } = found.one;
  return [
    first,
    [
      'Of those that do, the lowest estimate of cost is that of ',
      named(cell),
      ', ',
      quoted(cell, PER_THOUSAND, analysis),
      ' for each thousand good requests',
      ...found.among,
      ...(breakpoint === undefined ? [] : ['; it sustains ', quoted(breakpoint, MEASURES.sustained, analysis)]),
      '.',
    ],
  ];
}

/** The variant with the lowest estimate, and how many others cannot be told from it: it is no winner where there are any. */
function lowest(
  judged: readonly Judged[],
  of: (one: Judged) => Interval | null,
): { readonly one: Judged; readonly among: Sentence } | null {
  const known = judged.flatMap((one) => {
    const interval = of(one);
    return interval === null ? [] : [{ one, interval }];
  });
  if (known.length === 0) return null;
  const first = known.reduce((a, b) => (b.interval.value < a.interval.value ? b : a));
  const others = known.filter((one) => one !== first).map(({ interval }) => interval);
  return { one: first.one, among: alikeFragments(first.interval, others, first.one.cell.testType) };
}

const named = (cell: Cell) => ({ text: shortName(cell.variant), cell: cell.id });

function objectiveTable(id: string, judged: readonly Judged[], analysis: CampaignAnalysis): Table {
  const of = (cell: Cell, measure: Measure) => estimate(cellEstimate(cell, measure, analysis.settings), cell.id);
  return {
    id: `${id}-verdicts`,
    title: 'Whether the objective holds, its headroom and its cost',
    columns: [
      { key: 'experiment', title: 'experiment' },
      { key: 'variant', title: 'variant' },
      { key: 'profile', title: 'profile' },
      { key: 'verdict', title: `${WITHIN} within the objective` },
      { key: 'share', title: MEASURES.degradedShare.title, unit: '%', query: 'summary' },
      { key: 'headroom', title: 'headroom', unit: 'req/s', query: 'seconds' },
      { key: 'cost', title: PER_THOUSAND.title, unit: 'core-s', query: 'replicas' },
    ],
    rows: judged.map(({ cell, breakpoint, verdict, cost }) => ({
      experiment: cell.experiment,
      variant: shortName(cell.variant),
      profile: cell.profile,
      verdict,
      share: of(cell, MEASURES.degradedShare),
      headroom: breakpoint === undefined ? estimate(null, cell.id) : of(breakpoint, MEASURES.sustained),
      cost: estimate(cost, cell.id),
    })),
  };
}
