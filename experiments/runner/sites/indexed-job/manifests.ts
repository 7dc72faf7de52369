import { images } from '../../../../facts/images';
import { LOAD_GENERATORS } from '../../../../facts/namespaces';
import { GRACEFUL_STOP_SECONDS } from '../../../workload';

/** Namespace that holds everything of a load and is removed after it. */
export const NAMESPACE = LOAD_GENERATORS.namespace;
export const JOB = LOAD_GENERATORS.pods.app;
const LOAD_FILE = '/load/load.json';
const PROGRAM_FILE = '/program/generator.cjs';
export const RESULT_FOLDER = '/results';
/** How long a Job may take beyond its load: images are pulled before it, results fetched after it, seconds. */
const BESIDE_THE_LOAD_SECONDS = 900;

interface GeneratorJob {
  /** Number of generators. */
  readonly count: number;
  /** The generator as one file of JavaScript. */
  readonly program: string;
  /** The load as JSON; it holds the session, hence a Secret. */
  readonly load: string;
  /** Length of the load as scheduled. */
  readonly seconds: number;
}

/**
 * A namespace with an Indexed Job of `count` generators, each on a node of its own where there are enough. A pod that fails is not
 * replaced: its share of the requests would come too late.
 */
export function generatorManifests({ count, program, load, seconds }: GeneratorJob): object {
  const named = { name: JOB, namespace: NAMESPACE };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: named, data: { 'generator.cjs': program } },
      { apiVersion: 'v1', kind: 'Secret', metadata: named, stringData: { 'load.json': load } },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: named,
        spec: {
          completionMode: 'Indexed',
          completions: count,
          parallelism: count,
          backoffLimit: 0,
          activeDeadlineSeconds: Math.ceil(seconds) + GRACEFUL_STOP_SECONDS + BESIDE_THE_LOAD_SECONDS,
          template: { metadata: { labels: { app: JOB } }, spec: podSpec() },
        },
      },
    ],
  };
}

function podSpec(): object {
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: JOB } } },
          },
        ],
      },
    },
    containers: [
      {
        name: JOB,
        image: images.node,
        command: ['node', PROGRAM_FILE, LOAD_FILE, RESULT_FOLDER],
        // One thread sends the load; the rest of a second core is its garbage collector's.
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        // Ready means that its result is there.
        readinessProbe: { exec: { command: ['test', '-f', `${RESULT_FOLDER}/result`] }, periodSeconds: 2 },
        volumeMounts: [
          { name: 'load', mountPath: '/load', readOnly: true },
          { name: 'program', mountPath: '/program', readOnly: true },
          { name: 'results', mountPath: RESULT_FOLDER },
        ],
      },
    ],
    volumes: [
      { name: 'load', secret: { secretName: JOB } },
      { name: 'program', configMap: { name: JOB } },
      { name: 'results', emptyDir: { sizeLimit: '512Mi' } },
    ],
  };
}
