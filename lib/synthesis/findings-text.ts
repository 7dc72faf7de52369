import type { Finding } from '../checks';
import { groupBy } from '../primitives/group-by';

const HINT = 'Where a rule is wrong for one object, except it with a reason: see docs/how-to/read-a-failed-check.md.';

/** Findings grouped by component and file, a sentence each: what is wrong, where, and what to do. */
export function findingsText(findings: readonly Finding[]): string {
  const lines: string[] = [];
  for (const [component, ofComponent] of sortedGroups(findings, (finding) => finding.component)) {
    lines.push('', component);
    for (const [file, ofFile] of sortedGroups(ofComponent, (finding) => finding.file)) {
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

/** Groups by name, in the order of their names. */
function sortedGroups<Item>(items: readonly Item[], nameOf: (item: Item) => string): [string, Item[]][] {
  return [...groupBy(items, nameOf)].sort(([a], [b]) => (a < b ? -1 : 1));
}
