import { ApiObject } from 'cdk8s';
import type { GroupVersionKind } from 'cdk8s';
import type { k8s } from '../typed-kinds';
import type { Component } from '../component';
import { secretsOfPod, type PodProps } from './pod';

/** An object of any kind that makes pods. */
export interface PodOwnerProps {
  /** Of the object that makes the pods. */
  readonly kind: GroupVersionKind;
  /** Of that object. */
  readonly metadata: k8s.ObjectMeta;
  /** Its specification as it stands in a manifest, pod template included. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Name that selectors, Services and network policies know its pods by. */
  readonly podName: string;
  /** What the pod template was made from. */
  readonly pod: PodProps;
}

/**
 * An object that makes pods: Deployment, StatefulSet, Job or CronJob. It is an untyped API object, because the typed ones drop
 * every field that their version of the API lacks. It records which Secrets the pods read, and keeps what the pods are made
 * from for other renderers.
 */
export class PodOwner extends ApiObject {
  readonly pod: PodProps;
  readonly podName: string;

  constructor(component: Component, id: string, { kind, metadata, spec, pod, podName }: PodOwnerProps) {
    super(component, id, { ...kind, metadata, spec } as ConstructorParameters<typeof ApiObject>[2]);
    this.pod = pod;
    this.podName = podName;
    component.reads(secretsOfPod(pod), podName);
  }
}
