import { Command, type HelpContext } from 'commander';
import { reportFailure } from './failure';

/**
 * A program of one npm script: `--help` says what it does, with an example; unknown options and what it throws get one
 * sentence.
 *
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
  /** Commander answers `help WORD` of an unknown word with the whole usage, and does not say why. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    const [command, word] = this.args;
    const isError = typeof context === 'object' && context.error;
    if (isError && command === 'help' && word !== undefined) this.error(`error: unknown command '${word}'`);
    return super.help(context as HelpContext);
  }

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
