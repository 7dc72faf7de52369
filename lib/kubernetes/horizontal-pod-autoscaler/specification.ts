import type { ScalingPolicy } from '../workload-variant';

/**
 * The `spec` of a HorizontalPodAutoscaler in the shape of autoscaling/v2, for this module, an API server and a manifest
 * alike.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
 */

/** `Utilization` compares with the pods' requests; `AverageValue` with a quantity per pod; `Value` with one quantity. */
export interface MetricTarget {
  readonly type: 'Utilization' | 'AverageValue' | 'Value';
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

export type ResourceName = 'cpu' | 'memory';

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

export interface MetricIdentifier {
  readonly name: string;
  /** Chooses among the metric's series. */
  readonly selector?: LabelSelector;
}

export type MetricSpecification =
  | { readonly type: 'Resource'; readonly resource: { readonly name: ResourceName; readonly target: MetricTarget } }
  | {
      readonly type: 'ContainerResource';
      readonly containerResource: {
        readonly name: ResourceName;
        readonly container: string;
        readonly target: MetricTarget;
      };
    }
  | { readonly type: 'Pods'; readonly pods: { readonly metric: MetricIdentifier; readonly target: MetricTarget } }
  | {
      readonly type: 'Object';
      readonly object: {
        readonly describedObject: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
        readonly metric: MetricIdentifier;
        readonly target: MetricTarget;
      };
    }
  | {
      readonly type: 'External';
      readonly external: { readonly metric: MetricIdentifier; readonly target: MetricTarget };
    };

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly ScalingPolicy[];
  /** A quantity, such as `50m` for 5 %; read only with the feature gate HPAConfigurableTolerance (KEP-4951). */
  readonly tolerance?: string;
}

export interface Behavior {
  readonly scaleUp?: ScalingRules;
  readonly scaleDown?: ScalingRules;
}

export interface HorizontalPodAutoscalerSpecification {
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  readonly metrics?: readonly MetricSpecification[];
  readonly behavior?: Behavior;
}

/** Scaling rules after the API server has filled in what the manifest leaves out. */
export interface CompleteScalingRules {
  /** Absent only on scale-down, where the controller's own flag decides. */
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
  readonly tolerance?: string;
}

export interface CompleteSpecification {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpecification[];
  readonly behavior?: { readonly scaleUp: CompleteScalingRules; readonly scaleDown: CompleteScalingRules };
}

/**
 * Defaults of scale-up: no window, and the larger of 4 pods or 100 % per 15 s.
 * Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior and KEP-853.
 */
export const DEFAULT_SCALE_UP: CompleteScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

/** Defaults of scale-down: everything may go at once, after the controller's window. Same source. */
export const DEFAULT_SCALE_DOWN: CompleteScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

/** The metric the API server assumes when a manifest names none: CPU at 80 % of the request. */
const DEFAULT_METRICS: readonly MetricSpecification[] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

/**
 * As the API server stores it. An absent `behavior` stays absent: the controller takes another path
 * (`normaliseWithoutBehavior`).
 * Source: `SetDefaults_HorizontalPodAutoscaler` and `GenerateHPAScaleUpRules` of pkg/apis/autoscaling/v2/defaults.go.
 */
export function withDefaults(specification: HorizontalPodAutoscalerSpecification): CompleteSpecification {
  const { behavior } = specification;
  return {
    minReplicas: specification.minReplicas ?? 1,
    maxReplicas: specification.maxReplicas,
    metrics: specification.metrics?.length ? specification.metrics : DEFAULT_METRICS,
    ...(behavior && {
      behavior: {
        scaleUp: completeRules(behavior.scaleUp, DEFAULT_SCALE_UP),
        scaleDown: completeRules(behavior.scaleDown, DEFAULT_SCALE_DOWN),
      },
    }),
  };
}

function completeRules(given: ScalingRules | undefined, defaults: CompleteScalingRules): CompleteScalingRules {
  const stabilizationWindowSeconds = given?.stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds;
  return {
    selectPolicy: given?.selectPolicy ?? defaults.selectPolicy,
    policies: given?.policies ?? defaults.policies,
    ...(stabilizationWindowSeconds !== undefined && { stabilizationWindowSeconds }),
    ...(given?.tolerance !== undefined && { tolerance: given.tolerance }),
  };
}
