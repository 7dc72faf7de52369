import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** What is needed of an object of a variant's manifests. */
export interface RenderedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly replicas?: number; readonly minReplicas?: number };
}

/** The manifests of a variant as synthesis wrote them. */
export interface RenderedVariant {
  /** Files of the Deployments and their autoscalers; jobs that run once per release are none of an experiment's business. */
  readonly files: readonly string[];
  readonly objects: readonly RenderedObject[];
}

/** @throws {Error} when the variant was not rendered. */
export function renderedVariant(dist: string, variant: string): RenderedVariant {
  const folder = join(dist, 'workloads', variant);
  if (!existsSync(folder)) throw new Error(`${folder} does not exist: run "npm run synth" and commit dist first.`);
  const files = readdirSync(folder)
    .sort()
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: join(folder, name), objects: objectsOf(join(folder, name)) }))
    .filter(({ objects }) => objects.some(({ kind }) => kind === 'Deployment'));
  return { files: files.map(({ path }) => path), objects: files.flatMap(({ objects }) => objects) };
}

function objectsOf(file: string): RenderedObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as RenderedObject | null)
    .filter((object) => object !== null);
}

/** Pods of a workload when nothing is loaded: its fixed number, or the autoscaler's minimum. */
export function restingReplicas({ objects }: RenderedVariant, workload: string): number {
  const of = (kind: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === workload)?.spec;
  return of('HorizontalPodAutoscaler')?.minReplicas ?? of('Deployment')?.replicas ?? 1;
}
