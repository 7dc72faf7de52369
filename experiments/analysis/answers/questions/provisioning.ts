import type { CampaignAnalysis, Cell } from '../../measurement/analyse';
import { elasticity } from '../../measurement/trial/elasticity';
import { provisioning, requiredPods } from '../../measurement/trial/scaling-measures';
import { positiveMeanInterval } from '../../statistics/mean-interval';
import { notAnswerable, shortName } from '../experiment-cells';
import type { Sentence, Table } from '../model';
import { digits, estimate, NO_VALUE } from '../numbers';
import type { ReplicaCapacities } from './scaling';

/** What over- and under-provisioning counts against, for each workload under load. */
export function provisioningNote(capacities: ReplicaCapacities): Sentence {
  if (capacities.size === 0)
    return [
      notAnswerable(
        'no valid breakpoint trial of one static replica says what a pod sustains',
        'run replica-count under breakpoint with one replica; where that was done, see why its requests failed',
        'Over- and under-provisioning is not answerable',
      ),
    ];
  return [
    'Over- and under-provisioning counts against what one static replica sustains: ',
    ...[...capacities].flatMap(([workload, { rate, atLeast, cell }], index) => [
      index === 0 ? '' : ', ',
      { text: `${atLeast ? 'at least ' : ''}${digits(rate)} req/s a pod of ${workload}`, cell: cell.id },
    ]),
    '.',
  ];
}

/** Pod-seconds above and below what the offered load needed. */
export function provisioningTable(
  id: string,
  cells: readonly Cell[],
  capacities: ReplicaCapacities,
  analysis: CampaignAnalysis,
): Table {
  const rows = cells.flatMap((cell) =>
    Object.keys(cell.trials[0].series.replicas).map((workload) => {
      const capacity = capacities.get(workload)?.rate;
      const perTrial = cell.trials.flatMap(({ series, measures: { loadSeconds } }) => {
        const ready = series.replicas[workload]?.ready.subarray(0, Math.floor(loadSeconds));
        if (capacity === undefined || ready === undefined || ready.every(Number.isNaN)) return [];
        const demand = requiredPods(series.offered.subarray(0, Math.floor(loadSeconds)), capacity);
        return [{ ...provisioning(ready, demand), ...elasticity(ready, demand) }];
      });
      const value = (pick: (one: (typeof perTrial)[number]) => number | undefined) =>
        perTrial.length === 0
          ? { text: NO_VALUE, value: null, cell: cell.id }
          : estimate(
              positiveMeanInterval(
                perTrial.flatMap((one) => pick(one) ?? []),
                analysis.settings.confidence,
              ),
              cell.id,
            );
      return {
        variant: shortName(cell.variant),
        profile: cell.profile,
        workload,
        over: value((one) => one.overPodSeconds),
        under: value((one) => one.underPodSeconds),
        underAccuracy: value((one) => one.underAccuracy),
        overAccuracy: value((one) => one.overAccuracy),
        underShare: value((one) => one.underShare),
        overShare: value((one) => one.overShare),
        instability: value((one) => one.instability),
      };
    }),
  );
  return {
    id,
    title: 'Elasticity: demand against supply',
    columns: [
      { key: 'variant', title: 'variant' },
      { key: 'profile', title: 'profile' },
      { key: 'workload', title: 'workload' },
      { key: 'over', title: 'over-provisioned', unit: 'pod-s', query: 'replicas' },
      { key: 'under', title: 'under-provisioned', unit: 'pod-s', query: 'replicas' },
      { key: 'underAccuracy', title: 'accuracy, under', unit: '% of demand', query: 'replicas' },
      { key: 'overAccuracy', title: 'accuracy, over', unit: '% of demand', query: 'replicas' },
      { key: 'underShare', title: 'time with too few', unit: '%', query: 'replicas' },
      { key: 'overShare', title: 'time with too many', unit: '%', query: 'replicas' },
      { key: 'instability', title: 'instability', unit: '% of time', query: 'replicas' },
    ],
    rows,
  };
}
