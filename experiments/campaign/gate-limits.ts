/** Limits that decide whether a trial's samples can be trusted. */
export const GATE_LIMITS = {
  /** Specification: above 90 % CPU of all cores the trial is invalid. */
  generatorCpu: 0.9,
  /** Specification: above 80 % memory the trial is invalid. */
  generatorMemory: 0.8,
  /** Share of due requests that must have started within {@link GATE_LIMITS.lateSeconds}. */
  achievedRate: 0.99,
  /** A start later than this did not follow the schedule: ten times the delay of the network. */
  lateSeconds: 0.05,
  /**
   * Share of due requests above which dropped starts make a trial saturated: the highest percentile that is reported, the
   * 99th, is then among the requests that were never sent.
   */
  droppedStarts: 0.01,
  /** Share of due requests that may fail without an explanation: too few to move the 99th percentile to be seen. */
  unexpectedFailures: 0.001,
  /** The generator may stand still for this long, seconds: longer, and requests bunch up that the schedule spreads. */
  generatorPause: 0.25,
  /** The generator's wall clock may leave its monotonic one by this much during a load, seconds. */
  clockStep: 0.5,
  /** A loaded workload may be without a ready pod for this long, seconds, unless overload made it so. */
  withoutReadyPodSeconds: 5,
  /** As many pods as a variant has at least may not be ready for this long, seconds, unless overload made it so: three probes. */
  missingPodSeconds: 30,
  /** CPU use of a machine may be one and the same for less than this, seconds: two scrapes of the cluster's monitoring. */
  stillMetricSeconds: 120,
  /** Measured delay may differ from the one asked for by this much, milliseconds: twice what a loaded Pi adds. */
  delayToleranceMs: 3,
  /** Clock of any node against the generator's, seconds: half of the fastest autoscaler metric's resolution would be 7.5 s. */
  clockOffset: 1,
  /** From here on the firmware of a Raspberry Pi slows the processor down, °C. */
  temperatureCelsius: 80,
  /** Share of the processor's highest frequency that it must be allowed to reach. */
  frequencyCapRatio: 0.99,
  /** Who answers this share of a load after the first answer, and not before, was not there at its beginning. */
  newPeerShare: 0.1,
  /** How far the highest rate may be from the known time around which a floor stands, seconds: one scrape of the metric that states it. */
  knownPeakSeconds: 5,
  /** Share of a window's expected points that every required metric must have. */
  metricsComplete: 0.95,
} as const;
