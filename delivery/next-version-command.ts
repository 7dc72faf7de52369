import { appendFileSync } from 'node:fs';
import { Command } from 'commander';
import { nextVersion, NextVersionError } from './next-version';
import { MalformedCommitMessage } from './version-bump';

/** Prints the next tag; in a workflow (GITHUB_OUTPUT set) also hands `version` and `tag` to the following jobs. */
new Command('next-version')
  .description('Compute the next Semantic Version tag of a component from the latest commit and its last tag.')
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
  .catch((error: unknown) => {
    if (!(error instanceof NextVersionError || error instanceof MalformedCommitMessage)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
