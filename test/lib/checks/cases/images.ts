import { deployment, inWeb, web, type Case } from './case';
import type { SoundPlatform } from '../sound-platform';

const chart = (content: object) => ({
  path: 'argocd/chart.yaml',
  component: 'chart',
  objects: [{ kind: 'HelmChartConfig', metadata: { name: 'chart', namespace: 'kube-system' }, ...content }],
});

/** Adds the values of a chart that names an image of that repository. */
function withChartImage(platform: SoundPlatform, repository: string, tag?: string): void {
  const valuesContent = JSON.stringify({ part: { image: { repository, tag } } });
  platform.files.push(chart({ apiVersion: 'helm.cattle.io/v1', spec: { valuesContent } }));
}

export const imagesCases: readonly Case[] = [
  {
    rule: 'images-are-pinned',
    when: 'the values of a chart name a tag that stands for many versions',
    breakIt: (p) => withChartImage(p, 'shop/gateway', 'v3'),
    object: 'HelmChartConfig/chart',
    field: 'spec.valuesContent',
    message: /the tag of shop\/gateway:v3 names no single version/,
  },
  {
    rule: 'images-come-through-the-mirror',
    when: 'a container has an image of another registry',
    breakIt: (p) => (web(p).image = 'ecr-public.aws.com/docker/library/redis:8.2.2'),
    object: deployment,
    field: inWeb('image'),
    message: /of ecr-public\.aws\.com, which the image mirror does not serve/,
  },
  {
    rule: 'images-come-through-the-mirror',
    when: 'the values of a chart name an image of another registry',
    breakIt: (p) => withChartImage(p, 'ghcr.io/somebody/something'),
    object: 'HelmChartConfig/chart',
    field: 'spec.valuesContent',
    message: /ghcr\.io\/somebody\/something is of ghcr\.io/,
  },
  {
    rule: 'images-come-through-the-mirror',
    when: 'an image is no reference',
    breakIt: (p) => (web(p).image = 'https://docker.io/a:1'),
    object: deployment,
    field: inWeb('image'),
    message: /is no image reference/,
  },
  {
    rule: 'images-have-a-digest',
    when: 'a container has an image by tag that is not pending',
    breakIt: (p) => (web(p).image = 'shop/other:1.2.3'),
    object: deployment,
    field: inWeb('image'),
    message: /shop\/other:1\.2\.3 is pinned by its tag alone/,
  },
  {
    rule: 'images-have-a-digest',
    when: 'the values of a chart name a tag without a digest',
    breakIt: (p) => withChartImage(p, 'shop/gateway', 'v3'),
    object: 'HelmChartConfig/chart',
    field: 'spec.valuesContent',
    message: /shop\/gateway:v3 is pinned by its tag alone/,
  },
];
