import type { RuleException } from '../constructs/platform-model';
import type { RenderedFile } from '../kubernetes/object';
import type { Finding } from './finding';

/** Findings that no exception covers, and exceptions that cover no finding. */
export function withoutExcepted(
  findings: readonly Finding[],
  exceptions: readonly RuleException[],
): { kept: Finding[]; unused: RuleException[] } {
  const used = new Set<RuleException>();
  const kept = findings.filter((finding) => {
    const covering = exceptions.filter((exception) => covers(exception, finding));
    covering.forEach((exception) => used.add(exception));
    return covering.length === 0;
  });
  return { kept, unused: exceptions.filter((exception) => !used.has(exception)) };
}

/** An exception names `<kind>/<name>`, or `<folder>/<kind>/<name>` to mean the object of one tree only. */
function covers(exception: RuleException, finding: Finding): boolean {
  if (exception.rule !== finding.rule || exception.reason.trim() === '') return false;
  const folder = finding.file.slice(0, finding.file.lastIndexOf('/'));
  return exception.object === finding.object || exception.object === `${folder}/${finding.object}`;
}

/** An exception that excuses nothing would excuse the next mistake unseen. */
export function ruleOfUnusedExceptions(exception: RuleException, files: readonly RenderedFile[]): Finding {
  const file = files.find(({ path, objects }) =>
    objects.some(({ kind, metadata }) =>
      `${path.slice(0, path.lastIndexOf('/'))}/${kind}/${metadata.name}`.endsWith(exception.object),
    ),
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
    mend:
      exception.reason.trim() === ''
        ? 'say why the rule does not apply'
        : 'remove the exception, or correct its rule and object',
  };
}
