import { isMap } from '../../kubernetes/object';
import { isPlaced } from '../objects/kinds';
import type { SecretContract } from '../../kubernetes/secret-contract';
import type { Inventory } from '../../kubernetes/inventory';
import { valuesOf } from '../objects/chart-values';
import type { Rule } from '../rule';

/** Rules of names in the values of charts, which lead to nodes, Secrets and other parts of the values. */
export const chartReferenceRules: readonly Rule[] = [
  {
    id: 'chart-values-lead-somewhere',
    why: 'A chart passes on a name that leads nowhere: its pods stay pending, or what was to be sent is dropped.',
    remedy: 'correct the name, or add what it means',
    over: 'object',
    *check(scope, { inventory, secrets }) {
      for (const at of scope.ofKind('HelmChart', 'HelmChartConfig', 'Application')) {
        for (const { values, field } of valuesOf(at)) {
          if (!isMap(values)) continue;
          const known = {
            inventory,
            secrets,
            namespace: String((isPlaced(at, 'Application') && at.object.spec?.destination?.namespace) || ''),
            values,
          };
          for (const { path, message } of problemsIn(values, [], known)) {
            yield { at, field: `${field}: ${path.join('.')}`, message };
          }
        }
      }
    },
  },
  {
    id: 'charts-that-call-outside-have-an-uplink',
    why: 'What fetches commits or sends metrics from a node without a way out waits for ever.',
    remedy: 'select a node with wifi: true of the inventory by kubernetes.io/hostname',
    over: 'object',
    *check(scope, { inventory }) {
      const uplinks = inventory.hosts
        .filter(({ role, hasUplink }) => role !== 'gateway' && hasUplink)
        .map(({ name }) => name);
      for (const at of scope.ofKind('HelmChart', 'HelmChartConfig', 'Application')) {
        for (const { values, field } of valuesOf(at)) {
          if (!isMap(values)) continue;
          for (const { path, selector } of callersOutside(values)) {
            const host = isMap(selector) ? selector['kubernetes.io/hostname'] : undefined;
            if (uplinks.includes(String(host))) continue;
            const message = `it calls outside, and ${host === undefined ? 'may run on any node' : `${String(host)} has no uplink`}`;
            yield { at, field: `${field}: ${path}`, message };
          }
        }
      }
    },
  },
  {
    id: 'health-checks-are-of-a-kind',
    why: 'Argo CD passes over a check of a kind that it never meets, and judges by itself.',
    remedy: 'write the group and the kind as in argoproj.io_Application',
    over: 'object',
    *check(scope) {
      const kinds = new Set(
        scope.objects.map(({ object: { apiVersion, kind } }) =>
          apiVersion.includes('/') ? `${apiVersion.split('/')[0]}_${kind}` : kind,
        ),
      );
      for (const at of scope.ofKind('HelmChart')) {
        for (const { values, field } of valuesOf(at)) {
          const cm = isMap(values) && isMap(values['configs']) ? values['configs']['cm'] : undefined;
          for (const key of Object.keys(isMap(cm) ? cm : {})) {
            const kind = /^resource\.customizations\.(?:health|actions|ignoreDifferences)\.(.+)$/.exec(key)?.[1];
            if (kind === undefined || kind === 'all' || kind.includes('*') || kinds.has(kind)) continue;
            yield { at, field: `${field}: configs.cm["${key}"]`, message: `nothing that is rendered is a ${kind}` };
          }
        }
      }
    },
  },
];

/** Parts of charts that call the internet: collectors of metrics and logs, and what fetches the repository. */
function* callersOutside(values: Values): Iterable<{ path: string; selector: unknown }> {
  for (const [name, part] of Object.entries(values)) {
    if (!isMap(part)) continue;
    const { controller } = part;
    const isCollector = name.startsWith('alloy-') && part['enabled'] === true && Array.isArray(values['destinations']);
    if (isCollector)
      yield {
        path: `${name}.controller.nodeSelector`,
        selector: isMap(controller) ? controller['nodeSelector'] : undefined,
      };
    if (name === 'repoServer') yield { path: 'repoServer.nodeSelector', selector: part['nodeSelector'] };
  }
}

interface Known {
  readonly inventory: Inventory;
  readonly secrets: readonly SecretContract[];
  readonly namespace: string;
  readonly values: Values;
}

type Values = Readonly<Record<string, unknown>>;

interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Fields of Kubernetes that charts pass on, with what they may be. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  externalTrafficPolicy: ['Local', 'Cluster'],
  internalTrafficPolicy: ['Local', 'Cluster'],
  dnsPolicy: ['Default', 'ClusterFirst', 'ClusterFirstWithHostNet', 'None'],
  imagePullPolicy: ['Always', 'IfNotPresent', 'Never'],
  pullPolicy: ['Always', 'IfNotPresent', 'Never'],
  restartPolicy: ['Always', 'OnFailure', 'Never'],
  sessionAffinity: ['None', 'ClientIP'],
};
const IMAGE_FIELDS = [
  'registry',
  'repository',
  'tag',
  'digest',
  'pullPolicy',
  'imagePullPolicy',
  'pullSecrets',
  'imagePullSecrets',
];
/** Source: https://github.com/grafana/k8s-monitoring-helm, docs/destinations of the chart k8s-monitoring. */
const DESTINATIONS = ['prometheus', 'loki', 'otlp', 'pyroscope', 'custom'];

/** What the programs behind a type of destination take; those of other types take everything. */
const TAKEN_BY: Readonly<Record<string, readonly string[]>> = {
  prometheus: ['metrics'],
  loki: ['logs'],
  pyroscope: ['profiles'],
};
/** What the parts of the chart send, by their names. */
const FEATURES: readonly (readonly [name: RegExp, sent: string])[] = [
  [/logs|events/i, 'logs'],
  [/profil/i, 'profiles'],
  [/metrics|annotationAutodiscovery|prometheusOperatorObjects/i, 'metrics'],
];
const FILE_SYSTEMS_OF_DISKS = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'vfat'];

function* problemsIn(value: unknown, path: readonly string[], known: Known): Iterable<Problem> {
  if (!isMap(value) && !Array.isArray(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key];
    const choices = Object.hasOwn(CHOICES, key) ? CHOICES[key] : undefined;
    if (choices && typeof item === 'string' && !choices.includes(item))
      yield { path: here, message: `"${item}" is none of ${choices.join(', ')}` };
    if (key === 'nodeSelector' && isMap(item)) yield* selectorProblems(item, here, known.inventory);
    if (key === 'image' && isMap(item)) {
      const unknown = Object.keys(item).find((name) => !IMAGE_FIELDS.includes(name));
      if (unknown !== undefined) yield { path: [...here, unknown], message: 'an image has no field of this name' };
    }
    if (key === 'collector' && typeof item === 'string' && !(item in known.values))
      yield {
        path: here,
        message: `there is no collector ${item}; there are ${collectorsIn(known.values).join(', ')}`,
      };
    if (key === 'destinations' && Array.isArray(item)) yield* destinationProblems(item, here, known);
    if (/^(includeMetrics|excludeMetrics|dropMetrics\w*|keepMetrics)$/.test(key) && Array.isArray(item)) {
      for (const [index, text] of item.entries()) {
        const problem = expressionProblem(String(text));
        if (problem)
          yield { path: [...here, String(index)], message: `"${String(text)}" is no regular expression: ${problem}` };
      }
    }
    if (key === 'dropMetricsForFilesystem' && Array.isArray(item)) {
      const own = item.map(String).find((type) => FILE_SYSTEMS_OF_DISKS.includes(type));
      if (own) yield { path: here, message: `${own} is what disks of nodes have, whose figures are then dropped` };
    }
    if (key === 'keepPhysicalFilesystemDevices' && Array.isArray(item)) {
      const path = item.map(String).find((device) => device.startsWith('/'));
      if (path) yield { path: here, message: `${path} fits no device, since the chart puts /dev/ before each` };
    }
    if (key === 'extraConfig' && typeof item === 'string') yield* receiverProblems(item, here, known);
    yield* problemsIn(item, here, known);
  }
}

function* selectorProblems(selector: Values, path: readonly string[], { hosts }: Inventory): Iterable<Problem> {
  const nodes = hosts.filter(({ role }) => role !== 'gateway');
  for (const [key, value] of Object.entries(selector)) {
    const values = valuesOfLabel(key, nodes);
    if (values === undefined) yield { path: [...path, key], message: 'no node has a label of this name' };
    else if (!values.includes(String(value)))
      yield {
        path: [...path, key],
        message: `no node has the value "${String(value)}"; there is ${[...new Set(values)].join(', ')}`,
      };
  }
}

/** What nodes say of themselves, and the labels of the inventory; the boards are all of one kind. */
function valuesOfLabel(key: string, nodes: Inventory['hosts']): string[] | undefined {
  if (key === 'kubernetes.io/hostname') return nodes.map(({ name }) => name);
  if (key === 'kubernetes.io/arch') return ['arm64'];
  if (key === 'kubernetes.io/os') return ['linux'];
  const values = nodes.flatMap(({ labels }) => labels?.[key] ?? []);
  if (/^node-role\.kubernetes\.io\/(control-plane|etcd|master)$/.test(key)) return ['true', ...values];
  return values.length > 0 ? values : undefined;
}

function collectorsIn(values: Values): string[] {
  return Object.keys(values).filter((name) => name.startsWith('alloy-'));
}

/** The list of destinations itself, whose entries are described, and lists that name some of them. */
function* destinationProblems(
  list: readonly unknown[],
  path: readonly string[],
  { values, secrets, namespace }: Known,
): Iterable<Problem> {
  const described = Array.isArray(values['destinations']) ? values['destinations'].filter(isMap) : [];
  const names = described.map(({ name }) => String(name));
  for (const [index, item] of list.entries()) {
    const here = [...path, String(index)];
    if (typeof item === 'string' && !names.includes(item))
      yield { path: here, message: `there is no destination ${item}; there are ${names.join(', ')}` };
    else if (typeof item === 'string') {
      const { type } = described.find(({ name }) => name === item)!;
      const taken = TAKEN_BY[String(type)];
      const feature = FEATURES.find(([name]) => name.test(path[0] ?? ''));
      if (feature && taken && !taken.includes(feature[1]))
        yield { path: here, message: `${item} is of type ${String(type)}, which takes no ${feature[1]}` };
    }
    if (!isMap(item)) continue;
    if (!DESTINATIONS.includes(String(item['type'])))
      yield { path: [...here, 'type'], message: `"${String(item['type'])}" is none of ${DESTINATIONS.join(', ')}` };
    const { auth, secret } = item;
    if (!isMap(auth) || !isMap(secret)) continue;
    const contract = secrets.find(
      (each) => each.name === secret['name'] && each.namespace === (secret['namespace'] ?? namespace),
    );
    if (!contract) {
      yield { path: [...here, 'secret', 'name'], message: `no contract declares the Secret ${String(secret['name'])}` };
      continue;
    }
    for (const [key, value] of Object.entries(auth)) {
      if (!/Key$/.test(key) || contract.keys.some(({ name }) => name === value)) continue;
      const has = contract.keys.map(({ name }) => name).join(', ');
      yield {
        path: [...here, 'auth', key],
        message: `the Secret ${contract.name} has no key ${String(value)} (it has ${has})`,
      };
    }
  }
}

/** The chart names the receiver of a destination after it, with underscores. */
function* receiverProblems(text: string, path: readonly string[], { values }: Known): Iterable<Problem> {
  const described = Array.isArray(values['destinations']) ? values['destinations'].filter(isMap) : [];
  const receivers = described.map(({ name }) => String(name).replace(/[^A-Za-z0-9]/g, '_'));
  for (const [, name = ''] of text.matchAll(/\b(?:prometheus\.remote_write|loki\.write)\.(\w+)\.receiver/g)) {
    if (receivers.includes(name)) continue;
    yield { path, message: `there is no receiver ${name}; there are ${receivers.join(', ')}` };
  }
}

function expressionProblem(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^.*: /, '').toLowerCase();
  }
}
