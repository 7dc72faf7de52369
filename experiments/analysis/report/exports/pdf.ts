import { buffer } from 'node:stream/consumers';
import { FIGURE_SIZE } from './figure-files';

/** DejaVu has every sign that figures use, such as ≥, α and ×, which the fonts that every PDF reader has lack. */
const FONTS = { regular: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf' } as const;

/** Figures with slanted names are taller than others. */
function heightOf(svg: string): number {
  return Number(/<svg[^>]* height="(\d+)/.exec(svg)?.[1] ?? FIGURE_SIZE.height);
}

/**
 * A figure as a page of its own size, with its text as text and its lines as lines.
 *
 * @param title Of the document.
 * @param made When the campaign was made: the same figure gives the same bytes.
 */
export async function pdfOfFigure(svg: string, title: string, made: Date): Promise<Buffer> {
  const [{ default: PdfDocument }, { default: draw }] = await Promise.all([import('pdfkit'), import('svg-to-pdfkit')]);
  const document = new PdfDocument({
    size: [FIGURE_SIZE.width, heightOf(svg)],
    margin: 0,
    info: { Title: title, CreationDate: made },
  });
  for (const [name, file] of Object.entries(FONTS))
    document.registerFont(name, require.resolve(`dejavu-fonts-ttf/ttf/${file}`));
  draw(document, svg, 0, 0, { assumePt: true, fontCallback: (_, bold) => (bold ? 'bold' : 'regular') });
  document.end();
  return buffer(document);
}
