import { box, COLOURS, drawGraph, GRAPH, legend, markup, zone, ZONES } from '../../console/diagram';
import type { SecretContract } from '../../kubernetes/secret-contract';

/**
 * The way of a Secret as an SVG, from its contract to the pods that read it: where values are, and where their names alone are.
 */
export function drawSecrets(secrets: readonly SecretContract[]): Promise<string> {
  return drawGraph(secretsDot(secrets), 'The way of a Secret: from its contract to the pods that read it');
}

/** The same in the language of Graphviz. */
export function secretsDot(secrets: readonly SecretContract[]): string {
  const rows = [...secrets]
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1))
    .map(({ namespace, name, readers }) => row(`${namespace}/${name}`, readers));
  const [fill, line] = COLOURS.green;
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="${line}" BGCOLOR="${fill}"><TR><TD ALIGN="LEFT">Secret</TD><TD ALIGN="LEFT">read by</TD></TR>${rows.join('')}</TABLE>`;
  return [
    'digraph secrets {',
    ...GRAPH,
    ...zone('git', 'public', [
      box('contract', ['contract in facts/', 'names and how to make them'], 'blue'),
      box('file', ['dist/secrets.json', 'names, and who reads'], 'blue'),
    ]),
    ...zone('operator', 'apart', [
      box('vault', ['vault.yml', 'values, encrypted', 'ignored by git'], 'amber'),
      box('ansible', ['Ansible', 'refuses missing values', 'and names of no contract'], 'blue'),
    ]),
    ...zone('cluster', 'inside', [`  "secrets" [shape=plain, style="", label=<${table}>]`]),
    '  "contract" -> "file"',
    '  "file" -> "ansible"',
    '  "vault" -> "ansible"',
    '  "ansible" -> "secrets"',
    ...legend(
      [
        [ZONES.public, 'in git: no value'],
        [ZONES.apart, 'on the machine of the operator'],
        [ZONES.inside, 'in the cluster, encrypted in its store'],
      ],
      ['secrets'],
    ),
    '}',
    '',
  ].join('\n');
}

function row(secret: string, readers: readonly string[]): string {
  const said = readers.length > 0 ? readers : ['what is not rendered here'];
  return `<TR><TD ALIGN="LEFT">${markup(secret)}</TD><TD ALIGN="LEFT" BALIGN="LEFT">${said.map(markup).join('<BR/>')}</TD></TR>`;
}
