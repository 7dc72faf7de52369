import type { Timed } from './event-queue';
import type { CoreConsumer, NodeProcessor } from './node-processor';

/** Period of the kernel's CPU bandwidth control, seconds; the kubelet's default `cpuCFSQuotaPeriod`. */
const QUOTA_PERIOD = 0.1;

/**
 * One container's threads, sharing equally the cores that the node grants, at most one each; a limit is a quota per period
 * (https://www.kernel.org/doc/html/latest/scheduler/sched-bwc.html). One virtual clock makes a change O(log threads).
 */
export class ContainerProcessor implements Timed, CoreConsumer {
  readonly id: number;
  /** Number of jobs in progress. */
  jobs = 0;
  /** Runnable threads, at most {@link parallelism}; none while throttled. */
  demand = 0;
  private readonly parallelism: number;
  private cores = 0;
  private ratePerJob = 0;
  private work = 0;
  private updated: number;
  private used = 0;
  private throttled = false;
  private budget: number;
  private periodStart: number;
  private finish = new Float64Array(8);
  private job = new Int32Array(8);

  /**
   * @param weight CPU shares, in millicores requested (2 where nothing is requested); `limit` is in cores, or Infinity.
   * @param parallelism Threads that can compute at once: processes of an interpreter with a global lock, or cores.
   */
  constructor(
    private readonly node: NodeProcessor,
    readonly weight: number,
    private readonly limit: number,
    parallelism: number,
    quotaPhase: number,
    /** CPU time per time of work: below 1 where a thread, even a busy one, also waits. */
    private readonly cpuPerWork: number,
    private readonly done: (job: number, now: number) => void,
  ) {
    this.id = node.queue.join(this);
    this.parallelism = Math.min(parallelism, node.cores);
    this.updated = node.queue.now;
    this.budget = limit * QUOTA_PERIOD;
    this.periodStart = node.queue.now - quotaPhase * QUOTA_PERIOD;
    node.add(this);
  }

  /** Core-seconds used so far. */
  usedAt(now: number): number {
    this.advance(now);
    return this.used;
  }

  /** Starts a job that needs `seconds` of one core of the reference speed. */
  start(job: number, seconds: number): void {
    this.advance(this.node.queue.now);
    if (this.jobs === this.finish.length) this.grow();
    this.push(this.work + seconds / this.node.speed, job);
    this.demandMayHaveChanged();
  }

  fire(now: number): void {
    this.advance(now);
    if (this.throttled && now >= this.periodStart + QUOTA_PERIOD - 1e-9) this.refill(now);
    while (this.jobs > 0 && this.finish[0] <= this.work + 1e-11) {
      const job = this.pop();
      // The next request may start inside this call, so the sharing is settled again afterwards.
      this.done(job, now);
    }
    this.throttleIfSpent();
    this.demandMayHaveChanged();
  }

  /** Forgets all jobs without finishing them, and leaves the node. */
  kill(): number[] {
    this.advance(this.node.queue.now);
    const lost = Array.from(this.job.subarray(0, this.jobs));
    this.jobs = 0;
    this.demandMayHaveChanged();
    this.node.remove(this);
    return lost;
  }

  /** The node grants this many cores from now on. */
  setCores(cores: number): void {
    this.advance(this.node.queue.now);
    this.cores = cores;
    this.ratePerJob = this.jobs > 0 ? cores / this.jobs : 0;
    this.scheduleNext();
  }

  private demandMayHaveChanged(): void {
    const demand = this.throttled ? 0 : Math.min(this.jobs, this.parallelism);
    const change = demand - this.demand;
    this.demand = demand;
    if (change !== 0) {
      this.node.demandChanged(this, change);
    } else {
      this.ratePerJob = this.jobs > 0 ? this.cores / this.jobs : 0;
      this.scheduleNext();
    }
  }

  private advance(now: number): void {
    const elapsed = now - this.updated;
    if (elapsed <= 0) return;
    this.updated = now;
    const spent = this.ratePerJob * this.jobs * this.cpuPerWork * elapsed;
    this.work += this.ratePerJob * elapsed;
    this.used += spent;
    if (this.limit === Infinity) return;
    this.budget -= spent;
    if (!this.throttled && now >= this.periodStart + QUOTA_PERIOD) {
      this.periodStart += Math.floor((now - this.periodStart) / QUOTA_PERIOD) * QUOTA_PERIOD;
      this.budget =
        this.limit * QUOTA_PERIOD -
        Math.min(this.ratePerJob * this.jobs * this.cpuPerWork * (now - this.periodStart), spent);
    }
  }

  private throttleIfSpent(): void {
    if (this.limit !== Infinity && !this.throttled && this.jobs > 0 && this.budget <= 1e-9) this.throttled = true;
  }

  private refill(now: number): void {
    this.throttled = false;
    this.periodStart = now;
    this.budget = this.limit * QUOTA_PERIOD;
  }

  private scheduleNext(): void {
    this.node.queue.schedule(this.id, this.nextEvent());
  }

  private nextEvent(): number {
    if (this.jobs === 0) return this.throttled ? this.periodStart + QUOTA_PERIOD : Infinity;
    if (this.throttled) return this.periodStart + QUOTA_PERIOD;
    if (this.ratePerJob <= 0) return Infinity;
    const now = this.updated;
    const departure = now + Math.max(0, this.finish[0] - this.work) / this.ratePerJob;
    if (this.limit === Infinity) return departure;
    const usage = this.ratePerJob * this.jobs * this.cpuPerWork;
    const spent = now + Math.max(0, this.budget) / usage;
    const periodEnd = this.periodStart + QUOTA_PERIOD;
    if (spent < periodEnd) return Math.min(departure, spent);
    if (usage > this.limit) return Math.min(departure, periodEnd + (this.limit * QUOTA_PERIOD) / usage);
    return departure;
  }

  private push(finish: number, job: number): void {
    let index = this.jobs++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.finish[parent] <= finish) break;
      this.finish[index] = this.finish[parent];
      this.job[index] = this.job[parent];
      index = parent;
    }
    this.finish[index] = finish;
    this.job[index] = job;
  }

  private pop(): number {
    const first = this.job[0];
    const size = --this.jobs;
    const finish = this.finish[size];
    const job = this.job[size];
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && this.finish[child + 1] < this.finish[child]) child += 1;
      if (this.finish[child] >= finish) break;
      this.finish[index] = this.finish[child];
      this.job[index] = this.job[child];
      index = child;
    }
    this.finish[index] = finish;
    this.job[index] = job;
    return first;
  }

  private grow(): void {
    const finish = new Float64Array(this.finish.length * 2);
    finish.set(this.finish);
    const job = new Int32Array(this.job.length * 2);
    job.set(this.job);
    this.finish = finish;
    this.job = job;
  }
}
