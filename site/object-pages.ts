import { groupBy } from '../lib/primitives/group-by';
import type { DescribedObject, LinkedCall, LinkedReference, ObjectIndex } from '../lib/synthesis/objects';
import type { Page } from './pages';

/** Where the files of the repository are published. */
export interface Published {
  readonly address: string;
}

/** One page for each object, one for each component in the index, and one for the variants. */
export function objectPages(index: ObjectIndex, { address }: Published): Page[] {
  const why = new Map(index.rules.map((rule) => [rule.id, rule.why]));
  return [
    indexPage(index),
    variantsPage(index, address),
    ...index.objects.map((object) => ({ path: pathOf(object), text: objectPage(object, why, address) })),
  ];
}

const FOLDER = 'objects';

function pathOf({ id }: Pick<DescribedObject, 'id'>): string {
  return `${FOLDER}/${id}.md`;
}

/** What components are called in the navigation, each with its objects. */
export function byComponent(objects: readonly DescribedObject[]): Map<string, DescribedObject[]> {
  const components = groupBy(objects, ({ folder, component }) => (folder === 'argocd' ? 'argocd' : component));
  return new Map([...components].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function indexPage({ objects, variants, secrets }: ObjectIndex): Page {
  const components = [...byComponent(objects)].map(([component, list]) => {
    const links = list.map((object) => `- [${object.kind}/${object.name}](/${pathOf(object)})`);
    return `## ${component}\n\n${links.join('\n')}`;
  });
  const secretRows = [...secrets]
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))
    .map(({ namespace, name, keys, readers }) => [
      code(`${namespace}/${name}`),
      keys.map((key) => code(key.name)).join(', '),
      readers.map(code).join(', '),
    ]);
  return page(`${FOLDER}/index.md`, 'Objects', [
    `What is applied in production: ${objects.length} objects of ${components.length} components, each with its YAML, who calls it, ` +
      `the rules that looked at it and the line that made it. ${variants.length} [variants](/${FOLDER}/variants.md) change some of them for an experiment. ` +
      'Their [Secrets](#secrets) have no value in git.',
    ...components,
    '## Secrets',
    'Ansible makes them from these contracts.',
    table(['Secret', 'keys', 'read by'], secretRows),
  ]);
}

function variantsPage({ objects, variants }: ObjectIndex, address: string): Page {
  const parts = variants.map((variant) => {
    const rows = objects.flatMap((object) =>
      object.variants
        .filter((change) => change.variants.includes(variant))
        .flatMap((change) => {
          const name = `[${object.kind}/${object.name}](/${pathOf(object)})`;
          if (change.change !== 'changed') return [[name, change.change, '', '']];
          return change.fields.map(({ field, before, after }, place) => [
            place === 0 ? name : '',
            code(field),
            value(before),
            value(after),
          ]);
        }),
    );
    const name = variant.slice(variant.lastIndexOf('/') + 1);
    const content = rows.length > 0 ? table(['object', 'field', 'in production', 'here'], rows) : 'As in production.';
    return `## ${name}\n\n[${code(`dist/${variant}`)}](${address}/dist/${variant})\n\n${content}`;
  });
  return page(`${FOLDER}/variants.md`, 'Variants', [
    'Each is a kustomization over `dist/workloads/base` and differs from the variant in production in what its row of the plan says, and in nothing else.',
    ...parts,
  ]);
}

function objectPage(object: DescribedObject, why: ReadonlyMap<string, string>, address: string): string {
  const { kind, name, namespace, component, folder, apiVersion, file, line, madeAt } = object;
  const places = madeAt.map((place) => `[${code(place)}](${address}/${place.replace(':', '#L')})`);
  const [made, ...askedFor] = places;
  const origin = made
    ? `Made at ${made}${askedFor.length > 0 ? `, for ${askedFor.slice(0, 2).join(', ')}` : ''}. `
    : '';
  const facts = [
    ['component', component],
    ['namespace', namespace ?? 'none'],
    ['applied with', `dist/${folder}`],
    ['API', apiVersion],
  ];
  return page('', `${kind}/${name}`, [
    `<ul class="object-facts">${facts.map(([label, text]) => `<li>${label} <b>${escaped(text!)}</b></li>`).join('')}</ul>`,
    `${origin}Written to [${code(`dist/${file}:${line}`)}](${address}/dist/${file}#L${line}).`,
    ...calls('Called by', object.calledBy, 'Nobody is declared to call its pods.', object),
    ...calls('Calls', object.calls, 'Its pods are declared to call nobody.', object),
    ...references('Names', object.refersTo),
    ...references('Named by', object.referredBy),
    '## YAML',
    `\`\`\`yaml\n${object.yaml.trimEnd()}\n\`\`\``,
    ...variantParts(object),
    `## Rules that looked at it`,
    object.rules.length === 0
      ? 'None read more of it than its kind and its name.'
      : table(
          ['rule', 'why'],
          object.rules.map((rule) => [code(rule), escaped(why.get(rule) ?? '')]),
        ),
    ...(object.exceptions.length === 0
      ? []
      : [
          '### Except',
          table(
            ['rule', 'why it does not apply'],
            object.exceptions.map(({ rule, reason }) => [code(rule), escaped(reason)]),
          ),
        ]),
  ]).text;
}

/** Kinds that stand for pods, of which somebody asks who calls them. */
const OF_PODS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Service', 'NetworkPolicy'];

function calls(title: string, list: readonly LinkedCall[], none: string, { kind }: DescribedObject): string[] {
  if (list.length === 0) return OF_PODS.includes(kind) ? [`## ${title}`, none] : [];
  const rows = list.map(({ id, peer, ports }) => [
    id ? `[${peer}](/${pathOf({ id })})` : `${escaped(peer)} (not rendered here)`,
    ports.map(code).join(', '),
  ]);
  return [`## ${title}`, table(['who', 'ports'], rows)];
}

function references(title: string, list: readonly LinkedReference[]): string[] {
  if (list.length === 0) return [];
  const nameOf = ({ id, label }: LinkedReference) => {
    if (id) return `[${label}](/${pathOf({ id })})`;
    return label.startsWith('Secret/') ? `[${label}](/${FOLDER}/#secrets)` : escaped(label);
  };
  const rows = list.map((reference) => [nameOf(reference), code(reference.field)]);
  return [`## ${title}`, table(['object', 'field'], rows)];
}

function variantParts({ variants }: DescribedObject): string[] {
  if (variants.length === 0) return [];
  const rows = variants.flatMap(({ variants: names, change, fields }) => {
    const links = names
      .map((name) => name.slice(name.lastIndexOf('/') + 1))
      .map((name) => `[${name}](/${FOLDER}/variants.md#${name})`)
      .join('<br>');
    if (change !== 'changed') return [[links, change, '', '']];
    return fields.map(({ field, before, after }, place) => [
      place === 0 ? links : '',
      code(field),
      value(before),
      value(after),
    ]);
  });
  return ['## Variants that change it', table(['variants', 'field', 'in production', 'there'], rows)];
}

function page(path: string, title: string, parts: readonly string[]): Page {
  // The name of the page's class lets the style tell the index from the rest.
  const look = path === `${FOLDER}/index.md` ? '\npageClass: objects-index' : '';
  return { path, text: `---\ntitle: ${JSON.stringify(title)}${look}\n---\n\n# ${title}\n\n${parts.join('\n\n')}\n` };
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

function value(one: unknown): string {
  if (one === undefined) return 'absent';
  const text = typeof one === 'string' && one !== '' ? one : JSON.stringify(one);
  return code(text.length > 120 ? `${text.slice(0, 117)}…` : text);
}

/** As code, in HTML, so that nothing in it is markup or a template. */
function code(text: string): string {
  return `<code v-pre>${escaped(text)}</code>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{{', '&#123;&#123;')
    .replaceAll(/[\\`*_[\]]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll('\n', '⏎');
}
