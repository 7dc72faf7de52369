import type { k8s } from '../../../lib/constructs/typed-kinds';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { readTree } from '../manifests';

/** What the platform's manifests say of the database path. */
export interface RenderedDatabase {
  readonly postgres: { readonly 'postgresql.conf': string; readonly 'pg_hba.conf': string };
  /** Script that the image runs when the data folder is empty. */
  readonly firstStart: string;
  /** What it calls, and what the container beside Postgres runs. */
  readonly roleFiles: Readonly<Record<string, string>>;
  readonly pgbouncerIni: string;
  readonly writeUserList: string;
  /** Script that runs PgBouncer. */
  readonly runPooler: string;
  readonly backupScript: string;
  readonly restoreScript: string;
  /** SQL that the restore reads beside itself. */
  readonly privileges: string;
  /** Environment of the containers that run first start, backup and restore; values of Secrets are filled in. */
  environmentOf(workload: 'postgres' | 'postgres-backup' | 'postgres-restore'): Record<string, string>;
}

/** Reads them from `dist/platform`. `secrets` gives the value of each Secret's key, as `<secret>/<key>`. */
export function readRenderedDatabase(secrets: Readonly<Record<string, string>>): RenderedDatabase {
  const objects = readTree('platform');
  const data = (name: string) => (find(objects, 'ConfigMap', name) as unknown as { data: Record<string, string> }).data;
  const postgres = data('postgres-config');
  return {
    postgres: { 'postgresql.conf': postgres['postgresql.conf']!, 'pg_hba.conf': postgres['pg_hba.conf']! },
    firstStart: data('postgres-first-start')['10-roles.sh']!,
    roleFiles: data('postgres-roles'),
    pgbouncerIni: data('pgbouncer-config')['pgbouncer.ini']!,
    writeUserList: data('pgbouncer-config')['write-user-list.sh']!,
    runPooler: data('pgbouncer-config')['run.sh']!,
    backupScript: data('postgres-backup-scripts')['backup.sh']!,
    restoreScript: data('postgres-backup-scripts')['restore.sh']!,
    privileges: data('postgres-backup-scripts')['privileges.sql']!,
    environmentOf: (workload) => {
      const container =
        workload === 'postgres'
          ? (find(objects, 'StatefulSet', workload).spec as k8s.StatefulSetSpec).template.spec!.containers[0]!
          : (find(objects, 'CronJob', workload).spec as k8s.CronJobSpec).jobTemplate.spec!.template.spec!
              .containers[0]!;
      return Object.fromEntries((container.env ?? []).map((entry) => [entry.name, valueOf(entry, secrets)]));
    },
  };
}

function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject & { spec?: unknown } {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`dist/platform holds no ${kind} ${name}`);
  return found;
}

function valueOf({ name, value, valueFrom }: k8s.EnvVar, secrets: Readonly<Record<string, string>>): string {
  const reference = valueFrom?.secretKeyRef;
  if (!reference) return value ?? '';
  const secret = secrets[`${reference.name}/${reference.key}`];
  if (secret === undefined)
    throw new Error(`${name}: the test gives no value for Secret ${reference.name}/${reference.key}`);
  return secret;
}
