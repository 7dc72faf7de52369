import { isPlaced } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import { objectRule, wiringRule, type Rule } from '../rule';

/** Rules of what an autoscaler looks at, and of what it may do. */
export const autoscalingRules: readonly Rule[] = [
  objectRule(
    {
      id: 'autoscalers-can-scale',
      why: 'An autoscaler that may not go one way keeps every pod it once made, or never makes one.',
      remedy: 'name a metric, and for each direction policies with a value and a period from 1 to 1800 s',
    },
    function* (at) {
      if (!isPlaced(at, 'HorizontalPodAutoscaler')) return;
      const { metrics, behavior = {} } = at.object.spec ?? {};
      if (asList(metrics).length === 0) yield { at, field: 'spec.metrics', message: 'the autoscaler looks at nothing' };
      for (const [index, { resource }] of asList(metrics).entries()) {
        const percent = resource?.target?.averageUtilization;
        if (percent === undefined || (percent >= 1 && percent <= 100)) continue;
        const field = `spec.metrics[${index}].resource.target.averageUtilization`;
        yield { at, field, message: `${percent} % of what a pod asks for is not from 1 to 100` };
      }
      for (const direction of ['scaleUp', 'scaleDown'] as const) {
        const field = `spec.behavior.${direction}`;
        const { selectPolicy, policies, stabilizationWindowSeconds: window = 0 } = behavior[direction] ?? {};
        if (selectPolicy === 'Disabled')
          yield { at, field: `${field}.selectPolicy`, message: 'the autoscaler may not go this way' };
        if (policies !== undefined && asList(policies).length === 0)
          yield { at, field: `${field}.policies`, message: 'there is no policy, and the API server wants one' };
        if (window > 3600)
          yield { at, field: `${field}.stabilizationWindowSeconds`, message: `${window} s are more than an hour` };
        for (const [index, { periodSeconds = 0, value = 0 }] of asList(policies).entries()) {
          const where = `${field}.policies[${index}]`;
          if (!(periodSeconds >= 1 && periodSeconds <= 1800))
            yield { at, field: `${where}.periodSeconds`, message: `${periodSeconds} s are not from 1 to 1800` };
          if (!(value >= 1)) yield { at, field: `${where}.value`, message: `by ${value} nothing is scaled` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'autoscalers-name-the-version',
      why: 'The autoscaler asks the API server for its target by version and kind, and scales nothing when there is none.',
      remedy: 'write apiVersion as the target itself has it, such as apps/v1',
    },
    function* (scope) {
      for (const at of scope.ofKind('HorizontalPodAutoscaler')) {
        const { apiVersion, kind = '', name = '' } = at.object.spec?.scaleTargetRef ?? {};
        const target = scope.find(kind, at.namespace, name);
        if (!target || target.object.apiVersion === apiVersion) continue;
        const message = `${target.label} is of ${target.object.apiVersion}, and not of ${apiVersion ?? 'no version'}`;
        yield { at, field: 'spec.scaleTargetRef.apiVersion', message };
      }
    },
  ),
];
