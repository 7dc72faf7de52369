import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, parse, stringify } from 'yaml';
import { versions } from '../facts/chart-versions';
import type { OutsideImages } from '../facts/outside-images';
import { imageName, imagesIn, parseImage } from '../lib/kubernetes/image';

/** A Helm chart whose images are listed: where it comes from, and where the values of the platform for it are. */
export interface ListedChart {
  readonly name: string;
  readonly version: string;
  /** Address of the chart repository. */
  readonly repository: string;
  /** The values as `dist/` has them. */
  readonly values: (root: string) => unknown;
}

/** The Helm charts of the platform. */
export const listedCharts: readonly ListedChart[] = [
  {
    name: 'argo-cd',
    version: versions.argoCdChart,
    repository: 'https://argoproj.github.io/argo-helm',
    values: (root) => parse(objectIn(root, 'argo-cd', 'HelmChart')?.spec?.valuesContent ?? '') as unknown,
  },
  {
    name: 'k8s-monitoring',
    version: versions.kubernetesMonitoringChart,
    repository: 'https://grafana.github.io/helm-charts',
    values: (root) => objectIn(root, 'monitoring', 'Application')?.spec?.source?.helm?.valuesObject,
  },
];

/**
 * Lists every image that a chart, rendered with the platform's values, names, custom resources included.
 *
 * @param source folder or archive of the chart; default: the chart's repository, at the pinned version
 * @throws Error when the chart is of another version than the pinned one, or renders to no image.
 */
export function imagesOfChart(chart: ListedChart, root: string, helm: string, source?: string): OutsideImages {
  const folder = mkdtempSync(join(tmpdir(), 'outside-images-'));
  try {
    const valuesFile = join(folder, 'values.yaml');
    writeFileSync(valuesFile, stringify(chart.values(root)));
    const place = source ? [source] : [chart.name, '--repo', chart.repository, '--version', chart.version];
    const run = (...args: string[]) => execFileSync(helm, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    const { version } = parse(run('show', 'chart', ...place)) as { version: string };
    if (version !== chart.version) {
      throw new Error(`${source}: is ${chart.name} ${version}; facts/chart-versions.ts pins ${chart.version}.`);
    }
    const manifests = run('template', chart.name, ...place, '--values', valuesFile);
    const images = new Set(parseAllDocuments(manifests).flatMap((each) => imagesIn(each.toJS())));
    if (images.size === 0) throw new Error(`${chart.name}: the chart renders to no image; give the right chart.`);
    return { version, images: [...images].map(withoutOwnTag).sort() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The images of a K3s release, from the text of its `k3s-images.txt`. */
export function imagesOfK3s(version: string, text: string): OutsideImages {
  const images = text.split('\n').filter(Boolean);
  const wrong = images.find((image) => !parseImage(image));
  if (images.length === 0 || wrong !== undefined) {
    throw new Error(`k3s ${version}: ${wrong ? `"${wrong}" is no image` : 'the list is empty'}; give k3s-images.txt.`);
  }
  return { version, images: [...images].sort() };
}

/** A tag that `facts/` pins moves without the chart. */
function withoutOwnTag(image: string): string {
  const parts = parseImage(image);
  if (!parts) throw new Error(`"${image}" is no image reference; look at the chart's values.`);
  return image.endsWith(`:${versions.argoCdImage}`) ? imageName(parts) : image;
}

/** As much of a HelmChart or an Application as says what a chart is given. */
interface ChartObject {
  readonly kind: string;
  readonly spec?: {
    readonly valuesContent?: string;
    readonly source?: { readonly helm?: { readonly valuesObject?: unknown } };
  };
}

function objectIn(root: string, file: string, kind: string): ChartObject | undefined {
  const documents = parseAllDocuments(readFileSync(join(root, 'dist/argocd', `${file}.yaml`), 'utf8'));
  return documents.map((each) => each.toJS() as ChartObject).find((object) => object.kind === kind);
}
