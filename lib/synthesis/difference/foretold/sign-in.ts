import { placeObjects, publicRoutes, Scope, type PublicRoute } from '../../../checks';
import type { RenderedFile } from '../../../kubernetes/object';
import type { Effected } from './consequence';

/** An effect with the object that it is about. */
export interface RouteEffect extends Effected {
  /** File that the object is in. */
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Options of Traefik's middlewares that ask who is there. */
const ASKS_WHO = ['forwardAuth', 'basicAuth', 'digestAuth'];

/**
 * Routes from outside that are new, or that ask for sign-in no longer. All objects of both sides are looked at, because a
 * route loses its sign-in by its own chain, by a chain that it names, or by the middleware at its end.
 */
export function routeEffects(before: readonly RenderedFile[], after: readonly RenderedFile[]): RouteEffect[] {
  const old = new Map<string, PublicRoute>();
  for (const route of publicRoutes(new Scope(placeObjects(before)))) old.set(route.name, route);
  return publicRoutes(new Scope(placeObjects(after))).flatMap((route) => {
    const was = old.get(route.name);
    return effectsOf(was, route).map((effect) => ({
      ...effect,
      file: route.at.file.path,
      kind: route.at.object.kind,
      name: route.at.object.metadata.name,
      namespace: route.at.namespace,
    }));
  });
}

function effectsOf(was: PublicRoute | undefined, is: PublicRoute): Effected[] {
  const target = is.service ?? 'what is behind it';
  const guards = guardsOf(is);
  if (!was) {
    const how = guards.length > 0 ? 'behind sign-in' : 'to everybody, without sign-in';
    return [{ effect: 'way-in', field: is.field, sentence: `${is.name} opens ${target} to the internet, ${how}` }];
  }
  const lost = guardsOf(was).filter((guard) => !guards.includes(guard));
  if (guards.length === 0 && lost.length > 0) {
    const sentence = `${is.name} no longer asks for sign-in: everybody on the internet reaches ${target}`;
    return [{ effect: 'sign-in', field: is.chainField, sentence }];
  }
  if (lost.length > 0) {
    const sentence = `${is.name} asks another authority for sign-in: ${guards.join(', ')} instead of ${lost.join(', ')}`;
    return [{ effect: 'sign-in', field: is.chainField, sentence }];
  }
  const found: Effected[] = [];
  if (lists(was).length > lists(is).length) {
    const sentence = `${is.name} no longer asks where a request comes from`;
    found.push({ effect: 'way-in', field: is.chainField, sentence });
  }
  if (was.service !== is.service) {
    const sentence = `${is.name} leads to ${target} instead of ${was.service ?? 'what was behind it'}`;
    found.push({ effect: 'way-in', field: is.field, sentence });
  }
  return found;
}

/** What along a route asks who is there, with the address that decides. */
function guardsOf({ specs = [] }: PublicRoute): string[] {
  return specs.flatMap((spec) =>
    ASKS_WHO.flatMap((option) => {
      const settings = spec[option];
      return settings === undefined ? [] : [`${option} ${String(settings.address ?? settings.secret ?? '')}`.trim()];
    }),
  );
}

function lists({ specs = [] }: PublicRoute): unknown[] {
  return specs.flatMap((spec) => spec.ipAllowList ?? spec.ipWhiteList ?? []);
}
