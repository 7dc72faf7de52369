import { objectRule, wiringRule, type Rule } from './rule';
import type { PlacedObject } from './objects/placed-object';

/** Rules of what objects are called. */
export const identityRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'objects-are-unique',
      why: 'Of two objects with one name the later one silently overwrites the earlier one.',
      remedy: 'rename one of them',
    },
    function* (scope) {
      const owners = new Map<string, PlacedObject>();
      for (const at of scope.objects) {
        const group = at.object.apiVersion.includes('/') ? at.object.apiVersion.split('/')[0]! : '';
        const key = [group, at.object.kind, at.namespace, at.object.metadata.name].join('\n');
        const owner = owners.get(key);
        if (owner) yield { at, field: 'metadata.name', message: `${at.label} is in ${owner.file.path} already` };
        else owners.set(key, at);
      }
    },
  ),
  objectRule(
    {
      id: 'names-are-dns-names',
      why: 'The API server refuses other names; a Service with a dot or a capital has no DNS record.',
      remedy: 'use lower-case letters, digits and dashes, at most 63 characters',
    },
    function* (at) {
      const { name } = at.object.metadata;
      const pattern = ['Service', 'Namespace'].includes(at.object.kind) ? DNS_LABEL : DNS_SUBDOMAIN;
      if (!name || !pattern.test(name) || name.length > (pattern === DNS_LABEL ? 63 : 253)) {
        yield { at, field: 'metadata.name', message: `"${name ?? ''}" is not a name` };
      }
    },
  ),
];

// RFC 1123, as k8s.io/apimachinery/pkg/util/validation reads it.
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
