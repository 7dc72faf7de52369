import { isKind } from '../../checks/objects/kinds';
import { selectionOf } from './relations';
import type { IConstruct } from 'constructs';
import { placeObjects, rules, Scope, type PlacedObject } from '../../checks';
import type { PlatformModel, Tree } from '../../constructs/platform-model';
import { builtFiles } from '../../kubernetes/kustomization';
import { folderOf, type KubernetesObject, type RenderedFile } from '../../kubernetes/object';
import type { SecretContract } from '../../kubernetes/secret-contract';
import { locate } from '../difference/locate';
import { toOutputs } from '../outputs';
import { compareText, renderFiles } from '../render';
import { toYaml } from '../yaml';
import { rulesByObject } from './looked-at';
import { withPlaces, type PlacesOf } from './made-at';
import { peerCalls, referencesOf, type PeerCall } from './relations';
import { changesByVariant, identityOf, type VariantChange } from './variants';

/** Everything that is applied in production, each object with what is around it. */
export interface ObjectIndex {
  readonly objects: readonly DescribedObject[];
  readonly rules: readonly { readonly id: string; readonly why: string }[];
  /** Folders of the variants beside the one that runs. */
  readonly variants: readonly string[];
  readonly secrets: readonly SecretContract[];
}

export interface DescribedObject {
  /** A path, such as `platform/service-front-end`; another object never has it. */
  readonly id: string;
  /** Folder that it is applied with, such as `workloads/production`. */
  readonly folder: string;
  readonly component: string;
  /** Where it stands below `dist/`. */
  readonly file: string;
  readonly line: number;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly yaml: string;
  /** Lines that made it, the nearest first, such as `charts/front-end.ts:22`; none where no chart of ours did. */
  readonly madeAt: readonly string[];
  /** Whom its pods call, and who calls them; of a Service, those of the pods behind it. */
  readonly calls: readonly LinkedCall[];
  readonly calledBy: readonly LinkedCall[];
  readonly refersTo: readonly LinkedReference[];
  readonly referredBy: readonly LinkedReference[];
  /** Ids of the rules that read something of it. */
  readonly rules: readonly string[];
  /** Rules that do not apply to it, each with the reason. */
  readonly exceptions: readonly { readonly rule: string; readonly reason: string }[];
  readonly variants: readonly VariantChange[];
}

/** `id` is absent where the other end is not rendered here. */
export interface LinkedCall extends PeerCall {
  readonly id?: string;
}

export interface LinkedReference {
  readonly id?: string;
  /** `<kind>/<name>`. */
  readonly label: string;
  readonly field: string;
}

/**
 * Describes every object that is applied in production; places of the code are told from the folder `repository`.
 *
 * @throws Error when the model cannot be built or rendered.
 */
export function describeObjects(buildModel: () => PlatformModel, repository: string): ObjectIndex {
  const constructs = new Map<KubernetesObject, IConstruct>();
  const { result, placesOf } = withPlaces(repository, () => {
    const model = buildModel();
    return { model, rendered: renderFiles(model, (object, construct) => constructs.set(object, construct)) };
  });
  const { model, rendered } = result;
  const [production, ...variants] = model.trees.filter((tree) => tree.alongside?.length).map(directory);
  const isApplied = (file: RenderedFile) => !variants.includes(folderOf(file));
  const files = builtFiles(rendered);
  const applied = files.filter(isApplied);
  const outputs = toOutputs(model, rendered);
  const inForce = { ...model, trees: model.trees.filter((tree) => !variants.includes(tree.directory)) };
  const context: Context = {
    placed: placeObjects(applied),
    scope: new Scope(placeObjects(applied)),
    model,
    outputs,
    madeAt: placesByIdentity(rendered, constructs, variants, placesOf),
    rules: rulesByObject(inForce, applied),
    variants: changesByVariant(files, production ?? '', variants),
  };
  return {
    objects: linked(context),
    rules: rules.map(({ id, why }) => ({ id, why })),
    variants,
    secrets: model.secrets,
  };
}

const directory = (tree: Tree) => tree.directory;

interface Context {
  readonly placed: readonly PlacedObject[];
  readonly scope: Scope;
  readonly model: PlatformModel;
  readonly outputs: ReadonlyMap<string, string>;
  readonly madeAt: ReadonlyMap<string, readonly string[]>;
  readonly rules: ReadonlyMap<KubernetesObject, readonly string[]>;
  readonly variants: ReadonlyMap<string, readonly VariantChange[]>;
}

/** A patched object is none that a construct made, so that what it is called tells where it comes from. */
function placesByIdentity(
  rendered: readonly RenderedFile[],
  constructs: ReadonlyMap<KubernetesObject, IConstruct>,
  variants: readonly string[],
  placesOf: PlacesOf,
): Map<string, readonly string[]> {
  const places = new Map<string, readonly string[]>();
  for (const file of rendered) {
    if (variants.includes(folderOf(file))) continue;
    for (const object of file.objects) {
      const construct = constructs.get(object);
      if (construct) places.set(identityOf(object), placesOf(construct));
    }
  }
  return places;
}

function linked(context: Context): DescribedObject[] {
  const { placed, scope, model } = context;
  const ids = new Map(placed.map((at) => [identityOf(at.object), idOf(at)]));
  const workloads = new Map(scope.pods.map((pod) => [nameOf(pod.labels), idOf(pod.at)]));
  const peers = peerCalls(model.connections);
  const callsOf = (names: readonly string[], calls: ReadonlyMap<string, readonly PeerCall[]>) =>
    names
      .flatMap((name) => calls.get(name) ?? [])
      .map((call): LinkedCall => ({ ...call, ...idIfAny(workloads.get(call.peer)) }));
  const references = placed.map(({ object }) => referencesOf(scope, object));
  const referredBy = new Map<string, LinkedReference[]>();
  for (const [index, list] of references.entries()) {
    const from = placed[index]!;
    for (const { kind, namespace, name, field } of list) {
      const identity = `${kind}/${namespace}/${name}`;
      referredBy.set(identity, [...(referredBy.get(identity) ?? []), { id: idOf(from), label: from.label, field }]);
    }
  }
  return placed
    .map((at, index): DescribedObject => {
      const { object, label } = at;
      const identity = identityOf(object);
      const names = podNames(scope, at);
      const folder = folderOf(at.file);
      const place = locate(context.outputs, { place: folder, object: label, field: '' });
      return {
        id: idOf(at),
        folder,
        component: at.file.component,
        file: place?.path ?? at.file.path,
        line: place?.line ?? 1,
        apiVersion: object.apiVersion,
        kind: object.kind,
        name: object.metadata.name,
        ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }),
        yaml: toYaml([object]),
        madeAt: context.madeAt.get(identity) ?? [],
        calls: callsOf(names, peers.calls),
        calledBy: callsOf(names, peers.calledBy),
        refersTo: references[index]!.map(({ kind, namespace, name, field }) => ({
          ...idIfAny(ids.get(`${kind}/${namespace}/${name}`)),
          label: `${kind}/${name}`,
          field,
        })),
        referredBy: referredBy.get(identity) ?? [],
        rules: context.rules.get(object) ?? [],
        exceptions: model.exceptions
          .filter((exception) => exception.object === label || exception.object === `${folder}/${label}`)
          .map(({ rule, reason }) => ({ rule, reason })),
        variants: context.variants.get(identity) ?? [],
      };
    })
    .sort((a, b) => compareText(a.id, b.id));
}

const idIfAny = (id: string | undefined) => (id === undefined ? {} : { id });

/** Namespaces are told only where the object belongs to another than most of its folder. */
function idOf({ file, object }: PlacedObject): string {
  const { kind, metadata } = object;
  const name = `${kind}-${metadata.namespace === undefined ? '' : `${metadata.namespace}-`}${metadata.name}`;
  return `${folderOf(file)}/${name}`.toLowerCase().replaceAll(/[^a-z0-9/-]/g, '-');
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  return labels['app.kubernetes.io/name'] ?? '';
}

/** Names that calls are declared under, of the pods that an object makes or selects. */
function podNames(scope: Scope, { object, namespace }: PlacedObject): string[] {
  const own = scope.pods.filter(({ at }) => at.object === object);
  const target = isKind(object, 'HorizontalPodAutoscaler') ? object.spec?.scaleTargetRef : undefined;
  const scaled = scope.pods.filter(
    ({ at }) => target && at.object.kind === target.kind && at.object.metadata.name === target.name,
  );
  const selected = scope.podsMatching(namespace, selectionOf(object)?.labels ?? { none: 'selected' });
  return [...new Set([...own, ...scaled, ...selected].map((pod) => nameOf(pod.labels)))].filter((name) => name !== '');
}
