import { paretoFront } from '../../analysis/statistics/pareto';
import type { TestType, Trial } from '../../plan';
import type { TrialTask } from '../campaign/play-trial';
import { playTrials } from '../campaign/play-trials';
import type { Departure } from '../campaign/trial-plan';
import { trialInput } from '../campaign/trial-plan';
import type { TrialSummary } from '../campaign/trial-summary';
import { drawCandidates, neighbours, settingsOf, type Candidate } from './candidates';
import { onFullNodes } from './full-nodes';
import { SIGNAL_PARTS } from '../../../facts/signal-parts';
import { heldAgainst, type Objective } from './objective';

/** A candidate with what it costs and what it keeps, each the worst or mean of its trials. */
export interface Rated {
  readonly candidate: Candidate;
  /** Worst percentile of the trials, milliseconds; Infinity where nothing succeeded. */
  readonly latencyMs: number;
  /** Mean core-seconds: requested while the pods had a node, or used where that is more. */
  readonly coreSeconds: number;
  /** Share of failed requests, dropped ones included. */
  readonly failed: number;
}

export interface SearchOptions {
  readonly objective: Objective;
  readonly testType: TestType;
  readonly candidates: number;
  readonly seed: number;
  readonly threads: number;
  readonly departure: Departure;
  /** Tries signals beyond CPU as well; what they need beside the workloads counts as their cost. */
  readonly signals?: boolean;
  /** Plays every policy on full nodes; see {@link onFullNodes}. */
  readonly fullNodes?: boolean;
  readonly progress?: (done: number, total: number) => void;
}

export interface SearchResult {
  /** Policies that no other beats in both latency and cost, cheapest first. */
  readonly front: readonly Rated[];
  /** The cheapest that keeps the objective; absent where none does. */
  readonly proposal?: Rated;
  /** The proposal on full nodes, where the search itself was not: what it would keep if nothing were idle. */
  readonly onFullNodes?: Rated;
  readonly tried: number;
}

/** Trials per candidate: phases of syncs and scrapes differ between them, and luck with a phase is no merit. */
export const POLICY_TRIALS = 3;
/** How often the search looks around what it has found. */
const ROUNDS = 2;
/** Failures beyond this share are not bought with latency: failed requests may be fast. */
const FAILED_LIMIT = 0.001;

/**
 * Looks for the policy that keeps an objective at least cost: draws policies from the whole space, plays each, then plays
 * the neighbours of the Pareto front, twice.
 */
export async function searchPolicy(options: SearchOptions): Promise<SearchResult> {
  const rated = new Map<string, Rated>();
  const rate = async (candidates: readonly Candidate[]) => {
    const fresh = candidates.filter((candidate) => !rated.has(JSON.stringify(candidate)));
    const unique = [...new Map(fresh.map((candidate) => [JSON.stringify(candidate), candidate])).values()];
    const tasks = unique.flatMap((candidate, index) => tasksOf(candidate, rated.size + index, options));
    const total = rated.size + unique.length;
    const summaries = await playTrials(tasks, options.threads, (done) =>
      options.progress?.(rated.size + Math.floor(done / POLICY_TRIALS), total),
    );
    unique.forEach((candidate, index) => {
      const trials = summaries.slice(index * POLICY_TRIALS, (index + 1) * POLICY_TRIALS);
      rated.set(JSON.stringify(candidate), rating(candidate, trials, options.objective));
    });
  };
  await rate(drawCandidates(options.candidates, options.testType, options.seed, options.signals));
  for (let round = 0; round < ROUNDS; round++) {
    const found = [...rated.values()];
    const best = cheapest(found, options.objective);
    await rate(
      [...unbeaten(found, failedLimit(options.objective)), ...(best ? [best] : [])].flatMap(({ candidate }) =>
        neighbours(candidate),
      ),
    );
  }
  const all = [...rated.values()];
  const proposal = cheapest(all, options.objective);
  const result = {
    front: unbeaten(all, failedLimit(options.objective)),
    ...(proposal && { proposal }),
    tried: all.length,
  };
  if (!proposal || options.fullNodes) return result;
  const tasks = tasksOf(proposal.candidate, rated.size, { ...options, fullNodes: true });
  const trials = await playTrials(tasks, options.threads);
  return { ...result, onFullNodes: rating(proposal.candidate, trials, options.objective) };
}

/** Those that no other beats in latency and cost at once; candidates with more failures than allowed do not count. */
export function unbeaten(all: readonly Rated[], allowed: number = FAILED_LIMIT): Rated[] {
  const counting = all.filter(({ failed }) => failed <= allowed);
  const points = counting.map(({ coreSeconds, latencyMs }) => ({
    x: coreSeconds,
    y: Number.isFinite(latencyMs) ? latencyMs : null,
  }));
  const front = paretoFront(points).map((index) => counting[index]!);
  // Of those that are the same in both, the first.
  return front.filter(({ latencyMs }, place) => latencyMs !== front[place - 1]?.latencyMs);
}

/** Whether a policy is fast enough, and does not buy that with failures. */
export function keepsObjective(
  { latencyMs, failed }: Pick<Rated, 'latencyMs' | 'failed'>,
  objective: Objective,
): boolean {
  return latencyMs < objective.limitMs && failed <= failedLimit(objective);
}

/** Of a share of all requests the failed ones are part already. */
function failedLimit({ measure }: Objective): number {
  return measure === 'share' ? 1 : FAILED_LIMIT;
}

function cheapest(all: readonly Rated[], objective: Objective): Rated | undefined {
  return all
    .filter((one) => keepsObjective(one, objective))
    .sort((one, other) => one.coreSeconds - other.coreSeconds || one.latencyMs - other.latencyMs)[0];
}

function rating(candidate: Candidate, trials: readonly TrialSummary[], objective: Objective): Rated {
  return {
    candidate,
    latencyMs: Math.max(...trials.map((trial) => heldAgainst(objective, trial))),
    coreSeconds:
      trials.reduce((sum, trial) => sum + trial.coreSeconds + partsOf(candidate) * trial.endedAt, 0) / trials.length,
    failed: Math.max(...trials.map((trial) => trial.failed / Math.max(1, trial.requests))),
  };
}

/** Cores that the parts ask for which a candidate's signal needs, and CPU does not. */
function partsOf({ signal = 'cpu' }: Candidate): number {
  return signal === 'cpu' ? 0 : SIGNAL_PARTS_MILLICORES / 1000;
}

/** What Prometheus and its adapter request together. */
export const SIGNAL_PARTS_MILLICORES = Object.values(SIGNAL_PARTS).reduce((sum, part) => sum + part.cpuMillicores, 0);

function tasksOf(candidate: Candidate, number: number, options: SearchOptions): TrialTask[] {
  const { objective, testType, seed, departure } = options;
  return Array.from({ length: POLICY_TRIALS }, (_, index) => {
    const repetition = index + 1;
    const trial: Trial = {
      id: ['search', testType, `candidate-${number}`, objective.profile, repetition].join('.'),
      experiment: 'search',
      testType,
      variant: { name: `candidate-${number}`, site: 'cluster', settings: settingsOf(candidate, testType), varies: {} },
      profile: objective.profile,
      repetition,
    };
    const scale = { rate: 1, duration: 1 };
    // Candidates meet the same random numbers, so that they differ by their policy alone.
    const input = { ...trialInput(trial, seed, departure, scale), id: `search.${repetition}` };
    return { trial, input: options.fullNodes ? onFullNodes(input) : input, startedAt: 0, scale };
  });
}
