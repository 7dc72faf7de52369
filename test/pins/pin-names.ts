import { versions } from '../../facts/chart-versions';
import { images } from '../../facts/images';

/** Names of Jobs that are done once for each version of an image. */
const VERSIONED_NAME = /\b(database-migration)-[a-z0-9-]+-[0-9a-f]{8}\b/g;

/** A name and a tag, and a digest where one is pinned: `postgres:16.4@sha256:…`. */
const IMAGE = /^(?<name>.+?):(?<tag>[^:@]+)(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/**
 * Writes the name of a pin in place of its value, so that a snapshot says which image or chart stands somewhere and stays
 * as it is when Renovate moves the version. `dist/` and its drift gate show the value.
 */
export function withPinNames(text: string): string {
  const unversioned = text.replaceAll(VERSIONED_NAME, '$1-(version and digest)');
  return replacements().reduce((result, [value, name]) => result.replaceAll(value, name), unversioned);
}

/** Longest value first: a tag is a part of its image. */
function replacements(): [value: RegExp, name: string][] {
  const ofImages = Object.entries(images).flatMap(([key, image]): [string, string][] => {
    const { name, tag, digest } = IMAGE.exec(image)?.groups ?? {};
    if (!name || !tag) throw new Error(`images.${key}: "${image}" has no tag.`);
    return [
      [image, `images.${key}`],
      [`${name}:${tag}`, `images.${key} without its digest`],
      // The values of a chart hold both as the tag.
      ...(digest
        ? ([
            [`${tag}@${digest}`, `tag of images.${key}`],
            [digest, `digest of images.${key}`],
          ] as [string, string][])
        : []),
      [tag, `tag of images.${key}`],
    ];
  });
  const ofCharts = Object.entries(versions).map(([key, version]): [string, string] => [version, `versions.${key}`]);
  return [...ofImages, ...ofCharts]
    .sort(([one], [other]) => other.length - one.length)
    .map(([value, name]) => [standingAlone(value), name]);
}

/** The value where no longer word or number holds it. */
function standingAlone(value: string): RegExp {
  return new RegExp(`(?<![\\w.])${value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.]|-[\\w])`, 'g');
}
