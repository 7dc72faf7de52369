import type { GateResult, TrialRecord } from '../../campaign';
import { loadProfile, OVERHEAD_SECONDS, scheduledSeconds, type WorkloadName } from '../../plan';
import { describeAnswer, outcomesOf, type ExpectedAnswer, type Load } from '../../workload';
import { FLOWSHEET_PREFIX, type AttemptContext, type AttemptState, type Loaded } from './attempt-context';
import { ClockWatch, observationClock } from './clock';
import { answersDelayed, sameSystem } from './gates/answer-gates';
import * as gates from './gates/gates';
import { PeakAppointment } from './known-peak';
import { loadOf } from './load-of-trial';
import { Timeline } from './observation';
import { AttemptFailure, type MetricPoint, type Ports } from './ports';
import { metricsPossible, nodeHealth, withoutRepeats } from './gates/node-health';
import { REMEDIES } from './gates/remedies';
import { replicaBounds, podsMissing, podsReady, replicasInBounds } from './gates/system-gates';
import { storeRecord } from './record/trial-record';
import { warmUp } from './warm-up';

/** Replicas must be back at the minimum within this time after a trial: the longest stabilisation window and as much again. */
const COOL_DOWN_LIMIT_MS = 600_000;
const COOL_DOWN_POLL_MS = 250;

/** One attempt at one trial: the state machine from selecting the variant to storing the verdict. */
export class Attempt {
  private readonly verdicts: GateResult[] = [];
  private readonly timeline = new Timeline((observation) => this.context.replicas?.(observation));
  private stopWatching: () => Promise<void> = () => Promise.resolve();
  private loaded: Loaded | undefined;
  private watchEnded = 0;
  private machines = 1;
  private clocks: ClockWatch | undefined;
  private readonly appointment: PeakAppointment | undefined;

  constructor(
    private readonly context: AttemptContext,
    private readonly ports: Ports,
  ) {
    this.appointment = PeakAppointment.of(ports.peaks, context);
  }

  /**
   * @returns the verdict, stored on disk.
   * @throws {Error} when the environment fails as the next trial's would; flowsheet and delay are removed all the same.
   */
  async run(): Promise<TrialRecord> {
    observationClock.setByWallClock();
    this.clocks = new ClockWatch(this.ports.clocks);
    try {
      await this.measure();
    } catch (error) {
      if (!(error instanceof AttemptFailure)) {
        await failureOf(() => this.cleanUp());
        await this.stopWatching();
        throw error;
      }
      const told = this.verdicts.some(({ gate }) => gate === error.gate);
      if (!told) this.tell(gates.failedGate(error.gate, error.message));
    } finally {
      this.clocks.stop();
    }
    const leftBehind = await failureOf(() => this.cleanUp());
    // What was measured is stored first, whatever could not be removed.
    if (leftBehind !== undefined && this.loaded === undefined) throw leftBehind;
    await this.coolDown();
    const points = await this.pullMetrics();
    this.judge(points);
    const record = this.store(points);
    if (leftBehind !== undefined) throw leftBehind;
    return record;
  }

  private async measure(): Promise<void> {
    const { context, ports } = this;
    const { variant } = context.trial;
    this.enter('select');
    await this.appointment?.near();
    if (ports.session !== undefined)
      this.tell(
        await ports.session.check(this.expectedSeconds(), {
          signal: context.signal,
          say: (text) => context.detail?.(text),
        }),
      );
    await ports.cluster.select(variant, context.signal, (text) => context.detail?.(text));
    this.enter('settle');
    await ports.cluster.settled(variant, context.signal);
    this.insist(gates.variantLive('start', variant.name, await ports.cluster.differences(variant)));
    const offsets = await ports.cluster.clockOffsets();
    this.machines = offsets.size;
    this.insist(gates.clockOffset(offsets));
    const url = ports.cluster.url();
    this.enter('delay');
    const without = await this.addDelay(url);
    this.enter('flowsheet');
    await ports.flowsheets.removeLeftovers(url, FLOWSHEET_PREFIX);
    const flowsheet = await ports.flowsheets.create(url, this.flowsheetName());
    this.stopWatching = await ports.cluster.watch(this.timeline);
    const { trial, folder, settings } = context;
    const told = { seed: folder.manifest.seed, ...settings };
    const load = loadOf(trial, told, ports.delay.route(url), flowsheet, ports.headers);
    this.enter('warm-up');
    await this.appointment?.beforeWarmUp();
    const answer = await this.warmUp(load);
    this.enter('load');
    await this.appointment?.beforeLoad();
    await this.sendLoad({ ...load, answer });
    this.tell(...(await this.delayAfter(url, without)));
    this.tell(await this.clocksAfter());
    this.tell(gates.variantLive('end', variant.name, await ports.cluster.differences(variant)));
  }

  private async warmUp({ request }: Load): Promise<ExpectedAnswer> {
    const { trial, settings, signal, note } = this.context;
    const answer = await warmUp(trial.testType, request, settings.scale.duration, signal);
    const detail = `A right answer is ${describeAnswer(answer)}.`;
    note?.(detail);
    this.tell({ gate: 'answer-learnt', passed: true, value: answer.bytes[1], detail });
    return answer;
  }

  /** Clocks that were right before the load may have been set in it. */
  private async clocksAfter(): Promise<GateResult> {
    try {
      return gates.clockOffset(await this.ports.cluster.clockOffsets(), 'clock-offset-after');
    } catch (error) {
      return gates.failedGate('clock-offset-after', (error as Error).message);
    }
  }

  /** A system that no longer answers voids the attempt, whose samples are kept, rather than the campaign. */
  private async delayAfter(url: string, without: number): Promise<GateResult[]> {
    const { delay } = this.ports;
    if (delay.delayMs === 0) return [];
    try {
      return [gates.delayInPlace('after', delay, without, await delay.check(url))];
    } catch (error) {
      return [{ ...gates.failedGate('delay-after', (error as Error).message), remedy: delay.remedy }];
    }
  }

  /** Returns the round trip without delay, milliseconds. */
  private async addDelay(url: string): Promise<number> {
    const { delay } = this.ports;
    if (delay.delayMs === 0) return 0;
    const without = await delay.check(url);
    await delay.add(url);
    this.insist(gates.delayInPlace('before', delay, without.roundTripMs, await delay.check(url)));
    return without.roundTripMs;
  }

  private async sendLoad(load: Load): Promise<void> {
    const { context, ports } = this;
    await ports.metrics.begin();
    const monitor = ports.monitor.start();
    try {
      const result = await ports.generator.run(load, { onProgress: context.progress, signal: context.signal });
      this.loaded = {
        load,
        result,
        host: result.host ?? monitor.stop(),
        clock: this.clocks!.stop(),
        end: observationClock.now(),
      };
    } finally {
      monitor.stop();
    }
  }

  /** Runs on every way out; each removal is tried whatever became of the other, or of the journal. */
  private async cleanUp(): Promise<void> {
    const { cluster, delay, flowsheets } = this.ports;
    const failures = [
      await failureOf(() => this.enter('remove-flowsheet')),
      await failureOf(async () => {
        const url = cluster.url();
        if (url === '') return;
        const failure = await failureOf(() => flowsheets.remove(url, this.flowsheetName()));
        if (failure !== undefined && !cluster.ephemeral) throw failure;
      }),
      await failureOf(() => this.enter('remove-delay')),
      await failureOf(() => delay.remove()),
    ];
    const failure = failures.find((one) => one !== undefined);
    if (failure === undefined) return;
    await this.stopWatching();
    throw failure;
  }

  /** Waits until every workload is back at its minimum, so that no trial starts on the pods of the one before. */
  private async coolDown(): Promise<void> {
    this.enter('cool-down');
    const deadline = observationClock.now() + COOL_DOWN_LIMIT_MS;
    const atMinimum = (workload: WorkloadName) => {
      const { replicas } = this.context.trial.variant.settings[workload];
      const minimum = typeof replicas === 'number' ? replicas : replicas.minReplicas;
      return (this.timeline.at(workload)?.current ?? minimum) <= minimum;
    };
    while (
      !this.timeline.workloads().every(atMinimum) &&
      observationClock.now() < deadline &&
      !this.context.signal.aborted
    )
      await new Promise((resolve) => setTimeout(resolve, COOL_DOWN_POLL_MS));
    await this.stopWatching();
    this.watchEnded = observationClock.now();
  }

  private async pullMetrics(): Promise<readonly MetricPoint[]> {
    this.enter('metrics');
    if (this.loaded === undefined) return [];
    const { result, end } = this.loaded;
    return withoutRepeats(await this.ports.metrics.points(result.startedAt.getTime(), end));
  }

  private judge(points: readonly MetricPoint[]): void {
    this.enter('judge');
    if (this.loaded === undefined) return;
    const { load, result, host, clock, end } = this.loaded;
    const outcomes = outcomesOf(result.samples);
    const { trial } = this.context;
    const start = result.startedAt.getTime();
    const { required, stepSeconds } = this.ports.metrics;
    const generator = [
      gates.generatorCpu(host),
      gates.generatorMemory(host),
      gates.achievedRate(load, result),
      gates.generatorPauses(result),
    ];
    const bounds = this.ports.cluster.bounds?.(trial.variant) ?? replicaBounds(trial.variant);
    this.tell(
      ...generator,
      gates.clockSteady(clock),
      sameSystem(result, scheduledSeconds(load)),
      answersDelayed(result, this.ports.delay.delayMs),
      ...gates.loadGates(outcomes, generator, this.timeline.scaleDowns(start)),
      gates.podsStable(this.timeline, start, end),
      ...(this.appointment ? [this.appointment.verdict(start)] : []),
      gates.signalsPresent(this.timeline, start, end),
      gates.autoscalersSame(this.timeline, start, end),
      replicasInBounds(this.timeline, bounds, start, end),
      podsReady(this.timeline, trial.testType, outcomes, start, end),
      podsMissing(this.timeline, bounds, trial.testType, outcomes, start, end),
      gates.metricsComplete(points, required, stepSeconds, start, end, this.machines),
      metricsPossible(points, start, end),
      gates.metricsMove(points, start, end),
      nodeHealth(points, start, end),
    );
  }

  private store(points: readonly MetricPoint[]): TrialRecord {
    this.enter('store');
    const { context, loaded, verdicts, timeline, watchEnded } = this;
    return storeRecord(context, { loaded, verdicts, timeline, watchEnded, points });
  }

  private enter(state: AttemptState): void {
    this.context.entered(state);
  }

  /** Records verdicts, with what to do about each that did not pass. */
  private tell(...verdicts: readonly GateResult[]): void {
    for (const verdict of verdicts) {
      const remedy = verdict.passed ? undefined : (verdict.remedy ?? REMEDIES[verdict.gate]);
      const told = remedy === undefined ? verdict : { ...verdict, remedy };
      this.verdicts.push(told);
      this.context.judged?.(told);
    }
  }

  /** Records a gate that must pass before load is worth sending. */
  private insist(verdict: GateResult): void {
    this.tell(verdict);
    if (!verdict.passed) throw new AttemptFailure(verdict.gate, verdict.detail);
  }

  /** How long this attempt will take. */
  private expectedSeconds(): number {
    const { trial, settings } = this.context;
    return scheduledSeconds(loadProfile(trial.profile, trial.testType, settings.scale)) + OVERHEAD_SECONDS;
  }

  private flowsheetName(): string {
    const { folder, trial, attempt } = this.context;
    return `${FLOWSHEET_PREFIX}${folder.manifest.campaign} ${trial.id} ${attempt}`;
  }
}

async function failureOf(work: () => Promise<void> | void): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
