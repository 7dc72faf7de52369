import type { Finding } from '../checks';

const HINT = 'Where a rule is wrong for one object, except it with a reason: see docs/how-to/read-a-failed-check.md.';

/** Findings grouped by component and file, a sentence each: what is wrong, where, and what to do. */
export function toText(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const [component, ofComponent] of groupBy(findings, (finding) => finding.component)) {
    lines.push('', component);
    for (const [file, ofFile] of groupBy(ofComponent, (finding) => finding.file)) {
      if (file !== component) lines.push(`  ${file}`);
      for (const { object, field, message, remedy, rule, trees } of ofFile) {
        const place = [object, field].filter(Boolean).join(' ');
        const where = trees === undefined ? '' : ` (in ${trees} folders)`;
        lines.push(`    ${place}: ${message}${where}; ${remedy}. [${rule}]`);
      }
    }
  }
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  return [`error: ${count}, so nothing was written`, ...lines, '', HINT].join('\n');
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
