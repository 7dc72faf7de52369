import type { AppProjectProps, ApplicationProps } from '../../../imports/argoproj.io';
import type { HelmChartConfigProps, HelmChartProps } from '../../../imports/helm.cattle.io';
import type { MiddlewareProps, MiddlewareSpecErrorsService } from '../../../imports/traefik.io';
import type { CoreKinds, ObjectOf } from '../../kubernetes/kinds/core-kinds';
import type { KubernetesObject } from '../../kubernetes/object';
import type { PlacedObject } from './placed-object';

/** A route of Traefik's own kinds, as far as rules look into it: no chart makes one, so it has no binding. */
interface RouteProps {
  readonly spec?: {
    readonly entryPoints?: string[];
    readonly routes?: {
      readonly match?: string;
      readonly middlewares?: { readonly name?: string; readonly namespace?: string }[];
      readonly services?: MiddlewareSpecErrorsService[];
    }[];
    readonly tls?: object;
  };
}

/** A route of the Gateway API, as far as rules look into it. */
interface GatewayRouteProps {
  readonly spec?: {
    readonly rules?: {
      readonly filters?: { readonly extensionRef?: { readonly name?: string; readonly namespace?: string } }[];
      readonly backendRefs?: { readonly name?: string }[];
    }[];
  };
}

/** Every kind that rules look into. */
export interface Kinds extends CoreKinds {
  readonly Application: ApplicationProps;
  readonly AppProject: AppProjectProps;
  readonly GRPCRoute: GatewayRouteProps;
  readonly HTTPRoute: GatewayRouteProps;
  readonly TCPRoute: GatewayRouteProps;
  readonly TLSRoute: GatewayRouteProps;
  readonly UDPRoute: GatewayRouteProps;
  readonly HelmChart: HelmChartProps;
  readonly HelmChartConfig: HelmChartConfigProps;
  readonly IngressRoute: RouteProps;
  readonly IngressRouteTCP: RouteProps;
  readonly IngressRouteUDP: RouteProps;
  readonly Middleware: MiddlewareProps;
}

/** An object of known kinds, and the file it will be written to. */
export type PlacedOf<Kind extends keyof Kinds> = PlacedObject & { readonly object: ObjectOf<Kind, Kinds> };

/** Whether what stands there is of one of the kinds, so that its fields have their types. */
export function isPlaced<Kind extends keyof Kinds>(at: PlacedObject, ...kinds: readonly Kind[]): at is PlacedOf<Kind> {
  return isKind(at.object, ...kinds);
}

/** As {@link isPlaced}, of an object by itself. */
export function isKind<Kind extends keyof Kinds>(
  object: KubernetesObject | undefined,
  ...kinds: readonly Kind[]
): object is ObjectOf<Kind, Kinds> {
  return object !== undefined && (kinds as readonly string[]).includes(object.kind);
}
