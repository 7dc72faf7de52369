import { setPercent } from '../../../../../lib/primitives/percent';
import type { Cell } from '../../../measurement/analyse';
import { notAnswerable } from '../../experiment-cells';
import type { Table } from '../../model';
import { plain } from '../../numbers';

/** Solvers that start elsewhere end elsewhere by less than this share: what differs by more is another solution. */
const SAME_SOLUTION = 1e-4;

/** One number of the solution, as the cluster and one machine have it. */
interface Compared {
  readonly place: string;
  readonly cluster: number;
  readonly machine: number;
  /** As a share of the larger. */
  readonly difference: number;
}

/** Numbers that both sites have of the same solution; null where either has stored none. */
export function comparedSolutions(cluster: readonly Cell[], machine: readonly Cell[]): Compared[] | null {
  const [one, other] = [solutionOf(cluster), solutionOf(machine)];
  if (one === undefined || other === undefined) return null;
  return Object.keys(one)
    .filter((place) => place in other)
    .map((place) => {
      const largest = Math.max(Math.abs(one[place]), Math.abs(other[place]));
      const difference = largest === 0 ? 0 : Math.abs(one[place] - other[place]) / largest;
      return { place, cluster: one[place], machine: other[place], difference };
    });
}

/** In one sentence: whether the solutions are the same, and by how much they differ; a rehearsal has none. */
export function accuracySentence(compared: readonly Compared[] | null, rehearsed: boolean): string {
  const unknown = (reason: string) =>
    notAnswerable(
      reason,
      'measure the experiment benchmark of fs on both sites: every measured trial of solving stores its solution',
      'Accuracy is not answerable',
    );
  if (rehearsed) return unknown('a rehearsal plays how long solving takes, and solves nothing');
  if (compared === null) return unknown('no trial of one of the sites stored its solution');
  if (compared.length === 0) return unknown('the solutions of the sites have no value in common');
  const others = compared.filter(({ difference }) => difference > SAME_SOLUTION);
  const worst = compared.reduce((a, b) => (b.difference > a.difference ? b : a));
  const within = setPercent(SAME_SOLUTION);
  return others.length === 0
    ? `Solving is as accurate on the cluster as on one machine: all ${compared.length} values of the solution agree within ${within}, the largest difference is ${(worst.difference * 100).toPrecision(2)} % (${worst.place}).`
    : `The solutions of the cluster and of one machine are not the same: ${others.length} of ${compared.length} values differ by more than ${within}, most ${worst.place} with ${(worst.difference * 100).toPrecision(3)} %.`;
}

export function solutionTable(id: string, compared: readonly Compared[]): Table {
  return {
    id,
    title: 'Solution on the cluster and on one machine, value by value',
    columns: [
      { key: 'place', title: 'value' },
      { key: 'cluster', title: 'cluster' },
      { key: 'machine', title: 'one machine' },
      { key: 'difference', title: 'difference', unit: '%' },
    ],
    rows: compared.map(({ place, cluster, machine, difference }) => ({
      place,
      cluster: plain(cluster),
      machine: plain(machine),
      difference: plain(difference * 100),
    })),
  };
}

function solutionOf(cells: readonly Cell[]): Readonly<Record<string, number>> | undefined {
  return cells.flatMap(({ trials }) => trials).find(({ input }) => input.record.solution !== undefined)?.input.record
    .solution;
}
