import type { ScalableDeploymentProps } from '../lib/constructs/workload/scalable-deployment';
import type { WorkloadSettings } from '../lib/kubernetes/workload-variant';

/** What a Deployment under experiment is given: its replicas may be decided by the variant that is laid over it. */
export interface DeploymentSettings extends Omit<WorkloadSettings, 'replicas'> {
  /** How many pods run, or what decides about it. */
  readonly replicas: NonNullable<ScalableDeploymentProps['replicas']>;
}
