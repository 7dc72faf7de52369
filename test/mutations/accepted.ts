import type { Mutation } from './mutation';

/** A mistake that synthesis lets through, and why it cannot, or need not, know it to be one. */
export interface AcceptedMutation extends Omit<Mutation, 'says'> {
  readonly reason: string;
}

export const acceptedMutations: readonly AcceptedMutation[] = [
  {
    file: 'charts/oauth2-proxy.ts',
    from: 'static://202',
    to: 'static://200',
    reason:
      'Traefik asks /oauth2/auth, which never reaches an upstream; who has a session is answered with success by either',
  },
  {
    file: 'charts/postgres-backup.ts',
    from: "memory: { request: '64Mi', limit: '256Mi' }",
    to: "memory: { request: '64Mi', limit: '64Mi' }",
    reason: 'what a dump needs hangs on its widest row, which is in no manifest; a small database is dumped in less',
  },
  {
    file: 'charts/postgres-backup/backup.sh',
    from: '"$dump" < "$oldest_kept"',
    to: '"$dump" > "$oldest_kept"',
    reason: 'what a comparison of a script decides shows when it is run, and nothing is run here',
  },
  {
    file: 'charts/front-end.ts',
    from: 'runAs: { user: 101, group: 101 },',
    to: 'runAs: { user: 1000, group: 1000 },',
    reason: 'nginx writes into empty folders of the pod alone, so that any user above 0 will do',
  },
  {
    file: 'charts/django-api.ts',
    from: "'/api/status/'",
    to: "'/api/health/'",
    reason: 'which pages the application answers is known to it alone, and it is no program whose pages are listed',
  },
  {
    file: 'ansible/inventory/group_vars/all/versions.yml',
    from: 'node_version: v22.21.1',
    to: 'node_version: v18.20.0',
    reason: 'nothing that is rendered hangs on the version of Node on ingress',
  },
  {
    file: 'charts/gateway.ts',
    from: 'frameDeny: true,',
    to: 'frameDeny: false,',
    reason: "frame-ancestors 'none' of the content security policy says the same, and browsers read that first",
  },
  {
    file: 'lib/constructs/gateway/public-ingress.ts',
    from: '(props.leadsToAuthority ? [] : [defaultForwarder(component)])',
    to: '[]',
    reason:
      'no ingress here rests on the default, so nothing that is rendered changes; test/charts/safe-defaults.test.ts fails',
  },
  {
    file: 'lib/constructs/pod/pod.ts',
    from: '      enableServiceLinks: false,\n',
    to: '',
    reason:
      'variables of Service links do harm only to a program that reads one of their names, and which those are is not known',
  },
  {
    file: 'lib/constructs/workload/job.ts',
    from: "restartPolicy: 'Never' }",
    to: "restartPolicy: 'OnFailure' }",
    reason:
      'the task is then tried again in the same pod, within the same deadline; only the log of the failure is lost',
  },
  {
    file: 'lib/constructs/database/connection-pooler.ts',
    from: '`max_db_connections = ${props.poolSize + props.reservePoolSize}`,',
    to: "'max_db_connections = 400',",
    reason: 'with one database and one user PgBouncer opens no more than its pool and the reserve, whatever this says',
  },
  {
    file: 'charts/platform.ts',
    from: 'application: 3',
    to: 'application: 1',
    reason:
      'what needs the pooler is synced by another Application, after this one; nothing of that wave in dist/platform needs a later wave',
  },
  {
    file: 'lib/constructs/pod/pod.ts',
    from: "whenUnsatisfiable: 'ScheduleAnyway',",
    to: "whenUnsatisfiable: 'DoNotSchedule',",
    reason: 'a choice: pods that stay pending rather than stand together; whether there is room is looked at elsewhere',
  },
  {
    file: 'lib/constructs/pod/pod.ts',
    from: 'runAsNonRoot: true,',
    to: "runAsNonRoot: true, sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }],",
    reason: 'the Pod Security Standard counts it as safe, and a pod is free to ask for it',
  },
  {
    file: 'facts/settings.ts',
    from: "hostPath: '/var/lib/ahuora/postgres-backup',",
    to: "hostPath: '/var/lib/ahuora/postgres',",
    reason: 'the two folders are on two nodes, which is looked at, and may have one name',
  },
  {
    file: 'charts/cloudflared.ts',
    from: 'const METRICS = 2000',
    to: 'const METRICS = 200',
    reason:
      'argument, port and probes follow it, and containerd of K3s lets any user listen below 1024 (enable_unprivileged_ports)',
  },
  {
    file: 'lib/constructs/pod/volume.ts',
    from: "mount.kind === 'secret' ? true : undefined",
    to: "mount.kind === 'secret' ? false : undefined",
    reason: 'the kubelet mounts Secrets and ConfigMaps read-only, whatever a mount says',
  },
  {
    file: 'charts/front-end/default.conf',
    from: '$uri/ /index.html;',
    to: '$uri/ =404;',
    reason: 'whether unknown paths are pages is known to the application alone; test/charts/workloads.test.ts fails',
  },
  {
    file: 'charts/postgres-backup.ts',
    from: 'String(backup.retentionDays)',
    to: 'String(backup.keepAtLeast)',
    reason: 'either is a whole number of dumps; test/charts/database.test.ts fails',
  },
  {
    file: 'charts/postgres-backup.ts',
    from: 'RETENTION_DAYS: String(backup.retentionDays),',
    to: 'RETENTION_DAYS: String(backup.retentionDays * 24),',
    reason: 'how long dumps are kept is a choice of up to a year, and how many of them fill the disk hangs on the rows',
  },
  {
    file: 'charts/oauth2-proxy.ts',
    from: 'volumeGroup: 65532,',
    to: 'volumeGroup: 1000,',
    reason: 'the kubelet gives the mounted list to whatever group is named, and the pod is in it',
  },
  {
    file: 'facts/settings.ts',
    from: "size: '10Gi',",
    to: "size: '100Gi',",
    reason: 'a folder of a card has no size of its own, and there are larger cards',
  },
];
