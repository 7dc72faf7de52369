import { rules } from './rules';
import { agreementRule } from './delivery/agreements';
import { alertRule } from './monitoring/alerts';
import { composeRule } from './compose/compose-file';
import { composeServiceRule } from './compose/compose-services';
import { waitedJobsRule } from './delivery/waited-jobs';
import { contractRule } from './secret-contracts';

/** Every rule with its reason and its remedy, as a page. */
export function rulesPage(): string {
  const rows = [...rules, contractRule, composeRule, composeServiceRule, alertRule, agreementRule, waitedJobsRule].map(
    ({ id, why, remedy }) => `| \`${id}\` | ${cell(why)} | ${cell(remedy)} |`,
  );
  return [
    '# Rules of synthesis',
    '',
    'Written by `npm run docs` from `lib/checks/rules.ts`; [how to read a failed check](../how-to/read-a-failed-check.md).',
    '',
    '| rule | why | what to do |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
