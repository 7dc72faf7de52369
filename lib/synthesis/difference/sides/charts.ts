import { isKind } from '../../../checks/objects/kinds';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { KubernetesObject } from '../../../kubernetes/object';
import type { Consequence } from '../foretold';

/** Where archives of charts are, and what renders them. */
export interface ChartTools {
  /** Folder with archives named `<chart>-<version>.tgz`. */
  readonly folder: string;
  /** Path or name of Helm. */
  readonly helm: string;
  /** Version of Kubernetes that charts are rendered for, such as `1.34.4`. */
  readonly kubernetes: string;
}

/** Both sides with the objects of the charts that differ, and what is to be said of those that could not be rendered. */
export interface SidesWithCharts {
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  /** Sentences by `<kind>/<name>` of what names a chart; an empty one where its objects are among the sides. */
  readonly told: ReadonlyMap<string, string>;
  /** Charts that Helm refuses on the new side. */
  readonly refused: readonly Consequence[];
}

/** A chart as an object names it. */
interface ChartUse {
  /** `<kind>/<name>` of the object. */
  readonly label: string;
  readonly place: string;
  readonly release: string;
  readonly namespace: string;
  readonly archive: string;
  readonly values: string;
}

/**
 * Renders the charts that differ between two sets of outputs, where both archives are at hand. Objects that a chart makes
 * anew at each rendering (a random password, a certificate) are left out: they would always differ.
 */
export function withCharts(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  tools: ChartTools,
): SidesWithCharts {
  const [old, fresh] = [chartUses(before), chartUses(after)];
  const [first, second] = [new Map(before), new Map(after)];
  const told = new Map<string, string>();
  const refused: Consequence[] = [];
  for (const [label, use] of fresh) {
    const was = old.get(label);
    if (was && JSON.stringify(was) === JSON.stringify(use)) continue;
    const reason = whyNot(
      [was, use].flatMap((one) => one?.archive ?? []),
      tools,
    );
    if (reason) {
      told.set(label, reason);
      continue;
    }
    const [is, again] = [render(use, tools), render(use, tools)];
    if (typeof is === 'string') {
      const sentence = `Helm refuses the chart ${use.archive} with these values: ${is}`;
      refused.push({ effect: 'refused', field: '', sentence, place: use.place, alsoIn: [], object: label });
      continue;
    }
    const wasObjects = was ? render(was, tools) : [];
    if (typeof wasObjects === 'string') {
      told.set(label, `Helm cannot render ${was!.archive} with the values before: ${wasObjects}`);
      continue;
    }
    const random = typeof again === 'string' ? new Set<string>() : changing(is, again);
    const path = `charts/${use.release}/rendered.yaml`;
    first.set(path, textOf(wasObjects, random));
    second.set(path, textOf(is, random));
    told.set(label, '');
  }
  return { before: first, after: second, told, refused };
}

/** Consequences in which a chart that was rendered is no longer unseen, and another is told what it lacks. */
export function toldOfCharts(
  consequences: readonly Consequence[],
  { told, refused }: Pick<SidesWithCharts, 'told' | 'refused'>,
): Consequence[] {
  const isRefused = (one: Consequence) => refused.some(({ object }) => one.object.startsWith(object));
  const others = consequences.flatMap((one) => {
    if (one.effect !== 'unseen') return [one];
    if (isRefused(one)) return [];
    const reason = told.get(one.object.split(' ')[0]!);
    if (reason === '') return [];
    return [reason === undefined ? one : { ...one, sentence: `${one.sentence}. ${reason}` }];
  });
  return [...refused, ...others];
}

function whyNot(archives: readonly string[], { folder, helm }: ChartTools): string | undefined {
  const missing = [...new Set(archives)].filter((archive) => !existsSync(join(folder, archive)));
  if (missing.length > 0) return `With ${missing.join(' and ')} in ${folder}, the objects would be compared here`;
  if (spawnSync(helm, ['version', '--short'], { stdio: 'ignore' }).status !== 0)
    return `The archive is there and Helm is not: put helm on PATH, or name it by the variable HELM, and the objects are compared here`;
  return undefined;
}

/** The charts that objects of some outputs name, by `<kind>/<name>` of the object. */
function chartUses(outputs: ReadonlyMap<string, string>): Map<string, ChartUse> {
  const uses = [...outputs]
    .filter(([path, text]) => path.endsWith('.yaml') && /^kind: (HelmChart|Application)$/m.test(text))
    .flatMap(([path, text]) =>
      parseAllDocuments(text)
        .map((document) => document.toJS() as KubernetesObject)
        .flatMap((object) => useOf(object, path.slice(0, path.lastIndexOf('/')))),
    );
  return new Map(uses.map((use) => [use.label, use]));
}

function useOf(object: KubernetesObject, place: string): ChartUse[] {
  const { kind, metadata } = object;
  const label = `${kind}/${metadata?.name}`;
  if (isKind(object, 'HelmChart') && typeof object.spec?.chart === 'string') {
    const { spec } = object;
    const file = object.spec.chart.slice(object.spec.chart.lastIndexOf('/') + 1);
    const archive = file.endsWith('.tgz') ? file : `${file}-${spec.version}.tgz`;
    const values = { ...(parse(spec.valuesContent ?? '') as object | null), ...spec.set };
    const namespace = spec.targetNamespace ?? 'default';
    return [{ label, place, release: metadata.name, namespace, archive, values: stringify(values) }];
  }
  if (!isKind(object, 'Application') || !object.spec?.source?.chart) return [];
  const { chart, targetRevision, helm } = object.spec.source;
  const values: unknown = helm?.valuesObject ?? parse(helm?.values ?? '') ?? {};
  return [
    {
      label,
      place,
      release: helm?.releaseName ?? metadata.name,
      namespace: object.spec.destination?.namespace ?? 'default',
      archive: `${chart}-${targetRevision}.tgz`,
      values: stringify(values),
    },
  ];
}

/** The objects of a chart, or in one line what Helm has against it. */
function render(use: ChartUse, { folder, helm, kubernetes }: ChartTools): KubernetesObject[] | string {
  const { status, stdout, stderr } = spawnSync(
    helm,
    [
      ...['template', use.release, join(folder, use.archive), '--namespace', use.namespace],
      ...['--kube-version', kubernetes, '--include-crds', '--skip-tests', '--values', '-'],
    ],
    { input: use.values, encoding: 'utf8', maxBuffer: 256 << 20 },
  );
  if (status !== 0) return (/^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr).trim();
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object?.kind !== undefined && object !== null) as KubernetesObject[];
}

const identity = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

/** What two renderings of the very same do not agree in. */
function changing(one: readonly KubernetesObject[], other: readonly KubernetesObject[]): Set<string> {
  const texts = new Map(other.map((object) => [identity(object), JSON.stringify(object)]));
  return new Set(one.filter((object) => texts.get(identity(object)) !== JSON.stringify(object)).map(identity));
}

function textOf(objects: readonly KubernetesObject[], left: ReadonlySet<string>): string {
  return objects
    .filter((object) => !left.has(identity(object)))
    .map((object) => stringify(object, { lineWidth: 0 }))
    .join('---\n');
}
