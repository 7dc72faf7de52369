import type { OutputUnit } from '@cfworker/json-schema';
import { objectRule, type Rule, type Violation } from '../rule';
import type { PlacedObject } from '../objects/placed-object';
import { schemaErrors, schemaVersion } from './schemas';

const matchesItsSchema = objectRule(
  {
    id: 'objects-match-their-schema',
    why: 'The API server refuses a wrong type, and drops a field it does not know without a word.',
    remedy: 'correct the field; `kubectl explain` lists what the kind has',
  },
  function* (at) {
    const kind = `${at.object.apiVersion} ${at.object.kind}`;
    const errors = schemaErrors(kind, at.object);
    if (!errors) {
      yield {
        at,
        field: 'kind',
        message: `no schema of ${kind} is known for Kubernetes ${schemaVersion()}`,
        remedy: 'correct apiVersion and kind, or register its definition: cp <file with its CRD> imports/third-party/',
      };
      return;
    }
    yield* explain(at, errors);
  },
);

/** Rules about the shape of objects. */
export const schemaRules: readonly Rule[] = [matchesItsSchema];

/** Keywords that only say that something deeper is wrong. */
const WRAPPERS = new Set(['$ref', 'properties', 'items', 'false', 'oneOf', 'allOf', 'if']);

function* explain(at: PlacedObject, errors: readonly OutputUnit[]): Iterable<Violation> {
  for (const error of errors) {
    if (WRAPPERS.has(error.keyword)) continue;
    const value = valueAt(at.object, error.instanceLocation);
    const field = toField(error.instanceLocation);
    const quoted = /"([^"]*)"/.exec(error.error)?.[1] ?? '';
    if (error.keyword === 'additionalProperties') {
      const location = `${error.instanceLocation}/${quoted.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const refused = errors.some(
        ({ keyword, instanceLocation }) => keyword === 'false' && instanceLocation === location,
      );
      if (refused)
        yield { at, field: joinField(field, quoted), message: `there is no field of this name in ${at.object.kind}` };
    } else if (error.keyword === 'required') {
      yield { at, field: joinField(field, quoted), message: 'the field is required, and missing' };
    } else if (error.keyword === 'type') {
      yield { at, field, message: `${describe(value)} stands where ${expectedTypes(error.error)} is expected` };
    } else if (error.keyword === 'enum') {
      yield {
        at,
        field,
        message: `${describe(value)} is none of ${error.error.replace(/^.*?\[|\].*$/g, '').replaceAll(',', ', ')}`,
      };
    } else if (error.keyword === 'minimum' || error.keyword === 'maximum') {
      const bound = /-?\d+(?=\.?$)/.exec(error.error)?.[0] ?? '';
      const side = error.keyword === 'minimum' ? 'below' : 'above';
      yield { at, field, message: `${describe(value)} is ${side} ${bound}, which is the ${error.keyword}` };
    } else if (error.keyword === 'maxLength') {
      const most = /\d+(?=\)?\.?$)/.exec(error.error)?.[0] ?? '';
      yield { at, field, message: `${describe(value)} is longer than ${most} characters` };
    } else if (error.keyword === 'anyOf') {
      yield { at, field, message: `${describe(value)} is none of the forms that the field can have` };
    } else if (error.keyword === 'pattern' && !error.keywordLocation.includes('/anyOf/')) {
      yield { at, field, message: `${describe(value)} does not have the form that the field requires${formOf(field)}` };
    } else if (!error.keywordLocation.includes('/anyOf/')) {
      yield { at, field, message: `${describe(value)}: ${error.error.replace(/\.$/, '')}` };
    }
  }
}

/** What a field of that name must look like, where it can be said in a few words. */
function formOf(field: string): string {
  if (/\.env\[\d+\]\.name$/.test(field)) return ': a variable has letters, digits and _, and begins with no digit';
  if (/(^|\.)(name|namespace|hostname|\w+Name)$/.test(field))
    return ': lower-case letters, digits and hyphens, a letter or digit at both ends';
  if (/(^|\.)(path|mountPath)$/.test(field)) return ': a path begins with / and has no colon';
  return '';
}

function expectedTypes(text: string): string {
  const types = [...text.matchAll(/"([^"]+)"/g)].slice(1).map((match) => match[1]);
  return types.map((type) => (/^[aeiou]/.test(type!) ? `an ${type}` : `a ${type}`)).join(' or ');
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function valueAt(object: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>(
    (value, part) => (value as Record<string, unknown> | undefined)?.[part],
    object,
  );
}

function toField(pointer: string): string {
  return pointerParts(pointer).reduce(joinField, '');
}

function joinField(field: string, part: string): string {
  if (/^\d+$/.test(part)) return `${field}[${part}]`;
  if (!/^[\w-]+$/.test(part)) return `${field}["${part}"]`;
  return field ? `${field}.${part}` : part;
}

function pointerParts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}
