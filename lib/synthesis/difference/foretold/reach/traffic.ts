import { isKind } from '../../../../checks/objects/kinds';
import { asList } from '../../../../checks/objects/pod-template';
import type { ObjectOf } from '../../../../kubernetes/kinds/core-kinds';
import { isDeepStrictEqual } from 'node:util';
import type { Effected, ObjectPair } from '../consequence';

/** Callers whose calls lead elsewhere after a change, or nowhere: by a Service, or by the class of an Ingress. */
export function diversions({ was, is }: ObjectPair): Effected[] {
  if (isKind(was, 'Service') && isKind(is, 'Service')) return service(was, is);
  return isKind(was, 'Ingress') && isKind(is, 'Ingress') ? [...ingressClass(was, is), ...certificates(was, is)] : [];
}

function stops(field: string, sentence: string): Effected {
  return { effect: 'stops', field, sentence };
}

type Service = ObjectOf<'Service'>;
type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

function service(was: Service, is: Service): Effected[] {
  const [old, fresh] = [was.spec ?? {}, is.spec ?? {}];
  if (fresh.type === 'ExternalName') {
    if (old.type === 'ExternalName' && old.externalName === fresh.externalName) return [];
    const sentence = `its name leads callers out of the cluster, to ${fresh.externalName}`;
    return [{ effect: 'way-in', field: 'spec.externalName', sentence }];
  }
  const found: Effected[] = [];
  if (!isDeepStrictEqual(old.selector, fresh.selector)) {
    const sentence = `it stands for the pods ${labels(fresh.selector)}, instead of ${labels(old.selector)}: callers reach those, or nobody`;
    found.push(stops('spec.selector', sentence));
  }
  for (const port of asList(old.ports)) {
    const same = asList(fresh.ports).find((one) => one.port === port.port && protocol(one) === protocol(port));
    if (same && port.name && same.name !== port.name)
      found.push(stops('spec.ports', `port ${port.port} is called ${same.name ?? 'nothing'}, instead of ${port.name}: who asks for it by that name fails`));
    if (!same) found.push(stops('spec.ports', `nothing answers on ${protocol(port)} ${port.port} any more: callers of that port fail`));
    else if (target(same) !== target(port))
      found.push(stops('spec.ports', `${protocol(port)} ${port.port} leads to port ${target(same)} of its pods, instead of ${target(port)}`));
  }
  return found;
} // prettier-ignore

const protocol = (port: Port) => String(port.protocol ?? 'TCP');
const target = (port: Port) => String(port.targetPort ?? port.port);

function labels(selector: Readonly<Record<string, string>> | undefined): string {
  const all = Object.entries(selector ?? {}).map(([key, value]) => `${key.split('/').at(-1)}=${value}`);
  return all.join(', ') || 'of no selector';
}

function ingressClass(was: ObjectOf<'Ingress'>, is: ObjectOf<'Ingress'>): Effected[] {
  const [before, after] = [was, is].map(({ spec }) => spec?.ingressClassName ?? 'the default');
  if (before === after) return [];
  const sentence = `gateways of the class ${before} serve its hosts no longer, those of ${after} do, if there are any`;
  return [stops('spec.ingressClassName', sentence)];
}

/** Hosts that the gateway no longer holds a certificate for. */
function certificates(was: ObjectOf<'Ingress'>, is: ObjectOf<'Ingress'>): Effected[] {
  const hosts = ({ spec }: ObjectOf<'Ingress'>) => asList(spec?.tls).flatMap((one) => one.hosts ?? []);
  const rules = new Set(asList(is.spec?.rules).map(({ host }) => host));
  const left = hosts(is);
  const gone = hosts(was).filter((host) => !left.includes(host) && rules.has(host));
  if (gone.length === 0) return [];
  const sentence = `${gone.join(', ')} is served without TLS of its own: by the gateway's default certificate, or unencrypted`;
  return [stops('spec.tls', sentence)];
}
