import type { PlatformModel } from '../../constructs/platform-model';
import { imageName, imagesIn, parseImage } from '../../kubernetes/image';
import { nearestName } from '../../kubernetes/names/nearest-name';
import type { Finding } from '../finding';
import { valuesOf } from '../objects/chart-values';
import type { PlacedObject } from '../objects/placed-object';
import type { Scope } from '../objects/scope';
import type { Rule, RuleText, Violation } from '../rule';

const ARE_PINNED: RuleText = {
  id: 'images-are-pinned',
  why: 'An image without a fixed tag is another program after the next restart, and no commit says so.',
  remedy: 'give the image a tag that names one version, in the file where the images are listed',
};

const FROM_THE_MIRROR: RuleText = {
  id: 'images-come-through-the-mirror',
  why: 'Nodes pull through the image mirror alone: an image of a registry that it does not serve never starts a pod.',
  remedy:
    'name an image of a registry in registry_upstreams (ansible/inventory/group_vars/all/main.yml), or add its registry there',
};

const HAVE_DIGESTS: RuleText = {
  id: 'images-have-a-digest',
  why: 'A tag can be pushed anew, and nodes share images by tag: only a digest says which bytes run.',
  remedy:
    'pin it as tag@sha256:… with the digest that the registry states, or list it as pending in facts/images.ts until Renovate has added it',
};

/** Rules of where images come from. They look at pods, and into the values of Helm charts. */
export const imageSourceRules: readonly Rule[] = [
  {
    ...ARE_PINNED,
    over: 'object',
    *check(scope) {
      for (const pod of scope.pods) {
        for (const { spec, field } of pod.containers) {
          const image = typeof spec.image === 'string' ? spec.image : '';
          const message = image === '' ? 'there is no image' : howItMoves(image, `the image ${image} has no tag`);
          if (message) yield { at: pod.at, field: `${field}.image`, message: `container ${spec.name}: ${message}` };
        }
      }
      // The values of a chart may leave the tag to the chart, whose version is pinned.
      for (const { at, field, image } of imagesOfCharts(scope)) {
        const message = howItMoves(image, undefined);
        if (message) yield { at, field, message };
      }
      // And they may give a tag alone, of the image that the chart names.
      for (const kind of ['HelmChart', 'HelmChartConfig', 'Application']) {
        for (const at of scope.ofKind(kind)) {
          for (const { values, field } of valuesOf(at)) {
            for (const { path, tag } of tagsAlone(values)) {
              const message = howItMoves(`chart:${tag}`, undefined) && `the tag ${tag} names no single version`;
              if (message) yield { at, field: `${field}: ${path}`, message };
            }
          }
        }
      }
    },
  },
  rule(FROM_THE_MIRROR, ({ registries }, image) => {
    const registry = parseImage(image)?.registry;
    if (registry === undefined) return `"${image}" is no image reference`;
    return registries.includes(registry) ? undefined : notServed(image, registry);
  }),
  rule(HAVE_DIGESTS, ({ digestPending }, image) => {
    const parts = parseImage(image);
    if (!parts || parts.digest || digestPending.includes(imageName(parts))) return undefined;
    // Values of a chart may leave the tag to the chart, and then the digest too.
    return parts.tag ? `the image ${image} is pinned by its tag alone` : undefined;
  }),
];

/** Rules of what images are called. */
export const imageNameRules: readonly Rule[] = [
  {
    id: 'images-are-those-meant',
    why: 'An image of a name that is nearly right is of nobody, or of somebody who waited for the slip.',
    remedy: 'correct the name in the file where the images are listed',
    over: 'object',
    *check(scope, { images }) {
      const known = new Set(
        [
          ...(images?.digestPending ?? []),
          ...scope.pods.flatMap(({ containers }) => containers.map(({ spec }) => String(spec.image))),
        ].map(baseOf),
      );
      const names = new Set(scope.pods.flatMap(({ containers }) => containers.map(({ spec }) => String(spec.name))));
      for (const pod of scope.pods) {
        for (const { spec, field } of pod.containers) {
          const image = String(spec.image);
          const message =
            slipIn(image, String(spec.name)) ??
            ofOtherRegistry(image) ??
            ofOtherProcessor(image) ??
            ofOther(image, String(spec.name), known, names);
          if (message) yield { at: pod.at, field: `${field}.image`, message };
        }
      }
      const listed = images?.outside.map(({ image }) => parseImage(image)?.repository ?? '') ?? [];
      for (const { at, field, image } of imagesOfCharts(scope)) {
        const parts = parseImage(image);
        if (!parts || parts.digest || images?.digestPending.includes(imageName(parts)) || listed.length === 0) continue;
        if (listed.includes(parts.repository)) continue;
        const message = `${image} is not among the images of charts`;
        const remedy = 'correct the name, or list it in facts/outside-image-list.json';
        yield { at, field, message, remedy };
      }
    },
  },
];

const baseOf = (image: string) => parseImage(image)?.repository.replace(/^.*\//, '') ?? '';

/** Registries in which projects publish, where that is not Docker Hub. */
const REGISTRIES: Readonly<Record<string, string>> = { 'oauth2-proxy/oauth2-proxy': 'quay.io' };

function ofOtherRegistry(image: string): string | undefined {
  const parts = parseImage(image);
  const home = parts && Object.hasOwn(REGISTRIES, parts.repository) ? REGISTRIES[parts.repository] : undefined;
  if (home === undefined || parts!.registry === home) return undefined;
  return `${parts!.repository} of ${parts!.registry} is somebody else's: the project publishes it at ${home}`;
}

/** A container that is called as one image and runs that of another container. */
function ofOther(
  image: string,
  container: string,
  known: ReadonlySet<string>,
  names: ReadonlySet<string>,
): string | undefined {
  const base = baseOf(image);
  if (base === container || !known.has(container) || !names.has(base)) return undefined;
  return `container ${container} runs ${image}, and there is an image of its own name`;
}

/** A tag of one processor alone, which nodes of another cannot run. */
function ofOtherProcessor(image: string): string | undefined {
  const other = /[-_.](amd64|x86_64|x86-64|386|i386|armv[5-7]\w*|arm32\w*|ppc64le|s390x|riscv64|windows\w*)$/i.exec(
    parseImage(image)?.tag ?? '',
  )?.[1];
  return other && `${image} is of the processor ${other}, and the nodes are arm64`;
}

const slips = new Map<string, string | undefined>();

/** What an image that is called nearly as another, or nearly as its container, is probably meant to be; each is judged once. */
function slipIn(image: string, container: string): string | undefined {
  const key = `${container} ${image}`;
  if (!slips.has(key)) slips.set(key, judgeName(image, container));
  return slips.get(key);
}

function judgeName(image: string, container: string): string | undefined {
  const repository = parseImage(image)?.repository ?? '';
  const base = repository.replace(/^.*\//, '');
  const near = WELL_KNOWN.includes(repository) ? undefined : nearestName(repository, WELL_KNOWN);
  const meant = near ?? (base === container ? undefined : nearestName(base, [container]));
  return meant && `container ${container}: ${repository} is nearly ${meant}, and not that`;
}

/** Repositories of programs that are run here or often, by which a slip is known. */
const WELL_KNOWN = [
  ...['postgres', 'traefik', 'redis', 'nginx', 'busybox', 'alpine', 'debian', 'python', 'node'].map(
    (name) => `library/${name}`,
  ),
  ...['edoburu/pgbouncer', 'oauth2-proxy/oauth2-proxy', 'cloudflare/cloudflared', 'prom/prometheus'],
  'prometheus-adapter/prometheus-adapter',
];

/** The same for images that no manifest names: those of Helm charts and of K3s. */
export function outsideImagesOfOtherRegistries({ images }: PlatformModel): Finding[] {
  if (!images) return [];
  return images.outside.flatMap(({ image, namedBy, listedIn }) => {
    const registry = parseImage(image)?.registry;
    if (registry !== undefined && images.registries.includes(registry)) return [];
    return {
      rule: FROM_THE_MIRROR.id,
      component: namedBy,
      file: listedIn,
      message: registry === undefined ? `"${image}" is no image reference` : notServed(image, registry),
      remedy:
        'set another image in the values of the chart, or add its registry to registry_upstreams (ansible/inventory/group_vars/all/main.yml)',
    };
  });
}

type Judge = (images: NonNullable<PlatformModel['images']>, image: string) => string | undefined;

function rule(text: RuleText, judge: Judge): Rule {
  return {
    ...text,
    over: 'object',
    *check(scope, { images }) {
      if (!images) return;
      for (const { at, field, image } of imagesOf(scope)) {
        const message = judge(images, image);
        if (message) yield { at, field, message } satisfies Violation;
      }
    },
  };
}

function* imagesOf(scope: Scope): Generator<{ at: PlacedObject; field: string; image: string }> {
  for (const pod of scope.pods) {
    for (const { spec, field } of pod.containers) {
      if (typeof spec.image === 'string') yield { at: pod.at, field: `${field}.image`, image: spec.image };
    }
  }
  yield* imagesOfCharts(scope);
}

function* imagesOfCharts(scope: Scope): Generator<{ at: PlacedObject; field: string; image: string }> {
  for (const kind of ['HelmChart', 'HelmChartConfig', 'Application']) {
    for (const at of scope.ofKind(kind)) {
      for (const { values, field } of valuesOf(at)) for (const image of imagesIn(values)) yield { at, field, image };
    }
  }
}

/** Tags that values give without a repository, with the path that leads there. */
function tagsAlone(value: unknown, path = ''): { path: string; tag: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const { repository, tag, digest } = (item ?? {}) as Record<string, unknown>;
    const isTag = key === 'image' && typeof tag === 'string' && tag !== '' && !repository && !digest;
    return [...(isTag ? [{ path: `${here}.tag`, tag }] : []), ...tagsAlone(item, here)];
  });
}

/** Why the same reference may be another image tomorrow; undefined when it may not. */
function howItMoves(image: string, withoutTag: string | undefined): string | undefined {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  if (!tag) return withoutTag;
  if (/(^|[-_.])(latest|stable|main|master|edge|nightly|dev|rc)($|[-_.])/i.test(tag))
    return `the tag of ${image} moves`;
  if (/^[0-9a-f]{12,64}$/.test(tag) && /[a-f]/.test(tag)) return undefined;
  // `16` is the newest 16.x of that day, and `v3.2` the newest of a minor version, but where versions have two parts.
  const parts = OF_TWO_PARTS.test(parseImage(image)?.repository ?? '') ? /^v?\d+\.\d+/ : /^v?\d+\.\d+\.\d+/;
  return parts.test(tag) ? undefined : `the tag of ${image} names no single version`;
}

/** Programs whose versions have two parts: https://www.postgresql.org/support/versioning/, https://www.debian.org/releases/. */
const OF_TWO_PARTS = /^library\/(postgres|debian)$/;

const notServed = (image: string, registry: string) =>
  `${image} is of ${registry}, which the image mirror does not serve`;
