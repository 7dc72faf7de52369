import { k8s } from '../typed-kinds';

/** How a container is asked whether it is well. */
export type ProbeAction =
  | {
      /** A GET that is answered with 200 to 399. */
      readonly kind: 'http';
      /** Path that is asked for. */
      readonly path: string;
      /** Port of the container. */
      readonly port: number;
      /** Host header. @default the pod's address */
      readonly host?: string;
    }
  | {
      /** A connection that can be opened. */
      readonly kind: 'tcp';
      /** Port of the container. */
      readonly port: number;
    }
  | {
      /** A command that ends with 0. */
      readonly kind: 'exec';
      /** Run in the container, without a shell. */
      readonly command: readonly string[];
    };

/** One probe with its timing written out. */
export interface Probe {
  /** What is asked. */
  readonly action: ProbeAction;
  /** Seconds between two probes. */
  readonly periodSeconds: number;
  /** Seconds until a probe without answer counts as failed. */
  readonly timeoutSeconds: number;
  /** Failures in a row that change the state. */
  readonly failureThreshold: number;
}

/** The three questions Kubernetes asks; liveness only where a restart is known to help. */
export interface Probes {
  /** Has it started? The other two wait for it. */
  readonly startup?: Probe;
  /** May it get traffic? */
  readonly readiness?: Probe;
  /** Must it be restarted? */
  readonly liveness?: Probe;
}

/** A GET that must answer 200 to 399; `host` is sent as the Host header. */
export function httpGet(path: string, port: number, host?: string): ProbeAction {
  return { kind: 'http', path, port, host };
}

/** A TCP connection that must open. */
export function tcpConnect(port: number): ProbeAction {
  return { kind: 'tcp', port };
}

/** A command in the container that must exit with 0. */
export function execute(...command: string[]): ProbeAction {
  return { kind: 'exec', command };
}

/**
 * The usual three probes around one question: up to 60 s to start, out of traffic after 15 s of failures, restarted
 * after a minute.
 */
export function usualProbes(action: ProbeAction): Required<Probes> {
  return {
    startup: { action, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 30 },
    readiness: { action, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
    liveness: { action, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

/** Kubernetes' form of a probe. */
export function toProbe(probe: Probe | undefined): k8s.Probe | undefined {
  if (!probe) return undefined;
  const { periodSeconds, timeoutSeconds, failureThreshold } = probe;
  return { ...toAction(probe.action), periodSeconds, timeoutSeconds, failureThreshold };
}

function toAction(action: ProbeAction): Pick<k8s.Probe, 'httpGet' | 'tcpSocket' | 'exec'> {
  switch (action.kind) {
    case 'http':
      return {
        httpGet: {
          path: action.path,
          port: k8s.IntOrString.fromNumber(action.port),
          httpHeaders: action.host ? [{ name: 'Host', value: action.host }] : undefined,
        },
      };
    case 'tcp':
      return { tcpSocket: { port: k8s.IntOrString.fromNumber(action.port) } };
    case 'exec':
      return { exec: { command: [...action.command] } };
  }
}
