import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imagesOfChart, imagesOfK3s, type ListedChart } from '../../delivery/outside-images';
import { buildTool } from '../../tools/build';

jest.setTimeout(300_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chart-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const listed = (values: object): ListedChart => ({
  name: 'cache',
  version: '1.2.3',
  repository: 'https://charts.example',
  values: () => values,
});

/** A chart of two pods and a custom resource, whose first image is a value. */
function chart(version: string): string {
  const source = join(folder, 'cache');
  mkdirSync(join(source, 'templates'), { recursive: true });
  writeFileSync(join(source, 'Chart.yaml'), `apiVersion: v2\nname: cache\nversion: ${version}\n`);
  writeFileSync(join(source, 'values.yaml'), 'image: { repository: ecr.example/cache, tag: "8" }\n');
  const templates = {
    pod: 'kind: Pod\nspec: { containers: [{ image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" }] }\n',
    hook: 'kind: Job\nmetadata: { annotations: { helm.sh/hook: post-install } }\nspec: { template: { spec: { initContainers: [{ image: ghcr.io/a/hook:1 }] } } }\n',
    resource: 'kind: Alloy\nspec: { image: { registry: docker.io, repository: a/collector, tag: null } }\n',
  };
  for (const [name, text] of Object.entries(templates)) {
    writeFileSync(
      join(source, 'templates', `${name}.yaml`),
      `apiVersion: v1\nmetadata: { name: ${name} }\n${text}`.replace(/metadata: \{ name: hook \}\n/, ''),
    );
  }
  return source;
}

test('the images of pods, hooks and custom resources are listed, with the values in effect', async () => {
  const helm = await buildTool('helm');
  expect(imagesOfChart(listed({}), folder, helm, chart('1.2.3'))).toEqual({
    version: '1.2.3',
    images: ['docker.io/a/collector', 'ecr.example/cache:8', 'ghcr.io/a/hook:1'],
  });
  const overridden = imagesOfChart(
    listed({ image: { repository: 'docker.io/library/redis' } }),
    folder,
    helm,
    chart('1.2.3'),
  );
  expect(overridden.images).toContain('docker.io/library/redis:8');
});

test('a chart of another version than the pinned one is refused', async () => {
  const helm = await buildTool('helm');
  expect(() => imagesOfChart(listed({}), folder, helm, chart('1.2.4'))).toThrow(
    /is cache 1\.2\.4; facts\/chart-versions\.ts pins 1\.2\.3/,
  );
});

test("a list of K3s' images is taken as it is, and what is none is refused", () => {
  expect(imagesOfK3s('v1', 'docker.io/rancher/b:2\ndocker.io/rancher/a:1\n').images).toEqual([
    'docker.io/rancher/a:1',
    'docker.io/rancher/b:2',
  ]);
  expect(() => imagesOfK3s('v1', '')).toThrow('the list is empty');
  expect(() => imagesOfK3s('v1', '<html>')).toThrow('"<html>" is no image');
});
