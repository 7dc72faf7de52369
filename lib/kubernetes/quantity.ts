const CPU = /^(?:(\d+)m|(\d+)(?:\.(\d{1,3}))?)$/;
const MEMORY = /^(\d+)(Ki|Mi|Gi|Ti)$/;
const MEBIBYTES = { Ki: 1 / 1024, Mi: 1, Gi: 1024, Ti: 1024 * 1024 } as const;

/**
 * Millicores of a CPU quantity such as `500m`, `2` or `0.5`.
 *
 * @param field The setting it stands in, for the message.
 * @throws Error when Kubernetes would not read it so.
 */
export function millicores(quantity: string, field: string): number {
  const match = CPU.exec(quantity);
  const value = match ? Number(match[1] ?? 1000 * Number(`${match[2]}.${match[3] ?? 0}`)) : 0;
  if (value > 0) return Math.round(value);
  throw new Error(
    `${field}: "${quantity}" is not an amount of CPU; write millicores such as 500m, or cores such as 2.`,
  );
}

/**
 * Mebibytes of a memory or storage quantity with a binary unit, such as `512Mi` or `5Gi`.
 *
 * @param field The setting it stands in, for the message.
 * @throws Error when the unit is missing or decimal: `512M` is 24 MiB less than `512Mi`, which is never meant.
 */
export function mebibytes(quantity: string, field: string): number {
  const match = MEMORY.exec(quantity);
  const value = match ? Number(match[1]) * MEBIBYTES[match[2] as keyof typeof MEBIBYTES] : 0;
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
