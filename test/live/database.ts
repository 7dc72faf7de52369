import { settings } from '../../facts/settings';
import type { LiveCluster } from './cluster';

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
