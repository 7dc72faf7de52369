import type { Component } from '../component';
import { serviceEndpoint, type Endpoint, type ServiceEndpoint } from '../network/endpoint';
import { usualProbes, httpGet, type Probes } from '../pod/probe';
import type { PodProps } from '../pod/pod';
import type { Autoscaling } from '../../kubernetes/workload-variant';
import { ScalableDeployment } from './scalable-deployment';
import { OneAtATime, PodService } from './service';
import { containerOf, mayBeMany, type SoleContainerProps } from './single-container';

/** A server of one container that answers HTTP. */
export interface WebServiceProps extends SoleContainerProps, Omit<PodProps, 'containers'> {
  /** Port on which the container listens, and the Service's. */
  readonly port: number;
  /** Path that answers 200 when the server is well, or the probes themselves. */
  readonly probes: string | Probes;
  /** A fixed number of pods, or the rules of an autoscaler. @default 1 */
  readonly replicas?: number | Autoscaling;
  /** Whom it calls. @default nobody */
  readonly connects?: readonly Endpoint[];
}

/**
 * A web service: Deployment, Service, a disruption budget where more than one pod may run, an autoscaler where replicas
 * say so. The container goes on serving for 5 s after the order to stop unless told otherwise.
 */
export class WebService {
  readonly endpoint: ServiceEndpoint;

  constructor(component: Component, props: WebServiceProps) {
    const { port, probes, replicas, connects } = props;
    new ScalableDeployment(component, {
      ...props,
      replicas,
      containers: [
        {
          preStopSleepSeconds: 5,
          ...containerOf(props),
          name: component.name,
          ports: [{ name: 'http', port }],
          probes: typeof probes === 'string' ? usualProbes(httpGet(probes, port)) : probes,
        },
      ],
    });
    new PodService(component, { port });
    if (mayBeMany(replicas)) new OneAtATime(component);
    if (connects) component.connects(connects);
    this.endpoint = serviceEndpoint(component.name, port);
  }
}
