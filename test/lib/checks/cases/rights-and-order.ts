import { stringify } from 'yaml';
import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { inWeb, pod, web, type Case } from './case';

const row = (
  rule: string,
  when: string,
  object: string,
  field: string,
  message: RegExp,
  breakIt: (platform: SoundPlatform) => void,
): Case => ({ rule, when, breakIt, object, field, message });

const ofWeb = (rule: string, when: string, field: string, message: RegExp, breakIt: (p: SoundPlatform) => void): Case =>
  row(rule, when, 'Deployment/web', field, message, breakIt);

const SPEC = 'spec.template.spec';
const PAGES = 'spec.valuesContent: additionalArguments';

function add(path: string, ...objects: Loose[]) {
  return (p: SoundPlatform) => p.files.push({ path: `${path}/added.yaml`, component: 'added', objects });
}

const traefik = (values: object) =>
  add('platform', {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent: stringify(values) },
  });

const installed = (spec: object, values: object = {}) =>
  add('argocd', {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChart',
    metadata: { name: 'argo-cd', namespace: 'kube-system' },
    spec: {
      chart: 'https://%{KUBERNETES_API}%/static/charts/argo-cd-9.3.7.tgz',
      targetNamespace: 'argocd',
      createNamespace: true,
      failurePolicy: 'abort',
      timeout: '20m',
      valuesContent: stringify(values),
      ...spec,
    },
  });

const HEALTH = 'resource.customizations.health.argoproj.io_Application';
const health = (when: string, program: string, message: RegExp) =>
  row('health-checks-can-be-read', when, 'HelmChart/argo-cd', `spec.valuesContent: configs.cm["${HEALTH}"]`, message, installed({}, { configs: { cm: { [HEALTH]: program } } })); // prettier-ignore

const opening = (labels: object, port: number, from: Loose, namespace: string): Loose => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'added', namespace },
  spec: {
    podSelector: { matchLabels: labels },
    policyTypes: ['Ingress'],
    ingress: [{ from: [from], ports: [{ port, protocol: 'TCP' }] }],
  },
});

const application = (name: string, source: object, wave: string): Loose => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', annotations: { 'argocd.argoproj.io/sync-wave': wave } },
  spec: { source, destination: { namespace: 'watched' } },
});
const denied: Loose = { ...opening({ app: 'x' }, 80, { podSelector: { matchLabels: { app: 'y' } } }, 'watched'), metadata: { name: 'denied', namespace: 'watched' } }; // prettier-ignore

function watched(guards: string, namespace: string) {
  return (p: SoundPlatform) => {
    add('watched', denied)(p);
    add('argocd', application('chart', { chart: 'watcher' }, '2'), application('guards', { path: 'dist/watched' }, guards))(p); // prettier-ignore
    add('platform', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'watched', annotations: { 'argocd.argoproj.io/sync-wave': namespace } } })(p); // prettier-ignore
  };
}
const WAVE = 'metadata.annotations["argocd.argoproj.io/sync-wave"]';

/** Rights that are asked for in passing, and what must be there before something else. */
// prettier-ignore
export const rightsAndOrderCases: readonly Case[] = [
  ofWeb('hosts-are-not-shared', 'it sees all of /proc', inWeb('securityContext.procMount'), /what the runtime hides of \/proc/, (p) => (web(p).securityContext.procMount = 'Unmasked')),
  ofWeb('pods-can-start-and-stay', 'it asks the resolver of its node', `${SPEC}.dnsPolicy`, /knows no Service/, (p) => (pod(p).dnsPolicy = 'Default')),
  ofWeb('pods-can-start-and-stay', 'a name is written out', `${SPEC}.hostAliases[0]`, /database stays at 10\.43\.0\.50/, (p) => (pod(p).hostAliases = [{ ip: '10.43.0.50', hostnames: ['database'] }])),
  ofWeb('probes-leave-time', 'nobody asks for minutes', inWeb('readinessProbe.initialDelaySeconds'), /nobody asks for 300 s after each start/, (p) => (web(p).readinessProbe.initialDelaySeconds = 300)),
  ofWeb('probes-leave-time', 'it is asked over TLS', inWeb('livenessProbe.httpGet.scheme'), /its port http speaks plain HTTP/, (p) => (web(p).livenessProbe.httpGet.scheme = 'HTTPS')),
  ofWeb('selectors-are-own-labels', 'a label of its origin is selected by', 'spec.selector.matchLabels', /part-of, which changes/, (p) => (find(p, 'Deployment/web').spec.selector.matchLabels['app.kubernetes.io/part-of'] = 'shop')),
  ofWeb('secrets-are-mounted-by-key', 'a Secret is mounted as a whole', `${SPEC}.volumes[1].secret.items`, /all keys of database are mounted \(username, password\)/, (p) => pod(p).volumes.push({ name: 'all', secret: { secretName: 'database', defaultMode: 0o440 } })),
  row('schedules-are-kept', 'the next run ends the last one', 'CronJob/backup', 'spec.concurrencyPolicy', /killed by the next one/, (p) => (find(p, 'CronJob/backup').spec.concurrencyPolicy = 'Replace')),
  row('jobs-are-named-for-their-template', 'its name is for ever', 'Job/migrate', 'metadata.name', /the name stays/, add('platform', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'migrate', namespace: 'shop' }, spec: { template: { spec: { containers: [] } } } })),
  row('stateful-sets-follow-git', 'a pod counts after an hour', 'StatefulSet/database', 'spec.minReadySeconds', /counts 3600 s after/, (p) => (find(p, 'StatefulSet/database').spec.minReadySeconds = 3600)),
  row('claims-can-be-bound', 'the volume is no file system', 'StatefulSet/database', 'spec.volumeClaimTemplates[0].spec', /no PersistentVolume/, (p) => (find(p, 'PersistentVolume/database').spec.volumeMode = 'Block')),
  row('policies-open-what-listens', 'a port is open that nobody has', 'NetworkPolicy/added', 'spec.ingress[0].ports', /nothing that it selects listens on 22/, add('platform', opening({ 'app.kubernetes.io/name': 'web' }, 22, { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'pooler' } } }, 'shop'))),
  row('policies-open-what-listens', "Traefik's own pages are open", 'NetworkPolicy/added', 'spec.ingress[0].ports', /listens on 8080/, add('platform', opening({ 'app.kubernetes.io/name': 'traefik' }, 8080, { ipBlock: { cidr: '192.168.0.0/24' } }, 'kube-system'))),
  row('policies-open-what-listens', 'a load balancer is called otherwise', 'NetworkPolicy/added', 'spec.ingress[0].from[0]', /balances no Service traefik-ingress/, add('platform', opening({ 'app.kubernetes.io/name': 'traefik' }, 8443, { podSelector: { matchLabels: { 'svccontroller.k3s.cattle.io/svcname': 'traefik-ingress' } } }, 'kube-system'))),
  row('network-policies-name-parties', 'shared addresses count as the internet', 'NetworkPolicy/web', 'spec.egress[2].to[0].ipBlock.except', /100\.64\.0\.0\/10 is a private network/, (p) => find(p, 'NetworkPolicy/web').spec.egress.push({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'] } }], ports: [{ port: 443 }] })),
  row('headers-mean-something', 'a preflight is remembered for months', 'Middleware/cors', 'spec.headers.accessControlMaxAge', /no browser keeps an answer longer/, (p) => (find(p, 'Middleware/cors').spec.headers.accessControlMaxAge = 6_000_000)),
  row('traefik-keeps-its-guards', 'routes come from files too', 'HelmChartConfig/traefik', PAGES, /providers\.file\.directory=\/etc opens/, traefik({ additionalArguments: ['--providers.file.directory=/etc'] })),
  ...([
    ['it is root', { podSecurityContext: { runAsUser: 0 } }, 'podSecurityContext.runAsUser', /the program is root$/],
    ['it has the network of its node', { hostNetwork: true }, 'hostNetwork', /network of its node/],
    ['its own pages are published', { ingressRoute: { dashboard: { enabled: true } } }, 'ingressRoute.dashboard', /published, without sign-in/],
    ['it may write', { rbac: { rules: [{ verbs: ['list', 'watch', 'patch'] }] } }, 'rbac.rules.0.verbs', /patch does more than read/],
    ['it follows nothing', { rbac: { rules: [{ verbs: ['list'] }] } }, 'rbac.rules.0.verbs', /needs both list and watch/],
  ] as const).map(([when, values, field, message]) => row('chart-values-ask-for-no-more', when, 'HelmChartConfig/traefik', `spec.valuesContent: ${field}`, message, traefik(values))),
  row('charts-of-k3s-are-installed-as-meant', 'it has no time', 'HelmChart/argo-cd', 'spec.timeout', /in 20s no image comes/, installed({ timeout: '20s' })),
  row('charts-of-k3s-are-installed-as-meant', 'nothing makes its namespace', 'HelmChart/argo-cd', 'spec.createNamespace', /nothing makes the namespace argocd/, installed({ createNamespace: false })),
  health('it is written as in C', 'if a != b then\n  return x\nend', /!= is not of Lua/),
  health('a block does not end', 'if a then\n  return x', /1 blocks begin, and 0 end/),
  health('a brace is missing', 'return { status = "Healthy"', /a \{ has no partner/),
  health('it answers what nobody knows', 'return { status = "Pending" }', /"Pending" is no health/),
  row('guards-come-before-what-they-guard', 'policies come after the pods', 'Application/guards', WAVE, /policies of watched in wave 3, and .* its pods in wave 2/, watched('3', '-1')),
  row('guards-come-before-what-they-guard', 'the namespace comes after the pods', 'Namespace/watched', WAVE, /the namespace comes in wave 3/, watched('1', '3')),
  ofWeb('commands-can-be-read', 'a loop ends with a misspelt word', inWeb('command'), /do stands 1 times, and done 0 times/, (p) => Object.assign(web(p), { command: ['/bin/sh', '-c', 'until date; do sleep 2; don'] })),
  ofWeb('first-start-scripts-run-by-themselves', 'its scripts cannot be executed', inWeb('volumeMounts[1]'), /files of web cannot be executed/, (p) => { pod(p).volumes.push({ name: 'first', configMap: { name: 'web' } }); web(p).volumeMounts.push({ name: 'first', mountPath: '/docker-entrypoint-initdb.d' }); }),
  row('tasks-end', 'it sleeps for ever', 'CronJob/backup', 'spec.jobTemplate.spec.template.spec.containers', /"sleep infinity" never ends/, (p) => (find(p, 'CronJob/backup').spec.jobTemplate.spec.template.spec.containers[0].command = ['sleep', 'infinity'])),
  row('argo-cd-stays-closed', 'roles are handed out', 'HelmChart/argo-cd', 'spec.valuesContent: configs.rbac["policy.csv"]', /roles are handed out that nobody/, installed({}, { configs: { rbac: { 'policy.csv': 'g, developers, role:admin' } } })),
  health('it takes sync for health', 'return { status = obj.status.sync.status }', /says whether it is as in git/),
  ofWeb('disk-is-bounded', 'there is no room for logs', inWeb('resources.limits["ephemeral-storage"]'), /keeps 50 MiB of its logs, and leaves it 6 MiB/, (p) => (web(p).resources.limits['ephemeral-storage'] = '70Mi')),
  ofWeb('disk-is-bounded', 'it asks for a card', inWeb('resources.requests["ephemeral-storage"]'), /asks for 6336 MiB of a card/, (p) => Object.assign(web(p).resources, { requests: { ...web(p).resources.requests, 'ephemeral-storage': '6400Mi' }, limits: { ...web(p).resources.limits, 'ephemeral-storage': '6500Mi' } })),
  ofWeb('databases-ask-for-passwords', 'a client asks nobody who the server is', inWeb('env'), /PGSSLMODE is not set, as it is beside it/, (p) => { web(p).env.push({ name: 'PGHOST', value: 'database' }, { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } }); pod(p).containers.push({ ...structuredClone(web(p)), name: 'other', env: [{ name: 'PGSSLMODE', value: 'verify-full' }] }); }),
  ofWeb('images-have-the-version-that-is-known', 'the image is of another maker', inWeb('image'), /of another maker than edoburu\/pgbouncer/, (p) => { web(p).image = 'bitnami/pgbouncer:1.24.1'; web(p).volumeMounts.push({ name: 'tmp', mountPath: '/etc/pgbouncer' }); }),
  row('images-have-the-version-that-is-known', 'a chart has another Traefik', 'HelmChartConfig/traefik', 'spec.valuesContent: image.tag', /v2\.11\.31 is no version of 3/, traefik({ image: { tag: 'v2.11.31' } })),
  row('images-have-the-version-that-is-known', 'a tag of Argo CD lacks its letter', 'HelmChart/argo-cd', 'spec.valuesContent: global.image.tag', /3\.2\.11 is no version of 3/, installed({}, { global: { image: { tag: '3.2.11' } } })),
];
