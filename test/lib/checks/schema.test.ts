import type { Loose } from '../../fixtures/loose';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { schemaErrors, schemaVersion } from '../../../lib/checks/schema/schemas';
import { readFolder } from '../../../lib/synthesis/write';
import { REFUSED_VALUES, withValue } from '../../fixtures/refused-values';

const repository = join(__dirname, '..', '..', '..');
const core = JSON.parse(readFileSync(join(repository, 'imports/schemas/core.json'), 'utf8'));

/** Core kinds that are quick to compile; a second validator by other hands, fed with the same schemas. */
const KINDS = [
  'v1 Service',
  'v1 ConfigMap',
  'networking.k8s.io/v1 Ingress',
  'networking.k8s.io/v1 NetworkPolicy',
  'policy/v1 PodDisruptionBudget',
  'autoscaling/v2 HorizontalPodAutoscaler',
];
const ajv = new Ajv({ strict: false, inlineRefs: false, validateSchema: false, meta: false });
ajv.addSchema({ $id: 'core', definitions: core.definitions });
const compiled = new Map<string, ValidateFunction>(
  KINDS.map((kind) => [kind, ajv.compile({ $ref: `core#/definitions/${core.kinds[kind]}` })]),
);

const objects = [
  ...readFolder(join(repository, 'dist/platform')),
  ...readFolder(join(repository, 'dist/workloads/production')),
]
  .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Loose))
  .filter((object) => compiled.has(`${object.apiVersion} ${object.kind}`));

describe('the schemas', () => {
  it('are those of the Kubernetes version that the cluster runs', () => {
    expect(schemaVersion()).toMatch(/^v1\.34\.\d+$/);
  });

  it('judge committed objects, and hundreds of broken copies of them, as Ajv does', () => {
    expect(objects.length).toBeGreaterThan(10);
    const verdicts = { valid: 0, invalid: 0 };
    for (const [index, object] of objects.entries()) {
      const kind = `${object.apiVersion} ${object.kind}`;
      for (const candidate of [object, ...mutantsOf(object, index)]) {
        const expected = compiled.get(kind)!(candidate);
        expect({ candidate, isValid: schemaErrors(kind, candidate)!.length === 0 }).toEqual({
          candidate,
          isValid: expected,
        });
        verdicts[expected ? 'valid' : 'invalid'] += 1;
      }
    }
    expect(verdicts.valid).toBeGreaterThan(50);
    expect(verdicts.invalid).toBeGreaterThan(200);
  });

  describe('refuse values that the API server refuses', () => {
    const everything = [
      ...readFolder(join(repository, 'dist/platform')),
      ...readFolder(join(repository, 'dist/workloads/production')),
      ...readFolder(join(repository, 'dist/workloads/base')),
    ].flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS() as Loose));

    it.each(REFUSED_VALUES.map((row) => [...row]))('%s: %s: %j', (label, field, value) => {
      const object = everything.find(({ kind, metadata }) => `${kind}/${metadata?.name}` === label);
      const kind = `${object.apiVersion} ${object.kind}`;
      expect(schemaErrors(kind, object)).toEqual([]);
      const errors = schemaErrors(kind, withValue(object, field, value))!;
      const deepest = errors.map(({ instanceLocation }) => instanceLocation).sort((a, b) => b.length - a.length)[0]!;
      const pointer = `#/${field.replaceAll(/[.[]/g, '/').replaceAll(']', '')}`;
      expect(deepest.startsWith(pointer)).toBe(true);
    });
  });

  it('know every custom kind that has a CRD, and refuse what its schema does not name', () => {
    const custom = JSON.parse(readFileSync(join(repository, 'imports/schemas/custom.json'), 'utf8')) as {
      kinds: Record<string, unknown>;
    };
    for (const kind of Object.keys(custom.kinds)) {
      expect(
        schemaErrors(kind, {
          apiVersion: kind.split(' ')[0],
          kind: kind.split(' ')[1],
          metadata: { name: 'x' },
          speck: {},
        }),
      ).not.toEqual([]);
    }
  });
});

/** Copies with one field dropped, misspelt, or given another type, one for each field of the object. */
function mutantsOf(object: Loose, seed: number): Loose[] {
  return pathsIn(object).map((path, index) => {
    const copy = structuredClone(object);
    const parent = path.slice(0, -1).reduce((value, key) => value[key], copy);
    const key = path[path.length - 1]!;
    const value = parent[key];
    const mutation = (seed + index) % 4;
    if (mutation === 0) delete parent[key];
    else if (mutation === 1 && !Array.isArray(parent)) Object.assign(parent, { [`${key}x`]: value });
    else if (mutation === 2) parent[key] = typeof value === 'string' ? 7 : 'text';
    else parent[key] = Array.isArray(value) ? {} : [value];
    return JSON.parse(JSON.stringify(copy));
  });
}

function pathsIn(value: Loose, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [[...path, key], ...pathsIn(value[key], [...path, key])]);
}
