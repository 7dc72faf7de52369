const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * A Kubernetes quantity as a number.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * @throws Error where the text is not a quantity.
 */
export function quantityValue(quantity: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(quantity.trim());
  const factor = match ? SUFFIXES[match[2]] : undefined;
  if (!match || factor === undefined) {
    throw new Error(`"${quantity}" is not a Kubernetes quantity: write a number with a suffix such as 500m or 256Mi.`);
  }
  return Number(match[1]) * factor;
}

/** A quantity in thousandths, rounded up as Kubernetes does: `500m` is 500, `1` is 1000, `1u` is 1. */
export function milliValue(quantity: string): number {
  const exact = quantityValue(quantity) * 1000;
  const nearest = Math.round(exact);
  // Binary fractions make 0.1 * 1000 land beside 100: only a real remainder rounds up.
  return Math.abs(exact - nearest) <= Math.abs(exact) * 1e-12 ? nearest : Math.ceil(exact);
}
