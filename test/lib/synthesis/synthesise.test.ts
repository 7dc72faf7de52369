import type { Loose } from '../../fixtures/loose';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { synthesise } from '../../../lib/synthesis';
import { findingsText } from '../../../lib/synthesis/findings-text';
import { readFolder } from '../../../lib/synthesis/write';
import { asModel, find, soundPlatform, type SoundPlatform } from '../checks/sound-platform';

let scratch: string;
let dist: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'synthesise-'));
  dist = join(scratch, 'dist');
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const synthesiseInto = (platform: SoundPlatform) => synthesise(asModel(platform), { outputDirectories: [dist] });

describe('synthesis', () => {
  it('writes one file per chart and the secret contracts, without values', async () => {
    const { changed, findings } = await synthesiseInto(soundPlatform());
    expect(findings).toEqual([]);
    expect(changed).toEqual([dist]);
    expect([...readFolder(dist).keys()]).toEqual([
      'platform/backup.yaml',
      'platform/database.yaml',
      'platform/gatekeeper.yaml',
      'platform/gateway.yaml',
      'platform/namespace.yaml',
      'platform/network.yaml',
      'platform/pooler.yaml',
      'platform/web.yaml',
      'secrets.json',
      'workloads/production/web.yaml',
    ]);
    expect(JSON.parse(readFolder(dist).get('secrets.json')!)).toEqual({
      secrets: [
        {
          name: 'database',
          namespace: 'shop',
          keys: [
            { name: 'username', description: 'the username' },
            { name: 'password', description: 'the password' },
          ],
          readers: ['database', 'pooler', 'web'],
        },
      ],
    });
  });

  it('writes the same bytes a second time, and touches no file that is as it should be', async () => {
    await synthesiseInto(soundPlatform());
    const before = readFolder(dist);
    const { mtimeMs } = statSync(join(dist, 'secrets.json'));
    const { changed } = await synthesiseInto(soundPlatform());
    expect(changed).toEqual([]);
    expect(readFolder(dist)).toEqual(before);
    expect(statSync(join(dist, 'secrets.json')).mtimeMs).toBe(mtimeMs);
  });

  it('removes the file of a chart that is gone', async () => {
    const platform = soundPlatform();
    const metadata = { name: 'extra', namespace: 'shop' };
    const objects = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} }];
    platform.files.push({ path: 'platform/extra.yaml', component: 'extra', objects });
    await synthesiseInto(platform);
    expect([...readFolder(dist).keys()]).toContain('platform/extra.yaml');
    await synthesiseInto(soundPlatform());
    expect([...readFolder(dist).keys()]).not.toContain('platform/extra.yaml');
  });

  it('writes plain files beside the manifests', async () => {
    const platform = soundPlatform();
    platform.model.files = [{ path: 'compose/compose.yaml', content: 'services: {}\n' }];
    await synthesiseInto(platform);
    expect(readFolder(dist).get('compose/compose.yaml')).toBe('services: {}\n');
  });

  it('leaves the folder as it was, and nothing beside it, when there is a finding', async () => {
    await synthesiseInto(soundPlatform());
    const before = readFolder(dist);
    const platform = soundPlatform();
    find(platform, 'Deployment/web').spec.template.spec.containers[0].image = 'example/web:latest';
    const { findings, changed } = await synthesiseInto(platform);
    expect(findings).toHaveLength(1);
    expect(changed).toEqual([]);
    expect(readFolder(dist)).toEqual(before);
    expect(readdirSync(scratch)).toEqual(['dist']);
  });

  it('puts the previous folder back when an earlier run was killed between its two renames', async () => {
    mkdirSync(join(scratch, '.dist-previous'), { recursive: true });
    writeFileSync(join(scratch, '.dist-previous', 'secrets.json'), '{}');
    const platform = soundPlatform();
    find(platform, 'Deployment/web').spec.template.spec.containers[0].image = 'example/web';
    await synthesiseInto(platform);
    expect(existsSync(dist)).toBe(false); // A run with findings writes nothing, so it puts nothing right either.
    await synthesiseInto(soundPlatform());
    expect(readdirSync(scratch)).toEqual(['dist']);
  });

  it('refuses to replace a folder that holds what it never writes', async () => {
    mkdirSync(dist);
    writeFileSync(join(dist, 'main.ts'), '');
    await expect(synthesiseInto(soundPlatform())).rejects.toThrow(/holds main\.ts, which synthesis never writes/);
    expect(readdirSync(dist)).toEqual(['main.ts']);
  });

  it('passes on what a construct says of its settings', async () => {
    const app = new App();
    new Chart(app, 'web').node.addValidation({ validate: () => ['replicas: 3 is above 2'] });
    const model = { ...asModel(soundPlatform()), trees: [{ directory: 'platform', app }] };
    await expect(synthesise(model, { outputDirectories: [dist] })).rejects.toThrow('web: replicas: 3 is above 2');
  });
});

/** Each thing that must be caught, with the sentence that catches it. */
const breakages: [what: string, breakIt: (platform: SoundPlatform) => void, sentence: string][] = [
  [
    'a Service selecting nothing',
    (p) => (find(p, 'Service/web').spec.selector = { app: 'wob' }),
    'Service/web spec.selector: no pod has the labels app=wob; give the Service the labels of the pods it stands for. [services-select-pods]',
  ],
  [
    'a wrong middleware order',
    (p) =>
      (middlewaresOf(p)['traefik.ingress.kubernetes.io/router.middlewares'] =
        'shop-ask@kubernetescrd,shop-cors@kubernetescrd'),
    'the CORS middleware comes after forwardAuth; put the CORS headers middleware before the forwardAuth middleware. [cors-answers-before-authentication]',
  ],
  [
    'a Secret key that no contract has',
    (p) => (container(p).env[0].valueFrom.secretKeyRef.key = 'user'),
    'the contract of the Secret database has no key user (it has username, password); add the key to the contract, or correct the name. [secret-keys-have-a-contract]',
  ],
  [
    'a PersistentVolume pinned to an unknown node',
    (p) => (terms(p)[0].matchExpressions[0].values = ['worker-9']),
    'PersistentVolume/database spec.nodeAffinity: the volume is pinned to worker-9, which is not a node of the cluster (head, node-1, node-2); name a host of the cluster in ansible/inventory/hosts.yml. [volumes-are-on-known-nodes]',
  ],
  [
    'an image without a tag',
    (p) => (container(p).image = 'example/web'),
    'container web: the image example/web has no tag; give the image a tag that names one version, in the file where the images are listed. [images-are-pinned]',
  ],
  [
    'the tag latest',
    (p) => (container(p).image = 'example/web:latest'),
    'container web: the tag of example/web:latest moves; give the image a tag that names one version, in the file where the images are listed. [images-are-pinned]',
  ],
  [
    'an HPA with spec.replicas set',
    (p) => (find(p, 'Deployment/web').spec.replicas = 3),
    'Deployment/web spec.replicas: the number of pods is set, and HorizontalPodAutoscaler/web sets it too; remove spec.replicas; minReplicas of the autoscaler is the floor. [replicas-are-left-to-the-autoscaler]',
  ],
  [
    'requests that cannot fit the nodes',
    (p) => (container(p).resources.requests.cpu = '2'),
    'pods with 2000m CPU and 256 MiB each find room on 3 nodes (all pods together ask for',
  ],
  [
    'two objects with one name',
    (p) => p.files[4]!.objects.push(structuredClone(find(p, 'Service/web'))),
    'Service/web metadata.name: Service/web is in platform/pooler.yaml already; rename one of them. [objects-are-unique]',
  ],
  [
    'an ingress host with no service',
    (p) => (find(p, 'Ingress/api').spec.rules[0].http.paths[0].backend.service.name = 'api'),
    'the host api.shop.example.com leads to the Service api, which does not exist; name a Service of the same namespace, and a port that it has. [ingress-backends-exist]',
  ],
];

describe('synthesis catches', () => {
  it.each(breakages)('%s, with a sentence, and writes nothing', async (_what, breakIt, sentence) => {
    const platform = soundPlatform();
    breakIt(platform);
    const { findings, changed } = await synthesiseInto(platform);
    expect(findingsText(findings)).toContain(sentence);
    expect(changed).toEqual([]);
    expect(existsSync(dist)).toBe(false);
  });

  it('everything at once, grouped by component and file', async () => {
    const platform = soundPlatform();
    for (const [, breakIt] of breakages) breakIt(platform);
    const { findings } = await synthesiseInto(platform);
    const text = findingsText(findings);
    expect(text).toMatch(/^error: \d+ findings, so nothing was written\n\n/);
    const components = text.split('\n').filter((line) => /^[a-z-]+$/.test(line));
    expect(components).toEqual(['database', 'gateway', 'network', 'pooler', 'web']);
    expect(text.split('\n').filter((line) => /^ {2}\S/.test(line))).toContain('  platform/gateway.yaml');
  });
});

function container(platform: SoundPlatform): Loose {
  return find(platform, 'Deployment/web').spec.template.spec.containers[0];
}

function middlewaresOf(platform: SoundPlatform): Loose {
  return find(platform, 'Ingress/api').metadata.annotations;
}

function terms(platform: SoundPlatform): Loose {
  return find(platform, 'PersistentVolume/database').spec.nodeAffinity.required.nodeSelectorTerms;
}
