import { placeObjects, publicRoutes, Scope } from '../../checks';
import { drawSequence, type Participant, type Step } from '../../console/sequence';
import type { PlatformModel } from '../../constructs/platform-model';
import { builtFiles } from '../../kubernetes/kustomization';
import { renderFiles } from '../render';

/** What the rendered gateway says about signing in. */
export interface SignIn {
  /** The host whose visitors get a page to sign in at. */
  readonly host: string;
  /** A host that answers without a session with a plain refusal; absent where there is none. */
  readonly plainHost?: string;
  readonly backEnd: string;
  readonly controller: string;
  readonly authority: string;
  /** Path that the authority is asked at, such as `/oauth2/auth`. */
  readonly askedAt: string;
  /** Path of the page that takes the place of a refusal. */
  readonly page: string;
  readonly cookie: string;
  /** Who says who somebody is. */
  readonly provider: string;
}

/**
 * Reads the way of a sign-in from the middlewares and the declared connections.
 *
 * @returns nothing where no host shows a page to sign in at.
 */
export function readSignIn(model: PlatformModel): SignIn | undefined {
  const scope = new Scope(placeObjects(builtFiles(renderFiles(model))));
  const routes = publicRoutes(scope).map((route) => ({
    ...route,
    asked: route.specs?.find(({ forwardAuth }) => forwardAuth)?.forwardAuth as ForwardAuth | undefined,
    page: route.specs?.find(({ errors }) => errors)?.errors as ErrorPage | undefined,
  }));
  const shown = routes.find(({ asked, page, service }) => asked && page && service);
  if (!shown?.asked || !shown.page || !shown.service) return undefined;
  const plain = routes.find(({ asked, page }) => asked && !page);
  const address = new URL(shown.asked.address);
  const authority = address.hostname.split('.')[0]!;
  const calls = (from: string) => model.connections.filter((connection) => connection.from === from);
  const provider = calls(authority).find(({ to, port }) => port === 443 && calls(to).length === 0)?.to;
  const controller = model.connections.find(({ to }) => to === shown.service)?.from;
  return {
    host: hostOf(shown.name),
    ...(plain ? { plainHost: hostOf(plain.name) } : {}),
    backEnd: shown.service,
    controller: controller ?? 'ingress controller',
    authority,
    askedAt: address.pathname,
    page: shown.page.query.split('?')[0]!,
    cookie: shown.asked.addAuthCookiesToResponse?.[0] ?? 'the session cookie',
    provider: provider ?? 'the provider',
  };
}

interface ForwardAuth {
  readonly address: string;
  readonly addAuthCookiesToResponse?: readonly string[];
}

interface ErrorPage {
  readonly query: string;
}

const hostOf = (name: string) => name.split('/')[0]!;

/** The sequence of a sign-in as an SVG, from the first request to the one that a back end answers. */
export function drawSignIn(signIn: SignIn): string {
  const { host, plainHost, backEnd, controller, authority, askedAt, page, cookie, provider } = signIn;
  const participants: Participant[] = [
    { name: 'browser', colour: 'grey' },
    { name: controller, colour: 'grey' },
    { name: authority, colour: 'blue' },
    { name: provider, colour: 'grey' },
    { name: backEnd, colour: 'blue' },
  ];
  const step = (from: string, to: string, text: string): Step => ({ from, to, text });
  return drawSequence(`Signing in at ${host}`, participants, [
    step('browser', controller, `asks for https://${host}/, without a session`),
    step(controller, authority, `asks ${askedAt} whether there is one`),
    step(authority, controller, '401: there is none'),
    step(controller, 'browser', `401 with the page of ${authority}${page} in place of the answer`),
    step('browser', provider, 'signs in there; the address must be on the list'),
    step(provider, 'browser', `sends the browser back to ${authority} with a code`),
    step('browser', authority, `brings the code, through ${controller}`),
    step(authority, provider, 'exchanges it for the e-mail address'),
    step(authority, 'browser', `sets the cookie ${cookie} and leads back to https://${host}/`),
    step('browser', controller, 'asks again, with the cookie'),
    step(controller, authority, `asks ${askedAt}: 202, and who it is`),
    step(controller, backEnd, 'passes the request on, with who it is in its headers'),
    ...(plainHost
      ? [step(controller, 'browser', `at ${plainHost} a request without a session gets a plain 401, no page`)]
      : []),
  ]);
}
