import { settings } from '../../facts/settings';
import { eventually } from '../cluster/eventually';
import type { LiveCluster } from './cluster';
import { entryWorks, rollOut } from './platform';

const NAMESPACE = settings.namespace;

/** Names of a component's pods. */
export async function podsOf(live: LiveCluster, name: string): Promise<string[]> {
  const { items } = await live.kubectl.get<{ items: { metadata: { name: string } }[] }>([
    'pods',
    '-n',
    NAMESPACE,
    '-l',
    `app.kubernetes.io/name=${name}`,
  ]);
  return items.map(({ metadata }) => metadata.name);
}

/** Waits until a component has all its ready pods again, none of them the one that went. */
export async function restartedWithout(live: LiveCluster, name: string, gone: string, seconds: number): Promise<void> {
  await eventually(
    `${name} is whole again`,
    async () => {
      const { items } = await live.kubectl.get<{
        items: {
          metadata: { name: string; deletionTimestamp?: string };
          status: { conditions?: { type: string; status: string }[] };
        }[];
      }>(['pods', '-n', NAMESPACE, '-l', `app.kubernetes.io/name=${name}`]);
      const alive = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.name !== gone);
      const wanted = name === 'postgres' ? 1 : 2;
      return (
        alive.length >= wanted &&
        alive.every(({ status }) =>
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        )
      );
    },
    seconds * 1000,
  );
}

/** Restarts a workload and waits until it is rolled out. */
export async function restart(
  live: LiveCluster,
  workload: string,
  seconds: number,
  namespace = NAMESPACE,
): Promise<void> {
  await live.kubectl.kubectl(['rollout', 'restart', workload, '-n', namespace]);
  await live.kubectl.kubectl(['rollout', 'status', workload, '-n', namespace, `--timeout=${seconds}s`]);
}

/** Waits until every component is rolled out and the entry answers. */
export async function allReady(live: LiveCluster): Promise<void> {
  for (const workload of [
    'statefulset/postgres',
    'deployment/pgbouncer',
    'deployment/django-api',
    'deployment/idaes',
    'deployment/front-end',
    'deployment/oauth2-proxy',
    'deployment/cloudflared',
  ])
    await live.kubectl.kubectl(['rollout', 'status', workload, '-n', NAMESPACE, '--timeout=120s']);
  await entryWorks(live);
}

/** Two replicas at least of what has an autoscaler, so that another ready one exists of every component of more than one. */
export async function twoReplicas(live: LiveCluster): Promise<void> {
  const files = Object.fromEntries(
    ['django-api', 'idaes'].map((name) => [
      `workloads/production/${name}.yaml`,
      live.manifest(`workloads/production/${name}.yaml`).replace(/minReplicas: 1$/m, 'minReplicas: 2'),
    ]),
  );
  await rollOut(live, 'perf: two replicas at least', files);
  await allReady(live);
}
