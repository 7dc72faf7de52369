import type { PlacedOf } from '../objects/kinds';
import type { PlacedObject } from '../objects/placed-object';
import { directoryOf, type Scope } from '../objects/scope';
import type { Rule, RuleText, Violation } from '../rule';

/** Rules of what an Argo CD AppProject permits, held against what its Applications sync from `dist/`. */
export const projectRules: readonly Rule[] = [
  projectRule(
    {
      id: 'project-permits-what-is-rendered',
      why: 'Argo CD refuses an object of a kind or in a namespace that the project of its Application does not list.',
      remedy: 'add it to the AppProject',
    },
    function* (project, synced, file) {
      const permitted = entriesOf(project.object);
      const missing = new Map<string, PlacedObject>();
      for (const at of synced) {
        for (const need of needsOf(at)) if (!permitted.has(need) && !missing.has(need)) missing.set(need, at);
      }
      for (const [need, at] of missing) {
        const { name } = project.object.metadata;
        yield {
          at,
          field: need.startsWith('namespace ') ? 'metadata.namespace' : 'kind',
          message: `AppProject/${name} does not permit ${need}, and would be given it`,
          remedy: `take the object out, or let a reviewer add ${need} to ${name} in ${file}`,
        };
      }
    },
  ),
  projectRule(
    {
      id: 'project-permits-no-more',
      why: 'A permission that nothing uses lets a mistaken or hostile commit do what no reviewer expects.',
      remedy: 'remove it from the AppProject',
    },
    function* (project, synced, file) {
      const needed = new Set(synced.flatMap(needsOf));
      for (const [entry, field] of entriesOf(project.object)) {
        if (needed.has(entry)) continue;
        const remedy = `remove it from ${project.object.metadata.name} in ${file}`;
        yield { at: project, field, message: `nothing that is rendered needs ${entry}`, remedy };
      }
    },
  ),
  {
    id: 'root-holds-no-kind-of-its-own',
    why: 'Argo CD judges a whole sync by the project as it was before: a kind that the same commit permits is refused, and the permission with it.',
    remedy: 'render the object into a folder of its own, with an Application that the root brings',
    over: 'object',
    *check(scope) {
      for (const { object } of scope.ofKind('Application')) {
        const folder = object.spec?.source?.path?.replace(/^dist\//, '');
        const inFolder = scope.objects.filter((at) => directoryOf(at) === folder);
        if (!inFolder.some((at) => at.object.kind === 'AppProject' && at.object.metadata.name === object.spec?.project))
          continue;
        for (const at of inFolder) {
          if (BOOTSTRAP_KINDS.has(at.object.kind)) continue;
          const message = `Application/${object.metadata.name} syncs it together with AppProject/${object.spec?.project}, which must permit it before`;
          yield { at, field: 'kind', message };
        }
      }
    },
  },
];

/** What the project of the root Application has permitted from the first day of each cluster. */
const BOOTSTRAP_KINDS = new Set(['AppProject', 'Application', 'HelmChart', 'Namespace']);

type Check = (project: PlacedOf<'AppProject'>, synced: readonly PlacedObject[], file: string) => Iterable<Violation>;

/** Projects whose Applications read folders of `dist/`; what a Helm chart creates cannot be seen here. */
function projectRule(text: RuleText, check: Check): Rule {
  return {
    ...text,
    over: 'object',
    *check(scope, { reviewed }) {
      for (const project of scope.ofKind('AppProject')) {
        const synced = syncedBy(project.object.metadata.name, scope);
        if (synced.length > 0) yield* check(project, synced, reviewed.file);
      }
    },
  };
}

/** Objects of every folder that an Application of the project reads, and of that folder's siblings: each may be selected. */
function syncedBy(project: string, scope: Scope): PlacedObject[] {
  const folders = new Set(
    scope
      .ofKind('Application')
      .filter(({ object }) => object.spec?.project === project)
      .map(({ object }) => /^dist\/([^/]+)/.exec(object.spec?.source?.path ?? '')?.[1]),
  );
  return scope.objects.filter((at) => folders.has(directoryOf(at).split('/')[0]));
}

function needsOf({ object, namespace }: PlacedObject): string[] {
  const kind = kindName(object.apiVersion.includes('/') ? object.apiVersion.split('/')[0]! : '', object.kind);
  return namespace ? [`namespaced kind ${kind}`, `namespace ${namespace}`] : [`cluster-scoped kind ${kind}`];
}

/** What the project lists, by the name of the need, with the field that lists it. */
function entriesOf({ spec = {} }: PlacedOf<'AppProject'>['object']): Map<string, string> {
  const kinds = (field: 'clusterResourceWhitelist' | 'namespaceResourceWhitelist', scope: string) =>
    (spec[field] ?? []).map(
      ({ group = '', kind = '' }, index) =>
        [`${scope} kind ${kindName(group, kind)}`, `spec.${field}[${index}]`] as const,
    );
  return new Map([
    ...kinds('clusterResourceWhitelist', 'cluster-scoped'),
    ...kinds('namespaceResourceWhitelist', 'namespaced'),
    ...(spec.destinations ?? []).map(
      ({ namespace }, index) => [`namespace ${namespace}`, `spec.destinations[${index}]`] as const,
    ),
  ]);
}

const kindName = (group: string, kind: string) => (group ? `${kind}.${group}` : kind);
