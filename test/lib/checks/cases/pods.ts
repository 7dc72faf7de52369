import { deployment, inWeb, pod, web, type Case } from './case';
import { find } from '../sound-platform';

export const podsCases: readonly Case[] = [
  {
    rule: 'images-are-pinned',
    when: 'the image has no tag',
    breakIt: (p) => (web(p).image = 'registry:5000/example/web'),
    object: deployment,
    field: inWeb('image'),
    message: /has no tag/,
  },
  {
    rule: 'images-are-pinned',
    when: 'the tag is latest',
    breakIt: (p) => (web(p).image = 'example/web:latest'),
    object: deployment,
    field: inWeb('image'),
    message: /the tag of example\/web:latest moves/,
  },
  {
    rule: 'resources-are-stated',
    when: 'no CPU is requested',
    breakIt: (p) => delete web(p).resources.requests.cpu,
    object: deployment,
    field: inWeb('resources.requests.cpu'),
    message: /no request for cpu/,
  },
  {
    rule: 'limits-are-not-below-requests',
    when: 'a limit is below its request',
    breakIt: (p) => (web(p).resources.limits.memory = '128Mi'),
    object: deployment,
    field: inWeb('resources.limits.memory'),
    message: /128Mi is below the request 256Mi/,
  },
  {
    rule: 'containers-have-probes',
    when: 'there is no liveness probe',
    breakIt: (p) => delete web(p).livenessProbe,
    object: deployment,
    field: inWeb('livenessProbe'),
    message: /no livenessProbe/,
  },
  {
    rule: 'pods-ask-for-arm64',
    when: 'any architecture will do',
    breakIt: (p) => delete pod(p).nodeSelector,
    object: deployment,
    message: /arm64/,
  },
  {
    rule: 'pods-end-within-their-grace-period',
    when: 'preStop outlasts the grace period',
    breakIt: (p) => (web(p).lifecycle.preStop = { exec: { command: ['sh', '-c', 'sleep 30'] } }),
    object: deployment,
    field: inWeb('lifecycle.preStop'),
    message: /takes 30 s of a grace period of 30 s/,
  },
  {
    rule: 'configuration-changes-roll-pods',
    when: 'the checksum is missing',
    breakIt: (p) => delete find(p, deployment).spec.template.metadata.annotations,
    object: deployment,
    field: 'spec.template.metadata.annotations',
    message: /ConfigMap web and carries no checksum/,
  },
];
