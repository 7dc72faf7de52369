import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { deployment, type Case } from './case';

const add = (kind: string, content: object, apiVersion = 'rbac.authorization.k8s.io/v1', extra: object = {}) => {
  return (p: SoundPlatform): Loose =>
    p.files[0]!.objects.push({
      apiVersion,
      kind,
      metadata: { name: 'extra', namespace: 'shop', ...extra },
      ...content,
    });
};
const role = (rule: object) =>
  add('Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...rule }] });
const binding = (roleName: string, subject: object) =>
  add('RoleBinding', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName },
    subjects: [subject],
  });
const account = { kind: 'ServiceAccount', name: 'shop', namespace: 'shop' };

const roles: [when: string, rule: object, field: string, message: RegExp][] = [
  ['every verb is permitted', { verbs: ['*'] }, 'verbs', /"\*" in verbs/],
  ['every kind is permitted', { resources: ['*'] }, 'resources', /"\*" in resources/],
  ['Secrets can be read', { resources: ['secrets'] }, 'resources', /every password/],
  [
    'named Secrets can be watched',
    { resources: ['secrets'], resourceNames: ['own'], verbs: ['get', 'watch'] },
    'resources',
    /every password/,
  ],
  ['commands can be run', { resources: ['pods/exec'], verbs: ['create'] }, 'resources', /commands can be run/],
  ['roles can be bound', { resources: ['roles'], verbs: ['bind'] }, 'verbs', /bind hands out rights/],
  ['users can be impersonated', { resources: ['users'], verbs: ['impersonate'] }, 'verbs', /impersonate/],
  ['pods can be made', { verbs: ['create'] }, 'resources', /any account of the namespace/],
];

const egress = (p: SoundPlatform) => find(p, 'NetworkPolicy/web').spec.egress[1];

const guarded = (change: (policy: Loose, binding: Loose) => void) => (p: SoundPlatform) => {
  find(p, 'Namespace/shop').metadata.labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  const policy = {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ resources: ['pods'], operations: ['CREATE'] }] },
    validations: [{ expression: 'hostNetwork hostPID hostPath privileged capabilities' }],
  };
  const binding = {
    policyName: 'guard',
    validationActions: ['Deny'],
    matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
  };
  change(policy, binding);
  const named = (kind: string, spec: object) =>
    add(kind, { spec }, 'admissionregistration.k8s.io/v1', { name: 'guard', namespace: undefined })(p);
  named('ValidatingAdmissionPolicy', policy);
  named('ValidatingAdmissionPolicyBinding', binding);
};

const unguarded: [when: string, change: (policy: Loose, binding: Loose) => void, message: RegExp][] = [
  ['a privileged namespace has no guard', (_, binding) => (binding.policyName = 'other'), /may have hostNetwork, hostPID/],
  ['its guard only warns', (_, binding) => (binding.validationActions = ['Warn']), /hostNetwork/],
  ['its guard is that of another namespace', (_, { matchResources }) => (matchResources.namespaceSelector.matchLabels = { a: 'b' }), /hostPath/],
  ['its guard lets pods in when it fails', (policy) => (policy.failurePolicy = 'Ignore'), /privileged/],
  ['its guard looks at changes alone', ({ matchConstraints }) => (matchConstraints.resourceRules[0].operations = ['UPDATE']), /hostPID/],
  ['its guard says nothing of folders', ({ validations }) => (validations[0].expression = 'hostNetwork hostPID privileged capabilities'), /may have hostPath$/],
]; // prettier-ignore

export const privilegeCases: readonly Case[] = [
  ...unguarded.map(([when, change, message]): Case => ({
    rule: 'privileged-namespaces-are-guarded',
    when,
    breakIt: guarded(change),
    object: 'Namespace/shop',
    message,
  })),
  ...roles.map(([when, rule, field, message]): Case => ({
    rule: 'roles-stay-below-administration',
    when,
    breakIt: role(rule),
    object: 'Role/extra',
    field: `rules[0].${field}`,
    message,
  })),
  {
    rule: 'roles-stay-below-administration',
    when: 'a role is aggregated from labels',
    breakIt: add('ClusterRole', { aggregationRule: { clusterRoleSelectors: [{}] }, rules: [] }),
    object: 'ClusterRole/extra',
    field: 'aggregationRule',
    message: /whatever carries its labels/,
  },
  {
    rule: 'roles-stay-below-administration',
    when: 'a role adds itself to a built-in one',
    breakIt: add('ClusterRole', { rules: [] }, undefined, {
      labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' },
    }),
    object: 'ClusterRole/extra',
    message: /built-in role as well/,
  },
  {
    rule: 'bindings-name-their-role-and-account',
    when: 'an account becomes cluster-admin',
    breakIt: binding('cluster-admin', account),
    object: 'RoleBinding/extra',
    field: 'roleRef.name',
    message: /cluster-admin may do what no software of ours needs/,
  },
  {
    rule: 'bindings-name-their-role-and-account',
    when: 'the default account is given a right',
    breakIt: binding('view', { ...account, name: 'default' }),
    object: 'RoleBinding/extra',
    field: 'subjects[0]',
    message: /every pod of shop/,
  },
  {
    rule: 'bindings-name-their-role-and-account',
    when: 'everybody is given a right',
    breakIt: binding('view', { kind: 'Group', name: 'system:authenticated' }),
    object: 'RoleBinding/extra',
    message: /Group system:authenticated/,
  },
  {
    rule: 'administrators-are-listed',
    when: 'a chart is installed by K3s',
    breakIt: add('HelmChart', { spec: { chart: 'x-1.2.3.tgz' } }, 'helm.cattle.io/v1', { namespace: 'kube-system' }),
    object: 'HelmChart/extra',
    field: 'metadata.name',
    message: /HelmChart\/kube-system\/extra acts as cluster-admin/,
  },
  {
    rule: 'services-stay-inside',
    when: 'a Service opens a port on every node',
    breakIt: (p) => (find(p, 'Service/web').spec.type = 'NodePort'),
    object: 'Service/web',
    field: 'spec.type',
    message: /type NodePort is open to hosts outside/,
  },
  {
    rule: 'services-stay-inside',
    when: 'nodes take connections to an outside address',
    breakIt: (p) => (find(p, 'Service/web').spec.externalIPs = ['192.0.2.9']),
    object: 'Service/web',
    field: 'spec.externalIPs',
    message: /from outside/,
  },
  {
    rule: 'namespaces-enforce-pod-security',
    when: 'a namespace enforces nothing',
    breakIt: (p) => delete find(p, 'Namespace/shop').metadata.labels,
    object: 'Namespace/shop',
    field: 'metadata.labels["pod-security.kubernetes.io/enforce"]',
    message: /held to no level, and restricted is what was agreed to/,
  },
  {
    rule: 'namespaces-deny-by-default',
    when: 'the policy for all pods is missing',
    breakIt: (p) => (find(p, 'NetworkPolicy/default-deny').spec.policyTypes = ['Ingress']),
    object: 'Namespace/shop',
    message: /nothing in the namespace shop denies egress/,
  },
  {
    rule: 'pods-have-a-network-policy',
    when: 'no policy names a pod',
    breakIt: (p) =>
      (find(p, 'NetworkPolicy/web').spec.podSelector.matchLabels = { 'app.kubernetes.io/name': 'database' }),
    object: deployment,
    message: /no NetworkPolicy says/,
  },
  {
    rule: 'network-policies-name-parties',
    when: 'a rule has no party',
    breakIt: (p) => delete find(p, 'NetworkPolicy/web').spec.ingress[0].from,
    object: 'NetworkPolicy/web',
    field: 'spec.ingress[0].from',
    message: /connections come from everybody/,
  },
  {
    rule: 'network-policies-name-parties',
    when: 'a rule has no port',
    breakIt: (p) => delete egress(p).ports,
    object: 'NetworkPolicy/web',
    field: 'spec.egress[1].ports',
    message: /every port/,
  },
  {
    rule: 'network-policies-name-parties',
    when: 'every pod of every namespace is meant',
    breakIt: (p) => (egress(p).to[0] = { namespaceSelector: {} }),
    object: 'NetworkPolicy/web',
    field: 'spec.egress[1].to[0].namespaceSelector',
    message: /every namespace/,
  },
  {
    rule: 'network-policies-name-parties',
    when: 'the world is meant, private networks too',
    breakIt: (p) => (egress(p).to[0] = { ipBlock: { cidr: '0.0.0.0/0' } }),
    object: 'NetworkPolicy/web',
    field: 'spec.egress[1].to[0].ipBlock.except',
    message: /private network/,
  },
  {
    rule: 'network-policies-name-parties',
    when: 'a range of addresses is none',
    breakIt: (p) => (egress(p).to[0] = { ipBlock: { cidr: '10.42.0.0/77' } }),
    object: 'NetworkPolicy/web',
    field: 'spec.egress[1].to[0].ipBlock',
    message: /"10\.42\.0\.0\/77" is not a range/,
  },
];
