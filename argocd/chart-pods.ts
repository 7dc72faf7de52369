import { mebibytes, millicores } from '../lib/kubernetes/quantity';
import type { PodReservation } from '../lib/constructs/platform-model';
import { argoCdValues } from './argo-cd-values';
import type { ResourceRequirements } from './monitoring-chart-values';
import { monitoringValues, type MonitoringSettings } from './monitoring-values';

type NodeLabels = Readonly<Record<string, string>>;

/**
 * What the pods of the Helm charts take on the nodes. No chart is rendered here, so which pods one makes is written down;
 * requests are those of its values, else its defaults: 10m and 50 MiB for Alloy's reloader, nothing for kube-state-metrics,
 * node-exporter and Alloy's operator.
 */
export function chartPods(monitoring: MonitoringSettings): PodReservation[] {
  // Name servers take no room.
  const argoCd = argoCdValues(monitoring.uplinkNode, []);
  const values = monitoringValues(monitoring);
  return [
    ...[argoCd.controller, argoCd.repoServer, argoCd.redis].map(({ resources, nodeSelector }) =>
      reservation('argo-cd', 1, resources, nodeSelector ?? argoCd.global.nodeSelector),
    ),
    ...[values['alloy-metrics'], values['alloy-singleton']].flatMap(({ alloy, controller }) => [
      reservation('monitoring', controller.replicas, alloy.resources, controller.nodeSelector),
      {
        component: 'monitoring',
        pods: controller.replicas,
        cpuMillicores: 10,
        memoryMiB: 50,
        nodeLabels: controller.nodeSelector,
      },
    ]),
  ];
}

function reservation(
  component: string,
  pods: number,
  { requests }: ResourceRequirements,
  nodeLabels: NodeLabels,
): PodReservation {
  return {
    component,
    pods,
    cpuMillicores: millicores(requests.cpu, `argocd/${component}-values.ts: resources.requests.cpu`),
    memoryMiB: mebibytes(requests.memory, `argocd/${component}-values.ts: resources.requests.memory`),
    nodeLabels,
  };
}
