import { valuesOf } from '../objects/chart-values';
import { wiringRule, type Rule } from '../rule';

/** The entry points of K3s' chart, and the ports of its pod: https://github.com/k3s-io/k3s-charts. */
const PORTS: Readonly<Record<string, string>> = { web: '8000', websecure: '8443' };

/** Rules of arguments that keep Traefik from its routes. */
export const gatewayArgumentRules: readonly Rule[] = [
  wiringRule(
    {
      id: 'the-gateway-sees-its-routes',
      why: 'Traefik passes over routes of another class or namespace, and listens where it is told and nobody asks.',
      remedy: 'leave the argument out',
    },
    function* (scope) {
      const routes = scope.ofKind('Ingress', 'IngressRoute', 'Middleware');
      const namespaces = [...new Set(routes.map(({ namespace }) => namespace))];
      for (const at of scope.ofKind('HelmChartConfig')) {
        if (at.object.metadata.name !== 'traefik') continue;
        const { additionalArguments } = (valuesOf(at)[0]?.values ?? {}) as { additionalArguments?: unknown };
        for (const text of Array.isArray(additionalArguments) ? additionalArguments.map(String) : []) {
          const [, name = '', value = ''] = /^--([^=]+)=(.*)$/.exec(text.toLowerCase()) ?? [];
          const field = 'spec.valuesContent: additionalArguments';
          if (/^providers\.\w+\.ingressclass$/.test(name) && value !== 'traefik')
            yield { at, field, message: `${text}: every Ingress here is of the class traefik` };
          const left = namespaces.filter((namespace) => !value.split(',').includes(namespace));
          if (/^providers\.\w+\.namespaces$/.test(name) && value !== '' && left.length > 0)
            yield { at, field, message: `${text}: routes of ${left.join(', ')} are not looked at` };
          const entry = /^entrypoints\.(\w+)\.address$/.exec(name)?.[1] ?? '';
          const port = /:(\d+)(\/tcp)?$/.exec(value)?.[1];
          if (entry in PORTS && port !== PORTS[entry])
            yield { at, field, message: `${text}: the Service of the chart and the policies lead to ${PORTS[entry]}` };
        }
      }
    },
  ),
];
