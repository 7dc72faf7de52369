import { deployment, web, type Case } from './case';
import { find } from '../sound-platform';

export const capacityCases: readonly Case[] = [
  {
    rule: 'pods-fit-the-nodes',
    when: 'the replicas ask for more than the nodes have',
    breakIt: (p) => (web(p).resources.requests.cpu = '2000m'),
    object: deployment,
    field: 'spec.template.spec.containers',
    message: /only \d of 8 pods with 2000m CPU and 256 MiB each find room on 3 nodes/,
  },
  {
    rule: 'pods-fit-the-nodes',
    when: 'one pod is larger than any node, though the sum fits',
    breakIt: (p) => (find(p, 'StatefulSet/database').spec.template.spec.containers[0].resources.requests.cpu = '3801m'),
    object: 'StatefulSet/database',
    message: /only 0 of 1 pods with 3801m/,
  },
  {
    rule: 'pods-fit-the-nodes',
    when: "a pod would fit only into memory below the kubelet's eviction threshold",
    // 8,192 MiB less the reserve of 512 are 7,680, less the threshold of 256 are 7,424.
    breakIt: (p) => {
      find(p, 'StatefulSet/database').spec.template.spec.containers[0].resources.requests.memory = '7425Mi';
    },
    object: 'StatefulSet/database',
    message: /only 0 of 1 pods with \d+m CPU and 7425 MiB each/,
  },
  {
    rule: 'pods-fit-the-nodes',
    when: 'pods of a chart that is not rendered here take the room',
    breakIt: (p) =>
      (p.model.reservations = [{ component: 'agent', pods: 'one-per-node', cpuMillicores: 3400, memoryMiB: 1 }]),
    object: deployment,
    message: /only \d of 8 pods .* \(all pods together ask for \d+m/,
  },
  {
    rule: 'pods-fit-the-nodes',
    when: 'pods of a chart find no room themselves',
    breakIt: (p) => {
      const nodeLabels = { 'kubernetes.io/hostname': 'node-1' };
      p.model.reservations = [{ component: 'agent', pods: 2, cpuMillicores: 3000, memoryMiB: 1, nodeLabels }];
    },
    object: deployment,
    message: /only 1 of 2 pods of agent, which is not rendered here, find room/,
  },
  {
    rule: 'pools-fit-the-database',
    when: 'the pools are larger than max_connections',
    breakIt: (p) =>
      Object.assign(find(p, 'Deployment/pooler').spec, { replicas: 4, strategy: { rollingUpdate: { maxSurge: 0 } } }),
    object: 'ConfigMap/pooler',
    field: 'data["pgbouncer.ini"]',
    message: /4 pods with 25 connections each may open 100 connections, and Postgres leaves 97/,
  },
];
