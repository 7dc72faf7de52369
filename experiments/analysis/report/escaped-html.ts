/** Text that is HTML already. Only {@link html} and {@link trusted} make it. */
export class Html {
  constructor(readonly text: string) {}
}

export type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * A template tag: whatever is put into it is escaped, in text and in attributes alike, unless it is {@link Html} itself. Lists
 * are joined; null, undefined and false are nothing.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(compact(texts).reduce((page, text, index) => `${page}${rendered(parts[index - 1])}${text}`));
}

const COMPACT = new WeakMap<TemplateStringsArray, readonly string[]>();

/** Templates are laid out for their reader: line breaks and indentation between tags are no part of the page. */
function compact(texts: TemplateStringsArray): readonly string[] {
  const known = COMPACT.get(texts);
  if (known !== undefined) return known;
  const short = texts.map((text) =>
    text.replaceAll(/\s*\n\s*/g, (space, offset: number) => {
      const before = text[offset - 1] ?? '>';
      const after = text[offset + space.length] ?? '<';
      return before === '>' && after === '<' ? '' : ' ';
    }),
  );
  COMPACT.set(texts, short);
  return short;
}

/** Lists with something between their items. */
export function joined(parts: readonly Part[], between: string): Html {
  return new Html(parts.map(rendered).join(rendered(between)));
}

/** Text of our own making that is not to be escaped: a style sheet, a script, JSON that was made safe for one. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** A value as JSON that cannot end the script element it stands in; numbers that JSON does not know are null. */
export function jsonForScript(value: unknown): Html {
  const text = JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? null : one,
  );
  return new Html(text.replaceAll('<', '\\u003c'));
}

function rendered(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(rendered).join('');
  return escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter]);
}
