/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { figureMark } from './figure-mark';

/**
 * Each figure can be saved as the SVG that is drawn: a thesis embeds it, and any tool turns it into PDF.
 *
 * @param undecorated Draws figures without sliders while they are saved.
 */
export function startSaving(undecorated: (use: () => void) => void): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-save]'))
    button.addEventListener('click', () => {
      const id = button.dataset['save'] ?? '';
      undecorated(() => {
        const drawing = document.querySelector<SVGElement>(`#plot-${CSS.escape(id)} svg`);
        if (drawing !== null) save(`${id}.svg`, standalone(drawing));
      });
    });
}

/** An SVG that stands by itself: namespace and size written out, on white. */
function standalone(drawing: SVGElement): string {
  const copy = drawing.cloneNode(true) as SVGElement;
  const { width, height } = drawing.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(Math.round(width)));
  copy.setAttribute('height', String(Math.round(height)));
  // The banner stays behind in the report.
  const words = document.body.dataset['marks'] ?? '';
  if (words !== '') copy.append(markOf(words, Math.round(width)));
  return new XMLSerializer().serializeToString(copy);
}

function markOf(words: string, width: number): SVGTextElement {
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'text');
  for (const [name, value] of Object.entries(figureMark(width))) mark.setAttribute(name, value);
  mark.textContent = words;
  return mark;
}

function save(name: string, content: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([content], { type: 'image/svg+xml' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
