import { percent } from '../../../lib/primitives/percent';
import { Command, Option } from 'commander';
import { availableParallelism } from 'node:os';
import type { TestType } from '../../plan';
import { progressLine } from '../../../lib/console/progress-line';
import { aligned } from '../../../lib/console/text-table';
import { parseWhatIf } from '../campaign/what-if';
import { departureWith } from '../calibration/override';
import { SIGNAL_NAMES, type Candidate } from './candidates';
import { measureName, parseObjective, type Objective } from './objective';
import { policyManifest } from './policy-manifest';
import { keepsObjective, POLICY_TRIALS, searchPolicy, SIGNAL_PARTS_MILLICORES, type Rated } from './policy-search';
import { positiveWholeNumber } from '../../../lib/console/number-options';

interface SearchCommandOptions {
  readonly objective: string;
  readonly testType?: TestType;
  readonly candidates: number;
  readonly seed: number;
  readonly threads: number;
  readonly whatIf?: string[];
  readonly model?: string;
  readonly fullNodes?: boolean;
  readonly signals?: boolean;
}

/** `experiment search`: the cheapest policy that keeps an objective. */
export function searchCommand(): Command {
  return new Command('search')
    .description('Search for the cheapest autoscaling policy that keeps an objective, and print it to paste.')
    .requiredOption(
      '--objective <text>',
      'such as "99 % of retrievals under 300 ms over the spike", or "p95 < 200 ms at spike"',
    )
    .addOption(
      new Option('--test-type <type>', 'load; that of the objective, or uor, by default').choices(['uor', 'fs']),
    )
    .option('--signals', 'try signals beyond CPU too, and count what they need as cost')
    .option('--candidates <number>', 'policies to draw before looking around the best', positiveWholeNumber, 120)
    .option('--seed <number>', 'seed of the draw and of the trials', positiveWholeNumber, 1)
    .option('--what-if <setting=value...>', 'change a setting of the simulated cluster, as for rehearse')
    .option('--full-nodes', 'count on nothing beyond the requests: a pod gets the CPU it requests and no more')
    .option('--model <file>', 'calibration to use, written by "calibrate"')
    .option('--threads <number>', 'threads to play on', positiveWholeNumber, Math.min(8, availableParallelism()))
    .action(async (options: SearchCommandOptions) => {
      const objective = parseObjective(options.objective);
      const testType = testTypeOf(options, objective);
      const show = progressLine();
      const { front, proposal, onFullNodes, tried } = await searchPolicy({
        objective,
        testType,
        signals: options.signals ?? false,
        candidates: options.candidates,
        seed: options.seed,
        threads: options.threads,
        fullNodes: options.fullNodes ?? false,
        departure: departureWith(parseWhatIf(options.whatIf ?? []), options.model),
        progress: (done, total) => show(`${done} of ${total} policies`),
      });
      show('');
      const where = options.fullNodes ? ' on full nodes' : '';
      console.log(`${tried} policies played${where}. No other is both faster and cheaper than these:\n`);
      for (const line of frontLines(front, measureName(objective))) console.log(line);
      console.log(`\n${COST}`);
      if (!proposal) {
        throw new Error(
          `No policy keeps ${options.objective}${objective.measure === 'share' ? '' : ' without failures'}. The fastest is the last line above; ` +
            `raise the limit, or look at --what-if pod-start, processes or max-replicas.`,
        );
      }
      const { latencyMs, coreSeconds } = proposal;
      console.log(
        `\nCheapest that keeps ${options.objective}: ${measureName(objective)} ${objective.measure === 'share' ? 'within ' : ''}${latencyMs.toFixed(0)} ms in the worst of ` +
          `${POLICY_TRIALS} trials for ${coreSeconds.toFixed(0)} core-seconds. Rehearsed, not measured.\n`,
      );
      if (onFullNodes) console.log(`${fullNodesText(onFullNodes, objective)}\n`);
      console.log(policyManifest(proposal.candidate, testType));
      if (SIGNAL_NAMES.indexOf(proposal.candidate.signal ?? 'cpu') > 0) console.log(`\n${PARTS}`);
    });
}

const PARTS =
  `It looks at more than CPU: Prometheus and its adapter ask for ${SIGNAL_PARTS_MILLICORES}m beside the pods, which is counted in its cost.\n` +
  'Switch them on first: docs/how-to/scale-on-another-signal.md.';

/** The load that the objective speaks of, unless it leaves that open. */
function testTypeOf({ testType, objective: text }: SearchCommandOptions, { testType: meant }: Objective): TestType {
  if (testType !== undefined && meant !== undefined && testType !== meant) {
    throw new Error(
      `--objective "${text}" speaks of ${meant}, and --test-type says ${testType}; leave --test-type out.`,
    );
  }
  return testType ?? meant ?? 'uor';
}

const COST =
  'core-s is what the pods request while they have a node, or what they use where that is more. A small request is cheap\n' +
  'because it reserves little: while nodes are idle, pods use more than they request, and the autoscaler, which counts in\n' +
  'shares of the request, adds pods at a lower use.';

/** What becomes of the proposal when nobody leaves it idle cores. */
function fullNodesText({ latencyMs, failed }: Rated, objective: Objective): string {
  const measure = measureName(objective);
  const keeps = keepsObjective({ latencyMs, failed }, objective);
  const measured = Number.isFinite(latencyMs)
    ? `${measure} ${latencyMs.toFixed(0)} ms`
    : `no ${measure}, for none succeed`;
  return (
    `On full nodes, where a pod gets the CPU it requests and no more, the same policy has ${measured}, and ` +
    `${percent(failed)} of the requests fail:\nit ${keeps ? 'keeps the objective there too.' : 'rests on idle cores. --full-nodes searches for one that does not.'}`
  );
}

function frontLines(front: readonly Rated[], measure: string): string[] {
  const withSignal = front.some(({ candidate }) => candidate.signal !== undefined);
  const signal = (text: string) => (withSignal ? [text] : []);
  const header = [
    'core-s',
    `${measure} ms`,
    ...signal('signal'),
    'CPU request',
    'target',
    'minimum',
    'scale-down window',
    'scale-up',
  ];
  return aligned([
    header,
    ...front.map(({ candidate, latencyMs, coreSeconds }) => [
      coreSeconds.toFixed(0),
      latencyMs.toFixed(0),
      ...signal(candidate.signal ?? 'cpu'),
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
