import { inContainer } from '../container-rule';
import { asList, podField } from '../objects/pod-template';
import { podRule, wiringRule, type Rule } from '../rule';

/** Rules of where pods may be placed, how they get there, and how they leave. */
export const placeRules: readonly Rule[] = [
  podRule(
    {
      id: 'tolerations-name-their-taint',
      why: 'A pod that tolerates every taint is placed on nodes that are kept free, and stays on one that is lost.',
      remedy: 'name the key of the taint, and its effect',
    },
    function* (pod) {
      for (const [index, { key, operator }] of asList(pod.spec.tolerations).entries()) {
        if (key || operator !== 'Exists') continue;
        const field = podField(pod, `tolerations[${index}]`);
        yield { at: pod.at, field, message: 'every taint is tolerated, those of lost and full nodes too' };
      }
    },
  ),
  podRule(
    {
      id: 'system-priorities-are-of-the-system',
      why: 'A pod of a priority of Kubernetes itself pushes out the name server and the gateway, and nothing pushes it out.',
      remedy: 'name a PriorityClass that is rendered here',
    },
    function* (pod) {
      const name = String(pod.spec.priorityClassName ?? '');
      if (!name.startsWith('system-') || pod.namespace === 'kube-system') return;
      yield {
        at: pod.at,
        field: podField(pod, 'priorityClassName'),
        message: `${name} is for parts of Kubernetes alone`,
      };
    },
  ),
  wiringRule(
    {
      id: 'pods-serve-until-they-are-forgotten',
      why: 'Callers learn some seconds late that a pod leaves: what they send to one that has ended already fails.',
      remedy: 'give the container a preStop that sleeps for 5 s (preStopSleepSeconds)',
    },
    function* (scope) {
      for (const service of scope.ofKind('Service')) {
        const { selector, clusterIP, ports } = service.object.spec ?? {};
        if (!selector || clusterIP === 'None') continue;
        const targets = asList(ports).map(({ targetPort, port }) => targetPort ?? port);
        for (const pod of scope.podsMatching(service.namespace, selector)) {
          if (pod.at.object.kind !== 'Deployment') continue;
          for (const container of pod.containers) {
            const serves = asList(container.spec.ports).some(
              ({ name, containerPort }) => targets.includes(name) || targets.includes(containerPort),
            );
            if (!serves || container.spec.lifecycle?.preStop) continue;
            const message = `${service.label} goes on leading to it for seconds after it was told to end`;
            yield inContainer(pod, container, 'lifecycle.preStop', message);
          }
        }
      }
    },
  ),
  podRule(
    {
      id: 'images-are-kept-on-their-nodes',
      why: 'Nodes pull through the mirror alone: a pod that asks it at each start does not start while it is away.',
      remedy: 'leave imagePullPolicy out: an image with a tag is pulled where it is missing',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const policy = container.spec.imagePullPolicy ?? 'IfNotPresent';
        if (policy === 'IfNotPresent') continue;
        const message =
          policy === 'Never'
            ? 'the image is never pulled, so a new node has none'
            : 'the mirror is asked at each start';
        yield inContainer(pod, container, 'imagePullPolicy', message);
      }
    },
  ),
];
