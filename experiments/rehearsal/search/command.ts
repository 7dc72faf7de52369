import { Command, InvalidArgumentError, Option } from 'commander';
import { availableParallelism } from 'node:os';
import type { TestType } from '../../plan';
import { progressLine } from '../campaign/progress-line';
import { aligned } from '../campaign/screen';
import { parseWhatIf } from '../campaign/what-if';
import { departureWith } from '../calibration/departure';
import type { Candidate } from './candidates';
import { parseObjective } from './objective';
import { policyManifest } from './policy-manifest';
import { searchPolicy, type Rated } from './policy-search';

interface SearchCommandOptions {
  readonly objective: string;
  readonly testType: TestType;
  readonly candidates: number;
  readonly seed: number;
  readonly threads: number;
  readonly whatIf?: string[];
  readonly model?: string;
}

/** `experiment search`: the cheapest policy that keeps an objective. */
export function searchCommand(): Command {
  return new Command('search')
    .description('Search for the cheapest autoscaling policy that keeps an objective, and print it to paste.')
    .requiredOption('--objective <text>', 'such as "p95 < 200 ms at spike"')
    .addOption(new Option('--test-type <type>', 'load').choices(['uor', 'fs']).default('uor'))
    .option('--candidates <number>', 'policies to draw before looking around the best', positive, 120)
    .option('--seed <number>', 'seed of the draw and of the trials', positive, 1)
    .option('--what-if <setting=value...>', 'change a setting of the simulated cluster, as for rehearse')
    .option('--model <file>', 'calibration to use, written by "calibrate"')
    .option('--threads <number>', 'threads to play on', positive, Math.min(8, availableParallelism()))
    .action(async (options: SearchCommandOptions) => {
      const objective = parseObjective(options.objective);
      const show = progressLine();
      const { front, proposal, tried } = await searchPolicy({
        objective,
        testType: options.testType,
        candidates: options.candidates,
        seed: options.seed,
        threads: options.threads,
        departure: departureWith(parseWhatIf(options.whatIf ?? []), options.model),
        progress: (done, total) => show(`${done} of ${total} policies`),
      });
      show('');
      console.log(`${tried} policies played. No other is both faster and cheaper than these:\n`);
      for (const line of frontLines(front, objective.measure)) console.log(line);
      if (!proposal) {
        throw new Error(
          `No policy keeps ${options.objective} without failures. The fastest is the last line above; ` +
            `raise the limit, or look at --what-if pod-start, processes or max-replicas.`,
        );
      }
      const { latencyMs, coreSeconds } = proposal;
      console.log(
        `\nCheapest that keeps ${options.objective}: ${objective.measure} ${latencyMs.toFixed(0)} ms in the worst of ` +
          `three trials for ${coreSeconds.toFixed(0)} core-seconds. Rehearsed, not measured.\n`,
      );
      console.log(policyManifest(proposal.candidate, options.testType));
    });
}

function frontLines(front: readonly Rated[], measure: string): string[] {
  const header = ['core-s', `${measure} ms`, 'CPU request', 'target', 'minimum', 'scale-down window', 'scale-up'];
  return aligned([
    header,
    ...front.map(({ candidate, latencyMs, coreSeconds }) => [
      coreSeconds.toFixed(0),
      latencyMs.toFixed(0),
      `${candidate.cpuMillicores}m`,
      `${candidate.autoscaling.targetCpuPercent} %`,
      `${candidate.autoscaling.minReplicas}`,
      `${candidate.autoscaling.scaleDownStabilisationSeconds} s`,
      scaleUpText(candidate),
    ]),
  ]);
}

function scaleUpText({ autoscaling }: Candidate): string {
  return autoscaling.scaleUp
    .map(({ type, value, periodSeconds }) => `${value}${type === 'Percent' ? ' %' : ''} per ${periodSeconds} s`)
    .join(' or ');
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number above 0.');
  return value;
}
