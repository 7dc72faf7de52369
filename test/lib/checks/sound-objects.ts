/** The objects of the sound platform, as rules read them; see sound-platform.ts. */

function meta(name: string, extra: object = {}) {
  return { name, namespace: 'shop', labels: { 'app.kubernetes.io/name': name }, ...extra };
}

const neverPruned = () => ({ annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' } });

export function namespace() {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels, ...neverPruned() } };
}

export function quota() {
  const hard = { 'services.loadbalancers': '0', 'services.nodeports': '0' };
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta('no-open-ports'), spec: { hard } };
}

function container(name: string, extra: object = {}) {
  return {
    name,
    image: `example/${name}:1.2.3`,
    ports: [{ name: 'http', containerPort: 8080 }],
    readinessProbe: { httpGet: { path: '/', port: 'http' } },
    livenessProbe: { httpGet: { path: '/', port: 8080 } },
    startupProbe: { httpGet: { path: '/', port: 8080 }, failureThreshold: 30 },
    resources: {
      requests: { cpu: '250m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
      limits: { cpu: '1', memory: '256Mi', 'ephemeral-storage': '128Mi' },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    ...extra,
  };
}

function template(name: string, containers: object[], extra: object = {}) {
  return {
    metadata: { labels: { 'app.kubernetes.io/name': name }, annotations: { 'checksum/config': '0123456789abcdef' } },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
        },
      ],
      containers,
      ...extra,
    },
  };
}

const selector = (name: string) => ({ matchLabels: { 'app.kubernetes.io/name': name } });

export function webSettings() {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('web'), data: { mode: 'production' } };
}

export function webDeployment() {
  const env = [
    { name: 'DATABASE_USER', valueFrom: { secretKeyRef: { name: 'database', key: 'username' } } },
    { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'web', key: 'mode' } } },
    { name: 'DATABASE_HOST', value: 'pooler' },
    { name: 'DATABASE_PORT', value: '6432' },
  ];
  const volumes = [{ name: 'temporary', emptyDir: { sizeLimit: '64Mi' } }];
  const volumeMounts = [{ name: 'temporary', mountPath: '/tmp' }];
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta('web'),
    spec: {
      selector: selector('web'),
      template: template('web', [container('web', { env, volumeMounts, lifecycle })], { volumes }),
    },
  };
}

export function webAutoscaler() {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: meta('web'),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 8,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      behavior: {
        scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] },
        scaleDown: { stabilizationWindowSeconds: 30, policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
      },
    },
  };
}

export function webService() {
  return service('web', 80, { targetPort: 'http' });
}

function service(name: string, port: number, portExtra: object = {}, extra: object = {}) {
  const ports = [{ name: 'http', port, ...portExtra }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(name),
    spec: { selector: { 'app.kubernetes.io/name': name }, ports, ...extra },
  };
}

export function webBudget() {
  const spec = { maxUnavailable: 1, selector: selector('web') };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: meta('web'), spec };
}

export function gateway() {
  const middleware = (name: string, spec: object) => ({
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: meta(name),
    spec,
  });
  const ingress = (
    name: string,
    host: string,
    middlewares: string[],
    path = '/',
    service: [string, number] = ['web', 80],
  ) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: meta(name, {
      annotations: {
        'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure',
        ...(middlewares.length > 0 && {
          'traefik.ingress.kubernetes.io/router.middlewares': middlewares
            .map((item) => `shop-${item}@kubernetescrd`)
            .join(','),
        }),
      },
    }),
    spec: {
      ingressClassName: 'traefik',
      tls: [{ hosts: [host] }],
      rules: [
        {
          host,
          http: {
            paths: [
              { path, pathType: 'Prefix', backend: { service: { name: service[0], port: { number: service[1] } } } },
            ],
          },
        },
      ],
    },
  });
  return [
    middleware('sign-in', {
      errors: { status: ['401'], query: '/oauth2/sign_in', service: { name: 'gatekeeper', port: 4180 } },
    }),
    middleware('ask', { forwardAuth: { address: 'http://gatekeeper.shop.svc.cluster.local:4180/auth' } }),
    middleware('cors', {
      headers: {
        accessControlAllowMethods: ['GET', 'POST'],
        accessControlAllowHeaders: ['Content-Type', 'X-CSRFToken'],
        accessControlAllowCredentials: true,
        accessControlAllowOriginList: ['https://shop.example.com'],
        addVaryHeader: true,
      },
    }),
    ingress('pages', 'shop.example.com', ['sign-in', 'ask']),
    ingress('api', 'api.shop.example.com', ['cors', 'ask']),
    ingress('sign-in', 'shop.example.com', [], '/oauth2', ['gatekeeper', 4180]),
  ];
}

export function database() {
  const mounts = [{ name: 'data', mountPath: '/data' }];
  const ports = [{ name: 'http', containerPort: 5432 }];
  const probe = { tcpSocket: { port: 5432 } };
  const db = container('database', {
    args: ['--data=/data'],
    volumeMounts: mounts,
    ports,
    readinessProbe: probe,
    livenessProbe: probe,
    startupProbe: { ...probe, failureThreshold: 60 },
  });
  return [
    {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'data' },
      value: 1000,
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'database' },
      provisioner: 'kubernetes.io/no-provisioner',
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'database', ...neverPruned() },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: 'database',
        local: { path: '/srv/database' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta('database'),
      spec: {
        replicas: 1,
        serviceName: 'database',
        selector: selector('database'),
        template: template('database', [db], { priorityClassName: 'data', terminationGracePeriodSeconds: 60 }),
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'data' },
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: 'database',
              resources: { requests: { storage: '5Gi' } },
              volumeMode: 'Filesystem',
            },
            status: { phase: 'Pending' },
          },
        ],
      },
    },
    service('database', 5432, {}, { clusterIP: 'None' }),
  ];
}

export function pooler() {
  const ini =
    '[databases]\nshop = host=database port=5432\n\n[pgbouncer]\ndefault_pool_size = 20\nreserve_pool_size = 5\ntcp_keepidle = 10\ntcp_keepintvl = 5\ntcp_keepcnt = 3\n';
  const volumes = [{ name: 'config', configMap: { name: 'pooler' } }];
  const pod = template(
    'pooler',
    [
      container('pooler', {
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        args: ['/etc/pgbouncer/pgbouncer.ini'],
        volumeMounts: [{ name: 'config', mountPath: '/etc/pgbouncer' }],
      }),
    ],
    { volumes },
  );
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('pooler'), data: { 'pgbouncer.ini': ini } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('pooler'),
      spec: { replicas: 2, selector: selector('pooler'), template: pod },
    },
    service('pooler', 6432, { targetPort: 'http' }),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: meta('pooler'),
      spec: { maxUnavailable: 1, selector: selector('pooler') },
    },
  ];
}

export function backup() {
  const env = [
    { name: 'PGHOST', value: 'database' },
    { name: 'PGPORT', value: '5432' },
  ];
  const none = { ports: undefined, readinessProbe: undefined, livenessProbe: undefined, startupProbe: undefined };
  const wait = container('wait', { ...none, image: 'example/backup:1.2.3', args: ['--host=database', '--port=5432'] });
  const pod = template('backup', [container('backup', { ...none, env })], {
    restartPolicy: 'Never',
    initContainers: [wait],
  });
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: meta('backup'),
    spec: {
      schedule: '0 2 * * *',
      timeZone: 'Pacific/Auckland',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      jobTemplate: { spec: { activeDeadlineSeconds: 3600, backoffLimit: 2, template: pod } },
    },
  };
}

/** What decides about sign-in, with its own way in. */
export function gatekeeper() {
  const ports = [{ name: 'http', containerPort: 4180 }];
  const probe = { tcpSocket: { port: 4180 } };
  const startup = { ...probe, failureThreshold: 30 };
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  const gate = container('gatekeeper', {
    lifecycle,
    ports,
    readinessProbe: probe,
    livenessProbe: probe,
    startupProbe: startup,
  });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('gatekeeper'),
      spec: { replicas: 1, selector: selector('gatekeeper'), template: template('gatekeeper', [gate]) },
    },
    service('gatekeeper', 4180, { targetPort: 'http' }),
  ];
}

const dns = () => ({
  ports: [{ port: 53, protocol: 'UDP' }],
  to: [pods({ 'k8s-app': 'kube-dns' }, 'kube-system')],
});
const traefik = () => pods({ 'app.kubernetes.io/name': 'traefik' }, 'kube-system');

function pods(matchLabels: object, namespace?: string) {
  const podSelector = { matchLabels };
  if (!namespace) return { podSelector };
  return { podSelector, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };
}

function policy(name: string, from: object[], port: number | undefined, to: [string, number][]) {
  const own = (other: string) => pods({ 'app.kubernetes.io/name': other });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta(name),
    spec: {
      podSelector: selector(name),
      policyTypes: ['Ingress', 'Egress'],
      ingress: port === undefined ? undefined : [{ from, ports: [{ port, protocol: 'TCP' }] }],
      egress:
        to.length === 0
          ? undefined
          : [dns(), ...to.map(([other, number]) => ({ to: [own(other)], ports: [{ port: number, protocol: 'TCP' }] }))],
    },
  };
}

/** Everything is denied, and each component is let call what it names. */
export function policies() {
  const own = (name: string) => pods({ 'app.kubernetes.io/name': name });
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: meta('default-deny'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
    policy('database', [own('pooler'), own('backup')], 5432, []),
    policy('pooler', [own('web')], 8080, [['database', 5432]]),
    policy('web', [traefik()], 8080, [['pooler', 8080]]),
    policy('gatekeeper', [traefik()], 4180, []),
    policy('backup', [], undefined, [['database', 5432]]),
  ];
}
