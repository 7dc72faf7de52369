import { inFile } from '../mutation';

/** In what all pods and workloads are made of. */
// prettier-ignore
export const wellMeantWorkloads = [
  ...inFile(
    "lib/constructs/pod/pod.ts",
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      dnsPolicy: 'Default',\n", /Deployment\/cloudflared.*the pod asks the resolver of its node, which knows no Service.*\[pods-can-start-and-stay\]/],
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      shareProcessNamespace: true,\n", /Deployment\/cloudflared.*each container reads the memory and the variables of the others.*\[pods-can-start-and-stay\]/],
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      activeDeadlineSeconds: 86_400,\n", /Deployment\/cloudflared.*the pod is stopped 86400 s after its start.*\[pods-can-start-and-stay\]/],
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      hostAliases: [{ ip: '10.43.0.50', hostnames: ['postgres'] }],\n", /Deployment\/cloudflared.*postgres stays at 10\.43\.0\.50, whatever address it has later.*\[pods-can-start-and-stay\]/],
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      schedulerName: 'custom-scheduler',\n", /Deployment\/cloudflared.*there is no scheduler custom-scheduler.*\[pods-can-start-and-stay\]/],
    ["topologyKey: 'kubernetes.io/hostname',", "topologyKey: 'topology.kubernetes.io/zone',", /Deployment\/django-api.*nothing spreads the pods over the nodes.*\[replicated-pods-are-spread\]/],
    ["      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      runtimeClassName: 'gvisor',\n", /Deployment\/cloudflared.*K3s has no runtime class gvisor.*\[pods-can-start-and-stay\]/],
    ["labels: { ...component.podLabels(name), ...props.labels },", "labels: { ...props.labels },", /NetworkPolicy\/postgres.*no pod has the labels app\.kubernetes\.io\/name=postgres-restore.*\[network-policies-select-pods\]/],
    ["annotations: checksum ? { 'checksum/config': checksum } : undefined,", "annotations: undefined,", /Deployment\/front-end.*the pod uses the ConfigMap front-end-config and carries no.*\[configuration-changes-roll-pods\]/],
    ["...(props.host ? { 'kubernetes.io/hostname': props.host } : {}),", "", /Deployment\/cloudflared.*the pod calls the internet and may run on any node.*\[internet-callers-have-an-uplink\]/],
  ),
  ...inFile(
    "lib/constructs/pod/container.ts",
    ["startupProbe: toProbe(probes?.startup),", "startupProbe: toProbe(probes?.readiness),", /Deployment\/cloudflared.*\/ready says whether the container is ready, and not whether it.*\[restarts-are-for-the-process-alone\]/],
    ["readinessProbe: toProbe(probes?.readiness),", "readinessProbe: undefined,", /Deployment\/cloudflared.*there is no readinessProbe.*\[containers-have-probes\]/],
    ["readOnlyRootFilesystem: true,", "readOnlyRootFilesystem: true, runAsUser: 1000,", /Deployment\/pgbouncer.*edoburu\/pgbouncer has the user 70, and runAsUser is 1000.*\[images-run-as-their-user\]/],
    ["readOnlyRootFilesystem: true,", "readOnlyRootFilesystem: true, procMount: 'Unmasked',", /Deployment\/cloudflared.*it sees what the runtime hides of \/proc.*\[hosts-are-not-shared\]/],
  ),
  ...inFile(
    "lib/constructs/pod/resources.ts",
    ["amounts('limit', LOGS_MIB + scratchMiB)", "amounts('limit', LOGS_MIB)", /Deployment\/front-end.*its volumes hold up to 81 MiB, and it is evicted beyond 64 MiB.*\[disk-is-bounded\]/],
    ["const LOGS_MIB = 64;", "const LOGS_MIB = 6400;", /Deployment\/cloudflared.*it asks for 6\d+ MiB of a card, of which others get.*\[disk-is-bounded\]/],
    ["const LOGS_MIB = 64;", "const LOGS_MIB = 4;", /Deployment\/cloudflared.*the kubelet keeps 50 MiB of its logs, and leaves it 4 MiB for.*\[disk-is-bounded\]/],
    ["cpu: k8s.Quantity.fromString(cpu[side]),", "cpu: k8s.Quantity.fromString(cpu.request),", /Deployment\/django-api.*the limit 1 is below the request 2.*\[limits-are-not-below-requests\]/],
  ),
  ...inFile(
    "lib/constructs/pod/probe.ts",
    ["return { ...toAction(probe.action), periodSeconds, timeoutSeconds, failureThreshold };", "return { ...toAction(probe.action), periodSeconds, timeoutSeconds, failureThreshold, successThreshold: 3 };", /Deployment\/cloudflared.*the API server takes 1 alone here, and not 3.*\[probes-leave-time\]/],
    ["return { ...toAction(probe.action), periodSeconds, timeoutSeconds, failureThreshold };", "return { ...toAction(probe.action), initialDelaySeconds: 300, periodSeconds, timeoutSeconds, failureThreshold };", /Deployment\/cloudflared.*nobody asks for 300 s after each start, however soon it is ready.*\[probes-leave-time\]/],
    ["path: action.path,\n", "path: action.path,\n          scheme: 'HTTPS',\n", /Deployment\/django-api.*it is asked over TLS, and its port http speaks plain HTTP.*\[probes-leave-time\]/],
  ),
  ...inFile(
    "lib/constructs/pod/volume.ts",
    ["medium: mount.inMemory ? 'Memory' : undefined,", "medium: 'Memory',", /Deployment\/front-end.*volumes of 81 MiB are kept in memory, more than half of the.*\[memory-holds-what-is-kept-in-it\]/],
    ["items: [{ key: mount.reference.key, path: mount.reference.key }],", "", /Deployment\/oauth2-proxy.*all keys of oauth2-proxy are mounted \(client-id, client-secret,.*\[secrets-are-mounted-by-key\]/],
    ["defaultMode: mount.executable ? 0o555 : undefined", "defaultMode: mount.executable ? 0o444 : undefined", /StatefulSet\/postgres.*files of postgres-first-start cannot be executed.*\[first-start-scripts-run-by-themselves\]/],
  ),
  ...inFile(
    "lib/constructs/workload/scalable-deployment.ts",
    ["selector: { matchLabels: component.selectorLabels(name) },", "selector: { matchLabels: { ...component.podLabels(name), ...props.labels } },", /Deployment\/cloudflared.*the selector uses app\.kubernetes\.io\/part-of, which changes, and.*\[selectors-are-own-labels\]/],
    ["revisionHistoryLimit: 3,", "revisionHistoryLimit: 3, minReadySeconds: 600,", /Deployment\/cloudflared.*a pod counts after 600 s, and the roll-out is given up after.*\[roll-outs-keep-serving\]/],
  ),
  ...inFile(
    "lib/constructs/workload/job.ts",
    ["backoffLimit: props.retries ?? 2,", "backoffLimit: props.retries ?? 2,\n    ttlSecondsAfterFinished: 300,", /Job\/database-migration.*the Job removes itself 300 s after its end.*\[jobs-stay-when-done\]/],
    ["backoffLimit: props.retries ?? 2,", "backoffLimit: props.retries ?? 2,\n    parallelism: 2,", /Job\/database-migration.*the work is done 2 times for one job.*\[tasks-end\]/],
    ["concurrencyPolicy: 'Forbid',", "concurrencyPolicy: 'Replace',", /CronJob\/postgres-backup.*a run that takes long is killed by the next one.*\[schedules-are-kept\]/],
    ["timeZone: props.timeZone,", "", /CronJob\/postgres-backup.*the schedule is in the zone of whatever machine runs the.*\[schedules-are-kept\]/],
    ["`${name}-${slugOf(props.version)}-${digestOf(spec.template)}`", "`${name}-${slugOf(props.version)}`", /Job\/database-migration.*the name stays when the template changes.*\[jobs-are-named-for-their-template\]/],
  ),
  ...inFile(
    "lib/constructs/workload/service.ts",
    ["type: 'ClusterIP',", "type: 'ClusterIP', sessionAffinity: 'ClientIP',", /Service\/django-api.*ClientIP ties each caller to one pod, whatever the others have.*\[services-leave-addresses-to-the-cluster\]/],
    ["type: 'ClusterIP',", "type: 'ExternalName', externalName: 'api.ahuora.org.nz',", /Service\/django-api.*the name stands for a host outside, past every network policy.*\[services-stay-inside\]/],
    ["protocol: 'TCP' }", "protocol: 'TCP', nodePort: 30080 }", /Service\/django-api.*port 30080 of every node is taken.*\[services-stay-inside\]/],
  ),
  ...inFile(
    "charts/order/wait-for-platform.ts",
    ["deadlineSeconds: 900,", "deadlineSeconds: 5,", /Job\/wait-for-platform-sha256-faf1145975809edf-bbe664c6.*a job is ended after 5 s, and 600 to 43200 s are of use.*\[tasks-end\]/],
    ["command: ['true'],", "command: ['sleep', 'infinity'],", /Job\/wait-for-platform-sha256-faf1145975809edf-f5d78d72.*"sleep infinity" never ends.*\[tasks-end\]/],
  ),
  ...inFile(
    "charts/order/platform-applied.ts",
    ["data: { [this.reference.key]: 'applied' },", "data: { digest: this.reference.key },", /Job\/wait-for-platform-sha256-faf1145975809edf-bbe664c6.*the ConfigMap platform-applied has no key.*\[config-map-keys-exist\]/],
  ),
  ...inFile(
    "charts/wait-for-postgres.ts",
    ["`until pg_isready --host=${postgres.host}", "`until pg_isready --host=localhost", /CronJob\/postgres-backup.*localhost:5432 is the pod itself, which declares no port.*\[pods-have-what-they-ask-of-themselves\]/],
    ["--timeout=3; do sleep 2; done", "--timeout=3; do sleep 2; don", /CronJob\/postgres-backup.*do stands 1 times, and done 0 times.*\[commands-can-be-read\]/],
    ["...knowsTheServer.environment,\n    },\n    mounts", "},\n    mounts", /Job\/database-migration.*PGSSLMODE is not set, as it is beside it, so that whoever answers in place of the.*\[databases-ask-for-passwords\]/],
  ),
  ...inFile(
    "charts/front-end/default.conf",
    ["  location / {\n", "  location ~ \\.map$ { allow all; }\n  location / {\n", /ConfigMap\/front-end-config.*"location ~ \\\." is no line that nginx can read.*\[options-exist\]/],
    ["access_log off;", "access_log /var/log/nginx/health.log;", /ConfigMap\/front-end-config.*access_log \/var\/log\/nginx\/health\.log: nothing can be written.*\[servers-can-serve-their-pages\]/],
  ),
];
