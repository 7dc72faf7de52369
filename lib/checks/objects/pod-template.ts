import type { PlacedObject } from './placed-object';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of a pod are read as they come; the schema rule knows their types */

/** One container of a pod template. */
export interface ContainerOfPod {
  readonly spec: any;
  /** Path inside the object, such as `spec.template.spec.containers[0]`. */
  readonly field: string;
  readonly isInit: boolean;
}

/** The pods that an object makes, whatever its kind. */
export interface PodTemplate {
  readonly at: PlacedObject;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: any;
  /** Path of the template inside the object, such as `spec.template`; empty for a bare Pod. */
  readonly field: string;
  readonly containers: readonly ContainerOfPod[];
  /** Runs to completion: a Job or a CronJob. */
  readonly isTask: boolean;
}

const TEMPLATE_PATHS: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

/** The pod template of an object, if its kind makes pods. */
export function podTemplateOf(at: PlacedObject): PodTemplate | undefined {
  const path = TEMPLATE_PATHS[at.object.kind];
  if (!path) return undefined;
  const template = path.reduce((value: any, key) => value?.[key], at.object);
  const spec = template?.spec;
  if (!spec || typeof spec !== 'object') return undefined;
  const field = path.join('.');
  const specField = field ? `${field}.spec` : 'spec';
  return {
    at,
    namespace: at.namespace,
    labels: template.metadata?.labels ?? {},
    annotations: template.metadata?.annotations ?? {},
    spec,
    field,
    containers: [
      ...containersIn(spec.initContainers, `${specField}.initContainers`, true),
      ...containersIn(spec.containers, `${specField}.containers`, false),
    ],
    isTask: at.object.kind === 'Job' || at.object.kind === 'CronJob',
  };
}

/** Path of a field of the pod's spec. */
export function podField(pod: PodTemplate, field: string): string {
  return [pod.field, 'spec', field].filter(Boolean).join('.');
}

function containersIn(list: unknown, field: string, isInit: boolean): ContainerOfPod[] {
  return asList(list).map((spec, index) => ({ spec, field: `${field}[${index}]`, isInit }));
}

/** A list, whatever is there: the schema rule says what is wrong with a field that is not one. */
export function asList(value: any): any[] {
  return Array.isArray(value) ? value.filter((item) => item !== null && typeof item === 'object') : [];
}

/** Names of the ConfigMaps that a pod mounts or reads variables from, each once. */
export function configMapsOf(pod: PodTemplate): string[] {
  const names = [
    ...asList(pod.spec.volumes).flatMap((volume) => [
      volume.configMap?.name,
      ...asList(volume.projected?.sources).map((source) => source.configMap?.name),
    ]),
    ...pod.containers.flatMap(({ spec }) => [
      ...asList(spec.envFrom).map((source) => source.configMapRef?.name),
      ...asList(spec.env).map((variable) => variable.valueFrom?.configMapKeyRef?.name),
    ]),
  ];
  return [...new Set(names.filter((name): name is string => typeof name === 'string'))];
}
