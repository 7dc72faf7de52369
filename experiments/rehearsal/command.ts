export { calibrateCommand } from './calibration/command';
export { scaleCommand } from './scale/command';
export { searchCommand } from './search/command';
import { Command, Option } from 'commander';
import { availableParallelism } from 'node:os';
import { FULL_SCALE, PROFILE_NAMES, type ProfileName, type TestType } from '../plan';
import { rehearse } from './campaign/rehearse';
import { departureWith } from './calibration/override';
import { cellLines, warningLines, findingLines } from './campaign/console';
import { counted } from '../../lib/primitives/counted';
import { progressLine } from '../../lib/console/progress-line';
import { parseWhatIf, WHAT_IF_SETTINGS } from './campaign/what-if';
import { positiveWholeNumber, wholeNumber } from '../../lib/console/number-options';

interface RehearseOptions {
  readonly output?: string;
  readonly seed: number;
  readonly experiment?: string[];
  readonly testType?: TestType[];
  readonly variant?: string[];
  readonly profile?: ProfileName[];
  readonly repetitions?: number;
  readonly whatIf?: string[];
  readonly threads: number;
  readonly model?: string;
  readonly report: boolean;
}

/**
 * `experiment rehearse`: the campaign in virtual time.
 *
 * @param report Writes the report of a campaign folder.
 */
export function rehearseCommand(report: (folder: string) => Promise<unknown>): Command {
  const settings = Object.entries(WHAT_IF_SETTINGS).map(([name, { meaning }]) => `  ${name}: ${meaning}`);
  return new Command('rehearse')
    .description('Play the campaign in virtual time against a simulated cluster, before it is run for days.')
    .option('--output <folder>', 'write a campaign folder, as the runner would, and its report')
    .option('--no-report', 'write the campaign folder without its report')
    .option('--seed <number>', 'seed of order and random numbers', wholeNumber, 1)
    .option('--experiment <name...>', 'only these experiments')
    .addOption(new Option('--test-type <type...>', 'only these test types').choices(['uor', 'fs']))
    .option('--variant <name...>', 'only these variants')
    .addOption(new Option('--profile <name...>', 'only these profiles').choices(PROFILE_NAMES))
    .option('--repetitions <number>', 'trials per variant and profile', positiveWholeNumber)
    .option('--what-if <setting=value...>', 'change a setting of the simulated cluster (see below)')
    .option('--model <file>', 'calibration to use, written by "calibrate"')
    .option('--threads <number>', 'threads to play on', positiveWholeNumber, Math.min(8, availableParallelism()))
    .addHelpText('after', `\nSettings of --what-if:\n${settings.join('\n')}`)
    .action(async (options: RehearseOptions) => {
      const departure = departureWith(parseWhatIf(options.whatIf ?? []), options.model);
      const started = performance.now();
      const show = progressLine();
      const { summaries, findings, warnings } = await rehearse({
        ...(options.output !== undefined && { folder: options.output }),
        seed: options.seed,
        filter: {
          ...(options.experiment && { experiments: options.experiment }),
          ...(options.testType && { testTypes: options.testType }),
          ...(options.variant && { variants: options.variant }),
          ...(options.profile && { profiles: options.profile }),
          ...(options.repetitions !== undefined && { repetitions: options.repetitions }),
        },
        departure,
        scale: FULL_SCALE,
        threads: options.threads,
        environment: {
          'what-if': (options.whatIf ?? []).join(' ') || 'nothing',
          model: options.model === undefined ? 'assumed' : `calibrated by ${options.model}`,
        },
        progress: (done, total, { trial }) => show(`${done} of ${counted(total, 'trial')}  ${trial}`),
      });
      show('');
      for (const line of cellLines(summaries)) console.log(line);
      console.log('');
      for (const line of findingLines(findings)) console.log(line);
      if (warnings.length > 0) console.log('\nThe warnings that the plan alone raises:');
      for (const line of warningLines(warnings)) console.log(line);
      const requests = summaries.reduce((sum, summary) => sum + summary.requests, 0);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `\nRehearsed, not measured: ${counted(summaries.length, 'trial')}, ${counted(requests, 'request')} in ${seconds} s.`,
      );
      if (options.output !== undefined) {
        console.log(`Written to ${options.output}.`);
        if (options.report) await report(options.output);
      }
    });
}
