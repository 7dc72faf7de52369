import type { ContainerProps } from '../pod/container';
import type { Autoscaling } from '../../kubernetes/workload-variant';

/** Whether more than one pod may run. */
export function mayBeMany(replicas: number | Autoscaling = 1): boolean {
  return (typeof replicas === 'number' ? replicas : replicas.maxReplicas) > 1;
}

/** What a workload of one container lets its user say of that container. */
export type SoleContainerProps = Omit<ContainerProps, 'name' | 'ports' | 'probes'>;

/** The fields of a container among the props of a workload. */
export function containerOf(props: SoleContainerProps): SoleContainerProps {
  const { image, command, args, environment, mounts, resources, preStopSleepSeconds } = props;
  return {
    image,
    command,
    args,
    environment,
    mounts,
    resources,
    ...(preStopSleepSeconds === undefined ? {} : { preStopSleepSeconds }),
  };
}
