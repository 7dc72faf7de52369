import { asList } from './objects/pod-template';
import type { PlacedObject } from './objects/placed-object';
import { objectRule, podRule, type Rule } from './rule';

/** Rules of labels, and of lists whose entries are told apart by name. */
export const labelRules: readonly Rule[] = [
  objectRule(
    {
      id: 'labels-can-be-read',
      why: 'The API server refuses an object with a label or an annotation that has not the form of one.',
      remedy:
        'write keys as in example.org/name and values of at most 63 letters, digits, dashes, dots and underscores',
    },
    function* (at) {
      for (const { field, map, hasFreeValues } of mapsOf(at)) {
        for (const [key, value] of Object.entries(map)) {
          const problem = labelProblem(key, hasFreeValues ? '' : value);
          if (problem) yield { at, field: `${field}["${key}"]`, message: problem };
        }
      }
    },
  ),
  podRule(
    {
      id: 'entries-have-their-own-names',
      why: 'Of two entries with one name the later one wins without a word, or the API server refuses the pod.',
      remedy: 'remove one of them, or rename it',
    },
    function* (pod) {
      const lists = [
        { field: [pod.field, 'spec.volumes'].filter(Boolean).join('.'), list: namesIn(pod.spec.volumes), key: 'name' },
        ...pod.containers.flatMap(({ spec, field }) => [
          { field: `${field}.env`, list: namesIn(spec.env), key: 'name' },
          { field: `${field}.ports`, list: namesIn(spec.ports), key: 'name' },
          {
            field: `${field}.volumeMounts`,
            list: asList(spec.volumeMounts).map(({ mountPath }) => mountPath),
            key: 'mountPath',
          },
        ]),
      ];
      const names = pod.containers.map(({ spec }) => String(spec.name));
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) < index)
          yield {
            at: pod.at,
            field: `${pod.containers[index]!.field}.name`,
            message: `another container is called ${name}`,
          };
      }
      for (const { field, list, key } of lists) {
        const seen = new Set<string>();
        for (const [index, name] of list.entries()) {
          if (name === undefined) continue;
          if (seen.has(name))
            yield { at: pod.at, field: `${field}[${index}].${key}`, message: `"${name}" is there already` };
          seen.add(name);
        }
      }
      for (const { spec, field } of pod.containers) {
        const seen = new Set<string>();
        for (const [index, { containerPort, protocol = 'TCP' }] of asList(spec.ports).entries()) {
          const port = `${containerPort}/${protocol}`;
          if (seen.has(port))
            yield { at: pod.at, field: `${field}.ports[${index}]`, message: `port ${port} is there already` };
          seen.add(port);
        }
      }
    },
  ),
];

const namesIn = (list: readonly { readonly name?: string }[] | undefined) => asList(list).map(({ name }) => name);

/** Fields in which objects of whatever kind have labels. */
interface LabelledSpec {
  readonly jobTemplate?: { readonly spec?: { readonly template?: LabelledTemplate } };
  readonly template?: LabelledTemplate;
  readonly selector?: { readonly matchLabels?: Labels } & Labels;
  readonly podSelector?: { readonly matchLabels?: Labels };
}

interface LabelledTemplate {
  readonly metadata?: { readonly labels?: Labels; readonly annotations?: Labels };
  readonly spec?: { readonly nodeSelector?: Labels };
}

type Labels = Readonly<Record<string, unknown>>;

interface LabelMap {
  readonly field: string;
  readonly map: Readonly<Record<string, unknown>>;
  /** Annotations: only their keys have a form. */
  readonly hasFreeValues?: boolean;
}

/** Labels, annotations and selectors of an object, at whatever depth its kind has them. */
function mapsOf({ object }: PlacedObject): LabelMap[] {
  const { metadata } = object;
  const spec = (object['spec'] ?? {}) as LabelledSpec;
  const template = spec.jobTemplate?.spec?.template ?? spec.template;
  const at = spec.jobTemplate ? 'spec.jobTemplate.spec.template' : 'spec.template';
  const maps: LabelMap[] = [
    { field: 'metadata.labels', map: metadata.labels ?? {} },
    { field: 'metadata.annotations', map: metadata.annotations ?? {}, hasFreeValues: true },
    { field: `${at}.metadata.labels`, map: template?.metadata?.labels ?? {} },
    { field: `${at}.metadata.annotations`, map: template?.metadata?.annotations ?? {}, hasFreeValues: true },
    { field: `${at}.spec.nodeSelector`, map: template?.spec?.nodeSelector ?? {} },
    { field: 'spec.selector.matchLabels', map: spec.selector?.matchLabels ?? {} },
    { field: 'spec.podSelector.matchLabels', map: spec.podSelector?.matchLabels ?? {} },
    { field: 'spec.selector', map: object.kind === 'Service' ? (spec.selector ?? {}) : {} },
  ];
  return maps.filter(({ map }) => typeof map === 'object');
}

// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
const KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

function labelProblem(key: string, value: unknown): string | undefined {
  if (!KEY.test(key)) return `"${key}" is no name of a label`;
  return VALUE.test(String(value)) ? undefined : `"${String(value)}" is no value of a label`;
}
