import type { ContainerProps } from '../pod/container';
import type { Autoscaling } from '../../kubernetes/workload-variant';

/** Whether more than one pod may run. */
export function mayBeMany(replicas: number | Autoscaling = 1): boolean {
  return (typeof replicas === 'number' ? replicas : replicas.maxReplicas) > 1;
}

/** What a workload of one container lets its user say of that container. */
export type SoleContainerProps = Omit<ContainerProps, 'name' | 'ports' | 'probes'>;

/** Every field of a container: the compiler insists on a line for a new one. */
const FIELDS: Record<keyof SoleContainerProps, true> = {
  image: true,
  command: true,
  args: true,
  environment: true,
  mounts: true,
  resources: true,
  preStopSleepSeconds: true,
  startsAfter: true,
};

/** The fields of a container among the props of a workload. */
export function containerOf(props: SoleContainerProps): SoleContainerProps {
  const given = Object.entries(props).filter(([field, value]) => field in FIELDS && value !== undefined);
  return Object.fromEntries(given) as unknown as SoleContainerProps;
}
