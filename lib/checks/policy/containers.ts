import { inContainer } from '../container-rule';
import { parseQuantity } from '../../kubernetes/quantity';
import { podRule, type Rule } from '../rule';

/** Rules of what every container states about itself. */
export const containerRules: readonly Rule[] = [
  podRule(
    {
      id: 'resources-are-stated',
      why: 'The scheduler packs by requests: what asks for nothing is placed anywhere, and starves or is killed first.',
      remedy: 'state requests for cpu and memory, and a limit for memory',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const { requests, limits } = container.spec.resources ?? {};
        for (const resource of ['cpu', 'memory']) {
          if (requests?.[resource] === undefined) {
            yield inContainer(pod, container, `resources.requests.${resource}`, `no request for ${resource}`);
          }
        }
        if (limits?.memory === undefined)
          yield inContainer(pod, container, 'resources.limits.memory', 'no limit for memory');
      }
    },
  ),
  podRule(
    {
      id: 'limits-are-not-below-requests',
      why: 'The API server refuses a container whose limit is below its request.',
      remedy: 'raise the limit or lower the request',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const { requests = {}, limits = {} } = container.spec.resources ?? {};
        for (const resource of Object.keys(limits)) {
          const [request, limit] = [parseQuantity(requests[resource]), parseQuantity(limits[resource])];
          if (request === undefined || limit === undefined || limit >= request) continue;
          const message = `the limit ${limits[resource]} is below the request ${requests[resource]}`;
          yield inContainer(pod, container, `resources.limits.${resource}`, message);
        }
      }
    },
  ),
  podRule(
    {
      id: 'containers-have-probes',
      why: 'Without probes traffic goes to pods that cannot answer, and a hung process is never restarted.',
      remedy: 'give the container a readiness probe and a liveness probe',
    },
    function* (pod) {
      if (pod.isTask) return;
      for (const container of pod.containers.filter(({ isInit }) => !isInit)) {
        for (const probe of ['readinessProbe', 'livenessProbe'] as const) {
          if (!container.spec[probe]) yield inContainer(pod, container, probe, `there is no ${probe}`);
        }
      }
    },
  ),
  podRule(
    {
      id: 'restarts-are-for-the-process-alone',
      why: 'A container that something outside makes unready is restarted for it, and waits ever longer between restarts.',
      remedy: 'ask for readiness in readinessProbe alone, and here for a page that answers as long as the process does',
    },
    function* (pod) {
      for (const container of pod.containers) {
        for (const probe of ['livenessProbe', 'startupProbe'] as const) {
          const path = String(container.spec[probe]?.httpGet?.path ?? '');
          if (!/(^|[/_-])(ready|readyz|readiness)\/?(\?|$)/i.test(path)) continue;
          const message = `${path} says whether the container is ready, and not whether it runs`;
          yield inContainer(pod, container, `${probe}.httpGet.path`, message);
        }
      }
    },
  ),
];
