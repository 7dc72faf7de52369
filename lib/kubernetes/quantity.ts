/** Powers of ten by suffix; `E` is exa, and an exponent only where digits follow. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** Powers of two by suffix. */
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d+)|([A-Za-z]*))$/;

const NANO = 1_000_000_000n;
/** Quantities with a binary suffix end here, as in the API server: the largest int64. */
const LARGEST_BINARY = ((1n << 63n) - 1n) * NANO;
/** Beyond it a number of JavaScript is infinite. */
const LARGEST_EXPONENT = 290;

/**
 * The number that a Kubernetes quantity stands for (cores, or bytes); undefined where it has not the form of one. Everything
 * finer than a billionth is rounded up, away from zero. The form is that of resource.Quantity in k8s.io/apimachinery, which
 * also takes a suffix without a number for 0: never meant, and so no quantity here.
 */
export function parseQuantity(value: unknown): number | undefined {
  const nanos = nanosOf(value);
  return nanos === undefined ? undefined : numberOf(nanos);
}

/**
 * The number that a Kubernetes quantity stands for.
 *
 * @throws Error where the text is not a quantity.
 */
export function quantityValue(quantity: string): number {
  return numberOf(nanosOrRefuse(quantity));
}

/**
 * A quantity in thousandths, rounded up (away from zero) as Kubernetes does: `500m` is 500, `1` is 1000, `1u` is 1.
 *
 * @throws Error where the text is not a quantity.
 */
export function milliValue(quantity: string): number {
  return Number(roundedUp(nanosOrRefuse(quantity), NANO / 1000n));
}

/** Millicores of a CPU quantity, rounded up as the scheduler counts them; 0 where it is absent or has no form. */
export function toMillicores(value: unknown): number {
  return Number(roundedUp(nanosOf(value) ?? 0n, NANO / 1000n));
}

/** Mebibytes of a memory quantity; 0 where it is absent or has no form. */
export function toMebibytes(value: unknown): number {
  return (parseQuantity(value) ?? 0) / 2 ** 20;
}

/**
 * Millicores of a CPU quantity such as `500m`, `2` or `0.5`; `field` is the setting it stands in.
 *
 * @throws Error when it is written in another way, or is finer than Kubernetes counts.
 */
export function millicores(quantity: string, field: string): number {
  const value = /^(\d+m|\d+(\.\d{1,3})?)$/.test(quantity) ? milliValue(quantity) : 0;
  if (value > 0) return value;
  throw new Error(
    `${field}: "${quantity}" is not an amount of CPU; write millicores such as 500m, or cores such as 2.`,
  );
}

/**
 * Mebibytes of a quantity with a binary unit, such as `512Mi` or `5Gi`; `field` is the setting it stands in.
 *
 * @throws Error when the unit is missing or decimal: `512M` is 24 MiB less than `512Mi`, which is never meant.
 */
export function mebibytes(quantity: string, field: string): number {
  const value = /^\d+(Ki|Mi|Gi|Ti)$/.test(quantity) ? toMebibytes(quantity) : 0;
  if (value > 0) return value;
  throw new Error(
    `${field}: "${quantity}" is not an amount of memory; write it with a binary unit, such as 512Mi or 5Gi.`,
  );
}

/** A CPU quantity as the API server itself writes it: whole cores without a unit. */
export function cpuQuantity(amount: number): string {
  return amount % 1000 === 0 ? String(amount / 1000) : `${amount}m`;
}

/** A memory quantity of so many MiB as the API server itself writes it: in Gi where that is whole. */
export function memoryQuantity(amount: number): string {
  return amount % 1024 === 0 ? `${amount / 1024}Gi` : `${amount}Mi`;
}

/** A quantity in billionths, which is the finest that Kubernetes keeps. Whole numbers, since 0.1 has no binary form. */
function nanosOf(value: unknown): bigint | undefined {
  const match = typeof value === 'string' || typeof value === 'number' ? FORM.exec(String(value)) : null;
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentSign, exponent, suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const magnitude =
    suffix in BINARY
      ? binary(digits, fraction.length, BINARY[suffix]!)
      : decimal(digits, fraction.length, exponentSign === undefined ? DECIMAL[suffix] : Number(exponent));
  return magnitude !== undefined && sign === '-' ? -magnitude : magnitude;
}

function binary(digits: bigint, decimals: number, power: number): bigint {
  const nanos = roundedUp((digits << BigInt(power)) * NANO, 10n ** BigInt(decimals));
  return nanos < LARGEST_BINARY ? nanos : LARGEST_BINARY;
}

function decimal(digits: bigint, decimals: number, power: number | undefined): bigint | undefined {
  if (power === undefined || power > LARGEST_EXPONENT) return undefined;
  const shift = power - decimals + 9;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  // Something, however little, is never nothing.
  if (-shift > String(digits).length) return digits === 0n ? 0n : 1n;
  return roundedUp(digits, 10n ** BigInt(-shift));
}

/** Divides away from zero. */
function roundedUp(dividend: bigint, divisor: bigint): bigint {
  const rest = dividend % divisor;
  const quotient = dividend / divisor;
  return rest === 0n ? quotient : quotient + (dividend < 0n ? -1n : 1n);
}

/** The nearest number: read from its decimal form, since a division would round a second time. */
function numberOf(nanos: bigint): number {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const fraction = String(magnitude % NANO).padStart(9, '0');
  const value = Number(`${magnitude / NANO}.${fraction}`);
  return nanos < 0n ? -value : value;
}

function nanosOrRefuse(quantity: string): bigint {
  const nanos = nanosOf(quantity);
  if (nanos !== undefined) return nanos;
  throw new Error(`"${quantity}" is not a Kubernetes quantity: write a number with a suffix such as 500m or 256Mi.`);
}
