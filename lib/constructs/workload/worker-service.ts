import type { Component } from '../component';
import type { Endpoint } from '../network/endpoint';
import type { ContainerProps } from '../pod/container';
import type { PodProps } from '../pod/pod';
import type { Autoscaling } from '../../kubernetes/workload-variant';
import { ScalableDeployment } from './scalable-deployment';
import { OneAtATime } from './service';
import { containerOf, mayBeMany } from './single-container';

/** A process of one container that nobody calls. */
export interface WorkerServiceProps extends Omit<ContainerProps, 'name'>, Omit<PodProps, 'containers'> {
  /** A fixed number of pods, or the rules of an autoscaler. @default 1 */
  readonly replicas?: number | Autoscaling;
  /** Whom it calls. @default nobody */
  readonly connects?: readonly Endpoint[];
}

/** A worker: Deployment without a Service, a disruption budget where more than one pod may run. */
export class WorkerService {
  constructor(component: Component, props: WorkerServiceProps) {
    const { ports, probes, replicas, connects } = props;
    new ScalableDeployment(component, {
      ...props,
      replicas,
      containers: [{ ...containerOf(props), name: component.name, ports, probes }],
    });
    if (mayBeMany(replicas)) new OneAtATime(component);
    if (connects) component.connects(connects);
  }
}
