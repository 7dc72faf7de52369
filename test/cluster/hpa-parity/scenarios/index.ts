import type { Scenario } from '../scenario';
import { bounds, signals, tolerance } from './load-signals';
import { policiesDown, policiesUp } from './scaling-policies';
import { windows } from './stabilisation-windows';
import { missingMetrics, standings } from './pod-standings';
import { otherMetrics } from './metric-types';
import { customMetrics } from './custom-metrics';
import { severalMetrics } from './several-metrics';

/** Every scenario that the parity test plays. `value` with `cpu: -1` is a total that the pods share. */
export const SCENARIOS: readonly Scenario[] = [
  ...signals,
  ...tolerance,
  ...bounds,
  ...policiesUp,
  ...policiesDown,
  ...windows,
  ...missingMetrics,
  ...standings,
  ...otherMetrics,
  ...customMetrics,
  ...severalMetrics,
];
