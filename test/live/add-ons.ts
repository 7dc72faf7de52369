import type { Loose } from '../fixtures/loose';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { images } from '../../facts/images';
import { COREDNS, METRICS_SERVER } from './images/catalogue';
import { LAN } from './topology';

/** A Kubernetes object as it is sent; only what is looked at here is typed. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
  [field: string]: Loose;
}

/** Names of the cluster, and its metrics: what K3s brings. */
export function foundation(): Manifest[] {
  return [...read('coredns.yaml', COREDNS), ...read('metrics-server.yaml', METRICS_SERVER)];
}

/** What K3s' chart makes of Traefik before any Deployment of it. */
export function traefikService(): Manifest[] {
  return read('traefik.yaml', images.traefik).filter(({ kind }) => kind !== 'Deployment');
}

/** The values of a HelmChartConfig for Traefik, as far as the platform sets them. */
interface TraefikValues {
  readonly image?: { readonly registry?: string; readonly repository?: string; readonly tag?: string };
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly additionalArguments?: readonly string[];
  readonly metrics?: { readonly prometheus?: { readonly service?: { readonly enabled?: boolean } } };
}

/**
 * Traefik's Deployment with the values of the platform's HelmChartConfig (or the chart's own), and the Service of its figures
 * where they ask for one: what K3s' helm-controller makes of it.
 */
export function traefikChart(config: Manifest | undefined): Manifest[] {
  const deployment = read('traefik.yaml', images.traefik).find(({ kind }) => kind === 'Deployment')!;
  const values = (config ? parse(config['spec'].valuesContent as string) : {}) as TraefikValues;
  const pod = deployment['spec'].template.spec;
  const { registry, repository, tag } = values.image ?? {};
  if (repository) pod.containers[0].image = `${registry ? `${registry}/` : ''}${repository}:${tag}`.split('@')[0];
  pod.nodeSelector = values.nodeSelector;
  pod.containers[0].args.push(...(values.additionalArguments ?? []));
  return values.metrics?.prometheus?.service?.enabled ? [deployment, METRICS_SERVICE] : [deployment];
}

/** As the chart makes it (traefik-helm-chart, templates/service-metrics.yaml). */
const METRICS_SERVICE: Manifest = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'traefik-metrics', namespace: 'kube-system' },
  spec: {
    selector: { 'app.kubernetes.io/name': 'traefik' },
    ports: [{ name: 'metrics', port: 9100, targetPort: 9100 }],
  },
};

/** The address that K3s' servicelb would write into the Service of Traefik. */
export const TRAEFIK_ADDRESS = { loadBalancer: { ingress: [{ ip: LAN.control }] } };

function read(file: string, image: string): Manifest[] {
  const text = readFileSync(join(__dirname, 'add-ons', file), 'utf8').replaceAll('image: IMAGE', `image: ${image}`);
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}
