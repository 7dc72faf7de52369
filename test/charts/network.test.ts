import type { LooseObject } from '../fixtures/loose';
import { Network } from '../../charts/network';
import { platform as platformOutput } from '../../charts/platform';
import { workloadTrees } from '../../charts/workloads';
import { BASELINE } from '../../experiments/plan';
import { generatorManifests } from '../../experiments/runner/sites/indexed-job/manifests';
import { readInventory } from '../../facts/inventory';
import { serviceEndpoint } from '../../lib/constructs/network/endpoint';
import { renderFiles } from '../../lib/synthesis/render';
import { toYaml } from '../../lib/synthesis/yaml';
import { COMPONENTS } from '../../main';
import { platformFiles } from './rendered';

const inventory = readInventory('ansible/inventory/hosts.yml', 'ansible/inventory/hosts.yml');
const FILE = 'platform/network.yaml';
const shipped = toYaml(platformFiles.find(({ path }) => path === FILE)!.objects);

/** The platform with its network made after that many of the components. */
function platformWithNetworkAt(position: number) {
  const platform = platformOutput(inventory);
  const { base } = workloadTrees(platform, BASELINE, []);
  COMPONENTS.slice(0, position).forEach((ComponentClass) => new ComponentClass(platform));
  const network = new Network(platform, base.app);
  COMPONENTS.slice(position).forEach((ComponentClass) => new ComponentClass(platform));
  const render = () => {
    const files = renderFiles({ trees: [{ directory: 'platform', app: platform.app }] });
    return toYaml(files.find(({ path }) => path === FILE)!.objects);
  };
  return { network, render };
}

test.each([0, 1, 5, COMPONENTS.length])('the policies are the same when it is made after %d components', (position) => {
  expect(platformWithNetworkAt(position).render()).toBe(shipped);
});

test('reading twice changes nothing, and what is declared in between is there', () => {
  const { network, render } = platformWithNetworkAt(0);
  expect(render()).toBe(shipped);
  expect(render()).toBe(shipped);
  network.connects([serviceEndpoint('late-comer', 1234)], serviceEndpoint('idaes', 1).peer);
  expect(render()).toContain('late-comer');
});

test('the gateway lets in the generators that the runner starts as pods of the cluster', () => {
  const { items } = generatorManifests({ count: 3, program: '', load: '{}', seconds: 10 }) as {
    items: { kind: string; metadata: { namespace: string }; spec: { template: { metadata: { labels: object } } } }[];
  };
  const { metadata, spec } = items.find(({ kind }) => kind === 'Job')!;
  const policy: LooseObject = platformFiles
    .find(({ path }) => path === FILE)!
    .objects.find((object) => object.metadata.name === 'traefik-callers')!;
  const admitted = policy.spec.ingress.filter(({ from, ports }: { from: object[]; ports: { port: number }[] }) => {
    const peer = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': metadata.namespace } },
      podSelector: { matchLabels: spec.template.metadata.labels },
    };
    return JSON.stringify(from) === JSON.stringify([peer]) && ports.some(({ port }) => port === 8443);
  });
  expect(admitted).toHaveLength(1);
});

// docs/gateway.md names them, and says whom of them Traefik believes.
test.each([
  ['traefik-callers', ['cloudflared', '192.168.100.0/24', 'traefik', 'load-generator']],
  ['kube-dns-callers', ['10.42.0.0/16', '192.168.100.0/24']],
])('%s in kube-system lets in nobody else', (name, parties) => {
  const policy: LooseObject | undefined = platformFiles
    .find(({ path }) => path === FILE)!
    .objects.find(({ metadata }) => metadata.name === name && metadata.namespace === 'kube-system');
  const admitted = policy?.spec.ingress.flatMap(({ from }: LooseObject) =>
    from.map(({ podSelector, ipBlock }: LooseObject) => ipBlock?.cidr ?? Object.values(podSelector.matchLabels)[0]),
  );
  expect(admitted).toEqual(parties);
});
