import { isPlaced } from '../objects/kinds';
import { inContainer } from '../container-rule';
import { asList, type ContainerOfPod, type PodTemplate } from '../objects/pod-template';
import { podRule, type Rule, type Violation } from '../rule';

/** Least time that a process has to start: what a Pi takes to read an image's program from its card and load it. */
const LEAST_STARTUP_SECONDS = 30;
/** The same for a database, which replays its log after a power cut. */
const LEAST_RECOVERY_SECONDS = 300;
/** Least time without an answer until a process is restarted: shorter than a busy node's pauses it would never be. */
const LEAST_HANGING_SECONDS = 30;
/** Without a startup probe the liveness probe runs from the start, and must bear with what takes longest then. */
const LEAST_WITHOUT_STARTUP_SECONDS = 120;
/** Longest that nobody asks at all. */
const LONGEST_DELAY_SECONDS = 60;
/** Longest that a pod which answers nobody is still sent requests. */
const LONGEST_IN_SERVICE_SECONDS = 120;

/** Rules of how long a container may take to answer. */
export const probeRules: readonly Rule[] = [
  podRule(
    {
      id: 'probes-leave-time',
      why: 'A container that is given less time than it takes is restarted again and again, the longer the busier its node is.',
      remedy:
        'change failureThreshold or periodSeconds, whose product is what a container has; and keep timeoutSeconds within the period',
    },
    function* (pod) {
      if (pod.isTask) return;
      for (const container of pod.containers.filter(({ isInit }) => !isInit)) yield* judge(pod, container);
    },
  ),
];

function* judge(pod: PodTemplate, container: ContainerOfPod): Iterable<Violation> {
  const { startupProbe, livenessProbe, readinessProbe } = container.spec;
  const startup = secondsOf(startupProbe);
  const least = keepsData(pod) ? LEAST_RECOVERY_SECONDS : LEAST_STARTUP_SECONDS;
  if (startup !== undefined && startup < least) {
    const message = `it has ${startup} s to start, and is to have ${least} s at least`;
    yield inContainer(pod, container, 'startupProbe.failureThreshold', message);
  }
  const hanging = secondsOf(livenessProbe);
  if (hanging !== undefined && hanging < LEAST_HANGING_SECONDS) {
    const message = `it is restarted after ${hanging} s without an answer, and is to have ${LEAST_HANGING_SECONDS} s at least`;
    yield inContainer(pod, container, 'livenessProbe.failureThreshold', message);
  }
  if (livenessProbe && (livenessProbe.failureThreshold ?? 3) < 2) {
    const message = 'it is restarted after one answer that is late';
    yield inContainer(pod, container, 'livenessProbe.failureThreshold', message);
  }
  if (readinessProbe?.tcpSocket && livenessProbe?.httpGet && !startupProbe) {
    const message = 'it is sent requests as soon as its port is open, and has not answered one yet';
    yield inContainer(pod, container, 'startupProbe', message);
  }
  const served = secondsOf(readinessProbe);
  if (served !== undefined && served > LONGEST_IN_SERVICE_SECONDS) {
    const message = `it is sent requests for ${served} s after its last answer, and is to be for ${LONGEST_IN_SERVICE_SECONDS} s at most`;
    yield inContainer(pod, container, 'readinessProbe.failureThreshold', message);
  }
  const unprotected = (hanging ?? 0) + (livenessProbe?.initialDelaySeconds ?? 0);
  if (livenessProbe && !startupProbe && unprotected < LEAST_WITHOUT_STARTUP_SECONDS) {
    const message = `there is no startupProbe, and livenessProbe restarts what has not started after ${unprotected} s`;
    yield inContainer(pod, container, 'startupProbe', message);
  }
  for (const [name, probe] of Object.entries({ livenessProbe, readinessProbe })) {
    if (!probe) continue;
    const { timeoutSeconds = 1, periodSeconds = 10 } = probe;
    if (timeoutSeconds <= periodSeconds) continue;
    const message = `a question is given up after ${timeoutSeconds} s, and the next is due after ${periodSeconds} s`;
    yield inContainer(pod, container, `${name}.timeoutSeconds`, message);
  }
  for (const [name, probe] of Object.entries({ startupProbe, livenessProbe, readinessProbe })) {
    if ((probe?.initialDelaySeconds ?? 0) > LONGEST_DELAY_SECONDS) {
      const message = `nobody asks for ${probe?.initialDelaySeconds} s after each start, however soon it is ready; a startupProbe waits as long as needed`;
      yield inContainer(pod, container, `${name}.initialDelaySeconds`, message);
    }
    const entry = asList(container.spec.ports).find(({ containerPort }) => containerPort === probe?.httpGet?.port);
    if (probe?.httpGet?.scheme === 'HTTPS' && /^(http|web)(-|$)/.test(String(entry?.name ?? ''))) {
      const message = `it is asked over TLS, and its port ${entry?.name} speaks plain HTTP`;
      yield inContainer(pod, container, `${name}.httpGet.scheme`, message);
    }
  }
  for (const [name, probe] of Object.entries({ startupProbe, livenessProbe })) {
    const { successThreshold = 1 } = probe ?? {};
    if (successThreshold === 1) continue;
    const message = `the API server takes 1 alone here, and not ${successThreshold}`;
    yield inContainer(pod, container, `${name}.successThreshold`, message);
  }
}

/** Defaults: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ */
function secondsOf(probe: { periodSeconds?: number; failureThreshold?: number } | undefined): number | undefined {
  return probe && (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3);
}

function keepsData({ at }: PodTemplate): boolean {
  return isPlaced(at, 'StatefulSet');
}
