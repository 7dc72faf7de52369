/** How well the supply of pods followed the demand, in the terms of the SPEC Research Group. */
export interface Elasticity {
  /** Mean shortfall of pods as a percentage of the demand. */
  readonly underAccuracy: number;
  /** Mean excess of pods as a percentage of the demand. */
  readonly overAccuracy: number;
  /** Percentage of the time with too few pods, and with too many. */
  readonly underShare: number;
  readonly overShare: number;
  /** Percentage of the steps from one second to the next in which demand and supply moved in different directions. */
  readonly instability: number;
}

/**
 * Accuracy, time share and instability of ready pods against those that each second needs, accuracies as shares of the demand
 * (N. Herbst and others, "Ready for Rain?", SPEC-RG-2016-01, section 4). Null without a second to look at.
 */
export function elasticity(supply: ArrayLike<number>, demand: ArrayLike<number>): Elasticity | null {
  const seconds = Math.min(supply.length, demand.length);
  let known = 0;
  let steps = 0;
  const sum = { underAccuracy: 0, overAccuracy: 0, underShare: 0, overShare: 0, instability: 0 };
  for (let second = 0; second < seconds; second++) {
    const spare = supply[second] - demand[second];
    if (!Number.isFinite(spare)) continue;
    known++;
    if (spare < 0) {
      sum.underShare++;
      sum.underAccuracy -= spare / demand[second];
    } else if (spare > 0) {
      sum.overShare++;
      sum.overAccuracy += spare / demand[second];
    }
    if (second > 0 && Number.isFinite(supply[second - 1] - demand[second - 1])) {
      steps++;
      const [moved, wanted] = [supply, demand].map((curve) => Math.sign(curve[second] - curve[second - 1]));
      if (moved !== wanted) sum.instability++;
    }
  }
  if (known === 0) return null;
  const shares = Object.entries(sum).map(([name, value]) => [name, (100 * value) / known]);
  return { ...Object.fromEntries(shares), instability: (100 * sum.instability) / Math.max(1, steps) } as Elasticity;
}
