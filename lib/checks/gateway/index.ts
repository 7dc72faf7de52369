import { isPlaced } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import { objectRule, wiringRule, type Rule, type Violation } from '../rule';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import { hostsIn } from './hosts';
import { chainsIn, resolveMiddleware, specsAlong, type MiddlewareSpec } from './middlewares';
import { answerRules } from './answers';
import { guardRules } from './guards';
import { signInRules } from './sign-in';

/** Rules of ingresses and of what a request passes before it reaches a service. */
export const gatewayRules: readonly Rule[] = [
  ...signInRules,
  ...guardRules,
  ...answerRules,
  wiringRule(
    {
      id: 'sign-in-page-wraps-authentication',
      why: 'The errors middleware turns a 401 into the sign-in page only when it stands outside of what answers 401.',
      remedy: 'put the errors middleware before the forwardAuth middleware',
    },
    (scope) => outOfOrder(scope, ({ errors }) => errors !== undefined, 'the errors middleware'),
  ),
  wiringRule(
    {
      id: 'cors-answers-before-authentication',
      why: 'A browser sends its preflight without credentials; behind authentication it is refused, and so is every call.',
      remedy: 'put the CORS headers middleware before the forwardAuth middleware',
    },
    (scope) => outOfOrder(scope, isCors, 'the CORS middleware'),
  ),
  wiringRule(
    {
      id: 'middlewares-exist',
      why: 'Traefik drops a router that names a middleware it cannot find, and the host answers 404.',
      remedy: 'correct the reference (<namespace>_<name>@kubernetescrd in an Ingress), or add the Middleware',
    },
    function* (scope) {
      for (const { at, field, references } of chainsIn(scope)) {
        for (const reference of references) {
          if (resolveMiddleware(scope, reference)) continue;
          yield { at, field, message: `there is no middleware ${reference.text}` };
        }
      }
    },
  ),
  wiringRule(
    {
      id: 'hosts-are-unique',
      why: 'Of two routes with one host and path Traefik picks one, and not always the same.',
      remedy: 'give each host and path to one ingress only',
    },
    function* (scope) {
      const owners = new Map<string, PlacedObject>();
      for (const { at, field, host, path } of hostsIn(scope)) {
        const owner = owners.get(`${host}${path}`);
        if (owner)
          yield { at, field, message: `${host}${path} belongs to ${owner.label} in ${owner.file.path} already` };
        else owners.set(`${host}${path}`, at);
      }
    },
  ),
  objectRule(
    {
      id: 'ingresses-name-a-host',
      why: 'A rule without a host answers for every name, that of the sign-in page included.',
      remedy: 'name the host the rule is for',
    },
    function* (at) {
      if (!isPlaced(at, 'Ingress')) return;
      if (at.object.spec?.defaultBackend) {
        yield { at, field: 'spec.defaultBackend', message: 'a default back end answers for every host' };
      }
      for (const [index, rule] of asList(at.object.spec?.rules).entries()) {
        if (!rule.host) yield { at, field: `spec.rules[${index}].host`, message: 'the rule names no host' };
      }
    },
  ),
  objectRule(
    {
      id: 'cors-names-its-origins',
      why: 'An answer that every page may read, with the cookies of whoever opens it, hands sessions to any page on the internet.',
      remedy: 'list the origins whose pages call the API',
    },
    function* (at) {
      const headers = isPlaced(at, 'Middleware') ? at.object.spec?.headers : undefined;
      if (headers?.accessControlAllowCredentials !== true) return;
      for (const list of ['accessControlAllowOriginList', 'accessControlAllowOriginListRegex'] as const) {
        for (const [index, origin] of (headers[list] ?? []).entries()) {
          if (!/^(\*|\^?(https\?:\/\/)?\.[*+]\$?)$/.test(origin)) continue;
          yield { at, field: `spec.headers.${list}[${index}]`, message: `"${origin}" stands for every origin` };
        }
      }
    },
  ),
];

function isCors({ headers }: MiddlewareSpec): boolean {
  return Object.keys(headers ?? {}).some((key) => key.startsWith('accessControl'));
}

function* outOfOrder(scope: Scope, isMeant: (spec: MiddlewareSpec) => boolean, name: string): Iterable<Violation> {
  for (const { at, field, references } of chainsIn(scope)) {
    const specs = specsAlong(scope, references);
    const authentication = specs.findIndex((spec) => spec.forwardAuth !== undefined);
    if (authentication < 0 || specs.findIndex(isMeant) < authentication) continue;
    yield { at, field, message: `${name} comes after forwardAuth` };
  }
}
