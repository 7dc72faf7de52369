import { k8s } from '../typed-kinds';
import type { Component } from '../component';

/** A stable name in front of pods. */
export interface ServiceProps {
  /** @default the component's name */
  readonly name?: string;
  /** Port of the Service and of the pods. */
  readonly port: number;
  /** @default http */
  readonly portName?: string;
  /** Gives every pod a DNS name of its own instead of one address for all: for stateful sets. @default false */
  readonly headless?: boolean;
}

/** A ClusterIP Service that selects the component's pods. */
export class PodService extends k8s.KubeService {
  constructor(component: Component, props: ServiceProps) {
    const name = props.name ?? component.name;
    const portName = props.portName ?? 'http';
    super(component, `${name}-service`, {
      metadata: component.objectMetadata(name, { labelName: name }),
      spec: {
        type: 'ClusterIP',
        clusterIp: props.headless ? 'None' : undefined,
        selector: component.selectorLabels(name),
        ports: [
          { name: portName, port: props.port, targetPort: k8s.IntOrString.fromString(portName), protocol: 'TCP' },
        ],
      },
    });
  }
}

/**
 * Lets a node be drained without stopping the service: at most one pod of it is evicted at a time. Counting missing pods
 * rather than available ones never blocks a drain, whatever the number of replicas.
 */
export class OneAtATime extends k8s.KubePodDisruptionBudget {
  constructor(component: Component, name: string = component.name) {
    super(component, `${name}-disruption-budget`, {
      metadata: component.objectMetadata(name, { labelName: name }),
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels: component.selectorLabels(name) },
      },
    });
  }
}
