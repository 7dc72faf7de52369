import { containerRule, inContainer } from '../container-rule';
import { asList, podField } from '../objects/pod-template';
import { podRule, type Rule } from '../rule';

/** Rules of the Pod Security Standard "restricted", and one step beyond it where a step costs nothing. */
export const securityRules: readonly Rule[] = [
  podRule(
    {
      id: 'pods-run-as-non-root',
      why: 'A process that is root in its container is root on the node once it breaks out.',
      remedy: 'set runAsNonRoot to true and runAsUser to a numeric user of the image above 0',
    },
    function* (pod) {
      for (const container of pod.containers) {
        const settings = { ...pod.spec.securityContext, ...container.spec.securityContext };
        if (settings.runAsNonRoot !== true) {
          yield inContainer(pod, container, 'securityContext.runAsNonRoot', 'the container may run as root');
        }
        if (!Number.isInteger(settings.runAsUser) || (settings.runAsUser ?? 0) <= 0) {
          const message =
            settings.runAsUser === 0
              ? 'the user is 0, which is root'
              : 'no numeric user is set, so the kubelet cannot tell that the image does not run as root';
          yield inContainer(pod, container, 'securityContext.runAsUser', message);
        }
      }
    },
  ),
  containerRule(
    {
      id: 'root-file-systems-are-read-only',
      why: 'An attacker who can write to the root file system can keep a foothold in the container.',
      remedy: 'set readOnlyRootFilesystem to true and mount an emptyDir where the process writes',
    },
    'securityContext.readOnlyRootFilesystem',
    ({ spec }) =>
      spec.securityContext?.readOnlyRootFilesystem === true ? undefined : 'the root file system can be written to',
  ),
  containerRule(
    {
      id: 'capabilities-are-dropped',
      why: 'Every capability left to a process is one more way out of the container.',
      remedy: 'drop ALL; add back NET_BIND_SERVICE at most, where a port below 1024 needs it',
    },
    'securityContext.capabilities',
    ({ spec }) => {
      const capabilities = spec.securityContext?.capabilities;
      const added = [capabilities?.add ?? []].flat().filter((name) => name !== 'NET_BIND_SERVICE');
      if (added.length > 0) return `the capabilities ${added.join(', ')} are added`;
      const isNeeded = asList(spec.ports).some(({ containerPort }) => Number(containerPort) < 1024);
      if (capabilities?.add?.length && !isNeeded)
        return 'NET_BIND_SERVICE is added, and it listens on no port below 1024';
      return [capabilities?.drop ?? []].flat().includes('ALL') ? undefined : 'not all capabilities are dropped';
    },
  ),
  containerRule(
    {
      id: 'privileges-do-not-grow',
      why: 'A setuid program would give the process rights that it was started without.',
      remedy: 'set allowPrivilegeEscalation to false, and leave privileged unset',
    },
    'securityContext.allowPrivilegeEscalation',
    ({ spec }) => {
      if (spec.securityContext?.privileged) return 'the container is privileged';
      return spec.securityContext?.allowPrivilegeEscalation === false ? undefined : 'the container may gain privileges';
    },
  ),
  podRule(
    {
      id: 'seccomp-is-runtime-default',
      why: 'Without a seccomp profile every system call of the kernel is open to the process.',
      remedy: 'set seccompProfile.type to RuntimeDefault on the pod',
    },
    function* (pod) {
      const ofPod = pod.spec.securityContext?.seccompProfile?.type;
      for (const container of pod.containers) {
        const type = container.spec.securityContext?.seccompProfile?.type ?? ofPod;
        if (type === 'RuntimeDefault' || type === 'Localhost') continue;
        yield inContainer(
          pod,
          container,
          'securityContext.seccompProfile',
          `the seccomp profile is ${type ?? 'not set'}`,
        );
      }
    },
  ),
  podRule(
    {
      id: 'hosts-are-not-shared',
      why: 'A pod in a namespace of its node, or with a path of it, is not contained.',
      remedy: 'remove the setting; reach the node through a local PersistentVolume or a Service',
    },
    function* (pod) {
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
        if (pod.spec[field])
          yield { at: pod.at, field: podField(pod, field), message: `the pod shares ${field} with its node` };
      }
      for (const container of pod.containers) {
        const { procMount = 'Default' } = container.spec.securityContext ?? {};
        if (procMount !== 'Default')
          yield inContainer(pod, container, 'securityContext.procMount', 'it sees what the runtime hides of /proc');
      }
      for (const [index, volume] of asList(pod.spec.volumes).entries()) {
        if (!volume.hostPath) continue;
        yield {
          at: pod.at,
          field: podField(pod, `volumes[${index}].hostPath`),
          message: `the volume ${volume.name} is a path of the node`,
        };
      }
      for (const container of pod.containers) {
        for (const port of asList(container.spec.ports)) {
          if (port.hostPort) yield inContainer(pod, container, 'ports', `port ${port.hostPort} of the node is taken`);
        }
      }
    },
  ),
  podRule(
    {
      id: 'service-account-tokens-are-not-mounted',
      why: 'A token that a pod does not use lets whoever breaks into it talk to the API server.',
      remedy:
        'set automountServiceAccountToken to false, or name a service account of its own whose rights are written down',
    },
    function* (pod) {
      const hasOwnAccount = pod.spec.serviceAccountName && pod.spec.serviceAccountName !== 'default';
      if (
        pod.spec.automountServiceAccountToken === false ||
        (hasOwnAccount && pod.spec.automountServiceAccountToken === true)
      )
        return;
      const field = podField(pod, 'automountServiceAccountToken');
      yield { at: pod.at, field, message: 'the token of the default service account is mounted' };
    },
  ),
  podRule(
    {
      id: 'applications-answer-their-own-names',
      why: 'A program that answers for every name, or trusts every page, does so for an attacker too.',
      remedy: 'list the names, from the settings',
    },
    function* (pod) {
      for (const container of pod.containers) {
        for (const [index, { name, value }] of asList(container.spec.env).entries()) {
          if (!/(ALLOWED_HOSTS|TRUSTED_ORIGINS|ALLOWED_ORIGINS)$/.test(String(name))) continue;
          const all = String(value ?? '')
            .split(/[\s,]+/)
            .find((entry) => /^(https?:\/\/)?\*$/.test(entry));
          if (all) yield inContainer(pod, container, `env[${index}].value`, `${name} has "${all}"`);
        }
      }
    },
  ),
];
