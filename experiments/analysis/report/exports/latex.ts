import type { Table } from '../../answers/model';

/** One table for a thesis: LaTeX with `booktabs`, to be included with `\input`. */
export function latexTable({ id, title, columns, rows }: Table): string {
  const numeric = new Set(
    columns.filter(({ key }) => rows.some((row) => typeof row[key] === 'object')).map(({ key }) => key),
  );
  const head = columns.map(({ title: name, unit }) =>
    latexText(unit === undefined || unit === '' ? name : `${name} [${unit}]`),
  );
  const body = rows.map((row) =>
    columns
      .map(({ key }) => {
        const value = row[key] ?? '';
        return latexText(typeof value === 'string' ? value : value.text);
      })
      .join(' & '),
  );
  return [
    '% Needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latexText(title)}}`,
    `  \\label{tab:${id}}`,
    `  \\begin{tabular}{${columns.map(({ key }) => (numeric.has(key) ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    `    ${head.join(' & ')} \\\\`,
    '    \\midrule',
    ...body.map((line) => `    ${line} \\\\`),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '{': '\\{',
  '}': '\\}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '×': '$\\times$',
  '–': '--',
  α: '$\\alpha$',
  β: '$\\beta$',
  ρ: '$\\rho$',
  '²': '$^2$',
};

/** Text with every sign that LaTeX would take for its own written out. */
function latexText(text: string): string {
  return text.replaceAll(/[\\&%$#_{}~^≥≤×–αβρ²]/g, (sign) => SPECIAL[sign]);
}
