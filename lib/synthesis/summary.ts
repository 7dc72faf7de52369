import { percent } from '../../lib/primitives/percent';
import { K3S_ADD_ONS } from '../checks/capacity/add-ons';
import { demandOf, supplyOf, type Demand } from '../checks/capacity/demand';
import type { PlatformModel, Tree } from '../constructs/platform-model';
import { folderOf, type RenderedFile } from '../kubernetes/object';
import type { TextTable } from '../console/text-table';

/** The tables of what synthesis made: components first, then the workload variants that may take their place. */
export interface Summary {
  readonly components: TextTable;
  /** Absent when there is no variant beside the first. */
  readonly variants?: TextTable;
}

/**
 * Counts objects and requests. Of trees that are applied alongside another only the first (production) is counted among
 * the components: the others replace it.
 */
export function summarise(model: PlatformModel, files: readonly RenderedFile[]): Summary {
  const [first, ...others] = model.trees.filter((tree) => tree.alongside?.length);
  const inForce = model.trees.filter((tree) => !others.includes(tree));
  const demands = demandOf(filesOf(inForce, files), model.inventory, [...K3S_ADD_ONS, ...model.reservations]);
  const supply = supplyOf(model.inventory);
  const components = toTable('component', [...demands, totalOf('all together', demands)], supply);
  if (!first || others.length === 0) return { components };
  const variants = [first, ...others].map((tree) =>
    totalOf(tree.directory, demandOf(filesOf([tree], files), model.inventory)),
  );
  return { components, variants: toTable('variant', variants, supply) };
}

function filesOf(trees: readonly Tree[], files: readonly RenderedFile[]): RenderedFile[] {
  return files.filter((file) => trees.some((tree) => folderOf(file) === tree.directory));
}

function totalOf(component: string, demands: readonly Demand[]): Demand {
  const total = (pick: (demand: Demand) => number) => demands.reduce((sum, demand) => sum + pick(demand), 0);
  return {
    component,
    objects: total((demand) => demand.objects),
    cpuMillicores: {
      min: total((demand) => demand.cpuMillicores.min),
      max: total((demand) => demand.cpuMillicores.max),
    },
    memoryMiB: { min: total((demand) => demand.memoryMiB.min), max: total((demand) => demand.memoryMiB.max) },
  };
}

function toTable(first: string, demands: readonly Demand[], supply: ReturnType<typeof supplyOf>): TextTable {
  const share = (part: number, whole: number) => (part === 0 ? '' : percent(part / whole));
  const amount = (value: number, unit: string) => (value === 0 ? '' : `${grouped(value)} ${unit}`);
  return {
    heading: [first, 'objects', 'CPU min', 'CPU max', 'of all CPU', 'memory min', 'memory max', 'of all memory'],
    rows: demands.map(({ component, objects, cpuMillicores, memoryMiB }) => [
      component,
      String(objects),
      amount(cpuMillicores.min, 'm'),
      amount(cpuMillicores.max, 'm'),
      share(cpuMillicores.max, supply.cpuMillicores),
      amount(memoryMiB.min, 'MiB'),
      amount(memoryMiB.max, 'MiB'),
      share(memoryMiB.max, supply.memoryMiB),
    ]),
  };
}

/** Thousands apart. `toLocaleString` would do, but loading its tables takes a tenth of synthesis. */
function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
