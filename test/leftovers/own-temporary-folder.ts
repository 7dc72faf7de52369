import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Gives the tests of this run a temporary folder of their own: what they leave behind is seen at the end. */
export default function ownTemporaryFolder(): void {
  const usual = tmpdir();
  const own = mkdtempSync(join(usual, 'ahuora-tests-'));
  // What tsx has compiled serves the next run too.
  const compiled = `tsx-${userInfo().uid}`;
  mkdirSync(join(usual, compiled), { recursive: true });
  symlinkSync(join(usual, compiled), join(own, compiled));
  process.env['TMPDIR'] = own;
}
