import { CPU_REQUEST, MEMORY_REQUEST, type PodStanding, type Scenario } from './scenario';

/** A Deployment that nothing reconciles: the scale of the scenario, and the selector of its pods. */
export function deployment(name: string, scenario: Scenario): unknown {
  return {
    metadata: { name },
    spec: {
      replicas: scenario.initialReplicas,
      selector: { matchLabels: { scenario: name } },
      template: { metadata: { labels: { scenario: name } }, spec: { containers: containers(scenario) } },
    },
  };
}

/** Containers of every pod of the scenario. */
export function containers({ sidecar }: Scenario) {
  const container = (name: string, cpu: number) => ({
    name,
    image: 'none',
    resources: { requests: { cpu: `${cpu}m`, memory: `${MEMORY_REQUEST}` } },
  });
  return [container('main', CPU_REQUEST), ...(sidecar ? [container('sidecar', CPU_REQUEST / 2)] : [])];
}

/** What every pod of the scenario requests as a whole; nothing in most of them. */
export function podResources({ podCpuRequest }: Scenario) {
  return podCpuRequest === undefined ? {} : { resources: { requests: { cpu: `${podCpuRequest}m` } } };
}

/** Requests of a pod as the model reads them, in thousandths. */
export function requestsOf(scenario: Scenario) {
  return Object.fromEntries(
    containers(scenario).map(({ name }) => [
      name,
      { cpu: name === 'main' ? CPU_REQUEST : CPU_REQUEST / 2, memory: MEMORY_REQUEST * 1000 },
    ]),
  );
}

/** A pod's status for the API server and for the model; API times are whole seconds. */
export function standingOf(standing: PodStanding, now: number) {
  const ago = (seconds: number) => Math.floor(now / 1000 - seconds) * 1000;
  const running = (startedAgo: number, status?: 'True' | 'False' | 'Unknown', changedAgo = 0) => {
    const startTime = ago(startedAgo);
    const lastTransitionTime = ago(changedAgo);
    return {
      status: {
        phase: 'Running',
        startTime: iso(startTime),
        conditions: status ? [{ type: 'Ready', status, lastTransitionTime: iso(lastTransitionTime) }] : [],
      },
      observed: {
        phase: 'Running' as const,
        startTime,
        ...(status && { ready: { status, lastTransitionTime } }),
      },
    };
  };
  switch (standing) {
    case 'was-ready':
      return running(3600, 'False', 60);
    case 'never-ready':
      return running(3600, 'False', 3590);
    case 'just-ready':
      // The metric's window of 15 s must reach back before the change for the whole scenario.
      return running(20, 'True', -60);
    case 'settled':
      return running(120, 'True', 100);
    case 'starting':
      return running(10, 'False', 10);
    case 'no-condition':
      return running(3600);
    case 'unknown':
      return running(3600, 'Unknown', 60);
    case 'pending':
      return { status: { phase: 'Pending' }, observed: { phase: 'Pending' as const } };
    case 'failed':
      return { status: { phase: 'Failed' }, observed: { phase: 'Failed' as const } };
    default:
      return running(3600, 'True', 3500);
  }
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
