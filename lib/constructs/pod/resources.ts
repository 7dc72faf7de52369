import { k8s } from 'cdk8s-plus-28';
import { mebibytes, millicores } from '../../kubernetes/quantity';

/** What a container is promised, and what it may use at most. */
export interface Resources {
  /** CPU, as `500m` (millicores) or `2` (cores). */
  readonly cpu: { readonly request: string; readonly limit: string };
  /** Memory, as `256Mi` or `1Gi`. */
  readonly memory: { readonly request: string; readonly limit: string };
}

/**
 * Kubernetes' form of the resources.
 *
 * @param owner The container, for messages.
 * @throws Error when a quantity cannot be read, or a limit is below its request.
 */
export function toResourceRequirements(resources: Resources, owner: string): k8s.ResourceRequirements {
  const { cpu, memory } = resources;
  refuseLimitBelowRequest(`${owner}: resources.cpu`, cpu, millicores);
  refuseLimitBelowRequest(`${owner}: resources.memory`, memory, mebibytes);
  return {
    requests: { cpu: k8s.Quantity.fromString(cpu.request), memory: k8s.Quantity.fromString(memory.request) },
    limits: { cpu: k8s.Quantity.fromString(cpu.limit), memory: k8s.Quantity.fromString(memory.limit) },
  };
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
