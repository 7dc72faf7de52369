import type { Host, Taint } from '../../lib/kubernetes/inventory';

/*
 * What labels and taints a node may join the cluster with. The patterns are judged by here (`npm run synth`), by editors, and by the
 * playbooks (ansible/plugins/filter/inventory.py), which read them in ansible/schemas/inventory.json; so they keep to what the regular
 * expressions of both languages mean alike. The form is that of Kubernetes (docs/concepts/overview/working-with-objects/labels).
 */

const NAME = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';
const DNS_LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const KEY = `((?:(?=[^/]{1,253}/)${DNS_LABEL}(?:[.]${DNS_LABEL})*/)?${NAME})`;

/** A label as `key=value`, the value empty at will. Groups: key, value. */
export const LABEL = `^${KEY}=((?:${NAME})?)$`;
/** A taint as `key=value:Effect` or `key:Effect`. Groups: key, value, effect. */
export const TAINT = `^${KEY}(?:=((?:${NAME})?))?:(NoSchedule|PreferNoSchedule|NoExecute)$`;

/** Of Kubernetes' own keys the kubelet may give itself these alone, and does not start with another one (its option --node-labels). */
const OWN_KEYS = [
  ['', 'arch', 'hostname', 'os'],
  ['beta[.]', 'arch', 'instance-type', 'os'],
  ['failure-domain[.]beta[.]', 'region', 'zone'],
  ['topology[.]', 'region', 'zone'],
].map(([prefix, ...names]) => `${prefix}kubernetes[.]io/(?:${names.join('|')})=`);
/** A label whose key is of Kubernetes' own domains and not among those. */
export const RESERVED_LABEL =
  `^(?!${OWN_KEYS.join('|')})(?!(?:[^/=]*[.])?(?:kubelet|node)[.]kubernetes[.]io/)(?:[^/=]*[.])?(?:kubernetes|k8s)[.]io/`; // prettier-ignore

/** By another host name or architecture pods that name theirs would be placed elsewhere, or nowhere. */
const SET_BY_THE_KUBELET = /^(beta[.])?kubernetes[.]io\/(arch|hostname|os)$/;

/**
 * Reads what a machine's facts say in `node_labels` and `node_taints`.
 *
 * @throws Error with one sentence naming `where` and the field.
 */
export function labelsAndTaints(
  facts: Readonly<Record<string, unknown>>,
  where: string,
): Pick<Host, 'labels' | 'taints'> {
  const labels = entries(facts, 'node_labels', where, LABEL, 'a label; write it as key=value').map(
    ([text, key, value]) => {
      if (new RegExp(RESERVED_LABEL).test(text!))
        throw new Error(
          `${where}.node_labels: "${text}" has a key of Kubernetes' own with which no kubelet starts; use another prefix, or label the node with kubectl.`,
        );
      if (SET_BY_THE_KUBELET.test(key!))
        throw new Error(`${where}.node_labels: "${text}" is what the kubelet says of its machine itself; take it out.`);
      return [key!, value!] as const;
    },
  );
  const taints = entries(
    ...([facts, 'node_taints', where, TAINT] as const),
    'a taint; write it as key=value:NoSchedule (or PreferNoSchedule, NoExecute)',
  ).map(([, key, value = '', effect]) => ({ key: key!, value, effect: effect as Taint['effect'] }));
  refuseTwice(labels.map(([key]) => key), 'node_labels', where); // prettier-ignore
  refuseTwice(taints.map(({ key, effect }) => `${key}:${effect}`), 'node_taints', where); // prettier-ignore
  return {
    ...(labels.length > 0 ? { labels: Object.fromEntries(labels) } : {}),
    ...(taints.length > 0 ? { taints } : {}),
  };
}

function entries(
  facts: Readonly<Record<string, unknown>>,
  field: string,
  where: string,
  pattern: string,
  form: string,
): RegExpExecArray[] {
  const value = facts[field] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
    throw new Error(`${where}.${field}: ${JSON.stringify(value)} is not a list of texts; write [] or one text a line.`);
  return value.map((text: string) => {
    const match = new RegExp(pattern).exec(text);
    if (match) return match;
    throw new Error(`${where}.${field}: "${text}" is not ${form}, name and value each of at most 63 characters.`);
  });
}

function refuseTwice(names: readonly string[], field: string, where: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${where}.${field}: ${twice.split(':')[0]} is there twice; keep one.`);
}
