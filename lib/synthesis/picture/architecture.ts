import { isPlaced, type PlacedOf } from '../../checks/objects/kinds';
import { hostsIn } from '../../checks/gateway/hosts';
import { publicRoutes } from '../../checks/gateway/routes';
import { asList } from '../../checks/objects/pod-template';
import { replicasOf } from '../../checks/policy/workloads';
import { nodesOf } from '../../checks/policy/storage';
import type { PlacedObject } from '../../checks/objects/placed-object';
import { placeObjects, Scope } from '../../checks/objects/scope';
import { claimsOf, volumesFor } from '../../checks/objects/volumes';
import type { PlatformModel } from '../../constructs/platform-model';
import { builtFiles } from '../../kubernetes/kustomization';
import { folderOf } from '../../kubernetes/object';
import { renderFiles } from '../render';

/** What the picture shows. */
export interface Architecture {
  /** Workloads, in the order of their names. */
  readonly workloads: readonly DrawnWorkload[];
  /** Peers of connections that are no workload of ours: the ingress controller, and the world. */
  readonly outsiders: readonly string[];
  readonly calls: readonly DrawnCall[];
  /** `<workload> <host>` where somebody must be signed in to get there. */
  readonly signedIn: readonly string[];
  /** Volumes that exist on one machine only. */
  readonly volumes: readonly PinnedVolume[];
}

export interface DrawnWorkload {
  readonly name: string;
  readonly kind: string;
  /** Such as `2–8 pods`, or the schedule of a task. */
  readonly size: string;
}

export interface DrawnCall {
  readonly from: string;
  readonly to: string;
  /** Such as `5432/TCP`. */
  readonly ports: readonly string[];
  /** Public hosts whose requests come this way. */
  readonly hosts: readonly string[];
}

export interface PinnedVolume {
  readonly name: string;
  readonly size: string;
  readonly node: string;
  readonly mountedBy: readonly string[];
}

/** Reads the picture's facts from the platform and its first workload tree, the one in production. */
export function readArchitecture(model: PlatformModel): Architecture {
  const variants = model.trees.filter((tree) => tree.alongside?.length);
  const folders = model.trees.filter((tree) => !variants.slice(1).includes(tree)).map((tree) => tree.directory);
  const files = builtFiles(renderFiles(model)).filter((file) => folders.includes(folderOf(file)));
  const scope = new Scope(placeObjects(files));
  const running = workloadsIn(scope);
  const names = new Set(running.map(({ name }) => name));
  const calls = callsIn(model, scope, names);
  const parties = new Set(calls.flatMap(({ from, to }) => [from, to]));
  // A Job that calls nobody only holds up a sync.
  const workloads = running.filter(({ name, kind }) => kind !== 'Job' || parties.has(name));
  const outsiders = [...new Set(calls.flatMap(({ from, to }) => [from, to]))].filter((name) => !names.has(name));
  return { workloads, outsiders: outsiders.sort(), calls, signedIn: signedIn(scope), volumes: volumesIn(scope) };
}

function workloadsIn(scope: Scope): DrawnWorkload[] {
  return scope.pods
    .map(({ at, labels }) => ({
      // A Job's own name has the version in it that it is done for.
      name: labels['app.kubernetes.io/name'] ?? at.object.metadata.name,
      kind: at.object.kind,
      size: sizeOf(scope, at),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sizeOf(scope: Scope, at: PlacedObject): string {
  if (isPlaced(at, 'CronJob')) return at.object.spec?.suspend ? 'started by hand' : `at ${at.object.spec?.schedule}`;
  if (isPlaced(at, 'Job')) return 'once for each version';
  if (isPlaced(at, 'DaemonSet')) return 'one pod a node';
  const { min, max } = replicasOf(scope, at);
  if (min !== max) return `${min} to ${max} pods`;
  return min === 1 ? '1 pod' : `${min} pods`;
}

function callsIn(model: PlatformModel, scope: Scope, workloads: ReadonlySet<string>): DrawnCall[] {
  const calls = new Map<string, { from: string; to: string; ports: string[] }>();
  for (const { from, to, port, protocol } of model.connections) {
    const call = calls.get(`${from}\n${to}`) ?? { from, to, ports: [] };
    if (!call.ports.includes(`${port}/${protocol}`)) call.ports.push(`${port}/${protocol}`);
    calls.set(`${from}\n${to}`, call);
  }
  const hosts = hostsByWorkload(scope);
  return [...calls.values()]
    .map((call) => ({ ...call, hosts: workloads.has(call.from) ? [] : (hosts.get(call.to) ?? []) }))
    .sort((a, b) => (`${a.from}\n${a.to}` < `${b.from}\n${b.to}` ? -1 : 1));
}

/** Hosts of the ingresses that lead to each workload, through the Service between them. */
function hostsByWorkload(scope: Scope): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const { at, host } of hostsIn(scope)) {
    const rules = isPlaced(at, 'Ingress') ? asList(at.object.spec?.rules) : [];
    const backends = rules.flatMap((rule) =>
      asList(rule.http?.paths).flatMap((path) => path.backend?.service?.name ?? []),
    );
    for (const name of new Set(backends)) {
      const selector = scope.find('Service', at.namespace, name)?.object.spec?.selector ?? { none: name };
      for (const pod of scope.podsMatching(at.namespace, selector)) {
        const workload = pod.at.object.metadata.name;
        hosts.set(workload, [...new Set([...(hosts.get(workload) ?? []), host])]);
      }
    }
  }
  return hosts;
}

/** `<workload> <host>` for every host of a workload of which all routes ask for a session. */
function signedIn(scope: Scope): string[] {
  const asked = new Map<string, boolean>();
  for (const { at, name, service, specs } of publicRoutes(scope)) {
    const selector = service && scope.find('Service', at.namespace, service)?.object.spec?.selector;
    const asks = specs?.some(({ forwardAuth }) => forwardAuth !== undefined) === true;
    for (const pod of selector ? scope.podsMatching(at.namespace, selector) : []) {
      const key = `${pod.at.object.metadata.name} ${name.split('/')[0]}`;
      asked.set(key, asks && asked.get(key) !== false);
    }
  }
  return [...asked].flatMap(([key, asks]) => (asks ? [key] : [])).sort();
}

function volumesIn(scope: Scope): PinnedVolume[] {
  return scope.ofKind('PersistentVolume').flatMap((at) => {
    const [node] = nodesOf(at);
    if (!node) return [];
    const { name } = at.object.metadata;
    return [
      { name, size: String(at.object.spec?.capacity?.['storage'] ?? ''), node, mountedBy: mountersOf(scope, at) },
    ];
  });
}

function mountersOf(scope: Scope, volume: PlacedOf<'PersistentVolume'>): string[] {
  return scope.pods
    .filter((pod) => claimsOf(scope, pod).some((claim) => volumesFor(scope, claim).includes(volume)))
    .map((pod) => pod.at.object.metadata.name)
    .sort();
}
