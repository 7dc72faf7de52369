import type { LooseObject } from '../../fixtures/loose';
import { join } from 'node:path';
import { DjangoApiWorkload } from '../../../charts/django-api';
import { IdaesWorkload } from '../../../charts/idaes';
import { platform, separateOutput } from '../../../charts/platform';
import { workloadTrees } from '../../../charts/workloads';
import {
  BASELINE,
  clusterVariants,
  EXPERIMENTS,
  OWN_EXPERIMENTS,
  type Variant,
  type VariedField,
  type WorkloadName,
} from '../../../experiments/plan';
import { readInventory } from '../../../facts/inventory';
import { builtFiles } from '../../../lib/kubernetes/kustomization';
import { folderOf } from '../../../lib/kubernetes/object';
import { renderFiles } from '../../../lib/synthesis/render';

/** Where a varied field of the plan shows in the manifests. */
const SHOWS_IN: Readonly<Record<VariedField, readonly RegExp[]>> = {
  // A number in place of an autoscaler.
  replicas: [/^Deployment spec\.replicas$/, /^HorizontalPodAutoscaler /],
  cpuMillicores: [/^Deployment spec\.template\.spec\.containers\.\d+\.resources\.requests\.cpu$/],
  targetCpuPercent: [/^HorizontalPodAutoscaler spec\.metrics\.0\.resource\.target\.averageUtilization$/],
  minReplicas: [/^HorizontalPodAutoscaler spec\.minReplicas$/],
  scaleUp: [/^HorizontalPodAutoscaler spec\.behavior\.scaleUp\./],
  signals: [/^HorizontalPodAutoscaler spec\.metrics\./],
  // Beside CPU, which stays as it is.
  floor: [/^HorizontalPodAutoscaler spec\.metrics\.1\.external\./, /^HorizontalPodAutoscaler spec\.metrics\.1\.type$/],
  tolerancePercent: [/^HorizontalPodAutoscaler spec\.behavior\.scale(Up|Down)\.tolerance$/],
  scaleDownStabilisationSeconds: [/^HorizontalPodAutoscaler spec\.behavior\.scaleDown\.stabilizationWindowSeconds$/],
};

const source = platform(readInventory(join(__dirname, '../../../ansible/inventory/hosts.yml')));
const variants = clusterVariants([...EXPERIMENTS, ...OWN_EXPERIMENTS]);
const trees = workloadTrees(source, BASELINE, [{ name: 'production', settings: BASELINE }, ...variants]);
const rendered = renderFiles({ trees: [trees.base, ...trees.variants] });
const built = groupedByFolder();
const baseline = fieldsOf('production');

describe('every variant', () => {
  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s, once built, differs from the baseline only where it declares to',
    (name, variant) => {
      expect(differing(name).filter((field) => !isDeclared(variant, field))).toEqual([]);
    },
  );

  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s lays over the Deployments what it declares and nothing else',
    (name, variant) => {
      const patched = leavesOf(patchesOf(name)).filter(
        (field) => !/ (apiVersion|kind|metadata\.\w+|.*\.name)$/.test(field),
      );
      expect(patched.filter((field) => !isDeclared(variant, field))).toEqual([]);
      const wanted = Object.entries(variant.varies).flatMap(([workload, fields]) =>
        fields.flatMap((field) => inDeployment(field, variant.settings[workload as WorkloadName].replicas, workload)),
      );
      expect(patched.sort()).toEqual([...new Set(wanted)].sort());
    },
  );

  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s is built to what the constructs make of its settings',
    (name, { settings }) => {
      const output = separateOutput(source);
      new DjangoApiWorkload(output, settings['django-api']);
      new IdaesWorkload(output, settings.idaes);
      const direct = renderFiles({ trees: [{ directory: 'direct', app: output.app }] }).flatMap(
        ({ objects }) => objects,
      );
      const fromOverlay = objectsOf(name).filter(({ kind }) => kind !== 'Job');
      expect(byName(fromOverlay)).toEqual(byName(direct));
    },
  );

  it('shows each of its declared fields somewhere in the plan, so that no declaration is idle', () => {
    for (const experiment of [...EXPERIMENTS, ...OWN_EXPERIMENTS].filter(({ name }) => name !== 'benchmark')) {
      const changed = experiment.variants.some(({ name }) => differing(name).length > 0);
      expect([experiment.name, changed]).toEqual([experiment.name, true]);
    }
  });

  it('has a name of its own', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  });
});

function differing(name: string): string[] {
  const fields = fieldsOf(name);
  return [...new Set([...fields.keys(), ...baseline.keys()])].filter(
    (field) => fields.get(field) !== baseline.get(field),
  );
}

function isDeclared(variant: Variant, field: string): boolean {
  const [workload, ...rest] = field.split(' ');
  const declared = variant.varies[workload as WorkloadName] ?? [];
  return declared.some((one) => SHOWS_IN[one].some((pattern) => pattern.test(rest.join(' '))));
}

/** Where a declared field stands in a Deployment, if it does. */
function inDeployment(field: VariedField, replicas: unknown, workload: string): string[] {
  if (field === 'replicas') return typeof replicas === 'number' ? [`${workload} Deployment spec.replicas`] : [];
  return field === 'cpuMillicores'
    ? [`${workload} Deployment spec.template.spec.containers.0.resources.requests.cpu`]
    : [];
}

function objectsOf(name: string): LooseObject[] {
  return (built.get(`workloads/${name}`) ?? []).flatMap(({ objects }) => objects);
}

function patchesOf(name: string): readonly LooseObject[] {
  return rendered.find(({ path }) => path === `workloads/${name}/patches.yaml`)?.objects ?? [];
}

/** One pod alone has nothing to be spread from, which the base says all the same. */
function byName(objects: readonly LooseObject[]): Record<string, unknown> {
  return Object.fromEntries(
    objects.map((object) => {
      const copy = structuredClone(object);
      if (copy.kind === 'Deployment') delete copy.spec.template.spec.topologySpreadConstraints;
      return [`${object.kind}/${object.metadata.name}`, copy];
    }),
  );
}

/** Every leaf of a variant's built manifests, by `<object> <kind> <path>`. */
function fieldsOf(name: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const object of objectsOf(name)) collect(object, `${object.metadata.name} ${object.kind} `, fields);
  return fields;
}

function leavesOf(objects: readonly LooseObject[]): string[] {
  const fields = new Map<string, string>();
  for (const object of objects) collect(object, `${object.metadata.name} ${object.kind} `, fields);
  return [...fields.keys()];
}

function groupedByFolder() {
  const groups = new Map<string, ReturnType<typeof builtFiles>>();
  for (const file of builtFiles(rendered)) groups.set(folderOf(file), [...(groups.get(folderOf(file)) ?? []), file]);
  return groups;
}

function collect(value: unknown, path: string, fields: Map<string, string>): void {
  if (value === null || typeof value !== 'object') {
    fields.set(path, JSON.stringify(value));
    return;
  }
  for (const [key, child] of Object.entries(value))
    collect(child, path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`, fields);
}
