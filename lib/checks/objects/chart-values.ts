import { parse } from 'yaml';
import { kept } from './kept';
import type { PlacedObject } from './placed-object';

/** The values that an object gives to a Helm chart; what cannot be read is the schema rule's to say. */
export const valuesOf = kept(({ object }: PlacedObject): readonly { values: unknown; field: string }[] => {
  if (!CHART_KINDS.includes(object.kind)) return [];
  const { valuesContent, source, sources } = object.spec ?? {};
  const helm = [source, ...(Array.isArray(sources) ? sources : [])].map((each) => each?.helm);
  return [
    { values: fromYaml(valuesContent), field: 'spec.valuesContent' },
    ...helm.flatMap((each) => [
      { values: each?.valuesObject, field: 'spec.source.helm.valuesObject' },
      { values: fromYaml(each?.values), field: 'spec.source.helm.values' },
    ]),
  ];
});

const CHART_KINDS = ['HelmChart', 'HelmChartConfig', 'Application'];

function fromYaml(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
