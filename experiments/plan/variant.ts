import { DEFAULT_SCALE_UP } from '../../lib/kubernetes/horizontal-pod-autoscaler';
import type {
  Autoscaling,
  ScalingPolicy,
  ScheduledFloor,
  WorkloadSettings,
} from '../../lib/kubernetes/workload-variant';

export type { Autoscaling, ScalingPolicy, ScheduledFloor, WorkloadSettings };

/** The workloads that experiments vary, by their Deployments' names. */
export const WORKLOADS = ['django-api', 'idaes'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** A field that a variant declares to differ from the baseline. */
export type VariedField = (typeof VARIED_FIELDS)[number];
export const VARIED_FIELDS = [
  'replicas',
  'cpuMillicores',
  'targetCpuPercent',
  'minReplicas',
  'scaleUp',
  'scaleDownStabilisationSeconds',
  'signals',
  'floor',
  'tolerancePercent',
] as const;

/** Where a variant runs: on the cluster, or under Docker Compose on one machine. */
export const SITES = ['cluster', 'compose'] as const;
export type Site = (typeof SITES)[number];

/** One row of an experiment's table. */
export interface Variant {
  /** Name of its folder under `dist/workloads/`; unique across experiments. */
  readonly name: string;
  readonly site: Site;
  readonly settings: Readonly<Record<WorkloadName, WorkloadSettings>>;
  /** The fields that this variant sets on purpose, by workload; everything else equals {@link BASELINE}. */
  readonly varies: Readonly<Partial<Record<WorkloadName, readonly VariedField[]>>>;
}

/** Every autoscaled variant stops holding old peaks after this long, unless the window itself is under study. */
export const SCALE_DOWN_STABILISATION_SECONDS = 30;

/**
 * Production, and the baseline that every variant differs from.
 * - 1000m: one process of Granian or of the solver uses at most about one core, and 8 + 8 such pods ask 16 of 28 cores.
 * - 50 %: the highest target of the table that one process at 1000m passes with room for the tolerance of 10 %.
 * - At most 8 replicas: the largest static count of the tables, so static and autoscaled variants can be compared.
 * - Memory: 512 MiB for the API, 1024 MiB for the solver, whose model library alone takes several hundred.
 */
export const BASELINE: Readonly<Record<WorkloadName, WorkloadSettings>> = {
  'django-api': { cpuMillicores: 1000, memoryMiB: 512, replicas: baselineAutoscaling() },
  idaes: { cpuMillicores: 1000, memoryMiB: 1024, replicas: baselineAutoscaling() },
};

function baselineAutoscaling(): Autoscaling {
  return {
    minReplicas: 1,
    maxReplicas: 8,
    targetCpuPercent: 50,
    scaleUp: DEFAULT_SCALE_UP.policies,
    scaleDownStabilisationSeconds: SCALE_DOWN_STABILISATION_SECONDS,
  };
}
