import { Command } from 'commander';
import { reportFailure } from './failure';

/**
 * A program of one npm script: `--help` says what it does, with an example, and what it does not know is refused in one sentence. What
 * its action throws is reported in one sentence too.
 *
 * @param script Name of the npm script, such as `bench`.
 * @param examples Lines as a person types them.
 */
export function program(script: string, description: string, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n');
  const command: Command = new ReportingCommand(`npm run ${script} --`);
  return command
    .description(description)
    .showSuggestionAfterError()
    .allowExcessArguments(false)
    .configureOutput({
      outputError: (text, write) =>
        write(text.includes('too many arguments') ? `error: ${wordTooMany(command)}\n` : text),
    })
    .addHelpText('after', `\nExample:\n${lines}`);
}

class ReportingCommand extends Command {
  override action(run: Parameters<Command['action']>[0]): this {
    const reporting: typeof run = async (...args) => {
      try {
        await run.apply(this, args);
      } catch (error) {
        reportFailure(error);
      }
    };
    return super.action(reporting);
  }
}

/** Commander counts words; a person wants to know which one it is, and what was meant. */
function wordTooMany(command: Command): string {
  const word = command.args.at(command.registeredArguments.length) ?? '';
  const isOption = command.options.some(({ long }) => long === `--${word}`);
  return `"${word}": ${isOption ? `write --${word}` : 'no such word is taken here; --help says what is'}`;
}
