import type { PlatformModel } from '../constructs/platform-model';
import type { RenderedFile } from '../kubernetes/object';
import type { Finding } from './finding';
import { rules } from './rules';
import { ruleOfUnusedExceptions, withoutExcepted } from './exceptions';
import type { Rule, Violation } from './rule';
import { placeObjects, Scope, scopesOf } from './objects/scope';
import { secretsInPlainFiles } from './secret-material';
import { outsideImagesOfOtherRegistries } from './delivery/image-sources';

export type { Finding } from './finding';
export { rules } from './rules';
export { rulesPage } from './rules-page';

/** Holds the rendered objects against every rule; an empty list means that they may be written. */
export function checkPlatform(model: PlatformModel, files: readonly RenderedFile[]): Finding[] {
  const placed = placeObjects(files);
  const everything = new Scope(placed);
  const together = scopesOf(model, placed);
  const findings = new Map<string, Finding>();
  for (const rule of rules) {
    for (const scope of rule.over === 'object' ? [everything] : together) {
      for (const violation of rule.check(scope, model)) {
        const finding = toFinding(rule, violation);
        findings.set(JSON.stringify(finding), finding);
      }
    }
  }
  for (const finding of [...secretsInPlainFiles(model.files), ...outsideImagesOfOtherRegistries(model)]) {
    findings.set(JSON.stringify(finding), finding);
  }
  const { kept, unused } = withoutExcepted([...findings.values()], model.exceptions);
  return [...kept, ...unused.map((exception) => ruleOfUnusedExceptions(exception, files))];
}

function toFinding(rule: Rule, { at, field, message, mend }: Violation): Finding {
  return {
    rule: rule.id,
    component: at.file.component,
    file: at.file.path,
    object: at.label,
    ...(field === undefined ? {} : { field }),
    message,
    mend: mend ?? rule.mend,
  };
}
