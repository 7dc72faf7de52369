import { isDeepStrictEqual } from 'node:util';
import type { Effected, ObjectPair } from './consequence';

/* eslint-disable @typescript-eslint/no-explicit-any -- fields of an object are read as they come */

/** Callers whose calls lead elsewhere after a change, or nowhere: by a Service, or by the class of an Ingress. */
export function diversions(pair: ObjectPair): Effected[] {
  if (!pair.was || !pair.is) return [];
  if (pair.is.kind === 'Service') return service(pair);
  return pair.is.kind === 'Ingress' ? ingressClass(pair) : [];
}

function stops(field: string, sentence: string): Effected {
  return { effect: 'stops', field, sentence };
}

function service({ was, is }: { was?: any; is?: any }): Effected[] {
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
  for (const port of list(old.ports)) {
    const same = list(fresh.ports).find((one) => one.port === port.port && protocol(one) === protocol(port));
    if (!same) found.push(stops('spec.ports', `nothing answers on ${protocol(port)} ${port.port} any more: callers of that port fail`));
    else if (target(same) !== target(port))
      found.push(stops('spec.ports', `${protocol(port)} ${port.port} leads to port ${target(same)} of its pods, instead of ${target(port)}`));
  }
  return found;
} // prettier-ignore

const protocol = (port: any) => String(port.protocol ?? 'TCP');
const target = (port: any) => String(port.targetPort ?? port.port);

function labels(selector: any): string {
  const all = Object.entries<string>(selector ?? {}).map(([key, value]) => `${key.split('/').at(-1)}=${value}`);
  return all.join(', ') || 'of no selector';
}

function ingressClass({ was, is }: { was?: any; is?: any }): Effected[] {
  const [before, after] = [was, is].map(({ spec }) => spec?.ingressClassName ?? 'the default');
  if (before === after) return [];
  const sentence = `gateways of the class ${before} serve its hosts no longer, those of ${after} do, if there are any`;
  return [stops('spec.ingressClassName', sentence)];
}

function list(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}
