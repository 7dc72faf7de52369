const FORM = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/;
const FACTORS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/**
 * The number a Kubernetes quantity stands for (cores, or bytes); undefined when it has not the form of one.
 * The form is that of resource.Quantity in k8s.io/apimachinery.
 */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const match = typeof value === 'string' ? FORM.exec(value) : null;
  if (!match) return undefined;
  return Number(`${match[1]}${match[2] ?? ''}`) * (match[3] ? FACTORS[match[3]]! : 1);
}

/** Millicores of a CPU quantity; 0 when it is absent or has no form. */
export function toMillicores(value: unknown): number {
  // 3.8 cores are 3800.0000000000005 in floating point, and not 3801.
  return Math.ceil(Number(((parseQuantity(value) ?? 0) * 1000).toFixed(6)));
}

/** Mebibytes of a memory quantity; 0 when it is absent or has no form. */
export function toMebibytes(value: unknown): number {
  return (parseQuantity(value) ?? 0) / 2 ** 20;
}
