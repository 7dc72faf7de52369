import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Removes the temporary folder of this run.
 *
 * @throws Error that names what tests left in it; jest then fails.
 */
export default function refuseLeftovers(): void {
  const own = tmpdir();
  const left = readdirSync(own).filter((name) => !lstatSync(join(own, name)).isSymbolicLink());
  rmSync(own, { recursive: true });
  if (left.length > 0)
    throw new Error(`Tests left in the temporary folder: ${left.join(', ')}. Remove it where it is made.`);
}
