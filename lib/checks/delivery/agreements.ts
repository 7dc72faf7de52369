import type { PlatformModel } from '../../constructs/platform-model';
import type { RenderedFile } from '../../kubernetes/object';
import type { Finding } from '../finding';

/** For the page of rules, since these findings are of no object. */
export const agreementRule = {
  id: 'agreements-are-needed',
  why: 'What was agreed to and is not needed lets the next commit do what no reviewer expects.',
  remedy: 'take it off the list',
};

/** Agreements of reviewers that nothing rendered needs. */
export function agreementFindings({ reviewed }: PlatformModel, files: readonly RenderedFile[]): Finding[] {
  const objects = files.flatMap((file) => file.objects);
  const named = new Set(
    objects.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].filter(Boolean).join('/')),
  );
  const levels = new Map(
    objects
      .filter(({ kind }) => kind === 'Namespace')
      .map(({ metadata }) => [metadata.name, metadata.labels?.['pod-security.kubernetes.io/enforce']]),
  );
  const finding = (field: string, message: string): Finding => ({
    rule: agreementRule.id,
    component: 'permissions',
    file: reviewed.file,
    field,
    message,
    remedy: agreementRule.remedy,
  });
  return [
    ...reviewed.administrators
      .filter((name) => !named.has(name))
      .map((name) => finding('administrators', `${name} is not rendered`)),
    ...Object.entries(reviewed.podSecurity)
      .filter(([name, level]) => levels.get(name) !== level)
      .map(([name, level]) =>
        finding(
          `podSecurity.${name}`,
          `${level} was agreed to, and ${levels.get(name) ?? 'no level'} is enforced there`,
        ),
      ),
  ];
}
