import type { TestType } from '../../../../plan';
import type { CampaignAnalysis, Cell } from '../../../measurement/analyse';
import type { Interval } from '../../../statistics/mean-interval';
import { cellEstimate } from '../../estimates';
import { everyExperiment, shortName, TEST_TITLES } from '../../experiment-cells';
import { MEASURES, type Measure } from '../../measures';
import type { Answer, Sentence, Table } from '../../model';
import { estimate } from '../../numbers';
import { variantPlot } from '../../plots';
import { quoted } from '../../tables';

/** Share of the requests that may fail or take longer than the objective, per cent: 99 % are within it. */
const ALLOWED_PERCENT = 1;
const WITHIN = `${100 - ALLOWED_PERCENT} %`;

/** Whether a variant keeps the objective, as far as its trials tell. */
type Verdict = 'holds' | 'does not hold' | 'not decided';

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

/**
 * Question: which variants keep the objective, with what room above it, at what cost? A variant holds where its whole interval
 * lies below what is allowed, and does not where all of it lies above; between them its trials do not decide.
 */
export function objectivesAnswer(analysis: CampaignAnalysis, testType: TestType): Answer {
  const id = `objective-${testType}`;
  const title = `Objective, ${TEST_TITLES[testType]}`;
  const limit = analysis.settings.objectiveMs[testType];
  const question = `Which variants answer ${WITHIN} of all requests within ${limit} ms, with what headroom, and at what cost?`;
  const judged = judge(analysis, testType);
  if (judged.length === 0) {
    const unanswerable = `Not answerable, because the campaign holds no valid trial of ${TEST_TITLES[testType]} under a profile that states a load (the breakpoint climbs until it breaks).`;
    return { id, title, question, sentences: [], unanswerable, plots: [], tables: [] };
  }
  const spike = judged.filter(({ cell }) => cell.profile === 'spike');
  const told = spike.length > 0 ? spike : judged;
  const decided = told.filter(({ verdict }) => verdict !== 'not decided').length;
  return {
    id,
    title,
    question,
    sentences: verdictSentences(told, analysis),
    certainty: ['decided for ', { text: `${decided} of ${told.length} variants`, cell: testType }],
    notes: [
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
    ],
    tables: [objectiveTable(id, judged, analysis)],
  };
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

/** Without an interval (one trial) nothing is decided. */
function verdictOf(share: Interval | null): Verdict {
  if (share === null || share.low === null || share.high === null || share.n < 2) return 'not decided';
  if (share.high <= ALLOWED_PERCENT) return 'holds';
  return share.low > ALLOWED_PERCENT ? 'does not hold' : 'not decided';
}

/** How many keep it, and which of them is cheapest; or which comes nearest, where none does. */
function verdictSentences(told: readonly Judged[], analysis: CampaignAnalysis): Sentence[] {
  const { profile, testType } = told[0].cell;
  const holding = told.filter(({ verdict }) => verdict === 'holds');
  const count = { text: `${holding.length} of ${told.length} variants`, cell: testType };
  const first: Sentence = [`Under ${profile} `, count, ' keep the objective.'];
  const by = (value: (one: Judged) => number | undefined) => (one: Judged, other: Judged) =>
    (value(one) ?? Infinity) - (value(other) ?? Infinity);
  if (holding.length === 0) {
    const [{ cell }] = [...told].sort(
      by((one) => cellEstimate(one.cell, MEASURES.degradedShare, analysis.settings)?.value),
    );
    const share = quoted(cell, MEASURES.degradedShare, analysis);
    return [first, ['The nearest is ', named(cell), ', of whose requests ', share, ' fail or take longer.']];
  }
  const [{ cell, breakpoint }] = [...holding].sort(by(({ cost }) => cost?.value));
  return [
    first,
    [
      'The cheapest of them is ',
      named(cell),
      ' with ',
      quoted(cell, PER_THOUSAND, analysis),
      ' for each thousand good requests',
      ...(breakpoint === undefined ? [] : ['; it sustains ', quoted(breakpoint, MEASURES.sustained, analysis)]),
      '.',
    ],
  ];
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
