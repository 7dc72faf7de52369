/** The algorithm of the HorizontalPodAutoscaler controller as a pure module: no clock, no network, no cluster. */
export { HorizontalPodAutoscaler, type Decision } from './autoscaler';
export { DEFAULT_CONTROLLER_SETTINGS, type ControllerSettings } from './controller-settings';
export { metricKey } from './observation';
export type { PodMetrics, PodObservation, SyncObservation } from './observation';
export type { Behavior, HorizontalPodAutoscalerSpecification, MetricSpecification } from './specification';
export { declaredSpecification, floorLabels, SIGNAL_METRICS } from './declared';
export { DEFAULT_SCALE_UP } from './specification';
