import { parse } from 'yaml';
import { kept } from './kept';
import { isKind } from './kinds';
import { asList } from './pod-template';
import type { PlacedObject } from './placed-object';

/** The values that an object gives to a Helm chart; what cannot be read is the schema rule's to say. */
export const valuesOf = kept(({ object }: PlacedObject): readonly { values: unknown; field: string }[] => {
  if (isKind(object, 'HelmChart', 'HelmChartConfig'))
    return [{ values: fromYaml(object.spec?.valuesContent), field: 'spec.valuesContent' }];
  if (!isKind(object, 'Application')) return [];
  const { source, sources } = object.spec ?? {};
  return [source, ...asList(sources)].flatMap((each) => [
    { values: each?.helm?.valuesObject, field: 'spec.source.helm.valuesObject' },
    { values: fromYaml(each?.helm?.values), field: 'spec.source.helm.values' },
  ]);
});

const parsed = new Map<string, unknown>();

/** Each text is read once: trees that are applied together repeat them. */
function fromYaml(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  if (!parsed.has(text)) parsed.set(text, parseOrNothing(text));
  return parsed.get(text);
}

function parseOrNothing(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
