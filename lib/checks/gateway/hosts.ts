import type { PlacedObject } from '../objects/placed-object';
import { asList } from '../objects/pod-template';
import type { Scope } from '../objects/scope';

/** Every host and path that a route answers for. */
export function* hostsIn(scope: Scope): Iterable<{ at: PlacedObject; field: string; host: string; path: string }> {
  for (const at of scope.ofKind('Ingress')) {
    for (const [index, rule] of asList(at.object.spec?.rules).entries()) {
      for (const { path = '/' } of asList(rule.http?.paths)) {
        yield { at, field: `spec.rules[${index}].host`, host: rule.host ?? '*', path };
      }
    }
  }
  for (const at of scope.ofKind('IngressRoute')) {
    for (const [index, route] of asList(at.object.spec?.routes).entries()) {
      const match = String(route.match ?? '');
      const path = /Path(?:Prefix)?\(`([^`]+)`\)/.exec(match)?.[1] ?? '/';
      for (const [, host = ''] of match.matchAll(/Host\(`([^`]+)`\)/g)) {
        yield { at, field: `spec.routes[${index}].match`, host, path };
      }
    }
  }
}
