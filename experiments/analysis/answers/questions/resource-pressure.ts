import { plannedVariant } from '../../../campaign';
import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { groupBy } from '../../../../lib/primitives/group-by';
import type { Interval } from '../../statistics/mean-interval';
import { cellEstimate, trialValues } from '../estimates';
import { notAnswerable, shortName } from '../experiment-cells';
import { MEASURES, type Measure } from '../measures';
import type { Answer, Sentence } from '../model';
import { withUnit } from '../numbers';
import { alikeFragments, measureTable, quoted } from '../tables';

/** Each measure that not every site can tell, and what has to deliver it. */
const PRESSURE: readonly { readonly measure: Measure; readonly from: string }[] = [
  { measure: MEASURES.throttled, from: 'container_cpu_cfs_throttled_periods_total and _periods_total of cAdvisor' },
  { measure: MEASURES.waitingClients, from: 'pgbouncer_pools_client_waiting_connections of a PgBouncer exporter' },
  { measure: MEASURES.containerDisk, from: 'container_fs_reads_bytes_total of cAdvisor, or docker stats' },
  { measure: MEASURES.podNetwork, from: 'container_network_receive_bytes_total of cAdvisor, or docker stats' },
];

/** Question: what holds pods up besides CPU: their limit, the pool of connections, disk or network? */
export function resourcePressureAnswer(analysis: CampaignAnalysis): Answer {
  const id = 'resource-pressure';
  const heading = {
    id,
    title: 'Throttling, waiting, disk and network',
    question: 'Were pods held back by their CPU limit, by the pool of connections, by disk or by network?',
  };
  const known = PRESSURE.filter(({ measure }) => analysis.cells.some((cell) => isKnown(cell, measure)));
  if (known.length === 0)
    return {
      ...heading,
      sentences: [],
      unanswerable:
        analysis.manifest.origin === 'rehearsed'
          ? notAnswerable(
              'a rehearsal plays none of it: no CPU limit, no disk, and a network without other traffic',
              'measure the campaign on the cluster',
            )
          : notAnswerable(
              'monitoring delivered none of it',
              `let it deliver ${PRESSURE.map(({ from }) => from).join('; ')}`,
            ),
      plots: [],
      tables: [],
    };
  return {
    ...heading,
    sentences: [...known.map(({ measure }) => highest(measure, analysis)), ...absent(analysis)],
    certainty: certainty(known[0].measure, analysis),
    notes: [
      [
        'CFS periods and waiting clients are the highest of each trial, traffic is its mean over the load; where the cluster reports once a minute, shorter peaks are not seen.',
      ],
    ],
    plots: [],
    tables: [
      measureTable(
        `${id}-table`,
        `Throttling, waiting, disk and network: the ${MOST} highest of each`,
        mostOf(
          known.map(({ measure }) => measure),
          analysis,
        ),
        known.map(({ measure }) => measure),
        analysis,
      ),
    ],
  };
}

/** Cells that the table shows for each measure; the table of every cell (CSV) holds all. */
const MOST = 5;

/** The cells that are among the highest by any measure, in the report's order. */
function mostOf(measures: readonly Measure[], analysis: CampaignAnalysis): Cell[] {
  const most = new Set(
    measures.flatMap((measure) =>
      ranked(measure, analysis)
        .slice(0, MOST)
        .map(({ cell }) => cell),
    ),
  );
  return analysis.cells.filter((cell) => most.has(cell));
}

/** In how many trials what the first sentence tells is known. */
function certainty(measure: Measure, { cells }: CampaignAnalysis): Sentence {
  const trials = cells.flatMap((cell) => cell.trials);
  const known = trials.filter(({ measures }) => measure.of(measures) !== null).length;
  return ['known of ', { text: `${known} of ${trials.length}`, cell: cells[0].testType }, ' trials'];
}

/** Every cell of which a measure is known, highest first. */
function ranked(measure: Measure, analysis: CampaignAnalysis): { cell: Cell; interval: Interval }[] {
  return analysis.cells
    .flatMap((cell) => {
      const interval = cellEstimate(cell, measure, analysis.settings);
      return interval === null ? [] : [{ cell, interval }];
    })
    .sort((a, b) => b.interval.value - a.interval.value);
}

function isKnown(cell: Cell, measure: Measure): boolean {
  return trialValues(cell, measure).length > 0;
}

/** The cell with the highest estimate of a measure and how many others reach it, or that it was zero everywhere. */
function highest(measure: Measure, analysis: CampaignAnalysis): Sentence {
  const [{ cell, interval }, ...others] = ranked(measure, analysis);
  const name = `${measure.title[0]!.toUpperCase()}${measure.title.slice(1)}`;
  if (interval.value === 0)
    return [
      `${name}: `,
      withUnit({ text: '0', value: interval.value, cell: cell.testType }, measure.unit),
      ' wherever it is known.',
    ];
  return [
    `${name}: the highest estimate is that of ${shortName(cell.variant)} under ${cell.profile}, `,
    quoted(cell, measure, analysis),
    ...alikeFragments(
      interval,
      others.map((other) => other.interval),
      cell.testType,
    ),
    '.',
  ];
}

/** What each site could not tell. */
function absent(analysis: CampaignAnalysis): Sentence[] {
  const bySite = groupBy(analysis.cells, (cell) => siteOf(cell, analysis));
  return [...bySite].flatMap(([site, cells]) => {
    const unknown = PRESSURE.filter(({ measure }) => !cells.some((cell) => isKnown(cell, measure)));
    return unknown.length === 0
      ? []
      : [[`Not known ${site}: ${unknown.map(({ measure, from }) => `${measure.title} (needs ${from})`).join('; ')}.`]];
  });
}

function siteOf(cell: Cell, { plan, manifest }: CampaignAnalysis): string {
  if (manifest.settings?.site === 'local') return 'on this machine';
  return plannedVariant(plan, cell)?.site === 'compose' ? 'under Docker Compose' : 'on the cluster';
}
