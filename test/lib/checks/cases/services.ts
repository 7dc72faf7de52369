import { deployment, inWeb, web, type Case } from './case';
import { find } from '../sound-platform';

export const servicesCases: readonly Case[] = [
  {
    rule: 'services-select-pods',
    when: 'a Service selects nothing',
    breakIt: (p) => (find(p, 'Service/web').spec.selector = { app: 'wob' }),
    object: 'Service/web',
    field: 'spec.selector',
    message: /no pod has the labels app=wob/,
  },
  {
    rule: 'service-ports-exist',
    when: 'a Service forwards to a port that no container declares',
    breakIt: (p) => (find(p, 'Service/web').spec.ports[0].targetPort = 'metrics'),
    object: 'Service/web',
    field: 'spec.ports[0].targetPort',
    message: /no container of Deployment\/web declares port metrics/,
  },
  {
    rule: 'probe-ports-exist',
    when: 'a probe asks a port that the container does not have',
    breakIt: (p) => (web(p).readinessProbe.httpGet.port = 9090),
    object: deployment,
    field: inWeb('readinessProbe'),
    message: /declares no port 9090/,
  },
  {
    rule: 'ingress-backends-exist',
    when: 'an ingress host has no service',
    breakIt: (p) => (find(p, 'Ingress/pages').spec.rules[0].http.paths[0].backend.service.name = 'pages'),
    object: 'Ingress/pages',
    field: 'spec.rules[0].http.paths[0].backend.service',
    message: /shop\.example\.com leads to the Service pages, which does not exist/,
  },
  {
    rule: 'ingress-backends-exist',
    when: 'an ingress names a port that its service does not have',
    breakIt: (p) => (find(p, 'Ingress/pages').spec.rules[0].http.paths[0].backend.service.port.number = 81),
    object: 'Ingress/pages',
    field: 'spec.rules[0].http.paths[0].backend.service',
    message: /port 81 of Service\/web, which has 80/,
  },
  {
    rule: 'ingress-backends-exist',
    when: 'a host has no path',
    breakIt: (p) => (find(p, 'Ingress/api').spec.rules[0].http.paths = []),
    object: 'Ingress/api',
    field: 'spec.rules[0].http.paths',
    message: /leads to no service/,
  },
  {
    rule: 'forward-auth-addresses-exist',
    when: 'authentication is asked of a service that does not exist',
    breakIt: (p) => (find(p, 'Middleware/ask').spec.forwardAuth.address = 'http://proxy.shop.svc.cluster.local:4180/'),
    object: 'Middleware/ask',
    field: 'spec.forwardAuth.address',
    message: /Service proxy, which does not exist/,
  },
  {
    rule: 'stateful-sets-have-their-service',
    when: 'the headless Service has an address',
    breakIt: (p) => delete find(p, 'Service/database').spec.clusterIP,
    object: 'StatefulSet/database',
    field: 'spec.serviceName',
    message: /no headless Service database/,
  },
  {
    rule: 'network-policies-select-pods',
    when: 'a policy protects nothing',
    breakIt: (p) => (find(p, 'NetworkPolicy/database').spec.podSelector.matchLabels = { app: 'databse' }),
    object: 'NetworkPolicy/database',
    field: 'spec.podSelector',
    message: /app=databse/,
  },
  {
    rule: 'network-policies-select-pods',
    when: 'a peer matches nothing',
    breakIt: (p) =>
      (find(p, 'NetworkPolicy/database').spec.ingress[0].from[0].podSelector.matchLabels = { app: 'poler' }),
    object: 'NetworkPolicy/database',
    field: 'spec.ingress[0].from[0].podSelector',
    message: /app=poler/,
  },
  {
    rule: 'disruption-budgets-select-pods',
    when: 'a budget protects nothing',
    breakIt: (p) =>
      p.files[1]!.objects.push({
        ...structuredClone(find(p, 'PodDisruptionBudget/web')),
        metadata: { name: 'wob', namespace: 'shop' },
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'wob' } } },
      }),
    object: 'PodDisruptionBudget/wob',
    field: 'spec.selector',
    message: /app=wob/,
  },
  {
    rule: 'services-fit-the-quota',
    when: 'a Service opens a port on every node',
    breakIt: (p) => (find(p, 'Service/web').spec.type = 'NodePort'),
    object: 'Service/web',
    field: 'spec.type',
    message: /ResourceQuota\/no-open-ports permits 0 services.nodeports, and 1 are asked for/,
  },
  {
    rule: 'services-fit-the-quota',
    when: 'a Service asks for a load balancer',
    breakIt: (p) => {
      Object.assign(find(p, 'Service/web').spec, { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false });
    },
    object: 'Service/web',
    message: /permits 0 services.loadbalancers, and 1 are asked for/,
  },
];
