import { posix } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Component } from '../constructs/component';
import { bindLate } from '../constructs/late-bound';
import type { PlatformModel, Tree } from '../constructs/platform-model';
import { KUSTOMIZATION_FILE } from '../kubernetes/kustomization';
import type { KubernetesObject, RenderedFile } from '../kubernetes/object';

/**
 * Renders every chart of every tree, one walk per app: `Chart.toJson()` would resolve the whole app for each chart.
 *
 * @param made Told of each object with the construct that it comes from.
 * @throws Error when a construct refuses its settings, naming the construct's path.
 */
export function renderFiles(
  model: Pick<PlatformModel, 'trees'>,
  made?: (object: KubernetesObject, construct: IConstruct) => void,
): RenderedFile[] {
  const files = model.trees.flatMap((tree) => renderTree(tree, made));
  return files.sort((a, b) => compareText(a.path, b.path));
}

/** Byte order: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function renderTree(tree: Tree, made?: (object: KubernetesObject, construct: IConstruct) => void): RenderedFile[] {
  const objectsOfChart = new Map<Chart, KubernetesObject[]>();
  const complaints: string[] = [];
  const paths = new Map<string, string>();
  bindLate(tree.app);
  for (const construct of tree.app.node.findAll()) {
    complaints.push(...construct.node.validate().map((complaint) => `${construct.node.path}: ${complaint}`));
    if (construct instanceof Chart) {
      complaints.push(...takenName(construct, paths));
      objectsOfChart.set(construct, []);
    }
    if (!(construct instanceof ApiObject)) continue;
    const object = renderObject(construct);
    made?.(object, construct);
    objectsOfChart.get(construct.chart)?.push(object);
  }
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const files = [...objectsOfChart].map(([chart, objects]) => ({
    path: `${tree.directory}/${chart.node.id}.yaml`,
    component: chart.node.id,
    objects,
  }));
  return [...files, ...kustomizationFiles(tree, files)];
}

/** Charts of different scopes may have one name, which would be one file. */
function takenName({ node }: Chart, paths: Map<string, string>): string[] {
  const other = paths.get(node.id);
  paths.set(node.id, node.path);
  return other ? [`${node.path}: ${other} would be written to the same file ${node.id}.yaml; rename one.`] : [];
}

/** Name of the file with what a tree lays over its base. */
const PATCHES = 'patches.yaml';

function kustomizationFiles({ directory, kustomization }: Tree, own: readonly RenderedFile[]): RenderedFile[] {
  if (!kustomization) return [];
  const { base, patches = [] } = kustomization;
  const component = posix.basename(directory);
  const resources = [
    ...(base === undefined ? [] : [posix.relative(directory, base)]),
    ...own.map(({ path }) => posix.basename(path)).sort(compareText),
  ];
  const written = patches.length > 0 ? [{ path: `${directory}/${PATCHES}`, component, objects: patches }] : [];
  return [
    ...written,
    {
      path: `${directory}/${KUSTOMIZATION_FILE}`,
      component,
      objects: [],
      kustomization: {
        apiVersion: 'kustomize.config.k8s.io/v1beta1',
        kind: 'Kustomization',
        resources,
        ...(written.length > 0 && { patches: [{ path: PATCHES }] }),
      },
    },
  ];
}

function renderObject(construct: ApiObject): KubernetesObject {
  const object = construct.toJson() as KubernetesObject;
  const { chart } = construct;
  return ordered(isComponent(chart) ? chart.stamped(object) : object, true) as KubernetesObject;
}

/** Not instanceof, which cdk8s answers for every chart alike. */
function isComponent(chart: Chart): chart is Component {
  return 'stamped' in chart;
}

/** What identifies a thing is read first; all else follows in alphabetical order, as cdk8s left it. */
const FIRST = ['apiVersion', 'kind', 'metadata', 'name', 'namespace'];

function ordered(value: unknown, top = false): unknown {
  if (Array.isArray(value)) return value.map((item) => ordered(item));
  if (value === null || typeof value !== 'object') return value;
  const fields = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of FIRST) if (key in fields) result[key] = ordered(fields[key]);
  for (const key of Object.keys(fields)) if (!(key in result)) result[key] = ordered(fields[key]);
  if (top) dropEmptyMetadata(result.metadata as Record<string, unknown>);
  return result;
}

function dropEmptyMetadata(metadata: Record<string, unknown>): void {
  for (const field of ['labels', 'annotations']) {
    const map = metadata[field];
    if (map && Object.keys(map).length === 0) delete metadata[field];
  }
}
