import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Tables of a trial by the name of their file. */
export const TRIAL_TABLES = ['samples', 'replicas', 'metrics'] as const;

export type TableDigests = Readonly<Record<(typeof TRIAL_TABLES)[number], string>>;

/** SHA-256 of each table in a trial's folder; undefined where one is missing. */
export function tableDigests(folder: string): TableDigests | undefined {
  const files = TRIAL_TABLES.map((name) => join(folder, `${name}.parquet`));
  if (!files.every((file) => existsSync(file))) return undefined;
  const digests = files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
  return Object.fromEntries(TRIAL_TABLES.map((name, index) => [name, digests[index]!])) as TableDigests;
}

/** SHA-256 of a file of any length. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
