import { appendFileSync } from 'node:fs';
import { reportFailure } from '../lib/console/failure';
import { program } from '../lib/console/program';
import { nextVersion } from './next-version';

/** Prints the next tag; in a workflow (GITHUB_OUTPUT set) also hands `version` and `tag` to the following jobs. */
program(
  'next-version',
  'Compute the next Semantic Version tag of a component from the latest commit and its last tag.',
  'npm run next-version -- --prefix django-api',
)
  .requiredOption('--prefix <prefix>', 'tag prefix, such as django-api')
  .option('--repository <folder>', 'git work tree', '.')
  .action(({ prefix, repository }: { prefix: string; repository: string }) => {
    const next = nextVersion(repository, prefix);
    const origin = next.alreadyTagged ? 'already tagged' : `after ${next.previous ?? 'no earlier version'}`;
    process.stderr.write(`${next.tag} (${origin})\n`);
    process.stdout.write(`${next.version}\n`);
    const output = process.env.GITHUB_OUTPUT;
    if (output) appendFileSync(output, `version=${next.version}\ntag=${next.tag}\n`);
  })
  .parseAsync()
  .catch((error: unknown) => reportFailure(error));
