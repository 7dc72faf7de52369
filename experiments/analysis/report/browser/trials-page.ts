/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** The lists of trials are pages of their own: shown in place of the report while the address names them or a row of them. */
export function startTrialsPages(): void {
  for (const page of pages()) {
    const search = page.querySelector<HTMLInputElement>('input[type=search]');
    search?.addEventListener('input', () => filterRows(page, search.value));
  }
  showPage();
  window.addEventListener('hashchange', showPage);
}

function pages(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('section[id$="cells"]')];
}

function showPage(): void {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const shown = pages().find((page) => target !== null && page.contains(target));
  document.body.classList.toggle('trials-only', shown !== undefined);
  for (const page of pages()) page.classList.toggle('shown', page === shown);
  if (shown !== undefined && target !== shown) {
    // A link to a row is followed even where an earlier search had hidden it.
    const search = shown.querySelector<HTMLInputElement>('input[type=search]');
    if (search !== null && search.value !== '') {
      search.value = '';
      filterRows(shown, '');
    }
  }
  target?.scrollIntoView();
}

/** Shows the rows that hold every word. */
function filterRows(page: HTMLElement, text: string): void {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of page.querySelectorAll<HTMLTableRowElement>('tr[id]')) {
    const content = (row.textContent ?? '').toLowerCase();
    row.hidden = !words.every((word) => content.includes(word));
  }
}
