import { asList, podField } from '../objects/pod-template';
import { wiringRule, type Rule } from '../rule';

/** Rules of Secrets as files. */
export const secretVolumeRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'secrets-are-mounted-by-key',
      why: 'Whoever breaks into a program reads every key of a Secret that is mounted as a whole, those too that others need.',
      remedy: 'list the keys that the program reads in items',
    },
    function* (scope, { secrets }) {
      for (const pod of scope.pods) {
        for (const [index, { secret }] of asList(pod.spec.volumes).entries()) {
          if (!secret || asList(secret.items).length > 0) continue;
          const contract = secrets.find(
            ({ name, namespace }) => name === secret.secretName && namespace === pod.namespace,
          );
          if (!contract || contract.keys.length < 2) continue;
          const message = `all keys of ${contract.name} are mounted (${contract.keys.map(({ name }) => name).join(', ')})`;
          yield { at: pod.at, field: podField(pod, `volumes[${index}].secret.items`), message };
        }
      }
    },
  ),
];
