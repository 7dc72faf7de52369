import type { Schema } from './core-schema';

/** What a field may be beyond its type. */
interface Limit {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly enum?: unknown[];
}

const PORT: Limit = { minimum: 1, maximum: 65535 };
const COUNT: Limit = { minimum: 0 };
const AT_LEAST_ONE: Limit = { minimum: 1 };
// k8s.io/apimachinery, pkg/util/validation: IsDNS1123Label, IsDNS1123Subdomain, IsValidPortName, IsConfigMapKey.
const LABEL: Limit = { pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 };
const SUBDOMAIN: Limit = {
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  maxLength: 253,
};
const PORT_NAME: Limit = {
  pattern: '^(?!.*--)[a-z0-9]*[a-z]([-a-z0-9]*[a-z0-9])?$|^[a-z0-9]+-[-a-z0-9]*[a-z][-a-z0-9]*$',
  maxLength: 15,
};
const KEY: Limit = { pattern: '^[-._a-zA-Z0-9]+$', maxLength: 253 };
// The API server takes a relative path, and the container's runtime puts it below /, which nobody means.
const ABSOLUTE_PATH: Limit = { pattern: '^/[^:]*$' };

/**
 * What the API server refuses although the type is right. Its OpenAPI document does not say it: it stands in Go, in
 * pkg/apis/{core,apps,autoscaling,batch,networking,policy}/validation of k8s.io/kubernetes.
 */
const LIMITS: Readonly<Record<string, Readonly<Record<string, Limit>>>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { name: SUBDOMAIN, namespace: LABEL },
  'io.k8s.api.core.v1.Container': { name: LABEL },
  'io.k8s.api.core.v1.ContainerPort': { containerPort: PORT, hostPort: PORT, name: PORT_NAME },
  'io.k8s.api.core.v1.EnvVar': { name: { pattern: '^[^=\\s\\u0000-\\u001f]+$' } },
  'io.k8s.api.core.v1.ConfigMapKeySelector': { key: KEY, name: SUBDOMAIN },
  'io.k8s.api.core.v1.SecretKeySelector': { key: KEY, name: SUBDOMAIN },
  'io.k8s.api.core.v1.HTTPGetAction': { port: PORT, path: { pattern: '^/' } },
  'io.k8s.api.core.v1.TCPSocketAction': { port: PORT },
  'io.k8s.api.core.v1.GRPCAction': { port: PORT },
  'io.k8s.api.core.v1.Probe': {
    initialDelaySeconds: COUNT,
    periodSeconds: AT_LEAST_ONE,
    timeoutSeconds: AT_LEAST_ONE,
    successThreshold: AT_LEAST_ONE,
    failureThreshold: AT_LEAST_ONE,
    terminationGracePeriodSeconds: AT_LEAST_ONE,
  },
  'io.k8s.api.core.v1.SleepAction': { seconds: COUNT },
  'io.k8s.api.core.v1.PodSpec': {
    terminationGracePeriodSeconds: COUNT,
    activeDeadlineSeconds: AT_LEAST_ONE,
    nodeName: SUBDOMAIN,
    serviceAccountName: SUBDOMAIN,
    priorityClassName: SUBDOMAIN,
    hostname: LABEL,
  },
  'io.k8s.api.core.v1.PodSecurityContext': { runAsUser: COUNT, runAsGroup: COUNT, fsGroup: COUNT },
  'io.k8s.api.core.v1.SecurityContext': { runAsUser: COUNT, runAsGroup: COUNT },
  'io.k8s.api.core.v1.Volume': { name: LABEL },
  'io.k8s.api.core.v1.VolumeMount': { mountPath: ABSOLUTE_PATH, subPath: { pattern: '^(?!/)(?!.*\\.\\./)' } },
  'io.k8s.api.core.v1.HostPathVolumeSource': { path: ABSOLUTE_PATH },
  'io.k8s.api.core.v1.LocalVolumeSource': { path: ABSOLUTE_PATH },
  'io.k8s.api.core.v1.ConfigMapVolumeSource': { defaultMode: { minimum: 0, maximum: 511 } },
  'io.k8s.api.core.v1.SecretVolumeSource': { defaultMode: { minimum: 0, maximum: 511 } },
  'io.k8s.api.core.v1.KeyToPath': { key: KEY, mode: { minimum: 0, maximum: 511 } },
  'io.k8s.api.core.v1.EmptyDirVolumeSource': { medium: { enum: ['', 'Memory'] } },
  'io.k8s.api.core.v1.ServicePort': { port: PORT, nodePort: PORT, targetPort: PORT, name: LABEL },
  'io.k8s.api.core.v1.TopologySpreadConstraint': { maxSkew: AT_LEAST_ONE, minDomains: AT_LEAST_ONE },
  'io.k8s.api.core.v1.WeightedPodAffinityTerm': { weight: { minimum: 1, maximum: 100 } },
  'io.k8s.api.core.v1.PreferredSchedulingTerm': { weight: { minimum: 1, maximum: 100 } },
  'io.k8s.api.core.v1.Toleration': {
    key: { pattern: '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$|^$' },
  },
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement': {
    operator: { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
  },
  'io.k8s.api.apps.v1.DeploymentSpec': {
    replicas: COUNT,
    minReadySeconds: COUNT,
    progressDeadlineSeconds: COUNT,
    revisionHistoryLimit: COUNT,
  },
  'io.k8s.api.apps.v1.StatefulSetSpec': { replicas: COUNT, minReadySeconds: COUNT, revisionHistoryLimit: COUNT },
  'io.k8s.api.batch.v1.JobSpec': {
    backoffLimit: COUNT,
    parallelism: COUNT,
    completions: COUNT,
    activeDeadlineSeconds: AT_LEAST_ONE,
    ttlSecondsAfterFinished: COUNT,
  },
  'io.k8s.api.batch.v1.CronJobSpec': {
    startingDeadlineSeconds: COUNT,
    successfulJobsHistoryLimit: COUNT,
    failedJobsHistoryLimit: COUNT,
  },
  'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec': { minReplicas: AT_LEAST_ONE, maxReplicas: AT_LEAST_ONE },
  'io.k8s.api.autoscaling.v2.HPAScalingPolicy': {
    type: { enum: ['Pods', 'Percent'] },
    value: AT_LEAST_ONE,
    periodSeconds: { minimum: 1, maximum: 1800 },
  },
  'io.k8s.api.autoscaling.v2.HPAScalingRules': {
    selectPolicy: { enum: ['Max', 'Min', 'Disabled'] },
    stabilizationWindowSeconds: { minimum: 0, maximum: 3600 },
  },
  'io.k8s.api.autoscaling.v2.MetricTarget': {
    type: { enum: ['Utilization', 'Value', 'AverageValue'] },
    averageUtilization: AT_LEAST_ONE,
  },
  'io.k8s.api.autoscaling.v2.MetricSpec': {
    type: { enum: ['Resource', 'ContainerResource', 'Pods', 'Object', 'External'] },
  },
  'io.k8s.api.networking.v1.HTTPIngressPath': { path: { pattern: '^/' } },
  'io.k8s.api.networking.v1.ServiceBackendPort': { number: PORT, name: PORT_NAME },
  'io.k8s.api.networking.v1.NetworkPolicyPort': { port: PORT, endPort: PORT },
  'io.k8s.api.rbac.v1.RoleRef': { kind: { enum: ['Role', 'ClusterRole'] } },
  'io.k8s.api.rbac.v1.Subject': { kind: { enum: ['ServiceAccount', 'User', 'Group'] } },
  'io.k8s.api.scheduling.v1.PriorityClass': { value: { minimum: -2147483648, maximum: 1000000000 } },
};

/**
 * A definition whose fields are held to their limits. A keyword counts for values of its type alone, so that a port may be a
 * number in range or a name.
 *
 * @throws Error naming a field that the definition does not have.
 */
export function withLimits(name: string, definition: Schema): Schema {
  const limits = LIMITS[name];
  if (!limits || !definition.properties) return definition;
  const properties = { ...definition.properties };
  for (const [field, limit] of Object.entries(limits)) {
    const own = properties[field];
    if (!own) throw new Error(`imports/source/limits.ts: ${name} has no field ${field}; correct the table.`);
    properties[field] = own.$ref ? { allOf: [own, limit] } : { ...own, ...limit };
  }
  return { ...definition, properties };
}
