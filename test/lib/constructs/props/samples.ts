import type { App } from 'cdk8s';
import { Component } from '../../../../lib/constructs/component';
import { ConfigFiles } from '../../../../lib/constructs/config-files';
import { ConnectionPooler, type ConnectionPoolerProps } from '../../../../lib/constructs/database/connection-pooler';
import { LocalStorageClass, LocalVolume } from '../../../../lib/constructs/database/local-volume';
import { StatefulDatabase, type StatefulDatabaseProps } from '../../../../lib/constructs/database/stateful-database';
import { ForwardAuth } from '../../../../lib/constructs/gateway/forward-auth';
import { Middleware } from '../../../../lib/constructs/gateway/middleware';
import { PublicIngress } from '../../../../lib/constructs/gateway/public-ingress';
import { internet, podsElsewhere, serviceEndpoint, tcp, udp } from '../../../../lib/constructs/network/endpoint';
import { CallersOfOthers } from '../../../../lib/constructs/network/callers-of-others';
import { NetworkPolicies } from '../../../../lib/constructs/network/network-policies';
import type { ContainerProps, InitContainerProps } from '../../../../lib/constructs/pod/container';
import type { PodProps } from '../../../../lib/constructs/pod/pod';
import { execute, httpGet, tcpConnect, type Probes } from '../../../../lib/constructs/pod/probe';
import { Autoscaler } from '../../../../lib/constructs/workload/autoscaler';
import { ScheduledJob, VersionedJob } from '../../../../lib/constructs/workload/job';
import { ScalableDeployment } from '../../../../lib/constructs/workload/scalable-deployment';
import { OneAtATime, PodService } from '../../../../lib/constructs/workload/service';
import type { SoleContainerProps } from '../../../../lib/constructs/workload/single-container';
import { WebService, type WebServiceProps } from '../../../../lib/constructs/workload/web-service';
import { WorkerService, type WorkerServiceProps } from '../../../../lib/constructs/workload/worker-service';
import { Secret } from '../../../../lib/kubernetes/secret';
import type { Autoscaling } from '../../../../lib/kubernetes/workload-variant';
import { NODE, RESOURCES, sampleComponent } from '../sample';

/** What samples are built in and from. */
export interface Fixtures {
  readonly component: Component;
  readonly config: ConfigFiles;
  /** One for each container: a file is executable for all of a pod or for none. */
  readonly scripts: readonly ConfigFiles[];
  readonly otherConfig: ConfigFiles;
}

/** Arguments for one construct: with no more than it needs, and with all that it can be given. */
export interface Samples {
  readonly construct: new (component: Component, ...given: unknown[]) => unknown;
  readonly none: (fixtures: Fixtures) => unknown[];
  /** Several, where not all can be had at once. */
  readonly all: readonly ((fixtures: Fixtures) => unknown[])[];
}

export function fixtures(): Fixtures {
  const component = sampleComponent();
  return {
    component,
    config: new ConfigFiles(component, 'config', { 'app.conf': 'key = value\n' }),
    scripts: [0, 1, 2, 3].map((index) => new ConfigFiles(component, `scripts-${index}`, { 'run.sh': 'true\n' })),
    otherConfig: new ConfigFiles(component, 'other-config', { 'app.conf': 'other = value\n' }),
  };
}

const vault = new Secret('vault', { token: { description: 'A token.' }, other: { description: 'Another.' } });
const token = vault.key('token');
export const otherSecret = vault.key('other');
export const otherEndpoint = serviceEndpoint('elsewhere', 4321);
export const otherNode = { ...NODE, name: 'node-2' };

const ACTIONS = [execute('true', '--now'), tcpConnect(9000), httpGet('/well', 9000, 'shop.example.org')] as const;

/** Three times all probes, so that each asks in each way once. */
const PROBES: readonly Required<Probes>[] = [0, 1, 2].map((turn) => ({
  startup: { action: ACTIONS[turn]!, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 9 },
  readiness: { action: ACTIONS[(turn + 1) % 3]!, periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 4 },
  liveness: { action: ACTIONS[(turn + 2) % 3]!, periodSeconds: 5, timeoutSeconds: 6, failureThreshold: 7 },
}));

const SCALING: Autoscaling = {
  minReplicas: 2,
  maxReplicas: 5,
  targetCpuPercent: 70,
  scaleUp: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
  scaleDownStabilisationSeconds: 120,
  signals: ['cpu', { kind: 'in-flight', perPod: 4 }],
  floor: { replicas: 3, leadSeconds: 60 },
  tolerancePercent: 5,
};

/** Every field of a container that a workload of one container lets its user say. */
const containerFields = ({ config, scripts }: Fixtures, index = 0): Required<SoleContainerProps> => ({
  image: 'example/server:1.2.3',
  command: ['/server'],
  args: ['--verbose'],
  environment: { MODE: 'test', TOKEN: token },
  mounts: [
    { kind: 'config', config, path: '/etc/app' },
    { kind: 'config', config, path: '/etc/app.conf', file: 'app.conf' },
    { kind: 'config', config: scripts[index]!, path: '/scripts', executable: true },
    { kind: 'secret', reference: token, path: '/etc/secret' },
    { kind: 'claim', claim: 'files', path: '/files' },
    { kind: 'claim', claim: 'table', path: '/table', fromTemplate: true },
    { kind: 'scratch', path: `/tmp/${index}`, sizeLimit: '16Mi', inMemory: true },
  ],
  resources: RESOURCES,
  preStopSleepSeconds: 7,
  startsAfter: { configMap: 'state', key: 'one' },
});

const PORTS = [{ name: 'metrics', port: 2000, protocol: 'UDP' }] as const;

const containers = (given: Fixtures): Required<ContainerProps>[] =>
  ['main', 'sidecar', 'exporter'].map((name, index) => ({
    ...containerFields(given, index),
    name,
    ports: PORTS,
    probes: PROBES[index]!,
  }));

function initContainer(given: Fixtures): Required<InitContainerProps> {
  const { image, command, args, environment, mounts, resources } = containerFields(given, 3);
  return { name: 'prepare', ports: PORTS, image, command, args, environment, mounts, resources };
}

/** Every field of a pod but its containers. */
const podFields = (given: Fixtures): Required<Omit<PodProps, 'containers'>> => ({
  initContainers: [initContainer(given)],
  runAs: { user: 1234, group: 4321 },
  volumeGroup: 4322,
  host: 'node-1',
  fallbackNameServers: ['192.0.2.1'],
  terminationGracePeriodSeconds: 60,
  priorityClass: 'high',
  serviceAccount: 'sample',
  labels: { app: 'sample' },
});

/** Every field of a pod, with sidecars. */
export const pod = (given: Fixtures): Required<PodProps> => ({
  ...podFields(given),
  containers: containers(given),
});

/** A pod of no more than it needs. */
export const barePod: PodProps = {
  containers: [{ name: 'main', image: 'example/server:1.2.3', resources: RESOURCES }],
};

const connects = [serviceEndpoint('database', 5432)];

const BARE_CONTAINER = { image: 'example/server:1.2.3', resources: RESOURCES };

const DATA = { node: NODE, hostPath: '/srv/data', mountPath: '/data', size: '5Gi', storageClass: 'local' };

const DATABASE = { ...BARE_CONTAINER, port: 5432, portName: 'sql', runAs: { user: 999, group: 998 }, data: DATA };

const POOLER: ConnectionPoolerProps = {
  image: 'example/pooler:1.2.3',
  port: 6432,
  replicas: 2,
  server: serviceEndpoint('database', 5432),
  database: 'shop',
  username: token,
  password: token,
  certificate: token,
  authority: token,
  poolSize: 20,
  reservePoolSize: 5,
  maxClientConnections: 500,
  serverMaxConnections: 1000,
  resources: RESOURCES,
};

const AUTHORITY = {
  forwarderName: 'forwarder',
  signInName: 'sign-in',
  authority: serviceEndpoint('proxy', 4180),
  sessionCookie: 'session',
};

const controller = podsElsewhere('traefik', 'kube-system', { app: 'traefik' }, tcp(8443));
const shop = serviceEndpoint('shop', 8080);

const nameServer = podsElsewhere('dns', 'kube-system', { 'k8s-app': 'kube-dns' }, udp(53));

const JOB = { deadlineSeconds: 60, ...barePod };
const SCHEDULE = { schedule: '0 3 * * *', timeZone: 'Etc/UTC' };

/** A component renders nothing by itself: here it has one file. */
class ComponentWithAFile extends Component {
  constructor(
    neighbour: Component,
    ...[name, props]: [name: string, props: ConstructorParameters<typeof Component>[2]]
  ) {
    super(neighbour.node.root as App, name, props);
    new ConfigFiles(this, 'file', {});
  }
}

function samplesOf<Arguments extends [] | unknown[]>(
  construct: new (component: Component, ...given: Arguments) => unknown,
  none: (given: Fixtures) => Arguments,
  ...all: ((given: Fixtures) => Arguments)[]
): Samples {
  return { construct, none, all } as unknown as Samples;
}

/** By name of the construct. */
export const SAMPLES: Readonly<Record<string, Samples>> = {
  Component: samplesOf(
    ComponentWithAFile,
    () => ['other', { namespace: 'space', partOf: 'system', syncWave: 0 }],
    () => ['other', { namespace: 'space', partOf: 'system', syncWave: 1 }],
  ),
  ConfigFiles: samplesOf(
    ConfigFiles,
    () => ['id', {}],
    () => ['id', { 'a.conf': 'text' }, 'name'],
  ),
  ScalableDeployment: samplesOf(
    ScalableDeployment,
    () => [barePod],
    (given) => [{ ...pod(given), name: 'named', replicas: 3, maxSurge: 2, maxUnavailable: 3 }],
    (given) => [{ ...pod(given), replicas: SCALING }],
    (given) => [{ ...pod(given), replicas: 'elsewhere' }],
  ),
  WebService: samplesOf(
    WebService,
    () => [{ ...BARE_CONTAINER, port: 9000, probes: '/well' }],
    ...PROBES.map((probes) => (given: Fixtures): [WebServiceProps] => [
      { ...containerFields(given), ...podFields(given), port: 9000, probes, replicas: SCALING, connects },
    ]),
    (given) => [{ ...containerFields(given), port: 9000, probes: '/well', replicas: 3 }],
  ),
  WorkerService: samplesOf(
    WorkerService,
    () => [BARE_CONTAINER],
    ...PROBES.map((probes) => (given: Fixtures): [WorkerServiceProps] => [
      { ...containerFields(given), ...podFields(given), ports: PORTS, probes, replicas: SCALING, connects },
    ]),
    () => [{ ...BARE_CONTAINER, replicas: 3 }],
  ),
  StatefulDatabase: samplesOf(
    StatefulDatabase,
    () => [DATABASE],
    ...PROBES.map((probes) => (given: Fixtures): [StatefulDatabaseProps] => [
      {
        ...DATABASE,
        ...containerFields(given),
        ...podFields(given),
        probes,
        connects,
        sidecars: containers(given)
          .slice(1)
          .map((one) => ({ ...one, probes })),
      },
    ]),
  ),
  ConnectionPooler: samplesOf(
    ConnectionPooler,
    () => [POOLER],
    () => [{ ...POOLER, reserveTimeoutSeconds: 9, serverConnectionsKept: 20, priorityClass: 'high' }],
  ),
  VersionedJob: samplesOf(
    VersionedJob,
    () => [{ ...JOB, version: '1.2.3' }],
    (given) => [{ ...JOB, ...pod(given), version: '1.2.3', name: 'named', retries: 5 }],
  ),
  ScheduledJob: samplesOf(
    ScheduledJob,
    () => [{ ...JOB, ...SCHEDULE }],
    (given) => [{ ...JOB, ...SCHEDULE, ...pod(given), name: 'named', retries: 5, onlyByHand: true }],
  ),
  Autoscaler: samplesOf(
    Autoscaler,
    () => ['id', 'sample', { ...SCALING, scaleUp: [] }],
    () => ['id', 'sample', SCALING],
  ),
  PodService: samplesOf(
    PodService,
    () => [{ port: 80 }],
    () => [{ port: 80, name: 'named', portName: 'sql', headless: true }],
  ),
  OneAtATime: samplesOf(
    OneAtATime,
    () => [],
    () => ['named'],
  ),
  LocalVolume: samplesOf(
    LocalVolume,
    () => [{ ...DATA, name: 'files', path: '/srv/files', owner: { user: 1, group: 2 } }],
    () => [{ ...DATA, name: 'files', path: '/srv/files', owner: { user: 1, group: 2 } }],
  ),
  LocalStorageClass: samplesOf(
    LocalStorageClass,
    () => ['local'],
    () => ['local'],
  ),
  ForwardAuth: samplesOf(
    ForwardAuth,
    () => [AUTHORITY],
    () => [{ ...AUTHORITY, prefix: '/auth' }],
  ),
  Middleware: samplesOf(
    Middleware,
    () => ['headers', {}],
    () => ['headers', { headers: { frameDeny: true } }],
  ),
  PublicIngress: samplesOf(
    PublicIngress,
    () => ['shop', { routes: [{ host: 'shop.example.org', to: shop }], controller }],
    () => [
      'shop',
      {
        routes: [
          { host: 'shop.example.org', to: shop },
          { host: 'shop.example.org', path: '/api', to: serviceEndpoint('api', 8000) },
        ],
        middlewares: [{ reference: 'space_headers@kubernetescrd' }],
        controller,
      },
    ],
    () => ['shop', { routes: [{ host: 'shop.example.org', to: shop }], controller, leadsToAuthority: true }],
  ),
  CallersOfOthers: samplesOf(
    CallersOfOthers,
    () => [{ guarded: [], connections: () => [] }],
    () => [
      {
        guarded: [
          {
            endpoint: controller,
            others: [
              { from: internet('office', tcp(1)).peer, ports: tcp(443) },
              { from: podsElsewhere('balancer', 'system', { app: 'balancer' }, []).peer, ports: udp(443) },
            ],
          },
        ],
        connections: () => [
          { from: { namespace: 'shop', ...shop.peer }, to: controller },
          { from: internet('world', tcp(1)).peer, to: controller },
        ],
      },
    ],
  ),
  NetworkPolicies: samplesOf(
    NetworkPolicies,
    () => [{ connections: () => [], nameServer }],
    () => [
      {
        connections: () => [
          { from: controller.peer, to: shop },
          { from: shop.peer, to: serviceEndpoint('database', 5432) },
          { from: shop.peer, to: internet('world', tcp(443)) },
          { from: shop.peer, to: controller },
          { from: internet('office', tcp(1)).peer, to: shop },
        ],
        nameServer,
      },
    ],
  ),
};
