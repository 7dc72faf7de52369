import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Renders Markdown; the part of markdown-it that is used here. */
interface Renderer {
  render(text: string): string;
}

/** The words that GitHub puts over each kind of alert. */
const ALERTS = { NOTE: 'Note', TIP: 'Tip', IMPORTANT: 'Important', WARNING: 'Warning', CAUTION: 'Caution' } as const;

/**
 * A page that shows a comment as GitHub does: its Markdown, with tables and alerts, in its own style sheet and as wide, from
 * the packages markdown-it and github-markdown-css.
 */
export function commentPage(markdown: string, packages: string, scheme: 'light' | 'dark'): string {
  const MarkdownIt = require(join(packages, 'markdown-it')) as new (options: object) => Renderer;
  const style = readFileSync(join(packages, 'github-markdown-css', `github-markdown-${scheme}.css`), 'utf8');
  const html = new MarkdownIt({ html: true, breaks: true, linkify: true })
    .render(markdown)
    .replaceAll(
      /<blockquote>\s*<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\](?:<br>)?\s*([^]*?)<\/blockquote>/g,
      (_, kind: keyof typeof ALERTS, rest: string) =>
        `<div class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${ALERTS[kind]}</p><p>${rest}</div>`,
    );
  const ground = scheme === 'dark' ? '#0d1117' : '#ffffff';
  return `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>${style} body{margin:0;background:${ground}} .markdown-body{max-width:860px;padding:16px;box-sizing:border-box}</style><article class="markdown-body">${html}</article>`;
}
