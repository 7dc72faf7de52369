import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { k8s } from '../../../lib/constructs/typed-kinds';
import { settings } from '../../../facts/settings';
import type { KubernetesObject } from '../../../lib/kubernetes/object';
import { waitUntil } from '../../fixtures/guarded-process';
import { pythonEnvironment } from '../../fixtures/python-environment';
import { startBackingServices } from '../../fixtures/reference-api/backing-services';
import { startControlPlane, type ControlPlane } from '../control-plane';
import { apply, platformObjects, prepareCluster, rolledOut, traefikArguments } from '../gateway/gateway-stack';
import { startPodPlayer, type PodPlayer } from '../gateway/pod-player';
import { startTraefik, type Traefik } from '../gateway/traefik';
import { Visitor } from '../gateway/visitor';
import { requireOwnNetwork } from '../own-network';
import { REQUIREMENTS } from '../prepare-fixtures';
import type { LoadSource } from './steady-load';

/** A Deployment as the manifests have it. */
export type Deployment = KubernetesObject & { spec: k8s.DeploymentSpec };

/** Which server the pods run. */
export type Granian = keyof typeof REQUIREMENTS;

const HOST = settings.hosts.api;
const NAMESPACE = settings.namespace;
const REFERENCE_API = join(__dirname, '..', '..', 'fixtures', 'reference-api');

/** The rendered Deployment of the API on the real control plane, with the reference API in its pods, behind Traefik. */
export class TerminationStack {
  /** The rendered Deployment, to be changed by a test that shows what a field is there for. */
  readonly rendered: Deployment;
  /** Seconds that the application of pods started from now on needs to load. */
  loadSeconds = 1;
  private granian: Granian = 'current';
  private deployed: Deployment | undefined;
  private deployments = 0;
  private flowsheet = 0;

  private constructor(
    private readonly cluster: ControlPlane,
    private readonly player: PodPlayer,
    readonly traefik: Traefik,
    private readonly programs: Readonly<Record<Granian, string>>,
    private readonly stops: (() => Promise<unknown>)[],
  ) {
    this.rendered = renderedDeployment();
  }

  static async start(): Promise<TerminationStack> {
    requireOwnNetwork();
    const stops: (() => Promise<unknown>)[] = [];
    try {
      const folder = await mkdtemp(join(tmpdir(), 'ahuora-termination-'));
      await chmod(folder, 0o711);
      stops.push(() => rm(folder, { recursive: true, force: true }));
      const [backing, cluster, current, flawedGranian] = await Promise.all([
        // As long as the real solve, at a fraction of its cost: what is looked for are lost requests, not response times.
        startBackingServices(folder, { solverStages: 100, solverPause: 0.6 }).then(
          (services) => (stops.push(services.stop), services),
        ),
        startControlPlane({ kwok: false }).then((started) => (stops.push(started.stop), started)),
        pythonEnvironment([REQUIREMENTS.current]),
        pythonEnvironment([REQUIREMENTS.flawedGranian]),
      ]);
      await prepareCluster(cluster);
      const objects = platformObjects(['django-api', 'gateway']);
      await apply(cluster, [...objects.filter(({ kind }) => kind === 'Service'), openIngress()]);
      const programs = { current, flawedGranian };
      const player = startPodPlayer(cluster, NAMESPACE, {
        'django-api': (_container, _surroundings, address) => ({
          command: [
            join(stack.programs[stack.granian], 'granian'),
            ...['--interface', 'wsgi', '--host', address, '--port', '8000'],
            ...['--workers', '1', '--blocking-threads', '8', '--no-ws', 'reference_api.wsgi:application'],
          ],
          cwd: REFERENCE_API,
          // All else of the environment, the allowed hosts included, is as rendered.
          env: {
            ...withoutKey(backing.environment, 'ALLOWED_HOSTS'),
            // The database behind it is one of the reference API's; how connections are encrypted is for test/cluster/database.
            PGSSLMODE: 'disable',
            REFERENCE_LOAD_SECONDS: String(stack.loadSeconds),
            PYTHONDONTWRITEBYTECODE: '1',
          },
        }),
      });
      stops.push(player.stop);
      const traefik = await startTraefik(cluster, {
        platformArguments: traefikArguments(objects).filter(
          (argument) => !/middlewares|entrypoints\.web\./.test(argument),
        ),
        hosts: {},
      });
      stops.push(traefik.stop);
      const stack = new TerminationStack(cluster, player, traefik, programs, stops);
      return stack;
    } catch (error) {
      for (const stop of stops.reverse()) await stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const each of this.stops.reverse()) await each();
  }

  /** Rolls out that Deployment on that server with that many pods, and waits until Traefik sends to exactly these. */
  async rollOut(deployment: Deployment, granian: Granian, replicas: number): Promise<void> {
    this.granian = granian;
    this.deployments += 1;
    const { template } = deployment.spec;
    // Another template at each call, so that all pods are replaced.
    const metadata = { ...template.metadata, annotations: { 'test.ahuora/roll-out': String(this.deployments) } };
    this.deployed = { ...deployment, spec: { ...deployment.spec, template: { ...template, metadata } } };
    await this.scale(replicas);
  }

  /** Changes the number of pods, and waits until the surplus ones are gone. */
  async scale(replicas: number): Promise<void> {
    const { deployed } = this;
    await apply(this.cluster, [{ ...deployed, spec: { ...deployed!.spec, replicas } } as unknown as KubernetesObject]);
    await this.settled(replicas);
  }

  /** Failures of the played pods. */
  failures(): readonly string[] {
    return this.player.failures;
  }

  /** A flowsheet with a pump, made through Traefik; once. */
  async load(): Promise<LoadSource[]> {
    if (this.flowsheet === 0) this.flowsheet = await this.createFlowsheet();
    const id = this.flowsheet;
    return [
      {
        perSecond: 4,
        ask: (visitor) => visitor.ask(`https://${HOST}/api/unitops/unitops/?flowsheetOwner=${id}&name=pump`),
      },
      { perSecond: 3, ask: (visitor) => visitor.ask(`https://${HOST}/api/solve/idaes/`, post({ flowsheetOwner: id })) },
    ];
  }

  private async settled(replicas: number): Promise<void> {
    await rolledOut(this.cluster, 'django-api', this.player, 90);
    await waitUntil('surplus pods are gone', () => this.player.processes.size === replicas, 60);
    await waitUntil(
      'traefik knows exactly these pods',
      async () => {
        const wanted = await this.cluster.kubectl([
          ...['get', 'pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/name=django-api'],
          ...['-o', 'jsonpath={range .items[*]}http://{.status.podIP}:8000{"\\n"}{end}'],
        ]);
        const servers = await this.traefik.servers('django-api');
        return wanted.trim().split('\n').sort().join() === [...servers].sort().join();
      },
      30,
      this.traefik.process,
    );
  }

  private async createFlowsheet(): Promise<number> {
    const visitor = new Visitor(this.traefik.port);
    const send = async (method: string, path: string, body?: unknown) => {
      const answer = await visitor.ask(
        `https://${HOST}/api/${path}`,
        body === undefined ? {} : { ...post(body), method },
      );
      if (answer.status >= 300) throw new Error(`${method} ${path} was answered ${answer.status}: ${answer.body}`);
      return JSON.parse(answer.body) as never;
    };
    const { id } = (await send('POST', 'flowsheets/flowsheets/', { name: 'termination' })) as { id: number };
    await send('POST', 'unitops/unitops/', { flowsheetOwner: id, name: 'pump', kind: 'pump' });
    const values: Record<string, number> = {
      ...{ efficiency: 0.5, outlet_pressure: 200, temperature: 80, pressure: 100, molar_flow: 1000, vapor_fraction: 0 },
      mole_fraction_water: 1,
    };
    const properties = (await send('GET', `properties/properties/?flowsheetOwner=${id}`)) as {
      id: number;
      name: string;
    }[];
    for (const { id: property, name } of properties) {
      if (name in values) await send('PATCH', `properties/properties/${property}/`, { value: values[name] });
    }
    return id;
  }
}

function renderedDeployment(): Deployment {
  const found = platformObjects(['django-api']).find(({ kind }) => kind === 'Deployment');
  if (!found) throw new Error('dist/workloads/production holds no Deployment of django-api');
  return found as Deployment;
}

/** The API's host without the sign-in that the gateway test is about. */
function openIngress(): KubernetesObject {
  const backend = { service: { name: 'django-api', port: { number: 8000 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'open', namespace: NAMESPACE },
    spec: {
      ingressClassName: 'traefik',
      rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
  } as KubernetesObject;
}

function post(body: unknown) {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function withoutKey(values: Readonly<Record<string, string>>, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== key));
}
