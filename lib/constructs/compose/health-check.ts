import type { Probe, ProbeAction, Probes } from '../pod/probe';
import { literal } from './literal';

/** How an image can ask itself: Compose has no prober outside the container, as the kubelet is. */
export type Prober = 'python' | 'busybox';

/** `healthcheck` of a service. https://docs.docker.com/reference/compose-file/services/#healthcheck */
export interface HealthCheck {
  /** Command that Docker runs in the container, behind `CMD`. */
  readonly test: readonly string[];
  /** Time between two checks, such as `10s`. */
  readonly interval: string;
  /** Time until a check without answer has failed, such as `5s`. */
  readonly timeout: string;
  /** Failures in a row that make the container unhealthy. */
  readonly retries: number;
  /** Time in which failures do not count yet, such as `60s`. */
  readonly start_period?: string;
  /** Time between two checks within that period. */
  readonly start_interval?: string;
}

/**
 * Docker has one question where Kubernetes has three: it asks what liveness asks, until it first succeeds as often and as
 * long as the startup probe. Readiness has no counterpart: one container has nobody to leave its requests to.
 *
 * @throws Error when the question needs a program that nothing says the image has.
 */
export function toHealthCheck(probes: Probes, prober: Prober | undefined, owner: string): HealthCheck | undefined {
  const asked = probes.liveness ?? probes.readiness ?? probes.startup;
  if (!asked) return undefined;
  const start = probes.startup;
  return {
    test: ['CMD', ...toCommand(asked, prober, owner).map(literal)],
    interval: `${asked.periodSeconds}s`,
    timeout: `${asked.timeoutSeconds}s`,
    retries: asked.failureThreshold,
    ...(start && {
      start_period: `${start.periodSeconds * start.failureThreshold}s`,
      start_interval: `${start.periodSeconds}s`,
    }),
  };
}

function toCommand({ action, timeoutSeconds }: Probe, prober: Prober | undefined, owner: string): readonly string[] {
  if (action.kind === 'exec') return action.command;
  if (prober === 'python') return ['python', '-c', pythonProgram(action, timeoutSeconds)];
  if (prober === 'busybox') return busyboxCommand(action, timeoutSeconds);
  throw new Error(
    `${owner}: its probe asks by ${action.kind}, and Docker can only run a program of the image: name its prober for Compose.`,
  );
}

type NetworkAction = Exclude<ProbeAction, { kind: 'exec' }>;

function pythonProgram(action: NetworkAction, seconds: number): string {
  if (action.kind === 'tcp')
    return `import socket; socket.create_connection(("127.0.0.1", ${action.port}), ${seconds}).close()`;
  const url = `http://127.0.0.1:${action.port}${action.path}`;
  const headers = action.host ? { Host: action.host } : {};
  return `from urllib.request import Request, urlopen; urlopen(Request(${JSON.stringify(url)}, headers=${JSON.stringify(headers)}), timeout=${seconds})`;
}

function busyboxCommand(action: NetworkAction, seconds: number): readonly string[] {
  if (action.kind === 'tcp') return ['nc', '-z', '-w', String(seconds), '127.0.0.1', String(action.port)];
  const host = action.host ? ['--header', `Host: ${action.host}`] : [];
  const address = `http://127.0.0.1:${action.port}${action.path}`;
  return ['wget', '-q', '-O', '/dev/null', '-T', String(seconds), ...host, address];
}
