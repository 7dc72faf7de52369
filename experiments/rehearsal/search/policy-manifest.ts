import { stringify } from 'yaml';
import { LOADED_WORKLOADS, type TestType } from '../../plan';
import { settings } from '../../../facts/settings';
import { declaredSpecification } from '../../../lib/kubernetes/horizontal-pod-autoscaler';
import { autoscalingOf, type Candidate } from './candidates';

/** The HorizontalPodAutoscalers of a policy as YAML, to paste; the request they rest on is a comment. */
export function policyManifest(candidate: Candidate, testType: TestType): string {
  const { cpuMillicores } = candidate;
  return LOADED_WORKLOADS[testType]
    .map((name) => {
      const manifest = {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name, namespace: settings.namespace },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
          ...declaredSpecification(autoscalingOf(candidate, testType, name), name),
        },
      };
      return `# with a CPU request of ${cpuMillicores}m for each ${name} pod\n${stringify(manifest)}`;
    })
    .join('---\n');
}
