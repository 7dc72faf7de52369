import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { deployment, inWeb, pod, web, type Case } from './case';

const WAVE = 'argocd.argoproj.io/sync-wave';
const variable = (p: SoundPlatform, name: string) => web(p).env.find((entry: Loose) => entry.name === name);
const ini = (p: SoundPlatform, from: string, to: string) => {
  const { data } = find(p, 'ConfigMap/pooler');
  data['pgbouncer.ini'] = data['pgbouncer.ini'].replace(from, to);
};

export const wiringCases: readonly Case[] = [
  {
    rule: 'addresses-lead-to-services',
    when: 'a variable names a host that is no Service',
    breakIt: (p) => (variable(p, 'DATABASE_HOST').value = 'poler'),
    object: deployment,
    field: inWeb('env[2].value'),
    message: /"poler" is not a Service here/,
  },
  {
    rule: 'addresses-lead-to-services',
    when: 'a variable names a port that the Service lacks',
    breakIt: (p) => (variable(p, 'DATABASE_PORT').value = '6433'),
    object: deployment,
    message: /Service\/pooler has the port 6432, and not 6433/,
  },
  {
    rule: 'addresses-lead-to-services',
    when: 'an argument has the address of no Service',
    breakIt: (p) => (web(p).args = ['--upstream=http://soler:8080/solve']),
    object: deployment,
    field: inWeb('args[0]'),
    message: /"soler" is not a Service here/,
  },
  {
    rule: 'addresses-lead-to-services',
    when: 'a configuration file names a wrong host',
    breakIt: (p) => ini(p, 'host=database', 'host=databse'),
    object: 'ConfigMap/pooler',
    field: 'data["pgbouncer.ini"]',
    message: /"databse" is not a Service here/,
  },
  {
    rule: 'addresses-lead-to-services',
    when: 'a public name is misspelt',
    breakIt: (p) => (web(p).args = ['--pages=https://shopp.example.com/']),
    object: deployment,
    message: /no route answers for shopp\.example\.com/,
  },
  {
    rule: 'pods-call-others',
    when: 'the pooler is told to pool connections to itself',
    breakIt: (p) => ini(p, 'host=database', 'host=pooler'),
    object: 'ConfigMap/pooler',
    field: 'data["pgbouncer.ini"]',
    message: /calls pooler, which is its own Service/,
  },
  {
    rule: 'processes-listen-where-they-are-asked',
    when: 'a database is given another port than the one it listens on',
    breakIt: (p) => {
      const database = pod(p, 'StatefulSet/database').containers[0];
      database.image = 'postgres:16.4';
      database.ports[0].containerPort = 5433;
    },
    object: 'StatefulSet/database',
    field: 'spec.template.spec.containers[0].image',
    message: /listens on 5432, and its pod declares 5433/,
  },
  {
    rule: 'calls-are-permitted',
    when: 'the connection is not declared',
    breakIt: (p) => find(p, 'NetworkPolicy/web').spec.egress.pop(),
    object: deployment,
    field: inWeb('env[2].value'),
    message: /calls pooler:6432, and no NetworkPolicy lets it out/,
  },
  {
    rule: 'connections-are-used',
    when: 'nothing uses a connection',
    breakIt: (p) => {
      find(p, 'NetworkPolicy/web').spec.egress[1].to.push({
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'database' } },
      });
    },
    object: 'NetworkPolicy/web',
    field: 'spec.egress[1].to[1]',
    message: /nothing of Deployment\/web names database/,
  },
  {
    rule: 'the-gateway-reaches-its-services',
    when: 'the policy keeps Traefik out',
    breakIt: (p) => delete find(p, 'NetworkPolicy/web').spec.ingress,
    object: 'Ingress/api',
    message: /no NetworkPolicy lets Traefik reach web/,
  },
  {
    rule: 'processes-listen-where-they-are-asked',
    when: 'a configuration file says another port',
    breakIt: (p) => ini(p, '[pgbouncer]\n', '[pgbouncer]\nlisten_port = 6433\n'),
    object: 'ConfigMap/pooler',
    field: 'data["pgbouncer.ini"]',
    message: /listens on 6433, and its pod declares 8080/,
  },
  {
    rule: 'processes-listen-where-they-are-asked',
    when: 'an argument says another port',
    breakIt: (p) => (web(p).args = ['--metrics', '0.0.0.0:2001']),
    object: deployment,
    field: inWeb('args[1]'),
    message: /listens on 2001/,
  },
  {
    rule: 'waves-follow-dependencies',
    when: 'a pooler comes before its database',
    breakIt: (p) => {
      find(p, 'Deployment/pooler').metadata.annotations = { [WAVE]: '1' };
      find(p, 'StatefulSet/database').metadata.annotations = { [WAVE]: '2' };
    },
    object: 'Deployment/pooler',
    field: `metadata.annotations["${WAVE}"]`,
    message: /of wave 1 and needs StatefulSet\/database of wave 2/,
  },
  {
    rule: 'schedules-can-be-read',
    when: 'an hour has 75 minutes',
    breakIt: (p) => (find(p, 'CronJob/backup').spec.schedule = '75 2 * * *'),
    object: 'CronJob/backup',
    field: 'spec.schedule',
    message: /invalid value for minute: 75/,
  },
  {
    rule: 'schedules-can-be-read',
    when: 'the time zone does not exist',
    breakIt: (p) => (find(p, 'CronJob/backup').spec.timeZone = 'Pacific/Aukland'),
    object: 'CronJob/backup',
    field: 'spec.timeZone',
    message: /is not a time zone/,
  },
  {
    rule: 'priority-classes-exist',
    when: 'the class does not exist',
    breakIt: (p) => (pod(p).priorityClassName = 'urgent'),
    object: deployment,
    field: 'spec.template.spec.priorityClassName',
    message: /no PriorityClass urgent/,
  },
  {
    rule: 'pods-of-others-are-known',
    when: 'the name server is called by another label',
    breakIt: (p) =>
      (find(p, 'NetworkPolicy/web').spec.egress[0].to[0].podSelector.matchLabels = { 'k8s-app': 'coredns' }),
    object: 'NetworkPolicy/web',
    field: 'spec.egress[0].to[0]',
    message: /K3s has no pods with the labels k8s-app=coredns/,
  },
  {
    rule: 'callers-can-ask-for-names',
    when: 'a caller may not ask the name server',
    breakIt: (p) => find(p, 'NetworkPolicy/web').spec.egress.shift(),
    object: 'NetworkPolicy/web',
    field: 'spec.egress',
    message: /Deployment\/web may not ask the name server/,
  },
  {
    rule: 'internet-callers-have-an-uplink',
    when: 'a pod that calls the internet may run anywhere',
    breakIt: (p) => {
      const except = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'];
      find(p, 'NetworkPolicy/web').spec.egress.push({
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except } }],
        ports: [{ port: 443, protocol: 'TCP' }],
      });
    },
    object: deployment,
    field: 'spec.template.spec.nodeSelector',
    message: /calls the internet and may run on any node/,
  },
  {
    rule: 'taints-are-tolerated',
    when: 'the only node repels the pod',
    breakIt: (p) => {
      p.model.inventory = structuredClone(p.model.inventory);
      p.model.inventory.hosts[2].taints = [{ key: 'disk', value: 'slow', effect: 'NoSchedule' }];
    },
    object: 'StatefulSet/database',
    field: 'spec.template.spec.tolerations',
    message: /node-1 has the taint disk=slow:NoSchedule/,
  },
  {
    rule: 'schemas-are-those-of-the-cluster',
    when: 'Ansible installs another minor version',
    breakIt: (p) => (p.model.reviewed.clusterVersion = 'v1.35.0+k3s1'),
    object: 'Namespace/shop',
    message: /k3s_version of Ansible is v1\.35\.0\+k3s1/,
  },
];
