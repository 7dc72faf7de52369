/** The algorithm of the HorizontalPodAutoscaler controller as a pure module: no clock, no network, no cluster. */
export { HorizontalPodAutoscaler, type Decision } from './autoscaler';
export { DEFAULT_CONTROLLER_SETTINGS, type ControllerSettings } from './controller-settings';
export type { MetricReadings, PodMetrics, PodObservation, SyncObservation } from './observation';
export type {
  Behavior,
  HorizontalPodAutoscalerSpecification,
  MetricSpecification,
  MetricTarget,
  ScalingRules,
} from './specification';
export { declaredSpecification, type DeclaredSpecification } from './declared';
export { DEFAULT_SCALE_UP, withDefaults } from './specification';
