import { counted } from '../../../../../lib/primitives/counted';
import type { ProfileName, TestType } from '../../../../plan';
import type { CampaignAnalysis, Cell } from '../../../measurement/analyse';
import { cellEstimate } from '../../estimates';
import { experimentCells, notAnswerable, shortName, variantOf } from '../../experiment-cells';
import { MEASURES } from '../../measures';
import type { Plot, Sentence, Table, Value } from '../../model';
import { digits, NO_VALUE } from '../../numbers';
import { verdictOf, type Verdict } from './verdict';

/** A fixed count under one demand. */
interface Supply {
  readonly cell: Cell;
  /** Pods of the loaded workloads together. */
  readonly pods: number;
  readonly verdict: Verdict;
}

/** One demand, and which fixed counts bear it. */
interface Demand {
  /** Requests per second at the peak. */
  readonly rate: number;
  /** The profile that asks for it; the climbing load where it passes that rate on its way. */
  readonly profile: ProfileName;
  readonly supplies: readonly Supply[];
}

/** Shares of the climbing load's peak at which it is asked who still kept up. */
const SHARES_OF_RAMP = [0.125, 0.25, 0.5, 0.75] as const;

/**
 * The fewest fixed pods for each demand that keep the objective, or have a peak sustained throughput above it (the resource
 * demand metric of Henning and Hasselbring, Empirical Software Engineering 27, 2022).
 */
export function demandCapacity(analysis: CampaignAnalysis, testType: TestType): Demand[] {
  const group = experimentCells(analysis, 'replica-count', testType);
  const supplyOf = (cell: Cell, verdict: Verdict): Supply => {
    const settings = variantOf(group, cell)?.settings;
    const pods = analysis.plan.loadedWorkloads[testType].reduce(
      (sum, name) => sum + Number(settings?.[name].replicas),
      0,
    );
    return { cell, pods, verdict };
  };
  const demands = [...new Set(group.cells.map(({ profile }) => profile))].flatMap((profile): Demand[] => {
    const cells = group.cells.filter((cell) => cell.profile === profile);
    const peak = peakOf(analysis, profile, testType) * cells[0].trials[0].input.record.scale.rate;
    if (profile !== 'breakpoint') {
      const share = (cell: Cell) => verdictOf(cellEstimate(cell, MEASURES.degradedShare, analysis.settings));
      return [{ profile, rate: peak, supplies: cells.map((cell) => supplyOf(cell, share(cell))) }];
    }
    return SHARES_OF_RAMP.map((part) => ({
      profile,
      rate: part * peak,
      supplies: cells.map((cell) => supplyOf(cell, sustains(cell, part * peak, analysis))),
    }));
  });
  return demands.sort((a, b) => a.rate - b.rate);
}

/** The highest rate that the campaign's own plan states for a profile. */
function peakOf({ plan }: CampaignAnalysis, profile: ProfileName, testType: TestType): number {
  const load = plan.loads.find((one) => one.name === profile && one.testType === testType);
  return Math.max(0, ...(load?.stages ?? []).map(({ target }) => target));
}

function sustains(cell: Cell, rate: number, { settings }: CampaignAnalysis): Verdict {
  const found = cellEstimate(cell, MEASURES.sustained, settings);
  if (found?.low == null) return 'not decided';
  if (found.low >= rate) return 'holds';
  return found.high !== null && found.high < rate ? 'does not hold' : 'not decided';
}

/** The fewest pods that hold for certain, and the fewest that may: those that certainly do not hold are fewer. */
function fewest({ supplies }: Demand, verdicts: readonly Verdict[]): Supply | undefined {
  return supplies.filter(({ verdict }) => verdicts.includes(verdict)).sort((a, b) => a.pods - b.pods)[0];
}

const CERTAIN = ['holds'] as const;
const POSSIBLE = ['holds', 'not decided'] as const;

/** In words, for the loads that a profile states; why there is none, and what to do, where no count was fixed. */
export function demandSentence(demands: readonly Demand[], testType: TestType): Sentence {
  const stated = demands.filter(({ profile }) => profile !== 'breakpoint');
  if (stated.length === 0)
    return [
      notAnswerable(
        'the campaign holds no valid trial of a fixed count under a profile that states a load',
        'run the experiment replica-count',
        'How many pods each demand needs is not answerable',
      ),
    ];
  return [
    'Of the fixed counts, the fewest pods that keep the objective for certain: ',
    ...stated.flatMap((demand, index): Sentence => {
      const found = fewest(demand, CERTAIN);
      return [
        index === 0 ? '' : ', ',
        { text: found === undefined ? 'none' : shortName(found.cell.variant), cell: found?.cell.id ?? testType },
        ` at ${digits(demand.rate)} req/s (${demand.profile})`,
      ];
    }),
    '.',
  ];
}

export function demandTable(id: string, demands: readonly Demand[]): Table {
  const named = (supply: Supply | undefined): Value =>
    supply === undefined
      ? { text: 'none', value: null, cell: demands[0].supplies[0].cell.testType }
      : { text: shortName(supply.cell.variant), value: supply.pods, cell: supply.cell.id };
  return {
    id,
    title: 'Demand against capacity: the fewest fixed pods for each demand',
    columns: [
      { key: 'rate', title: 'demand', unit: 'req/s' },
      { key: 'profile', title: 'profile' },
      { key: 'judged', title: 'judged by' },
      { key: 'certain', title: 'fewest that hold' },
      { key: 'possible', title: 'fewest that may hold' },
      { key: 'failing', title: 'certainly do not hold' },
    ],
    rows: demands.map((demand) => {
      const failing = demand.supplies.filter(({ verdict }) => verdict === 'does not hold');
      return {
        rate: { text: digits(demand.rate), value: demand.rate, cell: demand.supplies[0].cell.id },
        profile: demand.profile,
        judged: demand.profile === 'breakpoint' ? 'peak sustained throughput' : 'the objective',
        certain: named(fewest(demand, CERTAIN)),
        possible: named(fewest(demand, POSSIBLE)),
        failing: failing.length === 0 ? NO_VALUE : failing.map(({ cell }) => shortName(cell.variant)).join(', '),
      };
    }),
  };
}

/** What a count must do under a demand: two criteria, which are never drawn as one. */
const CRITERIA = [
  {
    name: 'objective',
    title: 'Demand against capacity: the objective at the peak of a profile',
    of: ({ profile }: Demand) => profile !== 'breakpoint',
    words: 'that keep the objective under a profile of each peak',
  },
  {
    name: 'sustained',
    title: 'Demand against capacity: what is sustained on the way up the climbing load',
    of: ({ profile }: Demand) => profile === 'breakpoint',
    words: 'whose peak sustained throughput lies above each demand',
  },
] as const;

/** One plot for each criterion by which the campaign judges demands. */
export function demandPlots(id: string, demands: readonly Demand[]): Plot[] {
  return CRITERIA.flatMap(({ name, title, of, words }) => {
    const own = demands.filter(of);
    const series = (which: string, verdicts: readonly Verdict[], open: boolean) => ({
      name: which,
      open,
      points: own.flatMap((demand) => {
        const found = fewest(demand, verdicts);
        return found === undefined ? [] : [{ x: demand.rate, y: found.pods, label: shortName(found.cell.variant) }];
      }),
    });
    const drawn = [series('hold for certain', CERTAIN, false), series('may hold', POSSIBLE, true)].filter(
      ({ points }) => points.length > 0,
    );
    if (drawn.length === 0) return [];
    const trials = new Set(own.flatMap(({ supplies }) => supplies.flatMap(({ cell }) => cell.trials))).size;
    return [
      {
        id: `${id}-${name}`,
        title,
        yWhole: true,
        kind: 'points' as const,
        caption: `Fewest pods of a fixed count (pods of the loaded workloads together) ${words} (req/s). Every demand has a tick: one without a point is held by no count tried; n = ${counted(trials, 'trial')}.`,
        query: 'summary' as const,
        xTitle: 'demand, req/s',
        yTitle: 'fewest pods',
        xType: 'value' as const,
        // Demands that no count holds have their place, too.
        xTicks: own.map(({ rate }) => rate),
        series: drawn,
      },
    ];
  });
}
