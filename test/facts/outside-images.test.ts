import { join } from 'node:path';
import { readK3sVersion, readRegistryUpstreams } from '../../facts/ansible/variables';
import { versions } from '../../facts/chart-versions';
import { images } from '../../facts/images';
import { notes } from '../../facts/notes';
import { outsideImages } from '../../facts/outside-images';
import { settings } from '../../facts/settings';
import { imagesIn, parseImage } from '../../lib/kubernetes/image';
import { checkPlatform } from '../../lib/checks';
import { platformFiles, platformModel } from '../charts/rendered';

const VARIABLES = join(__dirname, '../../ansible/inventory/group_vars/all');
const k3sVersion = readK3sVersion(join(VARIABLES, 'versions.yml'));

test.each([
  ['argo-cd', versions.argoCdChart],
  ['k8s-monitoring', versions.kubernetesMonitoringChart],
  ['k3s', k3sVersion],
] as const)(
  'the images of %s are listed at the version that is pinned (or run: npm run outside-images)',
  (name, pinned) => {
    expect({ name, version: outsideImages[name].version, refreshWith: `npm run outside-images -- ${name}` }).toEqual({
      name,
      version: pinned,
      refreshWith: `npm run outside-images -- ${name}`,
    });
    expect(outsideImages[name].images.length).toBeGreaterThan(0);
  },
);

test('the mirror serves every image of the platform, of its charts and of K3s, and the check looked at all of them', () => {
  const { images: known } = platformModel;
  expect(known!.registries).toEqual(['docker.io', 'registry.k8s.io', 'quay.io', 'ghcr.io']);
  expect(known!.outside.map(({ image }) => image)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^docker\.io\/library\/redis:/),
      'docker.io/grafana/alloy',
      'docker.io/rancher/mirrored-pause',
    ]),
  );
  const findings = (registries: string[]) =>
    checkPlatform({ ...platformModel, images: { ...known!, registries } }, platformFiles).filter(
      ({ rule }) => rule === 'images-come-through-the-mirror',
    );
  expect(findings([...known!.registries])).toEqual([]);
  // Without Docker Hub each image of it is found: the API's and the tunnel's, Traefik's, Redis' and Alloy's among them.
  const messages = findings(['quay.io', 'ghcr.io', 'registry.k8s.io']).map(
    ({ message }) => message.split(' is of ')[0],
  );
  expect(messages).toEqual(
    expect.arrayContaining([
      images.djangoApi,
      images.cloudflared,
      `docker.io/library/${images.traefik}`,
      'docker.io/library/redis',
      expect.stringMatching(/^docker\.io\/library\/redis:/),
      'docker.io/grafana/alloy',
    ]),
  );
});

test('a registry list that is empty or has no name is refused', () => {
  expect(() => readRegistryUpstreams(join(VARIABLES, 'versions.yml'), 'versions.yml')).toThrow(
    'versions.yml: registry_upstreams is missing or empty',
  );
});

describe('notes', () => {
  const withMonitoring = (change: object) => ({ ...settings, monitoring: { ...settings.monitoring, ...change } });
  const real = {
    remoteWriteUrl: 'https://prometheus-prod-1.grafana.net/api/prom/push',
    logsUrl: 'https://l.grafana.net/push',
  };

  test('name each setting that stands for another', () => {
    expect(notes(settings, k3sVersion).filter((note) => note.includes('stands for'))).toEqual([
      expect.stringContaining('monitoring.remoteWriteUrl: https://prometheus.example.grafana.net'),
      expect.stringContaining('monitoring.logsUrl'),
    ]);
    const other = { ...withMonitoring(real), hosts: { ...settings.hosts, api: 'api.example.org' } };
    expect(notes(other, k3sVersion).filter((note) => note.includes('stands for'))).toEqual([
      expect.stringContaining('hosts.api: api.example.org'),
    ]);
    expect(notes(withMonitoring(real), k3sVersion).filter((note) => note.includes('stands for'))).toEqual([]);
  });

  test('name a list of images that belongs to another version, and how to write it anew', () => {
    expect(notes(settings, 'v9.9.9+k3s1').filter((note) => note.includes('images of k3s'))).toEqual([
      `facts/outside-image-list.json: lists the images of k3s ${outsideImages.k3s.version}, and v9.9.9+k3s1 is pinned; run npm run outside-images -- k3s.`,
    ]);
  });

  test('name the images whose digest is pending', () => {
    const pending = Object.values(images).filter((image) => !parseImage(image)!.digest).length;
    const note = notes(settings, k3sVersion).find((each) => each.includes('pinned by tag alone'));
    expect(note?.match(/: ([\w, ]+)\.$/)?.[1]?.split(', ').length ?? 0).toBe(pending);
  });
});

test('every image is a reference with a tag', () => {
  for (const image of Object.values(images)) expect(parseImage(image)).toMatchObject({ tag: expect.any(String) });
  expect(imagesIn({ image: images.traefik })).toEqual([images.traefik]);
});
