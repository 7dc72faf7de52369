import { isPlaced } from './objects/kinds';
import { asList, type PodTemplate } from './objects/pod-template';
import { replicasOf } from './policy/workloads';
import { scopeRule, type Rule } from './rule';
import type { PlacedObject } from './objects/placed-object';
import type { Scope } from './objects/scope';

/** Rules of database connections. */
export const connectionRules: readonly Rule[] = [
  scopeRule(
    {
      id: 'pools-fit-the-database',
      why: 'When the poolers may open more connections than Postgres allows, clients get errors instead of a place in the queue.',
      remedy:
        'lower default_pool_size, max_db_connections or the replicas of the pooler, or raise max_connections of Postgres',
    },
    function* (scope) {
      const pools = [...poolersIn(scope)];
      if (pools.length === 0) return;
      const server = serverLimits(scope);
      const wanted = pools.reduce((total, { replicas, surge, perPod }) => total + (replicas + surge) * perPod, 0);
      const usable = server.maxConnections - server.reserved;
      if (wanted <= usable) return;
      const { at, field, replicas, surge, perPod } = pools[0]!;
      const beyond = surge > 0 ? `, and ${surge} more during a roll-out (maxSurge),` : '';
      const sum = `${replicas} pods${beyond} with ${perPod} connections each`;
      yield {
        at,
        field,
        message: `${sum} may open ${wanted} connections, and Postgres leaves ${usable} (max_connections ${server.maxConnections} less ${server.reserved} reserved)`,
      };
    },
  ),
];

interface Pooler {
  readonly at: PlacedObject;
  readonly field: string;
  readonly replicas: number;
  /** Pods beyond them while a new version is rolled out. */
  readonly surge: number;
  /** Server connections that one pod may open. */
  readonly perPod: number;
}

function* poolersIn(scope: Scope): Iterable<Pooler> {
  const pods = podsByConfigMap(scope);
  for (const at of scope.ofKind('ConfigMap')) {
    for (const [key, text] of Object.entries<string>(at.object.data ?? {})) {
      if (!/^\[pgbouncer\]/m.test(text)) continue;
      const users = pods.get(`${at.namespace}/${at.object.metadata.name}`) ?? [];
      const replicas = users.reduce((total, pod) => total + replicasOf(scope, pod.at).max, 0);
      const surge = users.reduce((total, pod) => total + surgeOf(scope, pod.at), 0);
      yield { at, field: `data["${key}"]`, replicas, surge, perPod: connectionsPerPod(text) };
    }
  }
}

/** The API server's default is a quarter, rounded up. */
function surgeOf(scope: Scope, at: PlacedObject): number {
  if (!isPlaced(at, 'Deployment') || at.object.spec?.strategy?.type === 'Recreate') return 0;
  const surge: number | string = at.object.spec?.strategy?.rollingUpdate?.maxSurge ?? '25%';
  return typeof surge === 'number' ? surge : Math.ceil((replicasOf(scope, at).max * parseFloat(surge)) / 100);
}

/** Limits of PgBouncer, with its defaults (pgbouncer.org/config.html): 20 connections a pool, no reserve, no cap. */
function connectionsPerPod(ini: string): number {
  const databases = ini.split(/^\[pgbouncer\]/m)[0]!.match(/^[^;#[\s].*=/gm)?.length ?? 1;
  const pool = setting(ini, 'default_pool_size') ?? 20;
  const reserve = setting(ini, 'reserve_pool_size') ?? 0;
  const cap = setting(ini, 'max_db_connections') || Infinity;
  return databases * Math.min(cap, pool + reserve);
}

/** Limits of Postgres, with its defaults (Postgres documentation, "Connections and Authentication"): 100, 3 and 0. */
function serverLimits(scope: Scope): { maxConnections: number; reserved: number } {
  const texts = [
    ...scope
      .ofKind('ConfigMap')
      .flatMap((at) => Object.values<string>(at.object.data ?? {}))
      .filter((text) => !/^\[pgbouncer\]/m.test(text)),
    ...scope.pods.flatMap((pod) =>
      pod.containers.flatMap(({ spec }) => [...(spec.command ?? []), ...(spec.args ?? [])].map(String)),
    ),
  ].filter((text) => text.includes('_connections'));
  const find = (name: string) => texts.map((text) => setting(text, name)).find((value) => value !== undefined);
  const reserved = (find('superuser_reserved_connections') ?? 3) + (find('reserved_connections') ?? 0);
  return { maxConnections: find('max_connections') ?? 100, reserved };
}

function setting(text: string, name: string): number | undefined {
  const match = new RegExp(`^\\s*${name}\\s*=\\s*(\\d+)`, 'm').exec(text);
  return match ? Number(match[1]) : undefined;
}

function podsByConfigMap(scope: Scope): Map<string, PodTemplate[]> {
  const pods = new Map<string, PodTemplate[]>();
  for (const pod of scope.pods) {
    for (const volume of asList(pod.spec.volumes)) {
      if (!volume.configMap?.name) continue;
      const key = `${pod.namespace}/${volume.configMap.name}`;
      pods.set(key, [...(pods.get(key) ?? []), pod]);
    }
  }
  return pods;
}
