import type { PlatformModel } from '../constructs/platform-model';
import { builtFiles } from '../kubernetes/kustomization';
import { folderOf, type RenderedFile } from '../kubernetes/object';
import type { Finding } from './finding';
import { rules } from './rules';
import { productionExceptions, ruleOfUnusedExceptions, withoutExcepted, type PlacedFinding } from './exceptions';
import type { Rule, Violation } from './rule';
import { alikeBesidesAmounts, type AlikeScopes } from './objects/amounts';
import { placeObjects, Scope, scopesOf } from './objects/scope';
import { secretsInPlainFiles } from './secret-material';
import { outsideImagesOfOtherRegistries } from './delivery/image-sources';
import { agreementFindings } from './delivery/agreements';
import { passedOverJobs } from './delivery/waited-jobs';
import { alertFindings } from './monitoring/alerts';
import { composeFindings } from './compose/compose-file';
import { composeServiceFindings } from './compose/compose-services';
import { contractFindings } from './secret-contracts';

export type { Finding } from './finding';
export { rules } from './rules';
export { publicRoutes, type PublicRoute } from './gateway/routes';
export { placeObjects, Scope, scopesOf } from './objects/scope';
export type { PlacedObject } from './objects/placed-object';
export { rulesPage } from './rules-page';

/** Holds what is applied, kustomizations built, against every rule; an empty list means that it may be written. */
export function checkPlatform(model: PlatformModel, rendered: readonly RenderedFile[]): Finding[] {
  const files = builtFiles(rendered);
  const placed = placeObjects(files);
  // What many trees take over from one base is looked at once.
  const everything = new Scope([...new Map(placed.map((at) => [at.object, at])).values()]);
  const together = scopesOf(model, placed);
  const findings = new Map<string, PlacedFinding>();
  const found = (finding: Finding, tree?: string) => {
    const key = JSON.stringify(finding);
    const known = findings.get(key);
    if (!known) findings.set(key, { finding, trees: new Set(tree === undefined ? [] : [tree]) });
    else if (tree !== undefined) known.trees.add(tree);
  };
  const alike = alikeBesidesAmounts(together);
  const violations = (rule: Rule) => {
    if (rule.over === 'wiring') return alike.flatMap((group) => violationsInEach(rule, model, group));
    const scopes = rule.over === 'object' ? [everything] : together;
    return scopes.flatMap((scope) => [...rule.check(scope, model)]);
  };
  for (const rule of rules) {
    for (const violation of violations(rule)) found(toFinding(rule, violation), folderOf(violation.at.file));
  }
  const ofNoObject = [
    ...secretsInPlainFiles(model.files),
    ...composeFindings(model.files),
    ...composeServiceFindings(model.files, files),
    ...outsideImagesOfOtherRegistries(model),
    ...contractFindings(model, readersIn(files)),
    ...alertFindings(model, files),
    ...agreementFindings(model, files),
    ...passedOverJobs(placed),
    ...productionExceptions(model, files),
  ];
  for (const finding of ofNoObject) found(finding);
  const { kept, unused } = withoutExcepted([...findings.values()], model.exceptions);
  return [...kept, ...unused.map((exception) => ruleOfUnusedExceptions(exception, files))];
}

/** Components, and the objects that make pods or name charts, by which contracts name their readers. */
function readersIn(files: readonly RenderedFile[]): ReadonlySet<string> {
  return new Set(
    files.flatMap(({ component, objects }) => [
      component,
      ...objects.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] ?? metadata.name),
    ]),
  );
}

/** What a rule finds in trees that are alike, placed in each of them. */
function violationsInEach(rule: Rule, model: PlatformModel, { shown, places }: AlikeScopes): Violation[] {
  return [...rule.check(shown, model)].flatMap((violation) => places(violation.at).map((at) => ({ ...violation, at })));
}

function toFinding(rule: Rule, { at, field, message, remedy }: Violation): Finding {
  return {
    rule: rule.id,
    component: at.file.component,
    file: at.file.path,
    object: at.label,
    ...(field === undefined ? {} : { field }),
    message,
    remedy: remedy ?? rule.remedy,
  };
}
