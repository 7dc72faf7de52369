import { isKind } from './objects/kinds';
import type { PlatformModel, RuleException } from '../constructs/platform-model';
import { folderOf, type RenderedFile } from '../kubernetes/object';
import type { Finding } from './finding';

/** A finding, and the folders whose built result it is in. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly trees: Set<string>;
}

/** Findings that no exception covers, and exceptions that cover no finding. */
export function withoutExcepted(
  findings: readonly PlacedFinding[],
  exceptions: readonly RuleException[],
): { kept: Finding[]; unused: RuleException[] } {
  const used = new Set<RuleException>();
  const isCovered = (finding: Finding, tree: string) => {
    const covering = exceptions.filter((exception) => covers(exception, finding, tree));
    covering.forEach((exception) => used.add(exception));
    return covering.length > 0;
  };
  const kept = findings.flatMap(({ finding, trees }) => {
    const folders = trees.size > 0 ? [...trees] : [finding.file.slice(0, finding.file.lastIndexOf('/'))];
    // Each folder is asked, so that an exception of each is known to be used.
    const left = folders.filter((tree) => !isCovered(finding, tree));
    return left.length === 0 ? [] : [left.length > 1 ? { ...finding, trees: left.length } : finding];
  });
  return { kept, unused: exceptions.filter((exception) => !exception.onlyWhereNeeded && !used.has(exception)) };
}

/** An exception names `<kind>/<name>`, or `<folder>/<kind>/<name>` to mean the object of one tree only. */
function covers(exception: RuleException, finding: Finding, tree: string): boolean {
  if (exception.rule !== finding.rule || exception.reason.trim() === '') return false;
  return exception.object === finding.object || exception.object === `${tree}/${finding.object}`;
}

/** An exception that excuses nothing would excuse the next mistake unseen. */
export function ruleOfUnusedExceptions(exception: RuleException, files: readonly RenderedFile[]): Finding {
  const file = files.find((file) =>
    file.objects.some(({ kind, metadata }) => `${folderOf(file)}/${kind}/${metadata.name}`.endsWith(exception.object)),
  );
  return {
    rule: 'exceptions-are-used',
    component: file?.component ?? 'exceptions',
    file: file?.path ?? 'exceptions',
    object: exception.object,
    message:
      exception.reason.trim() === ''
        ? `the exception from ${exception.rule} gives no reason`
        : `the exception from ${exception.rule} is not needed, because nothing breaks that rule here`,
    remedy:
      exception.reason.trim() === ''
        ? 'say why the rule does not apply'
        : 'remove the exception, or correct its rule and object',
  };
}

/** Exceptions from capacity that cover what runs by default: the folders that Applications sync. */
export function productionExceptions({ exceptions }: PlatformModel, files: readonly RenderedFile[]): Finding[] {
  const synced = files.flatMap(({ objects }) =>
    objects.filter((object) => isKind(object, 'Application')).map(({ spec }) => String(spec?.source?.path ?? '')),
  );
  return exceptions
    .filter(
      ({ rule, object }) =>
        rule === 'pods-fit-the-nodes' && synced.some((path) => `dist/${object}`.startsWith(`${path}/`)),
    )
    .map(({ rule, object }) => ({
      rule: 'exceptions-spare-production',
      component: 'exceptions',
      file: files.find((file) => object.startsWith(`${folderOf(file)}/`))?.path ?? 'exceptions',
      object,
      message: `the exception from ${rule} covers what runs in production, whose pods would stay pending unseen`,
      remedy: 'give it to the variants of experiments alone (charts/workloads.ts, main.ts)',
    }));
}
