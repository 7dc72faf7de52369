import { images } from '../../facts/images';
import { settings } from '../../facts/settings';
import type { LiveCluster } from './cluster';

const NAMESPACE = settings.namespace;

/** Runs a statement as the superuser, inside the pod of Postgres. @throws Error with what Postgres said. */
export async function statement(live: LiveCluster, sql: string): Promise<string> {
  const client = [
    'psql',
    '--username=postgres',
    `--dbname=${settings.postgres.database}`,
    '--no-align',
    '--tuples-only',
  ];
  const result = await live.kubectl.exec(settings.namespace, 'postgres-0', [
    ...client,
    '-v',
    'ON_ERROR_STOP=1',
    '-c',
    sql,
  ]);
  if (result.status !== 0) throw new Error(`psql: ${result.stderr}`);
  return result.stdout.trim();
}

/** Rows of every table of the application, by the table's name. */
export async function rowsOf(live: LiveCluster): Promise<Record<string, number>> {
  const names = await statement(live, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
  const counts: Record<string, number> = {};
  for (const table of names.split('\n').filter((name) => name !== ''))
    counts[table] = Number(await statement(live, `SELECT count(*) FROM "${table}"`));
  return counts;
}

/** Runs a CronJob by hand as the pages say; `once` fails it when a first attempt failed. */
export async function runCronJob(live: LiveCluster, cronJob: string, name: string, once = false): Promise<void> {
  await live.kubectl.kubectl(['create', 'job', `--from=cronjob/${cronJob}`, name, '-n', NAMESPACE]);
  await live.kubectl
    .kubectl(['wait', '--for=condition=Complete', `job/${name}`, '-n', NAMESPACE, '--timeout=120s'])
    .catch(async (error: Error) => {
      throw new Error(
        `${error.message}\n${await live.kubectl.kubectl(['logs', `job/${name}`, '-n', NAMESPACE, '--tail=20', '--all-containers'])}`,
      );
    });
  const failed = await live.kubectl.kubectl(['get', 'job', name, '-n', NAMESPACE, '-o', 'jsonpath={.status.failed}']);
  if (once && failed !== '') throw new Error(`${name} needed more than one attempt: ${failed} failed`);
}

/** Name of the role that owns the tables. */
export async function databaseOwner(live: LiveCluster): Promise<string> {
  const encoded = await live.kubectl.kubectl([
    'get',
    'secret',
    'database-owner',
    '-n',
    NAMESPACE,
    '-o',
    'jsonpath={.data.username}',
  ]);
  return Buffer.from(encoded, 'base64').toString();
}

/** A pod with the rights of the backup that runs a script against the database, with psycopg from the API's image; what it printed. */
export async function runDatabaseClient(live: LiveCluster, name: string, script: string): Promise<string> {
  const secret = (key: string) => ({ valueFrom: { secretKeyRef: { name: 'database', key } } });
  await live.kubectl.apply([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': 'postgres-backup' } },
      spec: {
        restartPolicy: 'OnFailure',
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'client',
            image: images.djangoApi.split('@')[0],
            command: ['python', '-c', script],
            env: [
              { name: 'PGDATABASE', value: settings.postgres.database },
              { name: 'PGUSER', ...secret('username') },
              { name: 'PGPASSWORD', ...secret('password') },
            ],
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      },
    },
  ]);
  await live.kubectl
    .kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '-n', NAMESPACE, '--timeout=60s'])
    .catch(() => undefined);
  const output = (await live.kubectl.kubectl(['logs', name, '-n', NAMESPACE])).trim();
  await live.kubectl.kubectl(['delete', 'pod', name, '-n', NAMESPACE, '--now']);
  return output;
}
