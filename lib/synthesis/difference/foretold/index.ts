import { sameInVariants } from '../same-in-variants';
import { compareText } from '../../render';
import type { KubernetesObject, RenderedFile } from '../../../kubernetes/object';
import { applicationChanges } from './applications';
import { configurationChanges } from './configuration';
import { EFFECTS, type EffectKind, type Effected, type ObjectPair } from './consequence';
import { definitionChanges } from './definitions';
import { refusals } from './immutable';
import { losses } from './losses';
import { paceChanges } from './pace';
import { missingFolders, missingSecrets, SECRET_CONTRACTS } from './prerequisites';
import { restarts } from './restarts';
import { rights } from './rights';
import { routeEffects, signInSettings } from './reach/sign-in';
import { diversions } from './reach/traffic';
import { isDenyingAll, waysIn } from './reach/ways-in';

export { SECRET_CONTRACTS } from './prerequisites';
export { EFFECTS, type EffectKind } from './consequence';

/** What a change will do, foretold of one object. */
export interface Consequence extends Effected {
  /** Folder of the object, such as `platform`. */
  readonly place: string;
  /** Further folders of which the very same is foretold. */
  readonly alsoIn: readonly string[];
  /** `<kind>/<name>`, with the namespace where there is one. */
  readonly object: string;
}

/** An object of both sides by the place that it is applied with. */
export interface PlacedPair extends ObjectPair {
  readonly place: string;
  readonly object: string;
  /** What the object comes in place of under another name, such as the Job of an earlier image. */
  readonly predecessor?: KubernetesObject;
}

/** All files of both sides that objects of the gateway, storage classes and policies may be in. */
export interface Sides {
  readonly before: readonly RenderedFile[];
  readonly after: readonly RenderedFile[];
  /** The contracts of Secrets, before and after; absent where a side has none. */
  readonly contracts?: readonly [before: string | undefined, after: string | undefined];
}

/**
 * What the API server will refuse, what deletes data, stops or restarts pods, opens a way in, grants a right or loses
 * sign-in; the worst first, and what is the same in several variants once.
 */
export function foretell(pairs: readonly PlacedPair[], sides: Sides, isVariant: (place: string) => boolean): Consequence[] {
  const [old, fresh] = [sides.before, sides.after].map((files) => files.flatMap(({ objects }) => objects)) as [
    KubernetesObject[],
    KubernetesObject[],
  ];
  const classes = new Map([...old, ...fresh].filter(({ kind }) => kind === 'StorageClass').map((one) => [one.metadata.name, one]));
  const expandable = (name: string) => classes.get(name)?.['allowVolumeExpansion'] === true;
  const denied = new Set(fresh.filter(isDenyingAll).map(({ metadata }) => metadata.namespace ?? ''));
  const ofObjects = withMoves(withPredecessors(pairs), isVariant).flatMap((pair, _index, all) =>
    effectsOf(pair, expandable, (namespace) => denied.has(namespace), all.filter(({ place }) => place === pair.place)).map((effect) => ({ ...effect, place: pair.place, object: pair.object })),
  );
  const ofRoutes = routeEffects(sides.before, sides.after).map(({ file, kind, name, namespace, ...effect }) => ({
    ...effect,
    place: file.slice(0, file.lastIndexOf('/')),
    object: `${kind}/${name}${namespace ? ` (${namespace})` : ''}`,
  }));
  const ofSecrets = missingSecrets(...(sides.contracts ?? [undefined, undefined])).map((one) => ({ ...one, place: SECRET_CONTRACTS }));
  return grouped([...ofObjects, ...ofRoutes, ...ofSecrets], isVariant).sort(
    (a, b) => rank(a.effect) - rank(b.effect) || compareText(`${a.place}\n${a.object}`, `${b.place}\n${b.object}`),
  );
} // prettier-ignore

function effectsOf(
  pair: PlacedPair,
  expandable: (storageClass: string) => boolean,
  isDenied: (namespace: string) => boolean,
  siblings: readonly ObjectPair[],
): Effected[] {
  const refused = refusals(pair, expandable);
  const others = [
    ...losses(pair),
    ...signInSettings(pair),
    ...waysIn(pair, isDenied),
    ...diversions(pair),
    ...paceChanges(pair),
    ...missingFolders(pair),
    ...rights({ ...pair, was: pair.was ?? pair.predecessor }),
    ...applicationChanges(pair),
    ...definitionChanges(pair),
    ...configurationChanges(pair, siblings),
  ];
  // What is refused restarts nothing: the API server keeps the old object.
  return refused.length > 0 ? [...refused, ...others] : [...others, ...restarts(pair)];
}

/** A Job is named for what it runs: the one that goes, of the same kind, labels and folder, was the one before. */
function withPredecessors(pairs: readonly PlacedPair[]): PlacedPair[] {
  const key = (place: string, { kind, metadata }: KubernetesObject) =>
    `${place}\n${kind}\n${JSON.stringify(metadata.labels ?? {})}`;
  const gone = pairs.filter(({ was, is }) => was?.kind === 'Job' && !is);
  const byKey = new Map(gone.map(({ place, was }) => [key(place, was!), was!]));
  return pairs.map((pair) =>
    pair.is && !pair.was ? { ...pair, predecessor: byKey.get(key(pair.place, pair.is)) } : pair,
  );
}

/** An object that leaves one folder and comes in another is the same one. */
function withMoves(pairs: readonly PlacedPair[], isVariant: (place: string) => boolean): PlacedPair[] {
  const isRunning = ({ place }: PlacedPair) => !isVariant(place) || place.endsWith('/production');
  const come = new Map(pairs.filter((pair) => !pair.was && pair.is && isRunning(pair)).map((pair) => [pair.object, pair]));
  const moved = new Map(
    pairs
      .filter((pair) => pair.was && !pair.is && isRunning(pair) && come.has(pair.object))
      .map((pair) => [pair.object, pair]),
  );
  return pairs.flatMap((pair) => {
    const from = moved.get(pair.object);
    if (!from) return [pair];
    if (pair === from) return [];
    return pair === come.get(pair.object) ? [{ ...pair, was: from.was }] : [pair];
  });
} // prettier-ignore

function grouped(
  consequences: readonly Omit<Consequence, 'alsoIn'>[],
  isVariant: (place: string) => boolean,
): Consequence[] {
  return sameInVariants(consequences, isVariant).map(([first, alsoIn]) => {
    const runs = !isVariant(first.place) || first.place.endsWith('/production');
    return { ...first, alsoIn, ...(!runs && { sentence: `${first.sentence} (once this variant runs)` }) };
  });
}

function rank(effect: EffectKind): number {
  return Object.keys(EFFECTS).indexOf(effect);
}
