import type { SoundPlatform } from '../sound-platform';
import type { Case } from './case';

/* eslint-disable @typescript-eslint/no-explicit-any -- tests reach into objects to break them */

const closed = () => ({
  global: { networkPolicy: { create: true, defaultDenyIngress: true } },
  configs: {
    cm: { 'admin.enabled': 'false', 'users.anonymous.enabled': 'false', 'timeout.reconciliation': '180s' },
    params: { 'controller.sync.timeout.seconds': '1800' },
    rbac: { 'policy.default': '' },
  },
  controller: { resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } } },
});

/** Argo CD's chart with one value changed. */
const argoCd = (change: (values: any) => void) => (p: SoundPlatform) => {
  const values = closed();
  change(values);
  p.files.push({
    path: 'argocd/argo-cd.yaml',
    component: 'argo-cd',
    objects: [
      {
        apiVersion: 'helm.cattle.io/v1',
        kind: 'HelmChart',
        metadata: { name: 'argo-cd', namespace: 'kube-system' },
        spec: { chart: 'argo-cd', valuesContent: JSON.stringify(values) },
      },
    ],
  });
};

const row = (rule: string, when: string, change: (values: any) => void, field: string, message: RegExp): Case => ({
  rule,
  when,
  breakIt: argoCd(change),
  object: 'HelmChart/argo-cd',
  field: `spec.valuesContent: ${field}`,
  message,
});

export const chartValueCases: readonly Case[] = [
  row('argo-cd-stays-closed', 'its admin is on', (v) => (v.configs.cm['admin.enabled'] = 'true'), 'configs.cm.admin.enabled', /admin can be tried/),
  row('argo-cd-stays-closed', 'its admin is left to the chart', (v) => delete v.configs.cm['admin.enabled'], 'configs.cm.admin.enabled', /not set/),
  row('argo-cd-stays-closed', 'nobody has to sign in', (v) => (v.configs.cm['users.anonymous.enabled'] = 'true'), 'configs.cm.users.anonymous.enabled', /nobody has to sign in/),
  row('argo-cd-stays-closed', 'everybody is an admin', (v) => (v.configs.rbac['policy.default'] = 'role:admin'), 'configs.rbac.policy.default', /role:admin/),
  row('argo-cd-stays-closed', 'its policies are off', (v) => (v.global.networkPolicy.create = false), 'global.networkPolicy.create', /reaches its parts/),
  row('chart-values-make-sense', 'a duration has a space', (v) => (v.configs.cm['timeout.reconciliation'] = '180 s'), 'configs.cm.timeout.reconciliation', /"180 s" is not a duration/),
  row('chart-values-make-sense', 'seconds have a unit', (v) => (v.configs.params['controller.sync.timeout.seconds'] = '30m'), 'configs.params.controller.sync.timeout.seconds', /whole number of seconds/),
  row('chart-values-make-sense', 'a limit is below its request', (v) => (v.controller.resources.limits.memory = '128Mi'), 'controller.resources.limits.memory', /below the request 256Mi/),
  row('chart-values-make-sense', 'memory is in bytes', (v) => (v.controller.resources.requests.memory = '128'), 'controller.resources.requests.memory', /less than 1Mi/),
  row('chart-values-make-sense', 'an amount is none', (v) => (v.controller.resources.requests.cpu = '250 m'), 'controller.resources.requests.cpu', /not an amount/),
  row('chart-values-make-sense', 'millicores are cores', (v) => (v.controller.resources.requests.cpu = '250'), 'controller.resources.requests.cpu', /more than any node/),
  row('chart-values-make-sense', 'nothing is scraped', (v) => (v.scrapeInterval = '0s'), 'scrapeInterval', /never ends/),
  row('chart-values-make-sense', 'two destinations have one name', (v) => (v.destinations = [{ name: 'a' }, { name: 'a' }]), 'destinations.1.name', /name of another/),
]; // prettier-ignore
