import { appendFileSync, writeFileSync } from 'node:fs';
import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';
import { commitStaged, resynthesise, stagedPatch } from './resynthesise';

program(
  'resynth',
  'Render dist/ again after a version was changed, and commit it; with --patch write the change there instead, as the workflow does.',
  'npm run resynth',
  'npm run resynth -- --patch /tmp/dist.patch',
)
  .option('--patch <file>', 'write the change of dist/ to this file, and commit nothing')
  .action(({ patch }: { patch?: string }) => resynthesiseAndReport(patch))
  .parse();

function resynthesiseAndReport(patch: string | undefined): void {
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
}
