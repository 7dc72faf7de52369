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
    breakIt: (p) => (find(p, 'StatefulSet/database').spec.template.spec.containers[0].resources.requests.cpu = '3800m'),
    object: 'StatefulSet/database',
    message: /only 0 of 1 pods with 3800m/,
  },
  {
    rule: 'pools-fit-the-database',
    when: 'the pools are larger than max_connections',
    breakIt: (p) => (find(p, 'Deployment/pooler').spec.replicas = 4),
    object: 'ConfigMap/pooler',
    field: 'data["pgbouncer.ini"]',
    message: /4 pods with 25 connections each may open 100 connections, and Postgres leaves 97/,
  },
];
