import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, ROOT } from './pages';

/** One line of a page that a reader types into a shell. */
export interface BlockCommand {
  /** Page, from the root of the repository. */
  readonly page: string;
  /** Number of the line in the page, from 1. */
  readonly at: number;
  /** What is typed, without the comment that stands beside it. */
  readonly command: string;
}

const FENCE = /^ *```(\S*)/;

/** A block of a page: its language, and its lines with their numbers. */
interface Block {
  readonly language: string;
  readonly lines: readonly { readonly at: number; readonly text: string }[];
}

function blocksOf(page: string): Block[] {
  const blocks: { language: string; lines: { at: number; text: string }[] }[] = [];
  let open = false;
  for (const [index, text] of readFileSync(join(ROOT, page), 'utf8').split('\n').entries()) {
    const fence = FENCE.exec(text);
    if (fence) {
      open = !open;
      if (open) blocks.push({ language: fence[1]!, lines: [] });
    } else if (open) blocks.at(-1)!.lines.push({ at: index + 1, text });
  }
  return blocks;
}

/** Every line of every shell block of the pages, in their order. */
export function blockCommands(of: readonly string[] = pages): BlockCommand[] {
  return of.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ lines }) => lines)
      .map(({ at, text }) => ({ page, at, command: text.replace(/\s+# .*$/, '').trim() }))
      .filter(({ command }) => command !== ''),
  );
}

/** Blocks that do not say what they are, and lines that are code by their indentation alone: neither says that it is typed. */
export function blocksWithoutLanguage(page: string): string[] {
  const unnamed = blocksOf(page).flatMap(({ language, lines }) => (language === '' ? [`${page}:${lines[0]?.at}`] : []));
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  const fenced = new Set(blocksOf(page).flatMap((block) => block.lines.map(({ at }) => at)));
  const indented = lines.flatMap((text, index) => {
    const inList = /^ {2,3}\S/.test(lines.slice(0, index).findLast((line) => /^ {0,3}\S/.test(line)) ?? '') || /^(\d+\.|[-*]) /.test(lines.slice(0, index).findLast((line) => /^\S/.test(line)) ?? '');
    const code = new RegExp(`^ {${inList ? 7 : 4},}\\S`);
    return !fenced.has(index + 1) && code.test(text) && lines[index - 1] === '' ? [`${page}:${index + 1}`] : [];
  }); // prettier-ignore
  return [...unnamed, ...indented];
}
