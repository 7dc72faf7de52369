import { toMarkdown } from '../../console/text-table';
import { EFFECTS, type Consequence, type EffectKind } from './foretold';
import type { FieldChange, ObjectChange } from './index';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;
/** A comment on GitHub holds 65,536 characters; a little is left for what surrounds the report. */
const COMMENT_LIMIT = 60_000;

/** The changes for a terminal, led by what they will do. */
export function differenceAsText(changes: readonly ObjectChange[], consequences: readonly Consequence[] = []): string {
  if (changes.length === 0 && consequences.length === 0) return 'Nothing would change.';
  const lines = [...foretoldAsText(consequences), `${countIn(changes)}.`];
  let place = '';
  for (const change of changes) {
    if (change.place !== place) lines.push('', change.place);
    place = change.place;
    lines.push(`  ${SIGNS[change.change]} ${change.object || '(file)'}${elsewhere(change)}`);
    for (const { field, before, after } of change.fields) {
      if (isLong(before) && isLong(after)) {
        lines.push(`      ${field}`, ...lineChanges(before, after).map((line) => `        ${line}`));
      } else lines.push(`      ${field}: ${inWords(before)} → ${inWords(after)}`);
    }
  }
  return lines.join('\n');
}

function foretoldAsText(consequences: readonly Consequence[]): string[] {
  return byEffect(consequences).flatMap(([effect, list]) => [
    EFFECTS[effect].title,
    ...list.map((one) => `  ${one.place} ${one.object}${elsewhere(one)}: ${one.sentence}`),
    '',
  ]);
}

/** Effects in the order in which they come, each with its consequences. */
function byEffect(consequences: readonly Consequence[]): [EffectKind, Consequence[]][] {
  const effects = [...new Set(consequences.map(({ effect }) => effect))];
  return effects.map((effect) => [effect, consequences.filter((one) => one.effect === effect)]);
}

/** GitHub's alerts, the loudest for what cannot be undone. */
const ALERTS = { error: 'CAUTION', warning: 'WARNING', note: 'NOTE' } as const;
/** Consequences that a comment lists of one effect; the rest is counted. */
const LISTED = 25;

function foretoldAsMarkdown(consequences: readonly Consequence[]): string {
  return byEffect(consequences)
    .map(([effect, list]) => {
      const { title, level } = EFFECTS[effect];
      const items = list
        .slice(0, LISTED)
        .map((one) => `> - ${code(one.object)} in ${code(one.place)}${elsewhere(one)}: ${escaped(one.sentence)}`);
      const more = list.length > LISTED ? [`> - and ${list.length - LISTED} more`] : [];
      return [`> [!${ALERTS[level]}]`, `> **${title}**`, '>', ...items, ...more, ''].join('\n');
    })
    .join('\n');
}

/** Names and values of manifests must not become markup, nor mention anybody. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&').replaceAll('@', '@\u200b');
}

/** The changes for a pull request comment, led by what they will do and cut where a comment would be too long. */
export function differenceAsMarkdown(
  changes: readonly ObjectChange[],
  consequences: readonly Consequence[] = [],
): string {
  if (changes.length === 0 && consequences.length === 0) return '### Manifests\n\nNothing changes.\n';
  const sections = [...new Set(changes.map((change) => change.place))].map((place) => {
    const rows = changes.filter((change) => change.place === place).flatMap(rowsOf);
    // Two columns: more of them would be cut at the right of a comment, values first.
    const table = toMarkdown({ heading: ['Object', 'Field: before → after'], rows });
    return `#### \`${place}\`\n\n${table}\n`;
  });
  const heading = `### Manifests: ${countIn(changes)}\n`;
  const foretold = foretoldAsMarkdown(consequences);
  let text = foretold === '' ? heading : `${heading}\n${foretold}`;
  for (const [index, section] of sections.entries()) {
    if (text.length + section.length > COMMENT_LIMIT) {
      const left = sections.length - index;
      return `${text}\n${left} more ${left === 1 ? 'folder changes' : 'folders change'}; run \`npm run synth -- --diff\` to see all.\n`;
    }
    text += `\n${section}`;
  }
  return text;
}

function rowsOf(one: ObjectChange): string[][] {
  const { object, change, fields } = one;
  const name = `${change} ${code(object || '(file)')}${elsewhere(one)}`;
  if (fields.length === 0) return [[name, '']];
  return fields.map(({ field, before, after }, index) => {
    const lines =
      isLong(before) && isLong(after) ? lineChanges(before, after).map(code) : [`${cell(before)} → ${cell(after)}`];
    return [index === 0 ? name : '', [code(field), ...lines].join('<br>')];
  });
}

/** Such as ` and alike in 63 more folders`. */
function elsewhere({ alsoIn = [] }: Pick<ObjectChange, 'alsoIn'>): string {
  if (alsoIn.length === 0) return '';
  return ` and alike in ${alsoIn.length === 1 ? alsoIn[0] : `${alsoIn.length} more folders`}`;
}

function cell(value: unknown): string {
  return value === undefined ? 'absent' : code(inWords(value));
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function countIn(changes: readonly ObjectChange[]): string {
  const count = (kind: ObjectChange['change']) => changes.filter(({ change }) => change === kind).length;
  return `${count('added')} added, ${count('removed')} removed, ${count('changed')} changed`;
}

function inWords(value: FieldChange['before']): string {
  if (value === undefined) return '(absent)';
  const text = typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
  const line = text.replaceAll('\n', '⏎');
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
}

function isLong(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n');
}

/** Lines that only one side has, in order: enough to review a configuration file by. */
function lineChanges(before: string, after: string): string[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const gone = old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}`);
  const come = fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  return gone.length + come.length > 0 ? [...gone, ...come] : ['~ (the order of lines)'];
}
