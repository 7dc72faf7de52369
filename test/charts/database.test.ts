import { images } from '../../facts/images';
import { settings } from '../../facts/settings';
import { containerOf, environmentOf, inPlatform, inProduction } from './rendered';

describe('postgres', () => {
  const { spec } = inPlatform('StatefulSet', 'postgres');

  it('is one replica behind a headless Service', () => {
    expect(spec.replicas).toBe(1);
    expect(spec.template.spec.containers[0].image).toBe(images.postgres);
    expect(inPlatform('Service', 'postgres').spec.clusterIP).toBe('None');
  });

  it('keeps 5 GiB on one named node, which nothing prunes, deletes or provisions', () => {
    const volume = inPlatform('PersistentVolume', 'postgres');
    expect(volume.spec.capacity.storage).toBe('5Gi');
    expect(volume.spec.nodeAffinity.required.nodeSelectorTerms).toEqual([
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['worker-1'] }] },
    ]);
    expect(volume.spec.persistentVolumeReclaimPolicy).toBe('Retain');
    expect(volume.metadata.annotations!['argocd.argoproj.io/sync-options']).toBe('Prune=false,Delete=false');
    expect(inPlatform('StorageClass', volume.spec.storageClassName)).toMatchObject({
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Retain',
    });
  });

  it('comes back to its node even when autoscaled pods have filled it', () => {
    const { value } = inPlatform('PriorityClass', spec.template.spec.priorityClassName);
    expect(value).toBeGreaterThan(0);
    expect(inProduction('Deployment', 'django-api').spec.template.spec).not.toHaveProperty('priorityClassName');
  });

  it('takes its passwords from Secrets', () => {
    expect(environmentOf(inPlatform('StatefulSet', 'postgres'))).toMatchObject({
      POSTGRES_PASSWORD: 'postgres/password',
      DATABASE_OWNER_PASSWORD: 'database-owner/password',
      DATABASE_BACKUP_PASSWORD: 'database-backup/password',
      DATABASE_USER: 'database/username',
      DATABASE_PASSWORD: 'database/password',
    });
  });
});

describe('pgbouncer', () => {
  const ini = inPlatform('ConfigMap', 'pgbouncer-config').data['pgbouncer.ini'] as string;
  const number = (key: string) => Number(new RegExp(`^${key} = (\\d+)$`, 'm').exec(ini)![1]);

  it('pools transactions, and all poolers together stay below what Postgres allows', () => {
    expect(ini).toContain('pool_mode = transaction');
    const { replicas, strategy } = inPlatform('Deployment', 'pgbouncer').spec;
    const conf = inPlatform('ConfigMap', 'postgres-config').data['postgresql.conf'] as string;
    const most = (replicas + strategy.rollingUpdate.maxSurge) * number('max_db_connections');
    expect(most).toBeLessThan(Number(/max_connections = (\d+)/.exec(conf)![1]));
  });

  it('queues far more clients than it has server connections', () => {
    expect(number('max_client_conn')).toBeGreaterThanOrEqual(10 * number('default_pool_size'));
  });

  it('writes its list of users into memory when a pod starts, so that no password is in any file here', () => {
    const { spec } = inPlatform('Deployment', 'pgbouncer').spec.template;
    expect(spec.initContainers[0].command).toEqual([
      '/bin/sh',
      '/etc/pgbouncer/write-user-list.sh',
      '/run/pgbouncer/userlist.txt',
    ]);
    expect(spec.volumes).toContainEqual({ name: 'run-pgbouncer', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } });
    expect(ini).toContain('auth_file = /run/pgbouncer/userlist.txt');
  });
});

describe('postgres-backup', () => {
  const job = inPlatform('CronJob', 'postgres-backup').spec;

  it('dumps every night in the time zone of its users, never twice at once', () => {
    expect(job).toMatchObject({
      schedule: settings.backup.schedule,
      timeZone: 'Pacific/Auckland',
      concurrencyPolicy: 'Forbid',
    });
  });

  it.each(['postgres-backup', 'postgres-restore'])('%s waits until Postgres takes connections from its pod', (name) => {
    const { spec } = inPlatform('CronJob', name).spec.jobTemplate.spec.template;
    const [first] = spec.initContainers ?? [];
    expect(first?.command.at(-1)).toMatch(/^until pg_isready --host=postgres --port=5432 /);
    expect(first.image).toBe(spec.containers[0].image);
  });

  it('is installed on a site that Cloudflare does not reach: in no later wave than the tunnel', () => {
    const waveOf = (kind: string, name: string) =>
      Number(inPlatform(kind, name).metadata.annotations!['argocd.argoproj.io/sync-wave']);
    const tunnel = waveOf('Deployment', 'cloudflared');
    for (const [kind, name] of [
      ['CronJob', 'postgres-backup'],
      ['CronJob', 'postgres-restore'],
      ['PersistentVolume', 'postgres-backup'],
      ['PersistentVolumeClaim', 'postgres-backup'],
    ] as const)
      expect([name, waveOf(kind, name)]).toEqual([name, tunnel]);
  });

  it('writes to another node than the one that holds the data', () => {
    const nodeOf = (name: string) =>
      inPlatform('PersistentVolume', name).spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0]
        .values[0];
    expect(nodeOf('postgres-backup')).not.toBe(nodeOf('postgres'));
  });

  it('has a claim that is bound at once, or Argo CD would wait for the night', () => {
    expect(inPlatform('PersistentVolumeClaim', 'postgres-backup').spec.volumeName).toBe('postgres-backup');
  });

  it('keeps dumps for 14 days, and three whatever their age', () => {
    expect(environmentOf(job.jobTemplate)).toMatchObject({ RETENTION_DAYS: '14', KEEP_AT_LEAST: '3' });
  });

  it('has a way back that only a person starts', () => {
    const restore = inPlatform('CronJob', 'postgres-restore').spec;
    expect(restore.suspend).toBe(true);
    expect(containerOf(restore.jobTemplate).command).toEqual(['/bin/bash', '/scripts/restore.sh']);
  });
});

describe('every client of the database', () => {
  const clients = [
    ['django-api', inProduction('Deployment', 'django-api').spec.template.spec],
    ['postgres-backup', inPlatform('CronJob', 'postgres-backup').spec.jobTemplate.spec.template.spec],
    ['postgres-restore', inPlatform('CronJob', 'postgres-restore').spec.jobTemplate.spec.template.spec],
  ] as const;

  it.each(clients)('%s insists on who the server is, by a file that its pod may read', (_name, spec) => {
    const [container] = spec.containers;
    expect(container.env).toContainEqual({ name: 'PGSSLMODE', value: 'verify-full' });
    const root = container.env.find(({ name }: { name: string }) => name === 'PGSSLROOTCERT').value as string;
    const { name, mountPath } = container.volumeMounts.find((one: { mountPath: string }) =>
      root.startsWith(`${one.mountPath}/`),
    );
    const { secret } = spec.volumes.find((one: { name: string }) => one.name === name);
    expect([secret.secretName, `${mountPath}/${secret.items[0].path}`]).toEqual(['database-authority', root]);
    expect(spec.securityContext.fsGroup).toBe(spec.securityContext.runAsGroup);
  });
});
