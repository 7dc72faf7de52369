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
  type VariedField,
  type WorkloadName,
} from '../../../experiments/plan';
import { readInventory } from '../../../facts/inventory';
import { builtFiles } from '../../../lib/kubernetes/kustomization';
import { folderOf } from '../../../lib/kubernetes/object';
import { renderFiles } from '../../../lib/synthesis/render';
import { differing, isDeclared, leavesOf } from './declared-fields';

const source = platform(readInventory(join(__dirname, '../../../ansible/inventory/hosts.yml')));
const variants = clusterVariants([...EXPERIMENTS, ...OWN_EXPERIMENTS]);
const trees = workloadTrees(source, BASELINE, [{ name: 'production', settings: BASELINE }, ...variants]);
const rendered = renderFiles({ trees: [trees.base, ...trees.variants] });
const built = groupedByFolder();
const baseline = objectsOf('production');

describe('every variant', () => {
  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s, once built, differs from the baseline only where it declares to',
    (name, variant) => {
      expect(differing(objectsOf(name), baseline).filter((field) => !isDeclared(variant, field))).toEqual([]);
    },
  );

  it.each(variants.map((variant) => [variant.name, variant] as const))(
    '%s lays over the Deployments what it declares and nothing else',
    (name, variant) => {
      const patched = [...leavesOf(patchesOf(name)).keys()].filter(
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
      const changed = experiment.variants.some(({ name }) => differing(objectsOf(name), baseline).length > 0);
      expect([experiment.name, changed]).toEqual([experiment.name, true]);
    }
  });

  it('has a name of its own', () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  });
});

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

function groupedByFolder() {
  const groups = new Map<string, ReturnType<typeof builtFiles>>();
  for (const file of builtFiles(rendered)) groups.set(folderOf(file), [...(groups.get(folderOf(file)) ?? []), file]);
  return groups;
}
