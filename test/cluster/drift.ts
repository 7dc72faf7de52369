import { parseQuantity } from '../../lib/kubernetes/quantity';
import type { KubernetesObject } from '../../lib/kubernetes/object';

/**
 * Fields that the live object holds differently or not at all, as `path: desired → live`: Argo CD's comparison without a dry
 * run, so defaults, status, and another spelling of a quantity (`1000m` is stored as `1`) are no drift.
 */
export function driftOf(desired: KubernetesObject, live: KubernetesObject): string[] {
  return compare(desired, live, '');
}

function compare(desired: unknown, live: unknown, path: string): string[] {
  if (Array.isArray(desired)) {
    if (!Array.isArray(live) || live.length !== desired.length) return [difference(desired, live, path)];
    return desired.flatMap((item, index) => compare(item, live[index], `${path}[${index}]`));
  }
  if (typeof desired === 'object' && desired !== null) {
    if (typeof live !== 'object' || live === null) {
      // The API server does not store empty maps.
      return Object.keys(desired).length === 0 && live === undefined ? [] : [difference(desired, live, path)];
    }
    return Object.entries(desired).flatMap(([key, value]) =>
      compare(value, (live as Record<string, unknown>)[key], path ? `${path}.${key}` : key),
    );
  }
  if (isSameQuantity(desired, live, path)) return [];
  return Object.is(desired, live) ? [] : [difference(desired, live, path)];
}

function difference(desired: unknown, live: unknown, path: string): string {
  return `${path}: ${JSON.stringify(desired)} → ${JSON.stringify(live)}`;
}

function isSameQuantity(desired: unknown, live: unknown, path: string): boolean {
  if (!/\.(requests|limits|capacity|hard|sizeLimit)\b/.test(path)) return false;
  const quantity = parseQuantity(desired);
  return quantity !== undefined && quantity === parseQuantity(live);
}
