import { Command } from 'commander';

/**
 * A program of one npm script: `--help` says what it does, with an example, and what it does not know is refused in one sentence.
 *
 * @param script Name of the npm script, such as `bench`.
 * @param examples Lines as a person types them.
 */
export function program(script: string, description: string, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n');
  return new Command(`npm run ${script} --`)
    .description(description)
    .showSuggestionAfterError()
    .allowExcessArguments(false)
    .addHelpText('after', `\nExample:\n${lines}`);
}
