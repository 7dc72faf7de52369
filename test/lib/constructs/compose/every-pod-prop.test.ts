import { toComposeService } from '../../../../lib/constructs/compose/service';
import type { PodProps } from '../../../../lib/constructs/pod/pod';
import { PropTypes } from '../props/prop-types';
import { walkProps, type Wholes } from '../props/prop-walk';
import { barePod, fixtures, otherSecret, pod, type Fixtures } from '../props/samples';

/** Props that concern the cluster alone, each with the reason. */
const LEFT_OUT: readonly (readonly [prop: string, why: string])[] = [
  ['containers[].name', 'a service is named after the pod'],
  ['containers[].ports', 'services of one network reach every port'],
  ['containers[].resources', 'on one machine all share all of it'],
  ['containers[].preStopSleepSeconds', 'no endpoint elsewhere has to forget the container'],
  ['containers[].startsAfter', 'nothing is synced'],
  ['containers[].mounts[](scratch).inMemory', 'every empty folder is in memory'],
  ['initContainers[].name', 'it runs in the container itself'],
  ['initContainers[].ports', 'it serves nothing'],
  ['initContainers[].resources', 'on one machine all share all of it'],
  ['initContainers[].mounts[](scratch).inMemory', 'every empty folder is in memory'],
  ['host', 'there is one machine'],
  ['priorityClass', 'nothing is evicted'],
  ['serviceAccount', 'there is no API server'],
];

const types = new PropTypes();
const fields = types.interface('PodProps').getProperties();
const WHOLES: Wholes = { ConfigFiles: ({ otherConfig }) => otherConfig, SecretReference: () => otherSecret };

/** Pods of one container: with everything, with one probe alone, and with an init container. */
function podsOf(given: Fixtures): PodProps[] {
  const { initContainers, containers, ...fieldsOfPod } = pod(given);
  const bare = { ...barePod.containers[0]!, command: ['/server'] };
  return [
    ...containers.flatMap((container) => {
      const { startup, readiness } = container.probes as Required<NonNullable<typeof container.probes>>;
      return [
        { ...fieldsOfPod, containers: [container] },
        { containers: [{ ...bare, probes: { readiness } }] },
        { containers: [{ ...bare, probes: { startup } }] },
      ];
    }),
    { initContainers, containers: [bare] },
  ];
}

const valuesOf = (props: PodProps) => fields.map(({ name }) => props[name as keyof PodProps]);

/** The service, or the sentence by which the pod is refused. */
function outcomeOf(values: readonly unknown[]): string {
  const props = Object.fromEntries(fields.map(({ name }, index) => [name, values[index]])) as unknown as PodProps;
  try {
    const { service, configs, secrets, volumes } = toComposeService(props, { name: 'sample', prober: 'python' });
    return JSON.stringify([service, [...configs], [...secrets], volumes]);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Props of which no change changes the service, with whether each has a sample. */
function walked() {
  const samples = podsOf(fixtures()).map(valuesOf);
  const { changes, missing } = walkProps(types.checker, fields, samples, WHOLES);
  const effect = new Map<string, boolean>();
  for (const { prop, sample, apply } of changes) {
    const given = fixtures();
    const values = valuesOf(podsOf(given)[sample]!);
    const differs = outcomeOf(apply(values, given)) !== outcomeOf(values);
    effect.set(prop, differs || effect.get(prop) === true);
  }
  return { missing, without: [...effect].filter(([, has]) => !has).map(([prop]) => prop) };
}

const { missing, without } = walked();

it('has a sample of every prop of a pod', () => {
  expect(missing).toEqual([]);
});

it('every prop of a pod reaches Compose, or is left out for a reason', () => {
  expect(without.filter((prop) => !LEFT_OUT.some(([left]) => prop.startsWith(left)))).toEqual([]);
});

it.each(LEFT_OUT)('%s is left out indeed: %s', (left) => {
  expect(without.some((prop) => prop.startsWith(left))).toBe(true);
});
