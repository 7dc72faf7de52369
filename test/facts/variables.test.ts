import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGroupVariables } from '../../facts/ansible/variables';

const COMMITTED = join(__dirname, '..', '..', 'ansible', 'inventory', 'group_vars', 'all');
const HOSTS = [{ name: 'worker-1', address: '192.168.100.122' }];

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'group-vars-'));
  folder = join(root, 'inventory', 'group_vars', 'all');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(folder, '..', 'server'));
  writeFileSync(join(folder, '..', 'server', 'main.yml'), '');
  cpSync(join(COMMITTED, '..', '..', '..', 'schemas'), join(root, 'schemas'), { recursive: true });
  for (const name of ['main.yml', 'versions.yml', 'artefacts.yml', 'vault.example.yml'])
    cpSync(join(COMMITTED, name), join(folder, name));
});
afterEach(() => rmSync(root, { recursive: true }));

const read = () => readGroupVariables(folder, 'group_vars/all', HOSTS);

function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(folder, file), 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(join(folder, file), changed);
}

test('the committed variables are read', () => {
  expect(read()).toMatchObject({
    registries: expect.arrayContaining(['docker.io', 'quay.io']),
    networks: { pods: '10.42.0.0/16', services: '10.43.0.0/16' },
    clusterVersion: expect.stringMatching(/^v1\./),
    autoscalerTolerance: false,
    stagedCharts: [expect.stringMatching(/^argo-cd-\d+\.\d+\.\d+\.tgz$/)],
  });
});

test.each<[string, string | RegExp, string, RegExp]>([
  ['main.yml', 'service_network: 10.43.0.0/16', 'service_network: 10.42.0.0/16', /main\.yml: service_network: 10\.42\.0\.0\/16 overlaps pod_network/],
  ['main.yml', 'service_network: 10.43.0.0/16', 'service_network: 10.42.128.0/17', /overlaps/],
  ['main.yml', 'service_network: 10.43.0.0/16', 'service_network: 192.168.0.0/16', /service_network: 192\.168\.0\.0\/16 holds 192\.168\.100\.122 of worker-1/],
  ['main.yml', 'service_network: 10.43.0.0/16', 'service_network: 10.43.0.0/40', /service_network: "10\.43\.0\.0\/40" is no range/],
  ['main.yml', 'autoscaler_tolerance: false', 'autoscaler_tolerance: 5', /main\.yml: autoscaler_tolerance: 5 is no answer to yes or no/],
  ['main.yml', 'autoscaler_tolerance: false', '', /autoscaler_tolerance: nothing is no answer/],
  ['main.yml', 'port: 5002', 'port: 5001', /registry_upstreams\[1\]\.port: 5001 is that of registry_upstreams\[0\] too/],
  ['main.yml', 'port: 5002', 'port: 443', /registry_upstreams\[1\]\.port: 443 is no port/],
  ['main.yml', 'port: 5002', 'port: 5000', /registry_upstreams\[1\]\.port: 5000 is registry_port too; give each a port of its own/],
  ['main.yml', '- name: quay.io', '- name: Quay', /registry_upstreams\[2\]\.name: "Quay" is no registry; name it as images do/],
  ['versions.yml', 'k6_version: v', 'k6_version: ', /versions\.yml: k6_version: ".*" is not as it is published; write it as in v1\.2\.3/],
  ['main.yml', '- name: quay.io', '- name: docker.io', /registry_upstreams\[2\]\.name: docker\.io is that of/],
  ['main.yml', 'url: https://quay.io', 'url: http//quay.io', /registry_upstreams\[2\]\.url: "http\/\/quay\.io" is no address/],
  ['main.yml', 'url: https://quay.io', 'url: https://registry.k8s.io/', /registry_upstreams\[2\]\.url: https:\/\/registry\.k8s\.io is that of registry_upstreams\[1\] too/],
  ['main.yml', 'registry_engine: oci-registry', 'registry_engine: oci_registry', /registry_engine: "oci_registry" is no engine/],
  ['main.yml', 'domain_name: ahuora.internal', 'domain_name: ahuora internal', /domain_name: "ahuora internal" is no domain/],
  ['main.yml', 'domain_name: ahuora.internal', 'domain_name: [', /main\.yml:\d+: is not valid YAML/],
  ['versions.yml', /k3s_version: v/, 'k3s_version: ', /versions\.yml: k3s_version: ".*" names no single version; write one such as v1/],
  ['versions.yml', /^[^]*$/, '', /versions\.yml: k3s_version: it is missing; write the version/],
  ['versions.yml', /k6_version: .*/, 'k6_version: latest', /k6_version: "latest" names no single version/],
  ['main.yml', 'registry_port: 5000', 'registry_port: 80', /registry_port: 80 is no port/],
  ['main.yml', 'registry_port: 5000\n', '', /registry_port: nothing is no port/],
  ['main.yml', "groups['gateway']", "groups['ingress']", /main\.yml: ingress_address: the inventory has no group ingress/],
  ['main.yml', '"{{ wifi }}"', '"{{ wlan }}"', /main\.yml: internet_access: nothing sets wlan/],
  ['main.yml', 'dist/secrets.json', 'dist/secret.json', /contracts_file: synthesis writes no dist\/secret\.json/],
  ['main.yml', '"{{ vault.docker_hub_token }}"', 'dckr_pat_0', /registry_upstreams\[0\]\.password: is written out/],
  ['main.yml', 'jump_through_ingress', 'jump_trough_ingress', /jump_trough_ingress: no role reads this; jump_through_ingress is probably meant/],
  ['artefacts.yml', '{{ k6_version }}-linux', '{{ k6_versions }}-linux', /artefacts\.yml: artefacts\.k6\.file: nothing sets k6_versions \(k6_version is near\)/],
  ['artefacts.yml', 'artefact_sources.zerotier', 'artefact_sources.zero_tier', /artefacts\.zerotier\.url: artefact_sources has no zero_tier/],
  ['main.yml', 'vault.docker_hub_username', 'vault.dockerhub_username', /registry_upstreams\[0\]\.username: the vault has no dockerhub_username \(docker_hub_username is near\)/],
  ['versions.yml', 'zerotier_version: ', 'zerotier_version: v', /zerotier_version: "v.*" is not as it is published; write it as in 1\.2\.3/],
  ['../server/main.yml', /$/, 'k3s_node_system_reserve: cpu=500m', /server\/main\.yml: k3s_node_system_reserve: no role reads this/],
  ['artefacts.yml', 'k6: https://', 'k6: http://', /artefact_sources\.k6: http:.* is fetched in the clear/],
  ['artefacts.yml', '"k3s-{{ k3s_version }}"', '"k3s"', /artefacts\.k3s\.file: "k3s" is the same for every version/],
  ['artefacts.yml', 'docker-compose-linux-aarch64"', 'docker-compose-linux-x86_64"', /docker_compose\.url: x86_64 does not run on a Raspberry Pi/],
])('%s: %s -> %s is refused', (file, from, to, message) => {
  change(file, from, to);
  expect(read).toThrow(message);
}); // prettier-ignore

test('an archive of another chart than that of the manifests is refused', () => {
  expect(() => read().refuseOtherChart('0.0.1')).toThrow(/argocd_chart_version: ".*" is not the version 0\.0\.1/);
});
