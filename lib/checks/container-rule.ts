import type { ContainerOfPod, PodTemplate } from './objects/pod-template';
import { podRule, type Rule, type RuleText, type Violation } from './rule';

/** Says what is wrong with a container, or nothing. */
type Complaint = (container: ContainerOfPod, pod: PodTemplate) => string | undefined;

/** A rule that looks at each container by itself; `field` is where the setting belongs. */
export function containerRule(text: RuleText, field: string, complain: Complaint): Rule {
  return podRule(text, function* (pod) {
    for (const container of pod.containers) {
      const message = complain(container, pod);
      if (message) yield inContainer(pod, container, field, message);
    }
  });
}

/** A violation at a field of a container. */
export function inContainer(pod: PodTemplate, container: ContainerOfPod, field: string, message: string): Violation {
  return { at: pod.at, field: `${container.field}.${field}`, message: `container ${container.spec.name}: ${message}` };
}
