import { DEFAULT_CONTROLLER_SETTINGS, type ControllerSettings } from './controller-settings';
import { proposeReplicas } from './metric-proposal';
import type { SyncObservation } from './observation';
import { quantityValue } from '../quantity';
import { Recommendations } from './recommendations';
import type { Tolerances } from './replica-calculation';
import { ScaleEvents, upperLimitWithoutBehavior } from './scaling-rate';
import { refuseInvalid } from './validation';
import { withDefaults, type CompleteSpecification, type HorizontalPodAutoscalerSpecification } from './specification';

/** Outcome of one sync. The reasons are those that the controller writes on the object's conditions. */
export interface Decision {
  /** The count that `spec.replicas` of the target has after the sync. */
  readonly replicas: number;
  /** True where the sync changed it. */
  readonly rescaled: boolean;
  /** Reason of the condition AbleToScale. */
  readonly ableToScale: string;
  /** Reason of the condition ScalingActive; absent where the metrics were not looked at. */
  readonly scalingActive?: string;
  /** Reason of the condition ScalingLimited; absent where no limit was looked at. */
  readonly scalingLimited?: string;
  /** Why the metrics gave no answer. */
  readonly failure?: string;
}

/**
 * The HorizontalPodAutoscaler controller of Kubernetes 1.34 for one object, as a state machine without a clock, a network or
 * a random number: the same observations give the same decisions.
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/, KEP-853, and `reconcileAutoscaler` of
 * horizontal.go; functions named beside rules are of pkg/controller/podautoscaler of kubernetes v1.34.4. The tier
 * `test:cluster` holds it against the real controller.
 */
export class HorizontalPodAutoscaler {
  readonly specification: CompleteSpecification;
  private readonly recommendations = new Recommendations();
  private readonly scaleEvents = new ScaleEvents();
  private readonly tolerances: Tolerances;

  /** @throws Error when a metric has no target or an amount makes no sense, as the API server would refuse it. */
  constructor(
    specification: HorizontalPodAutoscalerSpecification,
    readonly settings: ControllerSettings = DEFAULT_CONTROLLER_SETTINGS,
  ) {
    refuseInvalid(specification);
    this.specification = withDefaults(specification);
    this.tolerances = tolerancesOf(this.specification, settings);
  }

  /** One sync: reads the observation, remembers it, and says how many replicas the target shall have. */
  sync(observation: SyncObservation): Decision {
    const current = observation.specReplicas;
    const { minReplicas, maxReplicas } = this.specification;
    this.recommendations.recordInitial(current, observation.now);

    // A target at zero is switched off by hand, unless the autoscaler itself may scale to zero (KEP-2021).
    if (current === 0 && minReplicas !== 0) {
      return {
        replicas: 0,
        rescaled: false,
        ableToScale: 'SucceededGetScale',
        scalingActive: 'ScalingDisabled',
      };
    }
    // Bounds come before metrics: a count outside them is put right at once, past every window and policy.
    if (current > maxReplicas) return this.rescaleTo(maxReplicas, observation, {});
    if (current < minReplicas) return this.rescaleTo(minReplicas, observation, {});

    const proposal = this.proposeFromMetrics(observation);
    if ('failure' in proposal) {
      return {
        replicas: current,
        rescaled: false,
        ableToScale: 'SucceededGetScale',
        scalingActive: proposal.reason,
        failure: proposal.failure,
      };
    }

    const proposed = Math.max(proposal.replicas, 0);
    const normalised = this.specification.behavior
      ? this.normaliseWithBehavior(proposed, current, observation.now)
      : this.normaliseWithoutBehavior(proposed, current, observation.now);
    const reasons = { scalingActive: 'ValidMetricFound', scalingLimited: normalised.scalingLimited };
    if (normalised.replicas === current) {
      return { replicas: current, rescaled: false, ableToScale: normalised.ableToScale, ...reasons };
    }
    return this.rescaleTo(normalised.replicas, observation, reasons);
  }

  /**
   * The highest proposal of all metrics wins; where some fail, the others may still scale up (`computeReplicasForMetrics` of
   * horizontal.go). https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-multiple-metrics
   */
  private proposeFromMetrics(observation: SyncObservation): { replicas: number } | { failure: string; reason: string } {
    let replicas = 0;
    let failed: { failure: string; reason: string } | undefined;
    let succeeded = 0;
    for (const metric of this.specification.metrics) {
      const proposal = proposeReplicas(metric, observation, this.tolerances, this.settings);
      if ('failure' in proposal) {
        failed ??= proposal;
        continue;
      }
      succeeded += 1;
      if (replicas === 0 || proposal.replicas > replicas) replicas = proposal.replicas;
    }
    if (failed && (succeeded === 0 || replicas < observation.specReplicas)) return failed;
    return { replicas };
  }

  /** Window first, then the rate policies, then the bounds: `normalizeDesiredReplicasWithBehaviors` of horizontal.go. */
  private normaliseWithBehavior(proposed: number, current: number, now: number): Normalised {
    const behavior = this.specification.behavior as NonNullable<CompleteSpecification['behavior']>;
    const window = this.settings.downscaleStabilization;
    const stabilised = this.recommendations.stabilise(proposed, current, behavior, window, now);
    const ableToScale =
      stabilised === proposed ? 'ReadyForNewScale' : proposed >= current ? 'ScaleUpStabilized' : 'ScaleDownStabilized';

    const { minReplicas, maxReplicas } = this.specification;
    if (stabilised > current) {
      const rate = Math.max(this.scaleEvents.upperLimit(current, behavior.scaleUp, now), current);
      const allowed = Math.min(maxReplicas, rate);
      const scalingLimited = maxReplicas > rate ? 'ScaleUpLimit' : 'TooManyReplicas';
      if (stabilised > allowed) return { replicas: allowed, ableToScale, scalingLimited };
    } else if (stabilised < current) {
      const rate = Math.min(this.scaleEvents.lowerLimit(current, behavior.scaleDown, now), current);
      const allowed = Math.max(minReplicas, rate);
      const scalingLimited = minReplicas < rate ? 'ScaleDownLimit' : 'TooFewReplicas';
      if (stabilised < allowed) return { replicas: allowed, ableToScale, scalingLimited };
    }
    return { replicas: stabilised, ableToScale, scalingLimited: 'DesiredWithinRange' };
  }

  /** The path of an object without `behavior`: the controller's window for scale-down, and the doubling limit (`normalizeDesiredReplicas`). */
  private normaliseWithoutBehavior(proposed: number, current: number, now: number): Normalised {
    const window = this.settings.downscaleStabilization;
    const stabilised = this.recommendations.stabiliseWithoutBehavior(proposed, window, now);
    const ableToScale = stabilised === proposed ? 'ReadyForNewScale' : 'ScaleDownStabilized';
    const { minReplicas, maxReplicas } = this.specification;
    const rate = upperLimitWithoutBehavior(current);
    if (stabilised < minReplicas) return { replicas: minReplicas, ableToScale, scalingLimited: 'TooFewReplicas' };
    if (stabilised > Math.min(maxReplicas, rate)) {
      const scalingLimited = maxReplicas > rate ? 'ScaleUpLimit' : 'TooManyReplicas';
      return { replicas: Math.min(maxReplicas, rate), ableToScale, scalingLimited };
    }
    return { replicas: stabilised, ableToScale, scalingLimited: 'DesiredWithinRange' };
  }

  private rescaleTo(
    replicas: number,
    { specReplicas, now }: SyncObservation,
    reasons: Pick<Decision, 'scalingActive' | 'scalingLimited'>,
  ): Decision {
    const { behavior } = this.specification;
    if (behavior) {
      const rules = replicas > specReplicas ? behavior.scaleUp : behavior.scaleDown;
      this.scaleEvents.record(specReplicas, replicas, rules, now);
    }
    return { replicas, rescaled: true, ableToScale: 'SucceededRescale', ...reasons };
  }
}

interface Normalised {
  readonly replicas: number;
  readonly ableToScale: string;
  readonly scalingLimited: string;
}

/** Per-object tolerances need the gate HPAConfigurableTolerance (KEP-4951); else the controller's flag holds both ways (`tolerancesForHpa`). */
function tolerancesOf({ behavior }: CompleteSpecification, settings: ControllerSettings): Tolerances {
  const own = (tolerance: string | undefined) =>
    settings.configurableTolerance && tolerance !== undefined ? quantityValue(tolerance) : settings.tolerance;
  return { scaleUp: own(behavior?.scaleUp.tolerance), scaleDown: own(behavior?.scaleDown.tolerance) };
}
