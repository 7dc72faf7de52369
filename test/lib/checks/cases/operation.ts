import type { Loose } from '../../../fixtures/loose';
import { find, type SoundPlatform } from '../sound-platform';
import { inWeb, pod, web, type Case } from './case';

const SPEC = 'spec.template.spec';
const autoscaler = 'HorizontalPodAutoscaler/web';
const job = (p: SoundPlatform) => find(p, 'CronJob/backup').spec;

const row = (
  rule: string,
  when: string,
  breakIt: (platform: SoundPlatform) => void,
  object: string,
  field: string,
  message: RegExp,
): Case => ({ rule, when, breakIt, object, field, message });

const ofWeb = (rule: string, when: string, field: string, message: RegExp, breakIt: (spec: Loose) => void): Case =>
  row(rule, when, (p) => breakIt(pod(p)), 'Deployment/web', `${SPEC}.${field}`, message);

const ofJob = (rule: string, when: string, field: string, message: RegExp, breakIt: (spec: Loose) => void): Case =>
  row(rule, when, (p) => breakIt(job(p)), 'CronJob/backup', field, message);

const ofScaler = (rule: string, when: string, field: string, message: RegExp, breakIt: (spec: Loose) => void): Case =>
  row(rule, when, (p) => breakIt(find(p, autoscaler).spec), autoscaler, field, message);

const INNER = 'spec.jobTemplate.spec';

/** How long things take, how often they are tried, and how many there are. */
export const operationCases: readonly Case[] = [
  row('probes-leave-time', 'it has 10 s to start', (p) => (web(p).startupProbe.failureThreshold = 1), 'Deployment/web', inWeb('startupProbe.failureThreshold'), /10 s to start/),
  row('probes-leave-time', 'a database has a minute to replay its log', (p) => (pod(p, 'StatefulSet/database').containers[0].startupProbe.failureThreshold = 6), 'StatefulSet/database', inWeb('startupProbe.failureThreshold'), /60 s to start, and is to have 300 s/),
  row('probes-leave-time', 'a busy process is restarted', (p) => (web(p).livenessProbe.periodSeconds = 5), 'Deployment/web', inWeb('livenessProbe.failureThreshold'), /after 15 s without an answer/),
  row('probes-leave-time', 'nothing waits for the start', (p) => delete web(p).startupProbe, 'Deployment/web', inWeb('startupProbe'), /there is no startupProbe/),
  row('probes-leave-time', 'one late answer ends it', (p) => Object.assign(web(p).livenessProbe, { failureThreshold: 1, periodSeconds: 60 }), 'Deployment/web', inWeb('livenessProbe.failureThreshold'), /restarted after one answer that is late/),
  row('probes-leave-time', 'an open port is enough to be sent requests', (p) => { delete web(p).startupProbe; Object.assign(web(p).livenessProbe, { httpGet: { path: '/', port: 8080 }, periodSeconds: 60, failureThreshold: 5 }); web(p).readinessProbe = { tcpSocket: { port: 8080 } }; }, 'Deployment/web', inWeb('startupProbe'), /has not answered one yet/),
  row('probes-leave-time', 'the next question comes first', (p) => (web(p).readinessProbe.timeoutSeconds = 11), 'Deployment/web', inWeb('readinessProbe.timeoutSeconds'), /given up after 11 s, and the next is due after 10 s/),
  row('probes-leave-time', 'two answers are wanted', (p) => (web(p).livenessProbe.successThreshold = 2), 'Deployment/web', inWeb('livenessProbe.successThreshold'), /1 alone here, and not 2/),
  ofWeb('pods-have-time-to-end', 'it is killed at once', 'terminationGracePeriodSeconds', /killed after 1 s/, (s) => (s.terminationGracePeriodSeconds = 1)),
  ofWeb('pods-have-time-to-end', 'it may take an hour', 'terminationGracePeriodSeconds', /killed after 3600 s/, (s) => (s.terminationGracePeriodSeconds = 3600)),
  row('pods-have-time-to-end', 'a database has the usual time', (p) => delete pod(p, 'StatefulSet/database').terminationGracePeriodSeconds, 'StatefulSet/database', `${SPEC}.terminationGracePeriodSeconds`, /killed after 30 s, and 60 to 600 s/),
  ofWeb('pods-can-start-and-stay', 'nobody is asked for names', 'dnsPolicy', /no name server at all/, (s) => (s.dnsPolicy = 'None')),
  ofWeb('pods-can-start-and-stay', 'a runtime is not there', 'runtimeClassName', /no runtime class gvisor/, (s) => (s.runtimeClassName = 'gvisor')),
  ofWeb('pods-can-start-and-stay', 'a scheduler is not there', 'schedulerName', /no scheduler default/, (s) => (s.schedulerName = 'default')),
  ofWeb('pods-can-start-and-stay', 'a server has a deadline', 'activeDeadlineSeconds', /stopped 60 s after its start/, (s) => (s.activeDeadlineSeconds = 60)),
  ofWeb('pods-can-start-and-stay', 'an alias is no address', 'hostAliases[0].ip', /"10.0.0.256" is not an address/, (s) => (s.hostAliases = [{ ip: '10.0.0.256', hostnames: ['a'] }])),
  ofWeb('pods-can-start-and-stay', 'a kernel setting is refused', 'securityContext.sysctls[0]', /refuses kernel.msgmax/, (s) => (s.securityContext.sysctls = [{ name: 'kernel.msgmax', value: '1' }])),
  ofWeb('groups-are-not-root', 'a further group is root', 'securityContext.supplementalGroups', /0, which is root/, (s) => (s.securityContext.supplementalGroups = [0])),
  row('pinned-pods-find-their-place', 'the database has no priority', (p) => delete pod(p, 'StatefulSet/database').priorityClassName, 'StatefulSet/database', `${SPEC}.priorityClassName`, /no other makes way/),
  row('pinned-pods-find-their-place', 'nobody makes way for it', (p) => (find(p, 'PriorityClass/data').preemptionPolicy = 'Never'), 'PriorityClass/data', 'preemptionPolicy', /no pod makes way for StatefulSet\/database/),
  row('priority-classes-are-usable', 'a class is above the system', (p) => (find(p, 'PriorityClass/data').value = 2_000_000_000), 'PriorityClass/data', 'value', /2000000000 is no value/),
  row('priority-classes-are-usable', 'every pod is of it', (p) => (find(p, 'PriorityClass/data').globalDefault = true), 'PriorityClass/data', 'globalDefault', /every pod that names no class/),
  row('roll-outs-keep-serving', 'old pods are stopped first', (p) => (find(p, 'Deployment/web').spec.strategy = { type: 'Recreate' }), 'Deployment/web', 'spec.strategy.type', /before a new one starts/),
  row('roll-outs-keep-serving', 'it is paused', (p) => (find(p, 'Deployment/web').spec.paused = true), 'Deployment/web', 'spec.paused', /no new version/),
  row('roll-outs-keep-serving', 'every pod may be missing', (p) => (find(p, 'Deployment/web').spec.strategy = { rollingUpdate: { maxUnavailable: '100%' } }), 'Deployment/web', 'spec.strategy.rollingUpdate.maxUnavailable', /2 of 2 pods may be missing/),
  row('roll-outs-keep-serving', 'it cannot move', (p) => (find(p, 'Deployment/web').spec.strategy = { rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } }), 'Deployment/web', 'spec.strategy.rollingUpdate.maxSurge', /the API server refuses/),
  row('roll-outs-keep-serving', 'pods count too late', (p) => (find(p, 'Deployment/web').spec.minReadySeconds = 600), 'Deployment/web', 'spec.minReadySeconds', /given up after 600 s/),
  row('stateful-sets-follow-git', 'pods wait for a hand', (p) => (find(p, 'StatefulSet/database').spec.updateStrategy = { type: 'OnDelete' }), 'StatefulSet/database', 'spec.updateStrategy.type', /OnDelete changes no pod/),
  ofScaler('autoscalers-can-scale', 'it looks at nothing', 'spec.metrics', /looks at nothing/, (s) => (s.metrics = [])),
  ofScaler('autoscalers-can-scale', 'it never scales up', 'spec.behavior.scaleUp.selectPolicy', /may not go this way/, (s) => (s.behavior.scaleUp.selectPolicy = 'Disabled')),
  ofScaler('autoscalers-can-scale', 'there is no policy', 'spec.behavior.scaleDown.policies', /wants one/, (s) => (s.behavior.scaleDown.policies = [])),
  ofScaler('autoscalers-can-scale', 'a period is 0', 'spec.behavior.scaleUp.policies[0].periodSeconds', /0 s are not from 1 to 1800/, (s) => (s.behavior.scaleUp.policies[0].periodSeconds = 0)),
  ofScaler('autoscalers-can-scale', 'the target is above what a pod asks for', 'spec.metrics[0].resource.target.averageUtilization', /500 %/, (s) => (s.metrics[0].resource.target.averageUtilization = 500)),
  ofScaler('autoscalers-name-the-version', 'the version of its target is wrong', 'spec.scaleTargetRef.apiVersion', /of apps\/v1, and not of apps\/v2/, (s) => (s.scaleTargetRef.apiVersion = 'apps/v2')),
  ofJob('tasks-end', 'nothing ends them', `${INNER}.activeDeadlineSeconds`, /nothing ends/, (s) => delete s.jobTemplate.spec.activeDeadlineSeconds),
  ofJob('tasks-end', 'they are ended at once', `${INNER}.activeDeadlineSeconds`, /ended after 5 s/, (s) => (s.jobTemplate.spec.activeDeadlineSeconds = 5)),
  ofJob('tasks-end', 'a dump has a minute', `${INNER}.activeDeadlineSeconds`, /ended after 60 s, and 600 to/, (s) => (s.jobTemplate.spec.activeDeadlineSeconds = 60)),
  ofJob('tasks-end', 'they are given up at once', `${INNER}.backoffLimit`, /has failed for good/, (s) => (s.jobTemplate.spec.backoffLimit = 0)),
  row('tasks-end', 'a restore is tried again by itself', (p) => { const { spec, metadata } = find(p, 'CronJob/backup'); metadata.name = 'restore'; spec.suspend = true; spec.jobTemplate.spec.backoffLimit = 6; }, 'CronJob/restore', `${INNER}.backoffLimit`, /tried 6 times more by itself/),
  ofJob('tasks-end', 'they are tried for ever', `${INNER}.backoffLimit`, /tried 600 times/, (s) => (s.jobTemplate.spec.backoffLimit = 600)),
  ofJob('tasks-end', 'three work at once', `${INNER}.parallelism`, /done 3 times/, (s) => (s.jobTemplate.spec.parallelism = 3)),
  ofJob('jobs-stay-when-done', 'no failure is kept', 'spec.failedJobsHistoryLimit', /nothing is kept/, (s) => (s.failedJobsHistoryLimit = 0)),
  ofJob('jobs-stay-when-done', 'a run is removed at once', `${INNER}.ttlSecondsAfterFinished`, /removed 60 s after/, (s) => (s.jobTemplate.spec.ttlSecondsAfterFinished = 60)),
  ofJob('schedules-are-kept', 'runs may overlap', 'spec.concurrencyPolicy', /while the last one works/, (s) => (s.concurrencyPolicy = 'Allow')),
  ofJob('schedules-are-kept', 'a late run is left out', 'spec.startingDeadlineSeconds', /6 s late is left out/, (s) => (s.startingDeadlineSeconds = 6)),
  ofJob('schedules-are-kept', 'missed runs add up', 'spec.startingDeadlineSeconds', /100 missed runs/, (s) => delete s.startingDeadlineSeconds),
  ofJob('schedules-are-kept', 'the backup is suspended', 'spec.suspend', /no backup is ever made/, (s) => (s.suspend = true)),
  ofJob('overwriting-is-started-by-hand', 'a restore has a schedule', 'spec.suspend', /starts by the clock/, (s) => (s.jobTemplate.spec.template.spec.containers[0].args = ['/scripts/restore.sh'])),
  ofWeb('amounts-are-those-of-a-node', 'a core is a millicore', 'containers[0].resources.requests.cpu', /1m is next to no CPU/, (s) => (s.containers[0].resources.requests.cpu = '1m')),
  ofWeb('amounts-are-those-of-a-node', 'CPU is more than a node has', 'containers[0].resources.limits.cpu', /30 is more CPU than any node has, 4000m/, (s) => (s.containers[0].resources.limits.cpu = '30')),
  ofWeb('amounts-are-those-of-a-node', 'memory is more than a node has', 'containers[0].resources.limits.memory', /16Gi is all the memory/, (s) => (s.containers[0].resources.limits.memory = '16Gi')),
  ofWeb('amounts-are-those-of-a-node', 'memory is in bytes', 'containers[0].resources.requests.memory', /256 is less memory/, (s) => (s.containers[0].resources.requests.memory = '256')),
  ofWeb('amounts-are-those-of-a-node', 'a folder is larger than a card', 'volumes[0].emptyDir.sizeLimit', /64Gi is more than a node spares/, (s) => (s.volumes[0].emptyDir.sizeLimit = '64Gi')),
  ofWeb('labels-can-be-read', 'a key has a space', 'nodeSelector["my disk"]', /"my disk" is no name of a label/, (s) => (s.nodeSelector['my disk'] = 'fast')),
  ofWeb('labels-can-be-read', 'a value has a space', 'nodeSelector["disk"]', /"very fast" is no value of a label/, (s) => (s.nodeSelector.disk = 'very fast')),
  ofWeb('entries-have-their-own-names', 'a variable is there twice', 'containers[0].env[4].name', /"MODE" is there already/, (s) => s.containers[0].env.push({ name: 'MODE', value: 'debug' })),
  ofWeb('entries-have-their-own-names', 'a port is there twice', 'containers[0].ports[1]', /8080\/TCP is there already/, (s) => s.containers[0].ports.push({ name: 'other', containerPort: 8080 })),
  ofWeb('entries-have-their-own-names', 'two containers have one name', 'containers[1].name', /another container is called web/, (s) => s.containers.push(s.containers[0])),
  row('stateful-pods-have-their-volumes', 'a second pod has no volume', (p) => (find(p, 'StatefulSet/database').spec.replicas = 2), 'StatefulSet/database', 'spec.replicas', /2 pods want a volume each, and there is 1/),
  row('volumes-are-retained', 'claims go with the StatefulSet', (p) => (find(p, 'StatefulSet/database').spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete' }), 'StatefulSet/database', 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted', /gone with the StatefulSet/),
  row('services-leave-addresses-to-the-cluster', 'an address is asked for', (p) => (find(p, 'Service/web').spec.clusterIP = '10.43.0.10'), 'Service/web', 'spec.clusterIP', /10.43.0.10 is asked for/),
  row('services-leave-addresses-to-the-cluster', 'pods that are not ready are called', (p) => (find(p, 'Service/web').spec.publishNotReadyAddresses = true), 'Service/web', 'spec.publishNotReadyAddresses', /not ready/),
  row('ports-have-one-protocol', 'a Service speaks UDP', (p) => (find(p, 'Service/web').spec.ports[0].protocol = 'UDP'), 'Service/web', 'spec.ports[0].protocol', /speaks TCP, and not UDP/),
  row('ports-have-one-protocol', 'a policy opens port 0', (p) => (find(p, 'NetworkPolicy/web').spec.ingress[0].ports[0].port = 0), 'NetworkPolicy/web', 'spec.ingress[0].ports[0].port', /0 is no port/),
  row('namespaces-enforce-pod-security', 'a mode is misspelt', (p) => (find(p, 'Namespace/shop').metadata.labels['pod-security.kubernetes.io/enforced'] = 'restricted'), 'Namespace/shop', 'metadata.labels["pod-security.kubernetes.io/enforced"]', /no label of this name/),
  row('namespaces-enforce-pod-security', 'a version is none', (p) => (find(p, 'Namespace/shop').metadata.labels['pod-security.kubernetes.io/warn-version'] = '1.34'), 'Namespace/shop', 'metadata.labels["pod-security.kubernetes.io/warn-version"]', /no version, such as v1.34/),
  row('paths-cover-what-is-below-them', 'a path is matched exactly', (p) => (find(p, 'Ingress/api').spec.rules[0].http.paths[0].pathType = 'Exact'), 'Ingress/api', 'spec.rules[0].http.paths[0].pathType', /matched by Exact/),
  row('headers-mean-something', 'a method is misspelt', (p) => (find(p, 'Middleware/cors').spec.headers.accessControlAllowMethods = ['GETT']), 'Middleware/cors', 'spec.headers.accessControlAllowMethods[0]', /"GETT" is no method/),
  row('headers-mean-something', 'a policy is misspelt', (p) => (find(p, 'Middleware/cors').spec.headers.referrerPolicy = 'strict'), 'Middleware/cors', 'spec.headers.referrerPolicy', /"strict" is no policy/),
  row('middlewares-act-on-401', 'another answer is caught', (p) => (find(p, 'Middleware/sign-in').spec.errors.status = ['403']), 'Middleware/sign-in', 'spec.errors.status', /401 is passed on/),
  row('middlewares-act-on-401', 'more answers are caught', (p) => (find(p, 'Middleware/sign-in').spec.errors.status = ['401-599']), 'Middleware/sign-in', 'spec.errors.status', /more than 401 is replaced/),
  row('middlewares-act-on-401', 'services are not told who asks', (p) => (find(p, 'Middleware/ask').spec.forwardAuth.authResponseHeadersRegex = '^X-Forwarded-'), 'Middleware/ask', 'spec.forwardAuth.authResponseHeadersRegex', /does not pass on X-Auth-Request-User/),
  row('middlewares-act-on-401', 'services are told too much', (p) => (find(p, 'Middleware/ask').spec.forwardAuth.authResponseHeadersRegex = '.*'), 'Middleware/ask', 'spec.forwardAuth.authResponseHeadersRegex', /passes on Set-Cookie/),
  row('sign-in-pages-are-on-every-host', 'the sign-in page is at another path', (p) => (find(p, 'Ingress/sign-in').spec.rules[0].http.paths[0].path = '/oauth'), 'Ingress/pages', 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]', /shop.example.com has no route \/oauth2 to gatekeeper/),
  ...([['accessControlAllowCredentials', false, /no session comes/], ['accessControlAllowOriginList', ['https://api.shop.example.com'], /https:\/\/shop.example.com, which shows pages, is no origin/], ['accessControlAllowOriginListRegex', ['.*'], /pages of strangers/], ['accessControlAllowMethods', ['GET', 'PUT'], /POST is no method/], ['accessControlAllowOriginList', ['https://shop.example.com', 'http://localhost:5173'], /http:\/\/localhost:5173 calls with the session/], ['accessControlAllowHeaders', ['Accept'], /no JSON/], ['accessControlAllowHeaders', ['Content-Type'], /none of a stranger/]] as const).map(([name, value, message]) => row('pages-may-call-their-api', `${name} is ${JSON.stringify(value)}`, (p) => (find(p, 'Middleware/cors').spec.headers[name] = value), 'Ingress/api', 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]', message)),
  row('sessions-are-renewed', 'another cookie is passed on', (p) => { find(p, 'ConfigMap/web').data['gate.cfg'] = 'cookie_name = "__Secure-shop"\n'; const [gate] = find(p, 'Deployment/gatekeeper').spec.template.spec.containers; gate.image = 'quay.io/oauth2-proxy/oauth2-proxy:v7.15.6'; find(p, 'Deployment/gatekeeper').spec.template.spec.volumes = [{ name: 'c', configMap: { name: 'web' } }]; find(p, 'Middleware/ask').spec.forwardAuth.addAuthCookiesToResponse = ['_oauth2_proxy']; }, 'Middleware/ask', 'spec.forwardAuth.addAuthCookiesToResponse[0]', /no authority gives a cookie _oauth2_proxy; there is __Secure-shop/),
  row('schemes-are-those-that-are-served', 'the authority is asked by TLS', (p) => (find(p, 'Middleware/ask').spec.forwardAuth.address = 'https://gatekeeper.shop.svc.cluster.local:4180/auth'), 'Middleware/ask', 'spec.forwardAuth.address', /speaks plain HTTP/),
  row('forward-auth-addresses-exist', 'the domain is misspelt', (p) => (find(p, 'Middleware/ask').spec.forwardAuth.address = 'http://gatekeeper.shop.svc.cluster.locale:4180/auth'), 'Middleware/ask', 'spec.forwardAuth.address', /no address of a Service/),
  row('services-fit-the-quota', 'ports may be opened', (p) => (find(p, 'ResourceQuota/no-open-ports').spec.hard['services.nodeports'] = '3'), 'ResourceQuota/no-open-ports', 'spec.hard["services.nodeports"]', /3 services.nodeports are permitted/),
  row('classes-of-local-volumes-provision-nothing', 'a class provisions', (p) => (find(p, 'StorageClass/database').provisioner = 'rancher.io/local-path'), 'StorageClass/database', 'provisioner', /rancher.io\/local-path provisions others/),
  row('pools-fit-the-database', 'a roll-out brings one pool more', (p) => { find(p, 'ConfigMap/pooler').data['pgbouncer.ini'] = '[databases]\nshop = host=database port=5432\n\n[pgbouncer]\ndefault_pool_size = 35\n'; }, 'ConfigMap/pooler', 'data["pgbouncer.ini"]', /and 1 more during a roll-out/),
  row('middlewares-act-on-401', 'a status is misspelt', (p) => (find(p, 'Middleware/sign-in').spec.errors.status = ['4O1']), 'Middleware/sign-in', 'spec.errors.status[0]', /"4O1" is no status/),
  row('middlewares-act-on-401', 'an expression cannot be read', (p) => (find(p, 'Middleware/ask').spec.forwardAuth.authResponseHeadersRegex = '^X-('), 'Middleware/ask', 'spec.forwardAuth.authResponseHeadersRegex', /no regular expression/),
  ...['redirect_url = "https://shop.example.com/oauth/callback"', 'scope = "openid"', 'cookie_name = "__Host-shop"', 'cookie_name = "a shop"'].map((line): Case => row('sign-in-comes-back', `it says ${line}`, (p) => (find(p, 'ConfigMap/web').data['gate.cfg'] = `cookie_domains = [".example.com"]\n${line}\n`), 'ConfigMap/web', 'data["gate.cfg"]', new RegExp(line.split(' ')[0]!))),
  row('selectors-mean-one-workload', 'a selector means the pods of others', (p) => { find(p, 'Deployment/web').spec.selector.matchLabels = { tier: 'one' }; find(p, 'Deployment/web').spec.template.metadata.labels.tier = 'one'; find(p, 'Deployment/pooler').spec.template.metadata.labels.tier = 'one'; }, 'Deployment/web', 'spec.selector.matchLabels', /the pods of Deployment\/pooler as well/),
  row('probes-leave-time', 'it is sent requests for an hour', (p) => (web(p).readinessProbe.failureThreshold = 360), 'Deployment/web', inWeb('readinessProbe.failureThreshold'), /sent requests for 3600 s after its last answer/),
  row('middlewares-act-on-401', 'a placeholder is misspelt', (p) => (find(p, 'Middleware/sign-in').spec.errors.query = '/oauth2/sign_in?rd={uri}'), 'Middleware/sign-in', 'spec.errors.query', /\{uri\} stands for nothing; Traefik knows \{status\}/),
  row('sign-in-comes-back', 'it leads back to what asks for a session', (p) => (find(p, 'ConfigMap/web').data['gate.cfg'] = 'cookie_domains = [".example.com"]\nredirect_url = "https://api.shop.example.com/oauth2/callback"\n'), 'ConfigMap/web', 'data["gate.cfg"]', /asks for a session before there is one/),
  row('schedules-are-kept', 'its time is of no zone', (p) => delete find(p, 'CronJob/backup').spec.timeZone, 'CronJob/backup', 'spec.timeZone', /zone of whatever machine/),
]; // prettier-ignore
