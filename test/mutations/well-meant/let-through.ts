import type { AcceptedMutation } from '../accepted';
import { inFile } from '../mutation';

type Row = readonly [file: string, from: string, to: string];

function because(reason: string, ...rows: readonly Row[]): AcceptedMutation[] {
  return rows.flatMap(([file, from, to]) =>
    inFile(file, [from, to, /^$/]).map(({ says: _, ...change }) => ({ ...change, reason })),
  );
}

/** Changes that mean well and that synthesis lets through. */
// prettier-ignore
export const letThrough: readonly AcceptedMutation[] = [
  ...because(
    "Traefik removes whatever matches authResponseHeadersRegex before it passes a request on",
    ["charts/gateway.ts", "  'X-Auth-Request-Groups',\n", ""],
  ),
  ...because(
    "which methods and paths the pages ask for is known to the front end alone",
    ["charts/gateway.ts", "routes: [{ host: hosts.frontEnd, to: frontEnd }],", "routes: [{ host: hosts.frontEnd, to: frontEnd }, { host: hosts.frontEnd, path: '/api', to: djangoApi }],"],
    ["charts/gateway.ts", "['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']", "['GET', 'POST', 'OPTIONS']"],
  ),
  ...because(
    "no policy lets anybody reach the port, and what is there tells nothing",
    ["charts/traefik-values.ts", "'--accesslog=true',", "'--accesslog=true', '--ping=true', '--entrypoints.ping.address=:8082',"],
    ["charts/traefik-values.ts", "'--entrypoints.web.http.redirections.entrypoint.permanent=true',", "'--entrypoints.web.http.redirections.entrypoint.permanent=true', '--entrypoints.websecure.http3',"],
  ),
  ...because(
    "the service load balancer of K3s passes over it",
    ["charts/traefik-values.ts", "service: { spec: { externalTrafficPolicy: 'Local' } },", "service: { spec: { externalTrafficPolicy: 'Local', loadBalancerIP: '192.168.100.250' } },"],
  ),
  ...because(
    "the node has room for it, which is looked at",
    ["charts/traefik-values.ts", "requests: { cpu: '250m', memory: '128Mi' }", "requests: { cpu: '2500m', memory: '128Mi' }"],
    ["charts/traefik-values.ts", "nodeSelector: { 'kubernetes.io/hostname': settings.internetNode },", "nodeSelector: { 'kubernetes.io/hostname': settings.internetNode }, deployment: { replicas: 3 },"],
    ["lib/constructs/pod/resources.ts", "memory: k8s.Quantity.fromString(memory[side]),", "memory: k8s.Quantity.fromString(memory.limit),"],
  ),
  ...because(
    "no program here looks at it, so that nothing else happens",
    ["lib/constructs/pod/pod.ts", "      enableServiceLinks: false,\n", "      enableServiceLinks: false,\n      hostname: 'ahuora',\n"],
    ["lib/constructs/pod/container.ts", "    name,\n    image,\n", "    name,\n    image,\n    stdin: true,\n    tty: true,\n"],
    ["lib/constructs/workload/job.ts", "backoffLimit: props.retries ?? 2,", "backoffLimit: props.retries ?? 2,\n    podReplacementPolicy: 'TerminatingOrFailed',"],
    ["lib/constructs/workload/job.ts", "`${name}-${slugOf(props.version)}-${digestOf(spec.template)}`", "`${name}-${digestOf(spec.template)}`"],
    ["lib/constructs/database/local-volume.ts", "local: { path: folder.path },", "local: { path: folder.path, fsType: 'ext4' },"],
    ["lib/constructs/compose/service.ts", "group_add: [String(pod.volumeGroup)]", "group_add: []"],
    ["lib/constructs/compose/health-check.ts", "'127.0.0.1', String(action.port)]", "'0.0.0.0', String(action.port)]"],
  ),
  ...because(
    "where a program starts, and what an image of ours holds, is known to the image alone",
    ["lib/constructs/pod/container.ts", "    name,\n    image,\n", "    name,\n    image,\n    workingDir: '/app/src',\n"],
    ["charts/compose.ts", "[idaes.host]: { prober: 'python' },", "[idaes.host]: { prober: 'busybox' },"],
  ),
  ...because(
    "what a script, a statement or a check comes to shows when it is run; the cluster tier runs them",
    ["charts/postgres/roles.sql", "GRANT pg_read_all_data TO :\"backup\";", "GRANT pg_read_all_data TO :\"backup\", :\"application\";"],
    ["charts/postgres/roles.sh", "--host=127.0.0.1 --username=\"$1\"", "--username=\"$1\""],
    ["charts/postgres/keep-roles.sh", "SELECT pg_reload_conf()", "SELECT pg_reload_config()"],
    ["charts/postgres/keep-roles.sh", "rm --force \"$done_file\"\n", ""],
    ["charts/postgres/first-start.sh", "exec /bin/bash", "exec /bin/sh"],
    ["charts/postgres-backup/restore.sh", "DROP OWNED BY CURRENT_USER CASCADE;", "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"],
    ["argocd/argo-cd-values.ts", "'if obj.metadata.name == \"root\" then',", "'if obj.metadata.name == \"main\" then',"],
    ["charts/wait-for-postgres.ts", "`until ${login}; do sleep 2; done`", "`${login}`"],
  ),
  ...because(
    "a choice of how much is done at a time, and how late something may be",
    ["charts/compose.ts", "poolSize: poolSize * replicas,", "poolSize,"],
    ["argocd/index.ts", "syncWave: 1, source: folder('platform')", "syncWave: 1, waitsForEveryWave: true, source: folder('platform')"],
    ["argocd/argo-cd-values.ts", "'timeout.reconciliation.jitter': '0s',", "'timeout.reconciliation.jitter': '180m',"],
    ["argocd/argo-cd-values.ts", "'controller.operation.processors': '2',", "'controller.operation.processors': '200',"],
    ["argocd/argo-cd-values.ts", "'resource.compareoptions': 'ignoreResourceStatusField: none\\n',", "'resource.compareoptions': 'ignoreResourceStatusField: all\\n',"],
    ["lib/constructs/database/connection-pooler.ts", "serverConnectionsKept = 10", "serverConnectionsKept = 0"],
    ["lib/constructs/database/connection-pooler.ts", "reserveTimeoutSeconds ?? 3", "reserveTimeoutSeconds ?? 300"],
    ["lib/constructs/database/connection-pooler.ts", "`max_client_conn = ${props.maxClientConnections}`,", "`max_client_conn = ${props.maxClientConnections * 100}`,"],
  ),
  ...because(
    "what a rule keeps, and what an expression admits, shows when it is evaluated; the cluster tier asks the API server",
    ["argocd/monitoring-values.ts", "replacement: 'other',", "replacement: 'others',"],
    ["argocd/monitoring-values.ts", "regex: 'other', action: 'drop'", "regex: 'other', action: 'keep'"],
    ["argocd/monitoring-guards.ts", "const READ_FOLDERS = ['/proc', '/sys', '/'];", "const READ_FOLDERS = ['/proc', '/sys', '/', '/var/run/containerd'];"],
    ["argocd/monitoring-guards.ts", "variables.hostFolders.size() == 0 || variables.readsHost", "variables.hostFolders.size() == 0 && variables.readsHost"],
  ),
  ...because(
    "whom the pods of a chart call is known to the chart, which is not rendered here",
    ["argocd/monitoring-guards.ts", "tcp(10250, 9100)", "tcp(9100)"],
    ["argocd/monitoring-guards.ts", "egress('hooks', HOOKS, apiServer);", "egress('hooks', HOOKS);"],
    ["argocd/monitoring-guards.ts", "egress('alloy-singleton', ALLOY_SINGLETON, apiServer, grafanaCloud, ...names);", "egress('alloy-singleton', ALLOY_SINGLETON, apiServer, ...names);"],
    ["argocd/monitoring-guards.ts", "DNS, [addresses.podNetwork]),", "DNS),"],
    ["argocd/monitoring-guards.ts", "const ALLOY_SINGLETON = named('alloy-singleton');", "const ALLOY_SINGLETON = named('alloy-logs');"],
  ),
  ...because(
    "asked for only where autoscalers look at more than CPU",
    ["argocd/monitoring-values.ts", "'horizontalpodautoscalers', ", ""],
    ["argocd/alerts/rules.ts", "{{ $labels.horizontalpodautoscaler }}", "{{ $labels.hpa }}"],
  ),
  ...because(
    "names of metrics that nothing else asks for are not listed here",
    ["argocd/alerts/rules.ts", "max by (cluster, instance) (node_hwmon_temp_celsius{${own}})", "max by (instance) (node_hwmon_temp_celsius{${own}})"],
    ["argocd/alerts/rules.ts", "node_filesystem_avail_bytes{${own}} / node", "node_filesystem_available_bytes{${own}} / node"],
  ),
  ...because(
    "a name that is only offered to whoever fills the vault; roles.sh refuses two that are the same",
    ["facts/secrets.ts", "'database-owner': 'ahuora_owner',", "'database-owner': 'ahuora',"],
    ["facts/secrets.ts", "'database-backup': 'ahuora_backup',", "'database-backup': 'postgres',"],
  ),
  ...because(
    "Argo CD signs in by it all the same",
    ["facts/delivery-secrets.ts", "labels: { 'argocd.argoproj.io/secret-type': 'repository' },", "labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' },"],
  ),
  ...because(
    "what a registry holds, and what Renovate looks for, is known to them alone",
    ["facts/images.ts", "'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6'", "'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6-alpine'"],
    ["facts/images.ts", "renovate: datasource=docker depName=postgres versioning=docker", "renovate: datasource=docker depName=postgresql versioning=docker"],
    ["ansible/inventory/group_vars/all/versions.yml", "v1.34.4+k3s1", "v1.34.5+k3s1"],
    ["ansible/inventory/group_vars/all/versions.yml", "datasource=github-releases depName=k3s-io/k3s", "datasource=github-release depName=k3s-io/k3s"],
  ),
  ...because(
    "what a chart of another version reads is not listed here; facts/notes.ts says that its images are not",
    ["facts/chart-versions.ts", "kubernetesMonitoringChart: '3.7.5'", "kubernetesMonitoringChart: '2.1.4'"],
  ),
  ...because(
    "what a chart makes is not rendered here, so that nobody can say it needs less",
    ["facts/permissions.ts", "...core('ConfigMap', 'Service', 'ServiceAccount'),\n    ...of('apps', 'DaemonSet'", "...core('ConfigMap', 'Service', 'ServiceAccount', 'Secret'),\n    ...of('apps', 'DaemonSet'"],
  ),
  ...because(
    "a number all the same",
    ["ansible/inventory/hosts.yml", "          ansible_host: 192.168.100.124\n", "          ansible_host: 192.168.100.124\n          cores: 4.0\n"],
  ),
  ...because(
    "what a role does with it shows on a machine; the rack tier runs them",
    ["ansible/inventory/hosts.yml", "          ansible_host: 192.168.100.124\n", "          ansible_host: 192.168.100.124\n          ansible_ssh_private_key: id_rsa\n"],
    ["ansible/inventory/group_vars/all/main.yml", "domain_name: ahuora.internal", "domain_name: ahuora.internal\ncluster_domain: k3s.local"],
    ["ansible/inventory/group_vars/all/artefacts.yml", "checksums.yml\"", "checksum.yml\""],
    ["ansible/inventory/group_vars/all/artefacts.yml", "k3s-arm64\"", "k3s\""],
    ["ansible/inventory/group_vars/server/main.yml", "cpu=500m,memory=1Gi", "cpu=500m,memory=1Gi,ephemeral-storage=1Ti"],
  ),
  ...because(
    "a server that does more than it must answers all the same",
    ["lib/constructs/database/connection-pooler.ts", "'server_reset_query =',", "'server_reset_query = DISCARD ALL', 'server_reset_query_always = 1',"],
    ["lib/constructs/database/connection-pooler.ts", "'ignore_startup_parameters = extra_float_digits',", "'max_prepared_statements = 0',"],
  ),
  ...because(
    "what waits for whom is in no field that another says; test/charts/platform-applied.test.ts fails",
    ["charts/order/wait-for-platform.ts", "startsAfter: applied,", ""],
    ["charts/order/wait-for-platform.ts", "'wait-for-platform', 'beforeAll'", "'wait-for-platform', 'gateway'"],
    ["charts/order/platform-applied.ts", "'platform-applied', 'upkeep'", "'platform-applied', 'foundation'"],
  ),
  ...because(
    "what browsers may keep of a page, and who may read it, is known to its build; a snapshot shows the line",
    ["charts/front-end/default.conf", "server_tokens off;", "server_tokens off;\n  gzip on;\n  gzip_types *;"],
    ["charts/front-end/default.conf", "add_header Cache-Control \"no-cache\";", "add_header Cache-Control \"public, max-age=31536000\";"],
    ["charts/front-end/default.conf", "add_header Cache-Control \"no-cache\";", "add_header Cache-Control \"no-cache\";\n    add_header Access-Control-Allow-Origin *;"],
  ),
];
