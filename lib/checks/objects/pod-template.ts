import type { ContainerSpec, PodSpec } from '../../kubernetes/kinds/core-kinds';
import type { KubernetesObject } from '../../kubernetes/object';
import type { PlacedObject } from './placed-object';

/** One container of a pod template. */
export interface ContainerOfPod {
  readonly spec: ContainerSpec;
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
  readonly spec: PodSpec;
  /** Path of the template inside the object, such as `spec.template`; empty for a bare Pod. */
  readonly field: string;
  readonly containers: readonly ContainerOfPod[];
  /** Runs to completion: a Job or a CronJob. */
  readonly isTask: boolean;
}

interface Template {
  readonly metadata?: Partial<KubernetesObject['metadata']>;
  readonly spec?: PodSpec;
}

/** The probes that a container may have. */
export const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;
/** The lists of words that a container is started with. */
export const WORDS = ['command', 'args'] as const;

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
  const template = templateIn(at.object);
  const spec = template?.spec;
  if (!spec || typeof spec !== 'object') return undefined;
  const field = TEMPLATE_PATHS[at.object.kind]!.join('.');
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

function templateIn(object: KubernetesObject): Template | null | undefined {
  const path = TEMPLATE_PATHS[object.kind];
  const step = (value: unknown, key: string) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
  return path?.reduce<unknown>(step, object) as Template | null | undefined;
}

/** The spec of the pods that an object makes; undefined where its kind makes none. */
export function podSpecOf(object: KubernetesObject | undefined): PodSpec | undefined {
  return (object && templateIn(object)?.spec) ?? undefined;
}

/** Path of a field of the pod's spec. */
export function podField(pod: PodTemplate, field: string): string {
  return [pod.field, 'spec', field].filter(Boolean).join('.');
}

function containersIn(list: PodSpec['containers'], field: string, isInit: boolean): ContainerOfPod[] {
  return asList(list).map((spec, index) => ({ spec, field: `${field}[${index}]`, isInit }));
}

/** A list, whatever is there: the schema rule says what is wrong with a field that is not one. */
export function asList<Item>(value: readonly Item[] | undefined): readonly Item[] {
  return Array.isArray(value)
    ? value.filter((item: unknown): item is Item => item !== null && typeof item === 'object')
    : [];
}

/** A list of texts, whatever is there. */
export function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
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
