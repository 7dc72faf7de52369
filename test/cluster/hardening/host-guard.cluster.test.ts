import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Loose } from '../../fixtures/loose';
import { eventually } from '../eventually';
import { startControlPlane, type ControlPlane } from '../control-plane';

const DIST = join(__dirname, '..', '..', '..', 'dist');
const NAMESPACE = join(DIST, 'argocd', 'monitoring-namespace.yaml');
const MANIFEST = join(DIST, 'monitoring', 'guards.yaml');
const NODE_EXPORTER = 'k8s-monitoring-node-exporter';

/** A pod is changed as a person would. */
type Pod = Loose;

/** As chart 3.7.5 renders it with the platform's values. */
function nodeExporter(): Pod {
  const folders = { proc: '/proc', sys: '/sys', root: '/' };
  return pod('node-exporter', {
    serviceAccountName: NODE_EXPORTER,
    automountServiceAccountToken: false,
    hostNetwork: true,
    hostPID: true,
    securityContext: { fsGroup: 65534, runAsGroup: 65534, runAsNonRoot: true, runAsUser: 65534 },
    containers: [
      {
        name: 'node-exporter',
        image: 'quay.io/prometheus/node-exporter:v1.10.2',
        securityContext: { readOnlyRootFilesystem: true },
        ports: [{ name: 'metrics', containerPort: 9100, protocol: 'TCP' }],
        volumeMounts: Object.keys(folders).map((name) => ({ name, mountPath: `/host/${name}`, readOnly: true })),
      },
    ],
    volumes: Object.entries(folders).map(([name, path]) => ({ name, hostPath: { path } })),
  });
}

/** As the operator makes it of the chart's Alloy. */
function alloy(): Pod {
  const add = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'NET_BIND_SERVICE'];
  return pod('alloy', {
    containers: [
      {
        name: 'alloy',
        image: 'docker.io/grafana/alloy:v1.12.0',
        ports: [{ containerPort: 12345 }],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: [...add, 'NET_RAW', 'SYS_CHROOT', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'], drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/alloy' }],
      },
      { name: 'config-reloader', image: 'quay.io/prometheus-operator/prometheus-config-reloader:v0.81.0' },
    ],
    volumes: [{ name: 'config', emptyDir: {} }],
  });
}

function pod(name: string, spec: object): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'monitoring' }, spec };
}

// A busy machine takes seconds for a call of kubectl.
jest.setTimeout(60_000);

describe('the guard of the hosts in the monitoring namespace', () => {
  let cluster: ControlPlane;

  const attempt = (candidate: Pod) =>
    cluster.tryKubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(candidate));
  const refusal = async (candidate: Pod, change: (spec: Pod) => void) => {
    change(candidate.spec);
    return (await attempt(candidate)).stderr;
  };

  beforeAll(async () => {
    cluster = await startControlPlane({ nodes: 'none', kwok: false, crds: false });
    await cluster.kubectl(['apply', '--server-side', '-f', NAMESPACE, '-f', MANIFEST]);
    for (const account of ['default', NODE_EXPORTER])
      await cluster.tryKubectl(['create', 'serviceaccount', account, '-n', 'monitoring']);
    // The API server reads a new policy a moment later.
    await eventually('the policy is in force', async () =>
      (await refusal(alloy(), (spec) => (spec.hostNetwork = true))).includes('monitoring-hosts'),
    );
  }, 120_000);

  afterAll(async () => cluster?.stop(), 60_000);

  test('every expression is understood, and pods of the chart are let in', async () => {
    const { status } = JSON.parse(
      await cluster.kubectl(['get', 'validatingadmissionpolicy', 'monitoring-hosts', '-o', 'json']),
    ) as { status?: { typeChecking?: { expressionWarnings?: object[] } } };
    expect(status?.typeChecking?.expressionWarnings ?? []).toEqual([]);
    for (const sound of [nodeExporter(), alloy()]) expect((await attempt(sound)).stderr).toBe('');
  });

  test('the API server fills nothing in, which Argo CD would call out of sync for ever', async () => {
    const declared = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((document) => document.toJS() as Pod);
    expect(declared.map(({ kind }) => kind)).toContain('ValidatingAdmissionPolicy');
    for (const { kind, metadata, spec } of declared) {
      const live = await cluster.kubectl(['get', kind, metadata.name, '-n', 'monitoring', '-o', 'json']);
      expect((JSON.parse(live) as Pod).spec).toEqual(spec);
    }
  });

  const other = 'only pods of k8s-monitoring-node-exporter may';
  test.each<[string, () => Pod, (spec: Pod) => void, string]>([
    ['joins the network of its host', alloy, (spec) => (spec.hostNetwork = true), other],
    ['joins the processes of its host', alloy, (spec) => (spec.hostPID = true), other],
    [
      'mounts a folder of its host',
      alloy,
      (spec) => spec.volumes.push({ name: 'h', hostPath: { path: '/proc' } }),
      other,
    ],
    ['is privileged', alloy, (spec) => (spec.containers[1].securityContext = { privileged: true }), 'privileged'],
    [
      'is privileged before it starts',
      alloy,
      (spec) => (spec.initContainers = [{ name: 'first', image: 'a:1', securityContext: { privileged: true } }]),
      'privileged',
    ],
    [
      'adds a capability of administrators',
      alloy,
      (spec) => spec.containers[0].securityContext.capabilities.add.push('SYS_ADMIN'),
      'capability',
    ],
    ['opens a port of its host', alloy, (spec) => (spec.containers[0].ports[0].hostPort = 12345), 'hostPort'],
    [
      'is node-exporter and reads another folder',
      nodeExporter,
      (spec) => (spec.volumes[0].hostPath.path = '/etc'),
      '/proc',
    ],
    [
      'is node-exporter and writes',
      nodeExporter,
      (spec) => delete spec.containers[0].volumeMounts[2].readOnly,
      'readOnly',
    ],
    ['is node-exporter and root', nodeExporter, (spec) => (spec.securityContext = {}), 'runAsNonRoot'],
    [
      'is node-exporter, and one of its containers root',
      nodeExporter,
      (spec) => (spec.containers[0].securityContext = { runAsNonRoot: false, runAsUser: 0 }),
      'runAsNonRoot',
    ],
    [
      'is node-exporter and root before it starts',
      nodeExporter,
      (spec) => (spec.initContainers = [{ name: 'first', image: 'a:1', securityContext: { runAsNonRoot: false } }]),
      'runAsNonRoot',
    ],
    ['is node-exporter and shares the memory of its host', nodeExporter, (spec) => (spec.hostIPC = true), 'hostIPC'],
    [
      'goes without seccomp',
      alloy,
      (spec) => (spec.securityContext = { seccompProfile: { type: 'Unconfined' } }),
      'Unconfined',
    ],
    [
      'has a container without seccomp',
      alloy,
      (spec) => (spec.containers[1].securityContext = { seccompProfile: { type: 'Unconfined' } }),
      'Unconfined',
    ],
    [
      'has a container without AppArmor',
      alloy,
      (spec) => (spec.containers[1].securityContext = { appArmorProfile: { type: 'Unconfined' } }),
      'Unconfined',
    ],
    [
      'sees all of /proc',
      alloy,
      (spec) => {
        spec.hostUsers = false;
        spec.containers[1].securityContext = { procMount: 'Unmasked' };
      },
      'procMount',
    ],
    [
      'is node-exporter and adds a capability',
      nodeExporter,
      (spec) => (spec.containers[0].securityContext.capabilities = { add: ['CHOWN'] }),
      'capability',
    ],
  ])('a pod that %s is refused', async (_, make, change, says) => {
    const said = await refusal(make(), change);
    expect(said).toContain("ValidatingAdmissionPolicy 'monitoring-hosts'");
    expect(said).toContain(says);
  });

  test('a pod of another namespace is none of its business', async () => {
    await cluster.kubectl(['create', 'namespace', 'elsewhere']);
    await cluster.tryKubectl(['create', 'serviceaccount', 'default', '-n', 'elsewhere']);
    const elsewhere = alloy();
    elsewhere.metadata.namespace = 'elsewhere';
    elsewhere.spec.hostNetwork = true;
    expect((await attempt(elsewhere)).stderr).toBe('');
  });

  test('without its binding it would refuse nothing', async () => {
    await cluster.kubectl(['delete', 'validatingadmissionpolicybinding', 'monitoring-hosts']);
    await eventually('nothing is refused', async () => {
      return (await refusal(alloy(), (spec) => (spec.hostNetwork = true))) === '';
    });
  }, 60_000);
});
