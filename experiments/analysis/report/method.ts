import { setPercent, wholePercent } from '../../../lib/primitives/percent';
import { GATE_LIMITS } from '../../campaign';
import { SUSTAINED, type AnalysisSettings } from '../measurement/settings';
import { BEND_LEVEL } from '../statistics/change-point';
import { LEAST_RELATIVE_DEVIATION, SHARE_OF_RESERVED, POWER } from '../statistics/comparison';
import { SIMULATED_COVERAGE } from '../statistics/pooled/simulated-coverage';
import { UNEVEN_DESIGN as uneven } from '../statistics/two-way';

/** How the figures of a report came about, a paragraph each. */
export function methodTexts(settings: AnalysisSettings): string[] {
  const {
    requests,
    logNormalSigma,
    paretoIndex,
    gammaShape,
    weibullShape,
    burst,
    drift,
    wideDrift,
    held,
    bimodal,
    short,
    slowTrials,
  } = SIMULATED_COVERAGE;
  const confidence = setPercent(settings.confidence);
  const level = setPercent(1 - settings.confidence);
  return [
    `Response time is the sum of waiting for a connection, connecting, TLS, sending, waiting and receiving. Failed and dropped requests have none; they count in the error rate. A request belongs to the second in which it was due.`,
    `EWMA: every request's weight halves each ${settings.halfLifeSeconds} s. Moving percentiles are exact, over the raw samples of the last ${settings.windowSeconds} s; percentiles are never averaged.`,
    `Response time is counted from the moment a request really started, as the specification says. Columns "from the scheduled start" add the lateness of the start: what a generator that paused would otherwise hide (coordinated omission).`,
    `Percentiles of a cell are pooled from raw samples. Their interval (${confidence}) is the widest of three: Student's t over the trials' own percentiles on logarithms, the bootstrap over whole trials, and the scatter within trials (each tenth of the load, trial against trial). Its upper part is lengthened for high percentiles, because trials that saw no burst cannot tell of any, and it stays between the fastest response seen and the time-out. Simulated with three trials of ${requests} requests: exponential, log-normal (σ ${logNormalSigma}), Pareto (${paretoIndex}), gamma (${gammaShape}) and Weibull (${weibullShape}) service, bursts of ${burst} times the rate, and trials that drift by ${setPercent(drift)} or ${setPercent(wideDrift)}: at least ${setPercent(held)} of intervals hold the truth for each of mean, p50, p90, p95 and p99. Two shapes are harder on p99: where one request in ${bimodal.oneIn} takes ${bimodal.times} times as long as the others it holds in at least ${setPercent(bimodal.heldByP99)}, and in bursts with ${short.requests} requests a trial in at least ${setPercent(short.heldByP99)}. No interval can tell of a trial that was not run: where one trial in ${slowTrials.oneIn} is slower as a whole, ${slowTrials.cases.map(({ times, held: share }) => `by ${setPercent(times - 1)}, at least ${setPercent(share)}`).join(', or ')} of intervals over three trials hold the truth over all of them. Remedy: more trials.`,
    `Other means over trials carry Student's t interval, within what is possible. A count such as "(… of … trials)" beside it says that the others have no such figure.`,
    `Saturated: more than ${setPercent(GATE_LIMITS.droppedStarts)} of the starts were dropped because every virtual user was waiting, while the generator was healthy. Dropped starts count as failed requests; response times are of those that were let in, and so lower bounds, marked ≥. A bound is compared only where it can confirm a difference.`,
    `Variants are held against one reference by Welch's t test, on logarithms for ratios; trials are taken to vary by ${setPercent(LEAST_RELATIVE_DEVIATION)} at least. All comparisons of a report are corrected together by Benjamini and Hochberg's procedure, CPU reserved by itself at ${setPercent(SHARE_OF_RESERVED)} of the level, since it mostly differs for certain and would make finds among the others easier: a report on nothing but identical variants names any difference in at most ${level} of cases (simulated), and of the differences named at most ${level} are expected to be none. Intervals beside them are not corrected. Two factors at once: an analysis of variance on logarithms that leaves each cell its own scatter; F is the plain one, and p takes the cell that matters most at the median of what its few trials allow (simulated with one cell of ${uneven.rows * uneven.columns} that scatters ${uneven.times} times as much: an effect that is not there is named in less than ${setPercent(uneven.named)} of designs, for ${setPercent(uneven.level)}). "So many trials would show ${wholePercent(settings.relevantEffect)}" assumes a power of ${setPercent(POWER)}, the scatter seen here, and the threshold of this report.`,
    `Breakpoint: the rate served while requests wait, in trials whose backlog bends beyond chance (sup-F, ${setPercent(BEND_LEVEL)}), near the rate that a two-phase regression of served on offered finds; only whole seconds count, and an abort ends in the middle of one. Trials are pooled by seconds at the limit, with the jackknife and Student's t over trials, never narrower than the scatter within trials makes it. Peak sustained throughput: the highest rate served over ${SUSTAINED.seconds} s with at most ${setPercent(SUSTAINED.failedShare)} failures (one is always allowed); where a climbing load left the linear regime, the breakpoint's rate; ≥ where the load never asked for more than was served.`,
    `Requests are degraded when they failed, were dropped, or took longer than ${settings.objectiveMs.uor} ms (unit operation retrieval) or ${settings.objectiveMs.fs} ms (flowsheet solving), counted from the load's first step to its end, whether or not an autoscaler acted. Goodput is what was answered within that. CPU reserved is the request of every pod that existed, over the load alone: up to the last request due where it was aborted, and never through the cool-down.`,
  ];
}
