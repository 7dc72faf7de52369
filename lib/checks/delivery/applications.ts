import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { isPlaced, type PlacedOf } from '../objects/kinds';
import { valid } from 'semver';
import type { ReviewedPermissions } from '../../kubernetes/reviewed-facts';
import { asList } from '../objects/pod-template';
import { directoryOf, type Scope } from '../objects/scope';
import type { Rule, Violation } from '../rule';
import { objectRule } from '../rule';

const IN_CLUSTER = 'https://kubernetes.default.svc';

/** Rules of what Argo CD follows, and of what it is permitted. */
export const applicationRules: readonly Rule[] = [
  {
    id: 'applications-lead-to-what-is-rendered',
    why: 'An Application of a wrong path, branch, repository or cluster syncs nothing, or something else.',
    remedy: 'name a folder of dist/, and the repository and branch of the settings',
    over: 'object',
    *check(scope, { reviewed }) {
      const folders = new Set(scope.objects.map((at) => `dist/${directoryOf(at)}`));
      for (const at of scope.ofKind('Application')) {
        const { source = {}, sources, destination = {} } = at.object.spec ?? {};
        if (sources) yield { at, field: 'spec.sources', message: 'several sources are mixed into one Application' };
        if (destination.server !== IN_CLUSTER || destination.name) {
          const message = `the cluster is ${destination.name ?? destination.server ?? 'not set'}, and only ${IN_CLUSTER} is ours`;
          yield { at, field: 'spec.destination', message };
        }
        yield* judgeProject(scope, at);
        if (source.chart !== undefined) continue;
        const { url, branch } = reviewed.repository;
        if (source.repoURL !== url) {
          yield { at, field: 'spec.source.repoURL', message: `"${source.repoURL}" is not the repository ${url}` };
        }
        if (source.targetRevision !== branch) {
          const message = `"${source.targetRevision ?? ''}" is not the branch ${branch} of the settings`;
          yield { at, field: 'spec.source.targetRevision', message };
        }
        if (source.directory !== undefined) {
          const message =
            'a folder of a kustomization would be applied without it, its patches and autoscalers left out';
          yield { at, field: 'spec.source.directory', message, remedy: 'leave directory out' };
        }
        if (!folders.has(String(source.path))) {
          const known = [...folders].filter((folder) => !/^dist\/workloads\//.test(folder)).sort();
          const message = `nothing is rendered to "${source.path ?? ''}"; there are ${known.join(', ')} and dist/workloads/<variant>`;
          yield { at, field: 'spec.source.path', message };
        }
      }
    },
  },
  {
    id: 'charts-are-pinned-and-known',
    why: 'A chart of a range of versions, or of an unknown repository, changes what runs without a commit here.',
    remedy: 'pin one version of the chart, and let a reviewer add its repository',
    over: 'object',
    *check(scope, { reviewed, images }) {
      const listed = images?.outside.map(({ namedBy }) => namedBy.replace(/ .*$/, '')) ?? [];
      for (const at of scope.ofKind('Application')) {
        const { chart, repoURL, targetRevision } = at.object.spec?.source ?? {};
        if (chart === undefined) continue;
        if (listed.length > 0 && !listed.includes(chart)) {
          const message = `the images of the chart ${chart} are not listed; those of ${[...new Set(listed)].join(', ')} are`;
          const remedy = 'correct the name, or list the images of the chart in facts/outside-image-list.json';
          yield { at, field: 'spec.source.chart', message, remedy };
        }
        if (!valid(String(targetRevision ?? ''))) {
          const message = `"${targetRevision ?? ''}" names no single version of the chart ${chart}`;
          yield { at, field: 'spec.source.targetRevision', message, remedy: 'write one version, such as 1.2.3' };
        }
        if (!/^(https|oci):\/\//.test(String(repoURL))) {
          const message = `${repoURL} is asked in the clear, so a chart may be exchanged on its way`;
          yield { at, field: 'spec.source.repoURL', message, remedy: 'write https://' };
        }
        if (!reviewed.chartRepositories.includes(String(repoURL))) {
          const remedy = `use one of ${reviewed.chartRepositories.join(', ')}, or let a reviewer add it to ${reviewed.file}`;
          yield {
            at,
            field: 'spec.source.repoURL',
            message: `"${repoURL}" is no repository that was agreed to`,
            remedy,
          };
        }
      }
      for (const at of scope.ofKind('HelmChart')) {
        const { chart = '', version, repo } = at.object.spec ?? {};
        const archive = /\/static\/charts\/([^/]+)$/.exec(String(chart))?.[1];
        if (archive !== undefined && reviewed.stagedCharts && !reviewed.stagedCharts.includes(archive)) {
          const message = `Ansible stages ${reviewed.stagedCharts.join(', ')}, and not ${archive}`;
          const remedy =
            'write the same file name in ansible/inventory/group_vars/all/artefacts.yml, and the same version';
          yield { at, field: 'spec.chart', message, remedy };
        }
        const file = /-v?(\d+\.\d+\.\d+[\w.+-]*)\.tgz$/.exec(String(chart))?.[1];
        if (valid(String(version ?? file ?? ''))) continue;
        const message = `the chart ${chart}${repo ? ` of ${repo}` : ''} is of no single version`;
        yield { at, field: 'spec.version', message };
      }
    },
  },
  {
    id: 'projects-are-as-agreed',
    why: 'An AppProject that permits more than was agreed to lets a commit do what no reviewer expects.',
    remedy: 'take it out of the AppProject, or let a reviewer add it to the list',
    over: 'object',
    *check(scope, { reviewed }) {
      for (const at of scope.ofKind('AppProject')) {
        const { name } = at.object.metadata;
        const agreed = Object.hasOwn(reviewed.projects, name) ? reviewed.projects[name] : undefined;
        const remedy = `take it out, or let a reviewer add it to ${reviewed.file}: ${name}`;
        if (!agreed) {
          yield { at, field: 'metadata.name', message: `nobody has agreed to an AppProject ${name}`, remedy };
          continue;
        }
        for (const { field, text } of beyond(at, agreed)) {
          yield { at, field, message: `${text} is not what was agreed to`, remedy };
        }
        // Argo CD gives it to every Application that names no project.
        if (name === 'default' && (at.object.spec?.destinations ?? []).length > 0)
          yield {
            at,
            field: 'spec.destinations',
            message: 'it is the project of whatever names none',
            remedy: `leave ${name} without a namespace`,
          };
        const repositories = [reviewed.repository.url, ...reviewed.chartRepositories];
        for (const [index, repository] of (at.object.spec?.sourceRepos ?? []).entries()) {
          if (repositories.includes(repository)) continue;
          yield {
            at,
            field: `spec.sourceRepos[${index}]`,
            message: `"${repository}" is not what was agreed to`,
            remedy,
          };
        }
        for (const list of ['sourceNamespaces', 'roles', 'syncWindows', 'permitOnlyProjectScopedClusters'] as const) {
          if (at.object.spec?.[list])
            yield { at, field: `spec.${list}`, message: `${list} were never agreed to`, remedy };
        }
      }
    },
  },
  objectRule(
    {
      id: 'sync-settings-exist',
      why: 'Argo CD ignores an option, hook or wave that it does not know, and does what nobody meant.',
      remedy: 'correct the name, as in the documentation of Argo CD (sync options, hooks, sync waves)',
    },
    function* (at) {
      for (const [name, value] of Object.entries(at.object.metadata.annotations ?? {})) {
        if (!name.startsWith('argocd.argoproj.io/')) continue;
        const problem = annotationProblem(name, String(value));
        if (problem) yield { at, field: `metadata.annotations["${name}"]`, message: problem };
      }
      if (!isPlaced(at, 'Application')) return;
      const { syncOptions = [], automated, retry } = at.object.spec?.syncPolicy ?? {};
      for (const [index, option] of syncOptions.entries()) {
        const problem = optionProblem(String(option));
        if (problem) yield { at, field: `spec.syncPolicy.syncOptions[${index}]`, message: problem };
      }
      if (automated?.allowEmpty) {
        const message = 'a folder that renders to nothing would prune everything';
        yield { at, field: 'spec.syncPolicy.automated.allowEmpty', message };
      }
      for (const name of ['prune', 'selfHeal', 'enabled'] as const) {
        if (automated && (automated[name] ?? name === 'enabled') === true) continue;
        const message = `${name} is not on, so the cluster may differ from git`;
        yield { at, field: `spec.syncPolicy.automated.${name}`, message };
      }
      for (const name of ['duration', 'maxDuration'] as const) {
        const value = retry?.backoff?.[name];
        if (value === undefined || goDurationSeconds(value) !== undefined) continue;
        yield { at, field: `spec.syncPolicy.retry.backoff.${name}`, message: `"${value}" is not a duration` };
      }
    },
  ),
];

function* judgeProject(scope: Scope, at: PlacedOf<'Application'>): Iterable<Violation> {
  const { project = '', source = {}, destination = {} } = at.object.spec ?? {};
  const { namespace = '' } = destination;
  const found = scope.find('AppProject', at.namespace, project);
  if (!found || project === 'default') {
    yield { at, field: 'spec.project', message: `there is no AppProject ${project} for Applications` };
    return;
  }
  const repositories = found.object.spec?.sourceRepos ?? [];
  if (source.repoURL !== undefined && !repositories.includes(source.repoURL) && !repositories.includes('*')) {
    const message = `AppProject/${project} permits ${repositories.join(', ') || 'no repository'}, and not ${source.repoURL}`;
    yield { at, field: 'spec.project', message };
  }
  const destinations = asList(found.object.spec?.destinations).map((destination) => destination.namespace);
  if (destinations.includes(namespace)) return;
  const message = `AppProject/${project} permits ${destinations.length > 0 ? `the namespaces ${destinations.join(', ')}` : 'no namespace'}, and not ${namespace}`;
  yield { at, field: 'spec.destination.namespace', message };
}

function* beyond(
  { object: { spec = {} } }: PlacedOf<'AppProject'>,
  agreed: ReviewedPermissions,
): Iterable<{ field: string; text: string }> {
  const lists = [
    ['clusterResourceWhitelist', agreed.clusterKinds],
    ['namespaceResourceWhitelist', agreed.namespacedKinds],
  ] as const;
  for (const [list, kinds] of lists) {
    for (const [index, entry] of asList(spec[list]).entries()) {
      if (kinds.some(({ group, kind }) => group === entry.group && kind === entry.kind)) continue;
      yield { field: `spec.${list}[${index}]`, text: `kind ${entry.kind} of group "${entry.group}"` };
    }
  }
  for (const [index, { namespace, server }] of asList(spec.destinations).entries()) {
    if (agreed.namespaces.includes(String(namespace)) && server === IN_CLUSTER) continue;
    yield { field: `spec.destinations[${index}]`, text: `the namespace ${namespace} of ${server}` };
  }
}

/** Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/ and …/resource_hooks/ */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  Prune: ['true', 'false', 'confirm'],
  Delete: ['true', 'false', 'confirm'],
  Validate: ['true', 'false'],
  SkipDryRunOnMissingResource: ['true', 'false'],
  ApplyOutOfSyncOnly: ['true', 'false'],
  PrunePropagationPolicy: ['foreground', 'background', 'orphan'],
  PruneLast: ['true', 'false'],
  Replace: ['true', 'false'],
  Force: ['true', 'false'],
  ServerSideApply: ['true', 'false'],
  ClientSideApplyMigration: ['true', 'false'],
  FailOnSharedResource: ['true', 'false'],
  RespectIgnoreDifferences: ['true', 'false'],
  CreateNamespace: ['true', 'false'],
};
const HOOKS = ['PreSync', 'Sync', 'PostSync', 'SyncFail', 'PostDelete', 'Skip'];
const HOOK_DELETION = ['HookSucceeded', 'HookFailed', 'BeforeHookCreation'];
const COMPARE = ['ServerSideDiff=false', 'IgnoreExtraneous', 'IncludeMutationWebhook=true'];
/** Seen with Argo CD 3.2: of a comparison that fails it keeps the one before, and calls the commit synced at the next look. */
const HIDING = 'ServerSideDiff=true';

function annotationProblem(annotation: string, value: string): string | undefined {
  const name = annotation.slice('argocd.argoproj.io/'.length);
  const parts = value.split(',').map((part) => part.trim());
  const unknown = (known: readonly string[]) => parts.find((part) => !known.includes(part));
  const saying = (part: string | undefined, what: string) =>
    part === undefined ? undefined : `"${part}" is no ${what} of Argo CD`;
  switch (name) {
    case 'sync-wave':
      return /^-?\d+$/.test(value) ? undefined : `the wave "${value}" is not a whole number`;
    case 'sync-options':
      return parts.map(optionProblem).find(Boolean);
    case 'hook':
      return saying(unknown(HOOKS), 'hook');
    case 'hook-delete-policy':
      return saying(unknown(HOOK_DELETION), 'policy for hooks');
    case 'compare-options':
      return parts.includes(HIDING)
        ? `with ${HIDING} a commit that the API server refuses counts as synced, and nobody hears of it`
        : saying(unknown(COMPARE), 'option of comparison');
    case 'tracking-id':
    case 'refresh':
    case 'managed-by-url':
      return undefined;
    default:
      return 'Argo CD knows no annotation of this name';
  }
}

/** Options with a value that Argo CD takes and that harms. */
const HARMFUL_OPTIONS: Readonly<Record<string, string>> = {
  'Validate=false': 'the API server no longer says what it cannot read',
  'ServerSideApply=false': 'a field that something else owns, such as replicas under an autoscaler, is set back',
  'CreateNamespace=true': 'a namespace without its level of pod security is made where one is misspelt',
};

function optionProblem(option: string): string | undefined {
  const [name = '', value = ''] = option.split('=');
  if ((name === 'Replace' || name === 'Force') && value === 'true')
    return `${option} deletes and creates anew what cannot be changed, data and running pods with it`;
  const harm = HARMFUL_OPTIONS[option];
  if (harm) return `${option}: ${harm}`;
  const values = Object.hasOwn(OPTIONS, name) ? OPTIONS[name]! : undefined;
  if (!values) return `"${option}" is no sync option of Argo CD`;
  return values.includes(value) ? undefined : `the sync option ${name} is ${values.join(', ')}, and not "${value}"`;
}
