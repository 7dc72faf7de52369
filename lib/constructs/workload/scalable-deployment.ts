import { k8s } from '../typed-kinds';
import type { Component } from '../component';
import { toPodTemplate, type PodProps } from '../pod/pod';
import { PodOwner } from '../pod/pod-owner';
import type { Autoscaling } from '../../kubernetes/workload-variant';
import { Autoscaler } from './autoscaler';

/** A Deployment, with an autoscaler when its number of pods is not fixed. */
export interface ScalableDeploymentProps extends PodProps {
  /** @default the component's name */
  readonly name?: string;
  /**
   * A fixed number of pods, or the rules of an autoscaler; `elsewhere` where a kustomization brings either.
   * @default 1
   */
  readonly replicas?: number | Autoscaling | 'elsewhere';
  /** Pods beyond the wanted number during a roll-out. @default 1 */
  readonly maxSurge?: number;
  /** Pods that may be missing during a roll-out. @default 0 */
  readonly maxUnavailable?: number;
}

/**
 * A Deployment and, where replicas are autoscaled, its HorizontalPodAutoscaler. `spec.replicas` is absent under an
 * autoscaler: two owners of one field undo each other at every sync.
 *
 * @throws Error when replicas are not a whole number above 0, or the autoscaler's rules make no sense.
 */
export class ScalableDeployment {
  readonly deployment: PodOwner;
  readonly autoscaler?: Autoscaler;

  constructor(component: Component, props: ScalableDeploymentProps) {
    const name = props.name ?? component.name;
    const replicas = props.replicas ?? 1;
    refuseBadCount(name, replicas);
    const spread = typeof replicas !== 'number' || replicas > 1;
    this.deployment = new PodOwner(component, `${name}-deployment`, {
      kind: k8s.KubeDeployment.GVK,
      metadata: component.objectMetadata(name, { labelName: name, labels: props.labels }),
      spec: {
        replicas: typeof replicas === 'number' ? replicas : undefined,
        revisionHistoryLimit: 3,
        selector: { matchLabels: component.selectorLabels(name) },
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: {
            maxSurge: props.maxSurge ?? 1,
            maxUnavailable: props.maxUnavailable ?? 0,
          },
        },
        template: toPodTemplate(props, { component, name, spread }),
      },
      pod: props,
      podName: name,
    });
    if (typeof replicas === 'object') {
      this.autoscaler = new Autoscaler(component, `${name}-autoscaler`, name, replicas);
    }
  }
}

function refuseBadCount(name: string, replicas: number | Autoscaling | 'elsewhere'): void {
  if (typeof replicas !== 'number' || (Number.isInteger(replicas) && replicas > 0)) return;
  throw new Error(`${name}: replicas: ${replicas} is not a whole number above 0; write how many pods shall run.`);
}
