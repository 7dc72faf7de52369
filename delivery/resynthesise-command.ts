import { appendFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { reportFailure } from '../lib/console/failure';
import { commitStaged, resynthesise, stagedPatch } from './resynthesise';

/** With `--patch FILE` the change is written there in place of a commit, and the workflow is told whether there is one. */
const { patch } = parseArgs({ options: { patch: { type: 'string' } } }).values;

try {
  const changed = resynthesise(process.cwd());
  if (changed.length > 0 && patch !== undefined) writeFileSync(patch, stagedPatch(process.cwd()));
  else if (changed.length > 0) commitStaged(process.cwd());
  const done = patch === undefined ? 'Committed' : `Written to ${patch}:`;
  process.stdout.write(
    changed.length === 0 ? 'dist/ is in step; nothing to commit.\n' : `${done} ${changed.join(', ')}.\n`,
  );
  const { GITHUB_OUTPUT } = process.env;
  if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `changed=${changed.length > 0}\n`);
} catch (error) {
  reportFailure(error);
}
