import { goDurationSeconds } from '../../kubernetes/schedule/duration';
import { isPlaced, type PlacedOf } from '../objects/kinds';
import { asList } from '../objects/pod-template';
import { directoryOf, type Scope } from '../objects/scope';
import { claimTemplatesOf } from '../objects/volumes';
import { objectRule, type Rule, type Violation } from '../rule';

/** An image of 500 MB takes minutes over a mobile line onto a card. */
const LEAST_INSTALLATION_SECONDS = 300;

/** Rules of how Argo CD goes about a sync, and of the charts that K3s installs. */
export const applicationSettingRules: readonly Rule[] = [
  objectRule(
    {
      id: 'claim-templates-are-complete',
      why: 'Argo CD compares the list of templates as a whole, so that a default in it is a difference that no sync ends.',
      remedy:
        'write what the API server would: apiVersion v1, kind PersistentVolumeClaim, volumeMode, status.phase Pending',
    },
    function* (at) {
      for (const [index, template] of claimTemplatesOf(at).entries()) {
        const { apiVersion, kind, spec, status } = template as Readonly<
          Record<string, Readonly<Record<string, unknown>>>
        >;
        const written = {
          apiVersion,
          kind,
          'spec.volumeMode': spec?.['volumeMode'],
          'status.phase': status?.['phase'],
        };
        for (const [name, value] of Object.entries(written)) {
          const field = `spec.volumeClaimTemplates[${index}].${name}`;
          if (value === undefined) yield { at, field, message: `${name} is left out, and the API server fills it in` };
        }
      }
    },
  ),
  objectRule(
    {
      id: 'syncs-are-tried-again',
      why: 'A sync that fails once, as when an image comes late, is otherwise given up until the next commit.',
      remedy: 'retry some times, waiting longer each time, and keep some revisions to go back to',
    },
    function* (at) {
      if (!isPlaced(at, 'Application')) return;
      const { syncPolicy = {}, revisionHistoryLimit = 10 } = at.object.spec ?? {};
      const finalizers: unknown = at.object.metadata['finalizers'];
      if (Array.isArray(finalizers) && finalizers.some((name) => String(name).includes('resources-finalizer'))) {
        const message = 'whoever deletes the Application deletes all that it synced, data too';
        yield { at, field: 'metadata.finalizers', message, remedy: 'leave the finalizer out' };
      }
      if (revisionHistoryLimit < 1) {
        const message = `${revisionHistoryLimit} revisions are kept`;
        yield { at, field: 'spec.revisionHistoryLimit', message };
      }
      const { limit, backoff = {} } = syncPolicy.retry ?? {};
      const field = 'spec.syncPolicy.retry';
      if (limit === undefined) yield { at, field, message: 'a sync that fails is not tried again' };
      else if (limit === 0 || limit < -1)
        yield { at, field: `${field}.limit`, message: `a sync is tried again ${limit} times` };
      const { duration, maxDuration, factor = 2 } = backoff;
      if (!(factor >= 1)) {
        const message = `each pause is ${factor} times the last one, and so none at all`;
        yield { at, field: `${field}.backoff.factor`, message };
      }
      const [first, longest] = [goDurationSeconds(duration), goDurationSeconds(maxDuration)];
      if (first !== undefined && longest !== undefined && longest < first) {
        const message = `the longest pause, ${maxDuration}, is shorter than the first, ${duration}`;
        yield { at, field: `${field}.backoff.maxDuration`, message };
      }
      if (first === 0)
        yield { at, field: `${field}.backoff.duration`, message: 'a sync is tried again without a pause' };
    },
  ),
  {
    id: 'differences-are-ignored-where-meant',
    why: 'Argo CD sets back a field that was to be left alone when what names it fits nothing, and says nothing of it.',
    remedy: 'name group, kind and name of an object that the Application syncs, and the field as in /spec/replicas',
    over: 'object',
    *check(scope) {
      for (const at of scope.ofKind('Application')) {
        for (const [index, entry] of asList(at.object.spec?.ignoreDifferences).entries()) {
          yield* judgeIgnored(scope, at, entry, `spec.ignoreDifferences[${index}]`);
        }
      }
    },
  },
  objectRule(
    {
      id: 'charts-of-k3s-are-installed-as-meant',
      why: 'The Helm controller of K3s takes what it is given: a chart that is not there, or a time too short, shows in a log alone.',
      remedy:
        'read the chart from %{KUBERNETES_API}%/static/charts/, write times as in 20m, and let a failed upgrade stay as it is',
    },
    function* (at) {
      if (!isPlaced(at, 'HelmChart', 'HelmChartConfig')) return;
      const { metadata } = at.object;
      if (metadata.namespace !== 'kube-system') {
        const message = `the Helm controller looks in kube-system, and not in ${metadata.namespace ?? 'no namespace'}`;
        yield { at, field: 'metadata.namespace', message };
      }
      if (!isPlaced(at, 'HelmChart')) return;
      const { failurePolicy, timeout, chart, targetNamespace } = at.object.spec ?? {};
      if (timeout !== undefined && goDurationSeconds(timeout) === undefined)
        yield { at, field: 'spec.timeout', message: `"${timeout}" is not a duration` };
      else if (timeout !== undefined && goDurationSeconds(timeout)! < LEAST_INSTALLATION_SECONDS)
        yield { at, field: 'spec.timeout', message: `in ${timeout} no image comes over a mobile line onto a card` };
      const { createNamespace } = at.object.spec ?? {};
      if (createNamespace !== true && targetNamespace !== undefined && !targetNamespace.startsWith('kube-'))
        yield {
          at,
          field: 'spec.createNamespace',
          message: `nothing makes the namespace ${targetNamespace} before the chart`,
        };
      if (failurePolicy !== 'abort') {
        const message = `a failed upgrade is answered by ${failurePolicy ?? 'reinstall, the default'}, which removes what runs`;
        yield { at, field: 'spec.failurePolicy', message };
      }
      const local = /^https:\/\/%\{KUBERNETES_API\}%(\/.*)$/.exec(String(chart ?? ''))?.[1];
      if (local !== undefined && !local.startsWith('/static/charts/'))
        yield { at, field: 'spec.chart', message: `K3s serves /static/charts/, and not ${local}` };
      if (local === undefined) {
        const message = `nodes reach no repository of charts, and so not ${String(chart)}`;
        yield { at, field: 'spec.chart', message };
      }
      if (targetNamespace === undefined || !KNOWN_TARGETS.has(targetNamespace))
        yield {
          at,
          field: 'spec.targetNamespace',
          message: `"${targetNamespace ?? ''}" is not where Ansible and the AppProjects expect it: ${[...KNOWN_TARGETS].join(', ')}`,
        };
    },
  ),
];

/** Namespaces into which K3s installs a chart of ours. */
const KNOWN_TARGETS = new Set(['argocd']);

function* judgeIgnored(
  scope: Scope,
  at: PlacedOf<'Application'>,
  entry: { group?: string; kind?: string; name?: string; jsonPointers?: unknown; jqPathExpressions?: unknown },
  field: string,
): Iterable<Violation> {
  const { group = '', kind = '', name, jsonPointers, jqPathExpressions } = entry;
  if (group.includes('/')) {
    yield {
      at,
      field: `${field}.group`,
      message: `"${group}" is a group with a version, and the group alone is compared`,
    };
    return;
  }
  const path = at.object.spec?.source?.path;
  const synced = scope.objects.filter((object) => `dist/${directoryOf(object)}` === path);
  const meant = synced.filter(
    ({ object }) =>
      object.kind === kind &&
      (object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '') === group &&
      (name === undefined || object.metadata.name === name),
  );
  if (path !== undefined && meant.length === 0) {
    yield { at, field, message: `${path} holds no ${kind}${name === undefined ? '' : `/${name}`} of group "${group}"` };
    return;
  }
  const pointers = Array.isArray(jsonPointers) ? jsonPointers.map(String) : [];
  if (pointers.length === 0 && !Array.isArray(jqPathExpressions)) yield { at, field, message: 'no field is named' };
  for (const [index, pointer] of pointers.entries()) {
    const where = `${field}.jsonPointers[${index}]`;
    if (!pointer.startsWith('/')) {
      yield { at, field: where, message: `"${pointer}" is no JSON pointer, which begins with /` };
    } else if (meant.length > 0 && !meant.some(({ object }) => hasField(object, pointer))) {
      yield { at, field: where, message: `${meant[0]!.label} has no field ${pointer}` };
    } else if (/^\/spec\/(source\/)?(targetRevision|repoURL)$/.test(pointer)) {
      yield {
        at,
        field: where,
        message: `${pointer} is what git decides: the cluster would stay on what it follows now`,
      };
    } else {
      const whole = meant.find(({ object }) => holdsFields(valueOf(object, pointer)));
      if (!whole) continue;
      const message = `${pointer} of ${whole.label} is more than one field, and nobody sets back any of them`;
      yield { at, field: where, message };
    }
  }
}

/** A map of fields, each of which may be named by itself. */
const holdsFields = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

function hasField(object: unknown, pointer: string): boolean {
  return valueOf(object, pointer) !== undefined;
}

function valueOf(object: unknown, pointer: string): unknown {
  let value: unknown = object;
  for (const part of pointer
    .split('/')
    .slice(1)
    .map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    if (value === null || typeof value !== 'object' || !(part in value)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
