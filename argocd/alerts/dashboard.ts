import { LIMITS } from './rules';

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly kind: 'timeseries' | 'stat';
  /** PromQL and what a series is called. */
  readonly queries: readonly (readonly [expression: string, legend: string])[];
  /** Where a value begins to be bad. */
  readonly limit?: number;
}

/** What one looks at first when an alert fires, and after a campaign. */
function panels(cluster: string): Panel[] {
  const own = `cluster=${JSON.stringify(cluster)}`;
  const api = `${own},namespace="ahuora"`;
  return [
    { title: 'Nodes that are ready', unit: 'short', kind: 'stat', queries: [[`sum(kube_node_status_condition{${own},condition="Ready",status="true"})`, 'ready']] },
    { title: 'Age of the last dump', unit: 'h', kind: 'stat', limit: LIMITS.backupHours, queries: [[`(time() - kube_cronjob_status_last_successful_time{${own},cronjob="postgres-backup"}) / 3600`, 'hours']] },
    { title: 'Certificate ends in', unit: 'd', kind: 'stat', queries: [[`(probe_ssl_earliest_cert_expiry{${own}} - time()) / 86400`, '{{instance}}']] },
    { title: 'Selected variant', unit: 'short', kind: 'stat', queries: [[`argocd_application_info{${own},name="workloads"}`, '{{path}}']] },
    { title: 'Applications that are not synced', unit: 'short', kind: 'stat', limit: 1, queries: [[`count(argocd_application_info{${own},sync_status!="Synced"} == 1) or vector(0)`, 'applications']] },
    { title: 'CPU of the nodes', unit: 'percentunit', kind: 'timeseries', queries: [[`1 - avg by (instance) (rate(node_cpu_seconds_total{${own},mode="idle"}[5m]))`, '{{instance}}']] },
    { title: 'Memory of the nodes', unit: 'percentunit', kind: 'timeseries', queries: [[`1 - node_memory_MemAvailable_bytes{${own}} / node_memory_MemTotal_bytes{${own}}`, '{{instance}}']] },
    { title: 'Temperature', unit: 'celsius', kind: 'timeseries', limit: LIMITS.celsius, queries: [[`max by (instance) (node_hwmon_temp_celsius{${own}})`, '{{instance}}']] },
    { title: 'Share of the highest frequency', unit: 'percentunit', kind: 'timeseries', queries: [[`max by (instance) (node_cpu_scaling_frequency_hertz{${own}}) / max by (instance) (node_cpu_scaling_frequency_max_hertz{${own}})`, '{{instance}}']] },
    { title: 'Free share of the disks', unit: 'percentunit', kind: 'timeseries', queries: [[`node_filesystem_avail_bytes{${own}} / node_filesystem_size_bytes{${own}}`, '{{instance}} {{device}}']] },
    { title: 'Replicas', unit: 'short', kind: 'timeseries', queries: [[`kube_deployment_status_replicas_available{${api},deployment=~"django-api|idaes"}`, '{{deployment}}']] },
    { title: 'CPU of the containers', unit: 'short', kind: 'timeseries', queries: [[`sum by (container) (rate(container_cpu_usage_seconds_total{${api}}[5m]))`, '{{container}}']] },
    { title: 'Memory of the containers', unit: 'bytes', kind: 'timeseries', queries: [[`sum by (container) (container_memory_working_set_bytes{${api}})`, '{{container}}']] },
    { title: 'Writes of the containers', unit: 'Bps', kind: 'timeseries', queries: [[`sum by (container, device) (rate(container_fs_writes_bytes_total{${api}}[5m]))`, '{{container}} {{device}}']] },
    { title: 'Restarts in an hour', unit: 'short', kind: 'timeseries', limit: 1, queries: [[`sum by (container) (increase(kube_pod_container_status_restarts_total{${api}}[1h]))`, '{{container}}']] },
  ]; // prettier-ignore
}

const COLUMNS = 24;

/** The dashboard of the cluster, as Grafana imports it. The data source is chosen at the import. */
export function dashboard(cluster: string) {
  const dataSource = { type: 'prometheus', uid: '${source}' };
  let x = 0;
  let y = 0;
  return {
    title: `Cluster ${cluster}`,
    uid: `cluster-${cluster}`,
    schemaVersion: 39,
    editable: false,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [{ name: 'source', label: 'Data source', type: 'datasource', query: 'prometheus' }] },
    annotations: {
      list: [
        {
          name: 'Campaign',
          enable: true,
          datasource: dataSource,
          iconColor: 'purple',
          expr: `argocd_application_info{cluster=${JSON.stringify(cluster)},name="workloads",path!="dist/workloads/production"}`,
          titleFormat: '{{path}}',
        },
      ],
    },
    panels: panels(cluster).map(({ title, unit, kind, queries, limit }, index) => {
      const [w, h] = kind === 'stat' ? [4, 4] : [8, 8];
      if (x + w > COLUMNS) [x, y] = [0, y + h];
      const gridPos = { x, y, w, h };
      x += w;
      const steps = [{ color: 'green', value: null }, ...(limit === undefined ? [] : [{ color: 'red', value: limit }])];
      return {
        id: index + 1,
        title,
        type: kind,
        datasource: dataSource,
        gridPos,
        fieldConfig: { defaults: { unit, thresholds: { mode: 'absolute', steps } }, overrides: [] },
        targets: queries.map(([expr, legendFormat], position) => ({
          refId: String.fromCharCode('A'.charCodeAt(0) + position),
          expr,
          legendFormat,
          datasource: dataSource,
        })),
      };
    }),
  };
}
