import { k8s } from '../typed-kinds';
import { mebibytes, millicores } from '../../kubernetes/quantity';

/** What a container is promised, and what it may use at most. */
export interface Resources {
  /** CPU, as `500m` (millicores) or `2` (cores). */
  readonly cpu: {
    /** Kept for it on its node. */
    readonly request: string;
    /** Beyond this it is slowed down. */
    readonly limit: string;
  };
  /** Memory, as `256Mi` or `1Gi`. */
  readonly memory: {
    /** Kept for it on its node. */
    readonly request: string;
    /** Beyond this it is killed. */
    readonly limit: string;
  };
}

/**
 * MiB that a container's logs may take on its node's card: the kubelet keeps 5 files of 10 MiB, and looks every 10 s only
 * (containerLogMaxFiles and -Size, https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/).
 */
const LOGS_MIB = 64;

/**
 * Kubernetes' form of the resources. Logs and the `scratchMiB` of its folders bound what a container writes to its node's
 * card; the root file system is read-only.
 *
 * @throws Error when a quantity cannot be read, or a limit is below its request.
 */
export function toResourceRequirements(
  resources: Resources,
  scratchMiB: number,
  owner: string,
): k8s.ResourceRequirements {
  const { cpu, memory } = resources;
  refuseLimitBelowRequest(`${owner}: resources.cpu`, cpu, millicores);
  refuseLimitBelowRequest(`${owner}: resources.memory`, memory, mebibytes);
  const amounts = (side: 'request' | 'limit', diskMiB: number) => ({
    cpu: k8s.Quantity.fromString(cpu[side]),
    memory: k8s.Quantity.fromString(memory[side]),
    'ephemeral-storage': k8s.Quantity.fromString(`${diskMiB}Mi`),
  });
  return { requests: amounts('request', LOGS_MIB), limits: amounts('limit', LOGS_MIB + scratchMiB) };
}

function refuseLimitBelowRequest(
  field: string,
  amounts: { readonly request: string; readonly limit: string },
  read: (quantity: string, field: string) => number,
): void {
  if (read(amounts.limit, `${field}.limit`) >= read(amounts.request, `${field}.request`)) return;
  throw new Error(
    `${field}: the limit ${amounts.limit} is below the request ${amounts.request}; raise it to at least the request.`,
  );
}
