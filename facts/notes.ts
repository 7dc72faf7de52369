import { imageName, parseImage } from '../lib/kubernetes/image';
import { versions } from './chart-versions';
import { digestPending, images } from './images';
import { outsideImages } from './outside-images';
import type { Settings } from './settings';

/** Names that stand for one of the site's own: example.org and its like, and any name with a part `example`. */
const STANDS_FOR_ANOTHER = /(^|\.)example(\.|$)|\.(invalid|test)$/i;

/**
 * What a reader of a synthesis should know although nothing is wrong, one sentence each. `k3sVersion` is the one that Ansible
 * installs.
 */
export function notes(settings: Settings, k3sVersion: string): string[] {
  return [...placeholders(settings), ...dumpsInTheClear(settings), ...digests(), ...outdatedLists(k3sVersion)];
}

function placeholders(settings: Settings): string[] {
  return texts(settings).flatMap(([field, value]) => {
    const host = /^[a-z]+:\/\/(?:[^\s/@]*@)?([^\s/:]+)/i.exec(value)?.[1] ?? value;
    if (!STANDS_FOR_ANOTHER.test(host)) return [];
    return `facts/settings.ts: ${field}: ${value} stands for an address of your own; write that before the installation, which refuses this one.`;
  });
}

function dumpsInTheClear({ backup: { encryptFor, node } }: Settings): string[] {
  if (encryptFor !== undefined) return [];
  return [
    `facts/settings.ts: backup.encryptFor: names no certificate, so dumps lie in the clear on the card of ${node}: docs/how-to/encrypt-the-dumps.md.`,
  ];
}

function texts(value: unknown, field = ''): [string, string][] {
  if (typeof value === 'string') return [[field, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, content]) => texts(content, field ? `${field}.${name}` : name));
}

function digests(): string[] {
  const [known, pending] = [true, false].map((has) => digestPending.filter((name) => has === hasDigest(images[name])));
  return [
    ...(pending!.length === 0
      ? []
      : [`facts/images.ts: pinned by tag alone until Renovate adds the digest: ${pending!.join(', ')}.`]),
    ...(known!.length === 0
      ? []
      : [
          `facts/images.ts: digestPending lists ${known!.join(', ')}, which have their digest; take them off the list.`,
        ]),
  ];
}

const hasDigest = (image: string) => parseImage(image)?.digest !== undefined;

function outdatedLists(k3sVersion: string): string[] {
  const pinned = {
    'argo-cd': versions.argoCdChart,
    'k8s-monitoring': versions.kubernetesMonitoringChart,
    k3s: k3sVersion,
  } as const;
  return (Object.keys(pinned) as (keyof typeof pinned)[])
    .filter((name) => outsideImages[name].version !== pinned[name])
    .map(
      (name) =>
        `facts/outside-image-list.json: lists the images of ${name} ${outsideImages[name].version}, and ${pinned[name]} is pinned; run npm run outside-images -- ${name}.`,
    );
}

/** Full names of the images whose digest is pending. */
export function namesPendingDigest(): string[] {
  return digestPending.map((name) => {
    const image = parseImage(images[name]);
    if (image) return imageName(image);
    throw new Error(
      `facts/images.ts: ${name}: "${images[name]}" is no image reference; write it in lower case, as in registry/name:1.2.3 or name:1.2.3@sha256:… with 64 digits.`,
    );
  });
}
