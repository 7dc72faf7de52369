import { policyRulesOf } from '../objects/policy-rules';
import { isPlaced } from '../objects/kinds';
import { asList, asTexts } from '../objects/pod-template';
import { objectRule, wiringRule, type Rule } from '../rule';

/** Rules of settings of a Service that take its callers elsewhere. */
export const serviceSettingRules: readonly Rule[] = [
  objectRule(
    {
      id: 'services-leave-addresses-to-the-cluster',
      why: 'An address that is written out may be that of another Service, and a pod that is not ready answers nobody.',
      remedy: 'leave clusterIP out, or write None; leave publishNotReadyAddresses and sessionAffinity out',
    },
    function* (at) {
      if (!isPlaced(at, 'Service')) return;
      const { clusterIP, publishNotReadyAddresses, sessionAffinity = 'None' } = at.object.spec ?? {};
      const { internalTrafficPolicy = 'Cluster', ipFamilies } = at.object.spec ?? {};
      if (internalTrafficPolicy !== 'Cluster') {
        const message = `${internalTrafficPolicy}: a caller whose node has no pod of it is answered by nobody`;
        yield { at, field: 'spec.internalTrafficPolicy', message, remedy: 'leave internalTrafficPolicy out' };
      }
      if (asTexts(ipFamilies).some((family) => family !== 'IPv4')) {
        const message = `the cluster has IPv4 addresses alone, and no ${asTexts(ipFamilies).join(', ')}`;
        yield { at, field: 'spec.ipFamilies', message, remedy: 'leave ipFamilies out' };
      }
      if (clusterIP && clusterIP !== 'None')
        yield { at, field: 'spec.clusterIP', message: `the address ${clusterIP} is asked for, and may be taken` };
      if (publishNotReadyAddresses)
        yield { at, field: 'spec.publishNotReadyAddresses', message: 'callers are sent to pods that are not ready' };
      if (sessionAffinity !== 'None')
        yield {
          at,
          field: 'spec.sessionAffinity',
          message: `${sessionAffinity} ties each caller to one pod, whatever the others have to do`,
        };
    },
  ),
  wiringRule(
    {
      id: 'ports-have-one-protocol',
      why: 'What is sent by UDP to a port that speaks TCP is answered by nobody.',
      remedy: 'write the protocol that the container has',
    },
    function* (scope) {
      for (const at of scope.ofKind('Service')) {
        const pods = at.object.spec?.selector ? scope.podsMatching(at.namespace, at.object.spec.selector) : [];
        for (const [index, { protocol = 'TCP', targetPort, port }] of asList(at.object.spec?.ports).entries()) {
          const target = targetPort ?? port;
          const declared = pods.flatMap((pod) =>
            pod.containers.flatMap(({ spec }) =>
              asList(spec.ports).filter(({ name, containerPort }) => name === target || containerPort === target),
            ),
          );
          if (declared.length === 0 || declared.some((entry) => (entry.protocol ?? 'TCP') === protocol)) continue;
          const message = `port ${target} of the pods speaks ${declared[0]!.protocol ?? 'TCP'}, and not ${protocol}`;
          yield { at, field: `spec.ports[${index}].protocol`, message };
        }
      }
      for (const at of scope.ofKind('NetworkPolicy')) {
        for (const { field, ports } of [
          ...policyRulesOf(at.object, 'ingress'),
          ...policyRulesOf(at.object, 'egress'),
        ]) {
          for (const [position, { port }] of ports.entries()) {
            if (typeof port !== 'number' || (port >= 1 && port <= 65_535)) continue;
            yield {
              at,
              field: `${field}.ports[${position}].port`,
              message: `${port} is no port: they are from 1 to 65535`,
            };
          }
        }
      }
    },
  ),
];
