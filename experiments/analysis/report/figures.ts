import { OTHER_PREFIX } from '../answers/questions/two-campaigns';
import type { Fragment, Plot, Table } from '../answers/model';
import { html, trusted, type Html } from './escaped-html';

/** From this many columns on a table is set smaller, so that it fits a usual screen. */
const WIDE = 12;

/** A figure: where the script draws it, its choices, and its caption with query and trials. */
export function figure(plot: Plot): Html {
  const size = plot.kind !== 'traces' ? '' : plot.mode === 'single' ? ' traces single' : ' traces';
  return html`<figure>
    <h3>${plot.title}</h3>
    ${plot.kind === 'traces' && plot.mode === 'overlay' && overlayControls(plot)}
    <div class="pan"><div class="plot${size}" id="plot-${plot.id}" role="img" aria-label="${plot.caption}"></div></div>
    <figcaption>
      ${plot.caption} ${plot.query !== undefined && html`<a href="#query-${plot.query}">Query</a>, `}<a href="#cells"
        >trials</a
      ><span class="save"> · save as <button type="button" data-save="${plot.id}">SVG</button></span>.
    </figcaption>
  </figure>`;
}

/** Which variants are drawn, and which trial of each. */
function overlayControls(plot: Extract<Plot, { kind: 'traces' }>): Html {
  const most = Math.max(0, ...plot.cells.map((cell) => cell.trials));
  const trials = Array.from(
    { length: most },
    (_, index) => html`<option value="${index}">${index + 1} of ${most}</option>`,
  );
  const boxes = plot.cells.map(
    ({ label, drawn }, index) =>
      html`<label><input type="checkbox" value="${index}" ${drawn && trusted(' checked')} /> ${label}</label> `,
  );
  return html`<div class="controls" id="controls-${plot.id}">
    <label
      >valid trial
      <select>
        ${trials}
      </select></label
    >${boxes}
  </div>`;
}

/** Where the long words of wide tables' heads may be parted on a narrow page: syllables, with a hyphen where they are. */
const SYLLABLES = [
  'break-point',
  'good-put',
  'mem-ory',
  'ob-jec-tive',
  're-quest',
  're-served',
  're-sponse',
  'sam-ples',
  'sched-uled',
  'slow-est',
  'suc-cess-ful',
  'sus-tained',
  'through-put',
];
const PARTED = new Map(SYLLABLES.map((word) => [word.replaceAll('-', ''), word.replaceAll('-', '\u00ad')]));

const parted = (title: string) => title.replace(/[a-z]+/g, (word) => PARTED.get(word) ?? word);

export function htmlTable(table: Table): Html {
  if (table.rows.length === 0) return html`<p class="soft">Nothing to show.</p>`;
  const numeric = new Set(
    table.columns.filter(({ key }) => table.rows.some((row) => typeof row[key] === 'object')).map(({ key }) => key),
  );
  const kind = (key: string) => numeric.has(key) && trusted(' class="number"');
  const head = table.columns.map(({ key, title, unit, query }) => {
    const words = table.columns.length >= WIDE ? parted(title) : title;
    const name = query === undefined ? words : html`<a href="#query-${query}">${words}</a>`;
    return html`<th scope="col" ${kind(key)}>
      ${name}${unit !== undefined && unit !== '' && html`<small>${unit}</small>`}
    </th>`;
  });
  const body = table.rows.map(
    (row) =>
      html`<tr>
        ${table.columns.map(({ key }) => html`<td${kind(key)}>${fragment(row[key] ?? '')}</td>`)}
      </tr> `,
  );
  const classes = [
    ...(table.columns.length >= WIDE ? ['wide'] : []),
    ...(table.columns[0]?.key === 'variant' ? ['of-variants'] : []),
  ].join(' ');
  return html`<div class="scroll">
    <table class="${classes}">
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** A piece of running text; a figure links to the trials behind it. */
export function fragment(part: Fragment): Html {
  // An option is typed as it stands: it is not broken at its hyphens.
  if (typeof part === 'string')
    return html`${part.split(/(--[a-z-]+)/).map((piece, index) => (index % 2 === 1 ? html`<span class="option">${piece}</span>` : piece))}`;
  return part.cell === undefined
    ? html`${part.text}`
    : html`<a class="value" href="#${anchor(part.cell)}">${part.text}</a>`;
}

function anchor(cell: string): string {
  return cell.startsWith(OTHER_PREFIX) ? `${OTHER_PREFIX}cell-${cell.slice(OTHER_PREFIX.length)}` : `cell-${cell}`;
}
