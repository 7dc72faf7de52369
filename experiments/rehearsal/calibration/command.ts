import { wholePercent } from '../../../lib/primitives/percent';
import { Command, Option } from 'commander';
import { existsSync, writeFileSync } from 'node:fs';
import { calibrate, FEWEST_OF_A_TAIL } from './calibrate';
import { predictionLines, predictionMarkdown } from './held-against';
import { readMeasuredTrials, type MeasuredTrial } from './measured-trial';
import { predictCells, relativeError, type CellPrediction } from './prediction';

interface CalibrateOptions {
  readonly output?: string;
  readonly experiment?: readonly string[];
  readonly predict?: string;
  readonly within?: string;
  readonly includeInvalid?: boolean;
  readonly format: 'text' | 'markdown';
}

/** `experiment calibrate`: the service model from measured samples, and how well it predicts. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('Fit the service model to a measured campaign and report predicted against measured.')
    .argument('<campaign>', 'campaign folder of the runner')
    .option('--output <file>', 'keep the calibration, for "rehearse --model"')
    .option('--experiment <names...>', 'learn from these experiments alone, and predict the others of the campaign')
    .option('--predict <campaign>', 'predict another measured campaign, which the fit has not seen')
    .option(
      '--within <percent>',
      'fail when the median or 95th percentile of a variant under a load is predicted worse than this',
    )
    .option('--include-invalid', 'also learn from and predict trials that were judged invalid')
    .addOption(new Option('--format <format>', 'of the comparison').choices(['text', 'markdown']).default('text'))
    .action(async (campaign: string, options: CalibrateOptions) => {
      const limit = options.within === undefined ? undefined : Number(options.within);
      if (limit !== undefined && !(limit > 0)) throw new Error(`--within ${options.within}: write a number above 0.`);
      if (options.output !== undefined && existsSync(options.output)) {
        throw new Error(`${options.output} exists and is never overwritten: name another file.`);
      }
      const includeInvalid = options.includeInvalid === true;
      const { experiment, predict } = options;
      if (experiment !== undefined && predict !== undefined)
        throw new Error('--experiment predicts the rest of the same campaign: leave --predict out.');
      const isSeen = ({ record }: MeasuredTrial) => experiment?.includes(record.experiment) ?? true;
      const calibration = await calibrate(campaign, includeInvalid, isSeen);
      for (const [testType, fit] of Object.entries(calibration.requests)) {
        const { serviceMs, shares, requests } = fit;
        const [low, middle, high] = [serviceMs[5], serviceMs[50], serviceMs[95]].map((value) => value.toFixed(1));
        const parts = Object.entries(shares).map(([station, share]) => `${station} ${wholePercent(share)}`);
        console.log(
          `${testType}: a request alone takes ${middle} ms (5 % to 95 %: ${low} to ${high}; n = ${requests}).`,
        );
        if (requests < FEWEST_OF_A_TAIL)
          console.log(`${testType}: ${requests} requests say little about a tail; ${FEWEST_OF_A_TAIL} would say more.`);
        console.log(`${testType}: it divides into ${parts.join(', ')}.`);
      }
      const all = await readMeasuredTrials(predict ?? campaign, includeInvalid);
      const trials = experiment === undefined ? all : all.filter((trial) => !isSeen(trial));
      if (trials.length === 0) throw new Error(`${campaign} has no other experiment than those that were learnt from.`);
      const predictions = predictCells(trials, calibration);
      console.log('');
      if (options.format === 'markdown') console.log(predictionMarkdown(predictions));
      else for (const line of predictionLines(predictions)) console.log(line);
      console.log(
        predict === undefined && experiment === undefined
          ? '\nThe same trials were fitted: name others with --predict to test the model.'
          : '\nThe fit has not seen these trials.',
      );
      if (options.output !== undefined) writeFileSync(options.output, `${JSON.stringify(calibration, null, 1)}\n`);
      const worst = Math.max(...predictions.flatMap(errors).map(Math.abs));
      if (limit !== undefined && !(worst * 100 <= limit)) {
        throw new Error(`The worst prediction is ${wholePercent(worst)} off, more than ${limit} %.`);
      }
    });
}

function errors({ predicted, measured }: CellPrediction): number[] {
  return [relativeError(predicted.p50, measured.p50), relativeError(predicted.p95, measured.p95)];
}
