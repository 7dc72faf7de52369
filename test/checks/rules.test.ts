import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { permissionsFor } from '../../argocd/permitted-kinds';
import { checkPlatform, rules, type Finding } from '../../lib/checks';
import { asFiles, find, soundPlatform, type SoundPlatform } from './sound-platform';

/* eslint-disable @typescript-eslint/no-explicit-any -- tests reach into objects to break them */

interface Case {
  readonly rule: string;
  /** What is done to the sound platform, as the end of the sentence "… when". */
  readonly when: string;
  breakIt(platform: SoundPlatform): void;
  readonly object: string;
  readonly field?: string;
  readonly message: RegExp;
}

const pod = (platform: SoundPlatform, label = 'Deployment/web') => find(platform, label).spec.template.spec;
const web = (platform: SoundPlatform) => pod(platform).containers[0];
const deployment = 'Deployment/web';
const inWeb = (field: string) => `spec.template.spec.containers[0].${field}`;

const cases: Case[] = [
  {
    rule: 'objects-match-their-schema',
    when: 'a field is misspelt',
    breakIt: (p) => (web(p).imagePullPolice = 'Always'),
    object: deployment,
    field: inWeb('imagePullPolice'),
    message: /no field of this name in Deployment/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'a number is text',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').spec.maxReplicas = '8'),
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.maxReplicas',
    message: /"8" stands where an integer is expected/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'a required field is missing',
    breakIt: (p) => delete find(p, deployment).spec.selector,
    object: deployment,
    field: 'spec.selector',
    message: /required, and missing/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'a CPU quantity has a comma',
    breakIt: (p) => (web(p).resources.requests.cpu = '0,5'),
    object: deployment,
    field: inWeb('resources.requests.cpu'),
    message: /"0,5" is none of the forms/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'a middleware has an option that Traefik does not know',
    breakIt: (p) => (find(p, 'Middleware/ask').spec.forwardAuth.trustForwardHeaders = true),
    object: 'Middleware/ask',
    field: 'spec.forwardAuth.trustForwardHeaders',
    message: /no field of this name in Middleware/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'the metadata of a custom kind is wrong',
    breakIt: (p) => (find(p, 'Middleware/ask').metadata.label = {}),
    object: 'Middleware/ask',
    field: 'metadata.label',
    message: /no field of this name/,
  },
  {
    rule: 'objects-match-their-schema',
    when: 'the kind does not exist in this version',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').apiVersion = 'autoscaling/v2beta2'),
    object: 'HorizontalPodAutoscaler/web',
    field: 'kind',
    message: /no schema of autoscaling\/v2beta2 HorizontalPodAutoscaler is known for Kubernetes v1\.34/,
  },
  {
    rule: 'objects-are-unique',
    when: 'two objects have one name in different files',
    breakIt: (p) => p.files[2]!.objects.push(structuredClone(find(p, 'Service/web'))),
    object: 'Service/web',
    field: 'metadata.name',
    message: /is in platform\/web\.yaml already/,
  },
  {
    rule: 'names-are-dns-names',
    when: 'a name has a capital',
    breakIt: (p) => (find(p, 'ConfigMap/pooler').metadata.name = 'Pooler'),
    object: 'ConfigMap/Pooler',
    field: 'metadata.name',
    message: /"Pooler" is not a name/,
  },
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
    rule: 'secret-keys-have-a-contract',
    when: 'a container reads a key that no contract has',
    breakIt: (p) => (web(p).env[0].valueFrom.secretKeyRef.key = 'user'),
    object: deployment,
    field: inWeb('env[0]'),
    message: /Secret database has no key user \(it has username, password\)/,
  },
  {
    rule: 'secret-keys-have-a-contract',
    when: 'no contract declares the Secret',
    breakIt: (p) => (web(p).env[0].valueFrom.secretKeyRef.name = 'databse'),
    object: deployment,
    field: inWeb('env[0]'),
    message: /no contract declares the Secret databse in namespace shop/,
  },
  {
    rule: 'secret-keys-have-a-contract',
    when: 'the Secret of another namespace is meant',
    breakIt: (p) => (p.model.secrets[0].namespace = 'store'),
    object: deployment,
    field: inWeb('env[0]'),
    message: /in namespace shop/,
  },
  {
    rule: 'secret-keys-have-a-contract',
    when: 'a pull secret is unknown',
    breakIt: (p) => (pod(p).imagePullSecrets = [{ name: 'hub' }]),
    object: deployment,
    field: 'spec.template.spec.imagePullSecrets[0]',
    message: /no contract declares the Secret hub/,
  },
  {
    rule: 'secret-readers-are-declared',
    when: 'a component reads a Secret that it is not a reader of',
    breakIt: (p) => (p.model.secrets[0].readers = ['pooler']),
    object: deployment,
    field: inWeb('env[0]'),
    message: /web reads the Secret database and is not among its readers \(pooler\)/,
  },
  {
    rule: 'config-map-keys-exist',
    when: 'a container reads a key that the ConfigMap lacks',
    breakIt: (p) => (web(p).env[1].valueFrom.configMapKeyRef.key = 'mod'),
    object: deployment,
    field: inWeb('env[1]'),
    message: /ConfigMap web has no key mod \(it has mode\)/,
  },
  {
    rule: 'config-map-keys-exist',
    when: 'a volume is a ConfigMap that does not exist',
    breakIt: (p) => (pod(p, 'Deployment/pooler').volumes[0].configMap.name = 'poler'),
    object: 'Deployment/pooler',
    field: 'spec.template.spec.volumes[0]',
    message: /no ConfigMap poler/,
  },
  {
    rule: 'service-accounts-exist',
    when: 'the service account does not exist',
    breakIt: (p) => (pod(p).serviceAccountName = 'web'),
    object: deployment,
    field: 'spec.template.spec.serviceAccountName',
    message: /no ServiceAccount web/,
  },
  {
    rule: 'volumes-are-on-known-nodes',
    when: 'a volume is pinned to a node that the inventory lacks',
    breakIt: (p) => (pinOf(p).values = ['node-9']),
    object: 'PersistentVolume/database',
    field: 'spec.nodeAffinity',
    message: /pinned to node-9, which is not a node of the cluster \(head, node-1, node-2\)/,
  },
  {
    rule: 'volumes-are-on-known-nodes',
    when: 'a pod asks for a host outside the cluster',
    breakIt: (p) => (pod(p).nodeSelector['kubernetes.io/hostname'] = 'gate'),
    object: deployment,
    field: 'spec.template.spec.nodeSelector',
    message: /asks for gate, which is not a node/,
  },
  {
    rule: 'claims-exist',
    when: 'a claim does not exist',
    breakIt: (p) => pod(p).volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data' } }),
    object: deployment,
    field: 'spec.template.spec.volumes[1]',
    message: /no PersistentVolumeClaim data/,
  },
  {
    rule: 'volume-mounts-have-a-volume',
    when: 'a mount names no volume of the pod',
    breakIt: (p) => (web(p).volumeMounts[0].name = 'tmp'),
    object: deployment,
    field: inWeb('volumeMounts[0]'),
    message: /no volume tmp/,
  },
  {
    rule: 'claims-can-be-bound',
    when: 'the claim is larger than the volume',
    breakIt: (p) => (find(p, 'PersistentVolume/database').spec.capacity.storage = '4Gi'),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec',
    message: /class database can hold the claim of 5Gi/,
  },
  {
    rule: 'claims-mean-one-volume',
    when: 'two volumes can hold the claim',
    breakIt: (p) =>
      p.files[3]!.objects.push({
        ...find(p, 'PersistentVolume/database'),
        metadata: { ...find(p, 'PersistentVolume/database').metadata, name: 'other' },
      }),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec',
    message: /may be bound to any of database, other/,
  },
  {
    rule: 'storage-classes-exist',
    when: 'the storage class does not exist',
    breakIt: (p) => (find(p, 'StorageClass/database').metadata.name = 'local'),
    object: 'StatefulSet/database',
    field: 'spec.volumeClaimTemplates[0].spec.storageClassName',
    message: /no StorageClass database/,
  },
  {
    rule: 'autoscalers-have-a-target',
    when: 'the autoscaler names another workload',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').spec.scaleTargetRef.name = 'wob'),
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.scaleTargetRef',
    message: /no Deployment\/wob to scale/,
  },
  {
    rule: 'namespaces-exist',
    when: 'the namespace does not exist',
    breakIt: (p) => (find(p, 'ConfigMap/pooler').metadata.namespace = 'shops'),
    object: 'ConfigMap/pooler',
    field: 'metadata.namespace',
    message: /no Namespace shops/,
  },
  {
    rule: 'sign-in-page-wraps-authentication',
    when: 'errors comes after forwardAuth',
    breakIt: (p) => setChain(p, 'pages', 'shop-ask@kubernetescrd,shop-sign-in@kubernetescrd'),
    object: 'Ingress/pages',
    field: 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]',
    message: /the errors middleware comes after forwardAuth/,
  },
  {
    rule: 'cors-answers-before-authentication',
    when: 'CORS comes after forwardAuth',
    breakIt: (p) => setChain(p, 'api', 'shop-ask@kubernetescrd,shop-cors@kubernetescrd'),
    object: 'Ingress/api',
    field: 'metadata.annotations["traefik.ingress.kubernetes.io/router.middlewares"]',
    message: /the CORS middleware comes after forwardAuth/,
  },
  {
    rule: 'cors-answers-before-authentication',
    when: 'the wrong order is inside a chain middleware',
    breakIt: chainInWrongOrder,
    object: 'Ingress/api',
    message: /the CORS middleware comes after forwardAuth/,
  },
  {
    rule: 'middlewares-exist',
    when: 'a middleware is misspelt',
    breakIt: (p) => setChain(p, 'api', 'shop-cors@kubernetescrd,shop-asks@kubernetescrd'),
    object: 'Ingress/api',
    message: /no middleware shop-asks@kubernetescrd/,
  },
  {
    rule: 'middlewares-exist',
    when: 'the provider suffix is missing',
    breakIt: (p) => setChain(p, 'api', 'shop-cors,shop-ask@kubernetescrd'),
    object: 'Ingress/api',
    message: /no middleware shop-cors/,
  },
  {
    rule: 'middlewares-exist',
    when: 'names are joined by a dash and Traefik is told to use safe naming',
    breakIt: (p) => p.files[2]!.objects.push(safeNaming()),
    object: 'Ingress/api',
    message: /no middleware shop-cors@kubernetescrd/,
  },
  {
    rule: 'hosts-are-unique',
    when: 'two ingresses have one host',
    breakIt: (p) => (find(p, 'Ingress/api').spec.rules[0].host = 'shop.example.com'),
    object: 'Ingress/api',
    field: 'spec.rules[0].host',
    message: /belongs to Ingress\/pages in platform\/gateway\.yaml already/,
  },
  {
    rule: 'ingresses-name-a-host',
    when: 'a rule is for every host',
    breakIt: (p) => delete find(p, 'Ingress/api').spec.rules[0].host,
    object: 'Ingress/api',
    field: 'spec.rules[0].host',
    message: /names no host/,
  },
  {
    rule: 'pods-run-as-non-root',
    when: 'the user is root',
    breakIt: (p) => (pod(p).securityContext.runAsUser = 0),
    object: deployment,
    field: inWeb('securityContext.runAsUser'),
    message: /no numeric user/,
  },
  {
    rule: 'pods-run-as-non-root',
    when: 'runAsNonRoot is left out',
    breakIt: (p) => delete pod(p).securityContext.runAsNonRoot,
    object: deployment,
    field: inWeb('securityContext.runAsNonRoot'),
    message: /may run as root/,
  },
  {
    rule: 'root-file-systems-are-read-only',
    when: 'the root file system is writable',
    breakIt: (p) => (web(p).securityContext.readOnlyRootFilesystem = false),
    object: deployment,
    field: inWeb('securityContext.readOnlyRootFilesystem'),
    message: /can be written to/,
  },
  {
    rule: 'capabilities-are-dropped',
    when: 'capabilities are kept',
    breakIt: (p) => delete web(p).securityContext.capabilities,
    object: deployment,
    field: inWeb('securityContext.capabilities'),
    message: /not all capabilities are dropped/,
  },
  {
    rule: 'capabilities-are-dropped',
    when: 'one is added',
    breakIt: (p) => (web(p).securityContext.capabilities.add = ['NET_ADMIN']),
    object: deployment,
    message: /NET_ADMIN are added/,
  },
  {
    rule: 'privileges-do-not-grow',
    when: 'privilege escalation is left open',
    breakIt: (p) => delete web(p).securityContext.allowPrivilegeEscalation,
    object: deployment,
    field: inWeb('securityContext.allowPrivilegeEscalation'),
    message: /may gain privileges/,
  },
  {
    rule: 'seccomp-is-runtime-default',
    when: 'no profile is set',
    breakIt: (p) => delete pod(p).securityContext.seccompProfile,
    object: deployment,
    message: /seccomp profile is not set/,
  },
  {
    rule: 'hosts-are-not-shared',
    when: 'the pod is on the network of its node',
    breakIt: (p) => (pod(p).hostNetwork = true),
    object: deployment,
    field: 'spec.template.spec.hostNetwork',
    message: /shares hostNetwork/,
  },
  {
    rule: 'hosts-are-not-shared',
    when: 'a folder of the node is mounted',
    breakIt: (p) => (pod(p).volumes[0] = { name: 'temporary', hostPath: { path: '/' } }),
    object: deployment,
    field: 'spec.template.spec.volumes[0].hostPath',
    message: /is a path of the node/,
  },
  {
    rule: 'service-account-tokens-are-not-mounted',
    when: 'the default token is mounted',
    breakIt: (p) => delete pod(p).automountServiceAccountToken,
    object: deployment,
    field: 'spec.template.spec.automountServiceAccountToken',
    message: /token of the default service account/,
  },
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
  {
    rule: 'replicas-are-left-to-the-autoscaler',
    when: 'an HPA and spec.replicas both set the pods',
    breakIt: (p) => (find(p, deployment).spec.replicas = 2),
    object: deployment,
    field: 'spec.replicas',
    message: /HorizontalPodAutoscaler\/web sets it too/,
  },
  {
    rule: 'autoscalers-state-their-behaviour',
    when: 'the behaviour is left to the cluster',
    breakIt: (p) => delete find(p, 'HorizontalPodAutoscaler/web').spec.behavior.scaleUp,
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.behavior.scaleUp',
    message: /scales up is not stated/,
  },
  {
    rule: 'autoscaler-bounds-are-in-order',
    when: 'the minimum is above the maximum',
    breakIt: (p) => (find(p, 'HorizontalPodAutoscaler/web').spec.minReplicas = 9),
    object: 'HorizontalPodAutoscaler/web',
    field: 'spec.minReplicas',
    message: /floor of 9 is above the ceiling of 8/,
  },
  {
    rule: 'replicated-pods-have-a-disruption-budget',
    when: 'the budget is missing',
    breakIt: (p) => p.files[1]!.objects.pop(),
    object: deployment,
    message: /up to 8 pods run, and no PodDisruptionBudget/,
  },
  {
    rule: 'replicated-pods-have-a-disruption-budget',
    when: 'the budget lets no pod be moved',
    breakIt: (p) =>
      (find(p, 'PodDisruptionBudget/web').spec = { minAvailable: 2, selector: find(p, deployment).spec.selector }),
    object: 'PodDisruptionBudget/web',
    field: 'spec',
    message: /no node can be drained/,
  },
  {
    rule: 'replicated-pods-are-spread',
    when: 'nothing spreads the pods',
    breakIt: (p) => delete pod(p).topologySpreadConstraints,
    object: deployment,
    message: /nothing spreads the pods/,
  },
  {
    rule: 'selectors-are-own-labels',
    when: 'the selector is a path hash',
    breakIt: (p) => (find(p, deployment).spec.selector.matchLabels = { 'cdk8s.io/metadata.addr': 'web-c8a3' }),
    object: deployment,
    field: 'spec.selector.matchLabels',
    message: /hash of the construct's path/,
  },
  {
    rule: 'data-is-never-pruned',
    when: 'Argo CD may delete a volume',
    breakIt: (p) =>
      (find(p, 'PersistentVolume/database').metadata.annotations['argocd.argoproj.io/sync-options'] = 'Prune=false'),
    object: 'PersistentVolume/database',
    field: 'metadata.annotations',
    message: /may delete this PersistentVolume/,
  },
  {
    rule: 'volumes-are-retained',
    when: 'the volume is deleted with its claim',
    breakIt: (p) => (find(p, 'PersistentVolume/database').spec.persistentVolumeReclaimPolicy = 'Delete'),
    object: 'PersistentVolume/database',
    field: 'spec.persistentVolumeReclaimPolicy',
    message: /is Delete/,
  },
  {
    rule: 'local-volumes-wait-for-their-pod',
    when: 'binding is immediate',
    breakIt: (p) => delete find(p, 'StorageClass/database').volumeBindingMode,
    object: 'StorageClass/database',
    field: 'volumeBindingMode',
    message: /Immediate/,
  },
  {
    rule: 'local-volumes-name-their-node',
    when: 'a local volume names no node',
    breakIt: (p) => delete find(p, 'PersistentVolume/database').spec.nodeAffinity,
    object: 'PersistentVolume/database',
    field: 'spec.nodeAffinity',
    message: /names no node/,
  },
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
  {
    rule: 'secrets-are-not-rendered',
    when: 'a Secret is rendered',
    breakIt: (p) =>
      p.files[1]!.objects.push({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'web', namespace: 'shop' },
        stringData: { key: 'x' },
      }),
    object: 'Secret/web',
    field: 'kind',
    message: /would be committed/,
  },
  {
    rule: 'no-secret-material',
    when: 'an e-mail address is in a ConfigMap',
    breakIt: (p) => (find(p, 'ConfigMap/web').data.admins = ['someone', 'example.com'].join('@')),
    object: 'ConfigMap/web',
    field: 'data.admins',
    message: /e-mail address/,
  },
  {
    rule: 'no-secret-material',
    when: 'an address carries a password',
    breakIt: (p) => (find(p, 'ConfigMap/web').data.url = ['postgres://shop', 'hunter2@database/shop'].join(':')),
    object: 'ConfigMap/web',
    field: 'data.url',
    message: /password inside an address/,
  },
  {
    rule: 'no-secret-material',
    when: 'a random key is an argument',
    breakIt: (p) => (web(p).args = [`--key=${'qX7bT2mVw9RkLz4N'}${'cY8sJ1hGf6DpA3eU'}`]),
    object: deployment,
    field: inWeb('args[0]'),
    message: /random key/,
  },
  {
    rule: 'credentials-come-from-secrets',
    when: 'a password is written out',
    breakIt: (p) => web(p).env.push({ name: 'DATABASE_PASSWORD', value: 'hunter2' }),
    object: deployment,
    field: inWeb('env[2].value'),
    message: /value of DATABASE_PASSWORD is written out/,
  },
  {
    rule: 'project-permits-what-is-rendered',
    when: 'the project lacks a kind',
    breakIt: (p) => delivered(p, (spec) => spec.namespaceResourceWhitelist.shift()),
    object: 'ConfigMap/web',
    message: /AppProject\/shop does not permit namespaced kind ConfigMap/,
  },
  {
    rule: 'project-permits-what-is-rendered',
    when: 'the project lacks a namespace',
    breakIt: (p) => delivered(p, (spec) => (spec.destinations = [])),
    object: 'ConfigMap/web',
    message: /AppProject\/shop does not permit namespace shop/,
  },
  {
    rule: 'project-permits-no-more',
    when: 'the project lists a kind that nothing is of',
    breakIt: (p) =>
      delivered(p, (spec) =>
        spec.clusterResourceWhitelist.push({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }),
      ),
    object: 'AppProject/shop',
    field: 'spec.clusterResourceWhitelist[3]',
    message: /nothing that is rendered needs cluster-scoped kind ClusterRole.rbac.authorization.k8s.io/,
  },
];

/** Adds an Application of the platform's tree and a project that permits exactly that tree, then changes the project. */
function delivered(platform: SoundPlatform, change: (spec: any) => void): void {
  const permitted = permissionsFor(platform.files.flatMap(({ objects }) => objects));
  const spec = {
    clusterResourceWhitelist: [...permitted.clusterKinds],
    namespaceResourceWhitelist: [...permitted.namespacedKinds],
    destinations: permitted.namespaces.map((namespace) => ({ namespace })),
  };
  change(spec);
  const application = { project: 'shop', source: { path: 'dist/platform' } };
  const variants = { project: 'shop', source: { path: 'dist/workloads/production' } };
  const argo = (kind: string, name: string, content: object) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'argocd' },
    spec: content,
  });
  platform.files.push({
    path: 'argocd/delivery.yaml',
    component: 'delivery',
    objects: [
      argo('Application', 'platform', application),
      argo('Application', 'workloads', variants),
      argo('AppProject', 'shop', spec),
    ],
  });
}

describe('the rules', () => {
  it('find nothing wrong with a sound platform', () => {
    const platform = soundPlatform();
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([]);
  });

  it.each(cases)('$rule fails when $when', ({ rule, breakIt, object, field, message }) => {
    const platform = soundPlatform();
    breakIt(platform);
    const found = checkPlatform(platform.model, asFiles(platform)).filter((finding) => finding.rule === rule);
    expect(found).toContainEqual(
      expect.objectContaining({
        object,
        message: expect.stringMatching(message),
        ...(field === undefined ? {} : { field }),
      }),
    );
  });

  it('are each shown failing by a test', () => {
    const tests = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.test.ts'),
    );
    const text = tests.map((file) => readFileSync(join(__dirname, file), 'utf8')).join('\n');
    expect(rules.map(({ id }) => id).filter((id) => !text.includes(`'${id}'`))).toEqual([]);
  });

  it('each say why they are there and what to do, in plain words', () => {
    for (const { why, mend } of rules) {
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(mend).toMatch(/^[a-z].*[^.]$/);
    }
  });

  it('have distinct ids', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});

describe('findings', () => {
  it('of an object that is in two scopes are reported once', () => {
    const platform = soundPlatform();
    platform.model.trees.push({ directory: 'workloads/other', app: undefined, alongside: ['platform'] });
    const copies = platform.files.filter(({ path }) => path.startsWith('workloads/production/'));
    platform.files.push(
      ...copies.map((file) => ({ ...structuredClone(file), path: file.path.replace('production', 'other') })),
    );
    find(platform, 'Middleware/ask').spec.forwardAuth.address = 'http://proxy.shop.svc/';
    expect(idsOf(platform)).toEqual(['forward-auth-addresses-exist']);
  });

  it('of one variant do not come from the objects of another', () => {
    const platform = soundPlatform();
    platform.model.trees.push({ directory: 'workloads/empty', app: undefined, alongside: ['platform'] });
    expect(idsOf(platform)).toContain('services-select-pods');
  });

  it('are excused by an exception with a reason, for one tree or for all', () => {
    for (const object of ['Deployment/web', 'workloads/production/Deployment/web']) {
      const platform = soundPlatform();
      delete web(platform).livenessProbe;
      platform.model.exceptions = [{ rule: 'containers-have-probes', object, reason: 'it restarts itself' }];
      expect(idsOf(platform)).toEqual([]);
    }
  });

  it('stay when the exception gives no reason or means another tree', () => {
    for (const exception of [
      { rule: 'containers-have-probes', object: 'Deployment/web', reason: ' ' },
      { rule: 'containers-have-probes', object: 'workloads/other/Deployment/web', reason: 'it restarts itself' },
    ]) {
      const platform = soundPlatform();
      delete web(platform).livenessProbe;
      platform.model.exceptions = [exception];
      expect(idsOf(platform)).toEqual(['containers-have-probes', 'exceptions-are-used']);
    }
  });

  it('include an exception that excuses nothing', () => {
    const platform = soundPlatform();
    platform.model.exceptions = [{ rule: 'images-are-pinned', object: 'Deployment/web', reason: 'to try it' }];
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([
      expect.objectContaining({
        rule: 'exceptions-are-used',
        component: 'web',
        message: expect.stringMatching(/not needed/),
      }),
    ]);
  });

  it('name the line of a plain file that holds a secret', () => {
    const platform = soundPlatform();
    const address = ['postgres://shop', 'hunter2@database/shop'].join(':');
    platform.model.files = [{ path: 'compose/compose.yaml', content: `services: {}\nurl: ${address}\n` }];
    expect(checkPlatform(platform.model, asFiles(platform))).toEqual([
      expect.objectContaining({ file: 'compose/compose.yaml', field: 'line 2', rule: 'no-secret-material' }),
    ]);
  });

  it('do not take digests, paths and words for secrets', () => {
    const platform = soundPlatform();
    Object.assign(find(platform, 'ConfigMap/web').data, {
      digest: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      address: 'https://api.shop.example.com/api/unit-operations/Flowsheet2Solver?mode=steady',
      words: 'X-Auth-Request-Access-Token,X-Auth-Request-Preferred-Username',
    });
    expect(idsOf(platform)).toEqual([]);
  });
});

function idsOf(platform: SoundPlatform): string[] {
  return [...new Set(checkPlatform(platform.model, asFiles(platform)).map((finding: Finding) => finding.rule))];
}

function setChain(platform: SoundPlatform, ingress: string, chain: string): void {
  find(platform, `Ingress/${ingress}`).metadata.annotations['traefik.ingress.kubernetes.io/router.middlewares'] = chain;
}

function chainInWrongOrder(platform: SoundPlatform): void {
  const spec = { chain: { middlewares: [{ name: 'ask' }, { name: 'cors' }] } };
  platform.files[2]!.objects.push({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'all', namespace: 'shop' },
    spec,
  });
  setChain(platform, 'api', 'shop-all@kubernetescrd');
}

function pinOf(platform: SoundPlatform): any {
  return find(platform, 'PersistentVolume/database').spec.nodeAffinity.required.nodeSelectorTerms[0]
    .matchExpressions[0];
}

function safeNaming(): object {
  const valuesContent = 'additionalArguments:\n  - --providers.kubernetescrd.safenaming=true\n';
  return {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent },
  };
}
