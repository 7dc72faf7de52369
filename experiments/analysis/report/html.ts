import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { groupBy } from '../statistics/grouping';
import { QUERY_TITLES, type QueryName } from '../measurement/trial/queries';
import { TEST_TITLES } from '../answers/experiment-cells';
import { distinctNames, OTHER_PREFIX } from '../answers/questions/two-campaigns';
import type { Answer, Fragment, Plot, Table, Value } from '../answers/model';
import { queryTexts } from './query-texts';
import { STYLE } from './style';

export interface ReportContent {
  readonly analysis: CampaignAnalysis;
  /** The campaign it is held against, where there are two. */
  readonly other?: CampaignAnalysis;
  readonly answers: readonly Answer[];
  /** The script that draws the plots. */
  readonly script: string;
}

const EXPLORER: Plot = {
  id: 'explorer',
  title: 'One trial over time',
  kind: 'traces',
  mode: 'single',
  caption:
    'Response time (ms, logarithmic) as EWMA and moving percentiles, throughput (requests/s), replicas and CPU (cores) of one trial on one clock (s from the start of the load); n = 1 trial. Drag or pinch to zoom. Lines are thinned to 300 points.',
  query: 'seconds',
  cells: [],
};

/** The whole report as one HTML text that needs nothing else. */
export function reportHtml({ analysis, other, answers, script }: ReportContent): string {
  const plots = [...answers.flatMap((answer) => answer.plots), EXPLORER];
  const rehearsed = isRehearsed(analysis) || (other !== undefined && isRehearsed(other));
  const names = other === undefined ? undefined : distinctNames(analysis, other);
  const title = names === undefined ? `Campaign ${analysis.manifest.campaign}` : `Campaigns ${names.a} and ${names.b}`;
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}${rehearsed ? ' (rehearsed)' : ''}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${[...new Set([analysis, ...(other === undefined ? [] : [other])].flatMap(banners))].map((text) => `<p class="banner" role="note">${escape(text)}</p>`).join('\n')}
${facts(analysis)}
<nav aria-label="Contents"><ol>
${answers.map((answer) => `<li><a href="#${answer.id}">${escape(answer.title)}</a>${answer.unanswerable === undefined ? '' : ' <span class="soft">(not answerable)</span>'}</li>`).join('\n')}
<li><a href="#explorer">One trial over time</a></li>
<li><a href="#method">Method</a></li>
<li><a href="#cells">Cells and trials</a></li>
<li><a href="#queries">Queries</a></li>
</ol></nav>
${answers.map(section).join('\n')}
<section id="explorer"><h2>One trial over time</h2>
<div class="controls">
<label>cell <select id="explorer-cell">${analysis.cells.map((cell) => `<option${cell === firstInteresting(analysis) ? ' selected' : ''}>${escape(cell.id)}</option>`).join('')}</select></label>
<label>trial <select id="explorer-trial"></select></label>
</div>
${figure(EXPLORER)}
</section>
${method(analysis)}
<section id="cells"><h2>Cells and trials</h2>
<p>Each figure of this report links to its row here. Paths are relative to the folder of the campaign.</p>
${cellTable(analysis.cells, '', analysis)}
${other === undefined ? '' : `<h3>${escape(names?.b ?? '')}</h3>\n${cellTable(other.cells, OTHER_PREFIX, other)}`}
</section>
${queries(analysis)}
</main>
<script type="application/json" id="plots">${json(plots)}</script>
${analysis.cells.map((cell) => `<script type="text/plain" id="traces-${cell.id}">${cell.traces}</script>`).join('\n')}
<script>${script}</script>
</body>
</html>
`;
}

function isRehearsed(analysis: CampaignAnalysis): boolean {
  return (
    analysis.manifest.origin === 'rehearsed' ||
    analysis.cells.some((cell) => cell.trials.some((trial) => trial.input.record.origin === 'rehearsed'))
  );
}

/** What keeps a campaign's figures from being results of the plan. */
function banners(analysis: CampaignAnalysis): string[] {
  const records = analysis.cells.flatMap((cell) => cell.trials.map((trial) => trial.input.record));
  const scaled = records.find(({ scale }) => scale.rate !== 1 || scale.duration !== 1)?.scale;
  return [
    ...(isRehearsed(analysis)
      ? [
          'Rehearsed: these figures come from a simulation, not from the cluster. They must not be quoted as measurements.',
        ]
      : []),
    ...(analysis.manifest.settings?.site === 'local'
      ? [
          'Local: measured against the reference API on one machine, not on the cluster. Nothing here says anything about the cluster.',
        ]
      : []),
    ...(scaled === undefined
      ? []
      : [
          `Scaled: the load was not the plan’s (the first trial’s rates × ${scaled.rate}, durations × ${scaled.duration}). These figures are no results of the plan.`,
        ]),
  ];
}

/** What the explorer shows at first: a spike that made an autoscaler work, of retrieval where there is one. */
function firstInteresting({ cells }: CampaignAnalysis): Cell | undefined {
  const scaled = cells.filter(
    (cell) => cell.profile === 'spike' && cell.trials[0].measures.scaling.some((one) => one.peakDesired > one.initial),
  );
  return scaled.find((cell) => cell.testType === 'uor') ?? scaled[0] ?? cells[0];
}

function facts({ manifest, settings, cells }: CampaignAnalysis): string {
  const samples = cells.reduce((sum, cell) => sum + cell.trials.reduce((n, trial) => n + trial.measures.due, 0), 0);
  const rows: [string, string][] = [
    ['origin', manifest.origin],
    ['made', manifest.createdAt],
    ['commit', manifest.gitCommit],
    ['seed', String(manifest.seed)],
    [
      'trials that count',
      `${cells.reduce((sum, cell) => sum + cell.trials.length, 0)} of ${manifest.order.length} planned`,
    ],
    ['requests', String(samples)],
    ['intervals', `${Math.round(settings.confidence * 100)} %`],
    ...Object.entries(manifest.environment),
  ];
  return `<dl class="facts">${rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`;
}

function section(answer: Answer): string {
  return `<section id="${answer.id}"><h2>${escape(answer.title)}</h2>
<p class="question">${escape(answer.question)}</p>
${answer.unanswerable === undefined ? '' : `<p class="unanswerable">${escape(answer.unanswerable)}</p>`}
${answer.sentences.map((sentence) => `<p class="answer">${sentence.map(fragment).join('')}</p>`).join('\n')}
${(answer.notes ?? []).map((sentence) => `<p class="note">${sentence.map(fragment).join('')}</p>`).join('\n')}
${answer.plots.map(figure).join('\n')}
${answer.tables.map((table, index) => folded(table, index === 0 || table.rows.length <= 12)).join('\n')}
</section>`;
}

function folded(table: Table, open: boolean): string {
  return `<details id="table-${table.id}"${open ? ' open' : ''}><summary>${escape(table.title)} (${table.rows.length} ${table.rows.length === 1 ? 'row' : 'rows'})</summary>${htmlTable(table)}</details>`;
}

function figure(plot: Plot): string {
  const size = plot.kind !== 'traces' ? '' : plot.mode === 'single' ? ' traces single' : ' traces';
  return `<figure><h3>${escape(plot.title)}</h3>${plot.kind === 'traces' && plot.mode === 'overlay' ? overlayControls(plot) : ''}<div class="plot${size}" id="plot-${plot.id}" role="img" aria-label="${escape(plot.caption)}"></div>
<figcaption>${escape(plot.caption)} ${plot.query === undefined ? '' : `<a href="#query-${plot.query}">Query</a>, `}<a href="#cells">trials</a>.</figcaption></figure>`;
}

/** Which variants are drawn, and which trial of each. */
function overlayControls(plot: Extract<Plot, { kind: 'traces' }>): string {
  const most = Math.max(0, ...plot.cells.map((cell) => cell.trials));
  const trials = Array.from(
    { length: most },
    (_, index) => `<option value="${index}">${index + 1} of ${most}</option>`,
  );
  const boxes = plot.cells.map(
    ({ label, drawn }, index) =>
      `<label><input type="checkbox" value="${index}"${drawn ? ' checked' : ''}> ${escape(label)}</label>`,
  );
  return `<div class="controls" id="controls-${plot.id}"><label>valid trial <select>${trials.join('')}</select></label>${boxes.join(' ')}</div>`;
}

function htmlTable(table: Table): string {
  if (table.rows.length === 0) return '<p class="soft">Nothing to show.</p>';
  const numeric = new Set(
    table.columns.filter(({ key }) => table.rows.some((row) => typeof row[key] === 'object')).map(({ key }) => key),
  );
  const head = table.columns.map(({ key, title, unit, query }) => {
    const name = query === undefined ? escape(title) : `<a href="#query-${query}">${escape(title)}</a>`;
    return `<th scope="col"${numeric.has(key) ? ' class="number"' : ''}>${name}${unit === undefined || unit === '' ? '' : `<small>${escape(unit)}</small>`}</th>`;
  });
  const body = table.rows.map(
    (row) =>
      `<tr>${table.columns
        .map(({ key }) => `<td${numeric.has(key) ? ' class="number"' : ''}>${fragment(row[key] ?? '')}</td>`)
        .join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function fragment(part: Fragment): string {
  if (typeof part === 'string') return escape(part);
  return part.cell === undefined ? escape(part.text) : link(part, part.cell);
}

function link(value: Value, cell: string): string {
  return `<a class="value" href="#${anchor(cell)}">${escape(value.text)}</a>`;
}

function anchor(cell: string): string {
  return cell.startsWith(OTHER_PREFIX) ? `${OTHER_PREFIX}cell-${cell.slice(OTHER_PREFIX.length)}` : `cell-${cell}`;
}

function cellTable(cells: readonly Cell[], prefix: string, analysis: CampaignAnalysis): string {
  const queriesOfCell: readonly QueryName[] = ['requests', 'seconds', 'summary', 'pooled'];
  const row = (cell: Cell) => {
    const planned = analysis.manifest.order.filter((trial) => trial.startsWith(`${cell.id}.`)).length;
    const trials = cell.trials
      .map(
        ({ input: { folder }, measures }) =>
          `<code>trials/${escape(folder)}</code> (${measures.due} requests, ${measures.failed} failed${measures.failures.length === 0 ? '' : `: ${measures.failures.map((one) => `${escape(one.error)} ${one.requests}`).join(', ')}`})`,
      )
      .join('<br>');
    return `<tr id="${prefix}cell-${cell.id}"><td>${escape(cell.id)}</td><td class="number">${cell.trials.length}${planned > 0 ? ` of ${planned}` : ''}</td><td>${trials}</td><td>${queriesOfCell.map((name) => `<a href="#query-${name}">${name}</a>`).join(', ')}</td></tr>`;
  };
  // A figure over all trials of a test type links to the body of that type.
  const bodies = [...groupBy(cells, (cell) => cell.testType)].map(
    ([testType, ofType]) =>
      `<tbody id="${prefix}cell-${testType}"><tr><th scope="rowgroup" colspan="4">${TEST_TITLES[testType]}</th></tr>${ofType.map(row).join('\n')}</tbody>`,
  );
  return `<div class="scroll"><table><thead><tr><th scope="col">cell</th><th scope="col" class="number">trials</th><th scope="col">where</th><th scope="col">queries</th></tr></thead>${bodies.join('\n')}</table></div>`;
}

function method({ settings }: CampaignAnalysis): string {
  const confidence = Math.round(settings.confidence * 100);
  const items = [
    `Response time is the sum of waiting for a connection, connecting, TLS, sending, waiting and receiving. Failed and dropped requests have none; they count in the error rate. A request belongs to the second in which it was due.`,
    `EWMA: every request's weight halves each ${settings.halfLifeSeconds} s. Moving percentiles are exact, over the raw samples of the last ${settings.windowSeconds} s; percentiles are never averaged.`,
    `Response time is counted from the moment a request really started, as the specification says. Columns "from the scheduled start" add the lateness of the start: what a generator that paused would otherwise hide (coordinated omission).`,
    `Percentiles of a cell are pooled from raw samples. Their interval (${confidence} %) is the widest of three: Student's t over the trials' own percentiles on logarithms, the bootstrap over whole trials, and the scatter within trials (each tenth of the load, trial against trial). Its upper part is lengthened for high percentiles, because trials that saw no burst cannot tell of any, and it stays between the fastest response seen and the time-out. Simulated with three trials of 2000 requests: exponential, log-normal (σ 1.2) and Pareto (2.5) service, bursts of three times the rate, and trials that drift by 5 %: at least 93.5 % of intervals hold the truth for each of mean, p50, p90, p95 and p99. With trials of 600 requests in bursts p99 holds in about 92 %.`,
    `Other means over trials carry Student's t interval, within what is possible. "(2 of 3 trials)" says that the others have no such figure.`,
    `Saturated: more than 1 % of the starts were dropped because every virtual user was waiting, while the generator was healthy. Dropped starts count as failed requests; response times are of those that were let in, and so lower bounds, marked ≥. A bound is compared only where it can confirm a difference.`,
    `Variants are held against one reference by Welch's t test, on logarithms for ratios; trials are taken to vary by 0.5 % at least. All comparisons of a report are corrected together by Benjamini and Hochberg's procedure: a report on nothing but identical variants names any difference in at most 5 % of cases (simulated), and of the differences named at most 5 % are expected to be none. Intervals beside them are not corrected. "So many trials would show ${Math.round(settings.relevantEffect * 100)} %" assumes a power of 80 %, the scatter seen here, and the threshold of this report.`,
    `Breakpoint: the rate served while requests wait, in trials whose backlog bends beyond chance (sup-F, 1 %), near the rate that a two-phase regression of served on offered finds; only whole seconds count, and an abort ends in the middle of one. Trials are pooled by seconds at the limit, with the jackknife and Student's t over trials, never narrower than the scatter within trials makes it. Peak sustained throughput: the highest rate served over 30 s with at most 1 % failures (one is always allowed); where a climbing load left the linear regime, the breakpoint's rate; ≥ where the load never asked for more than was served.`,
    `Requests are degraded when they failed, were dropped, or took longer than ${settings.objectiveMs.uor} ms (unit operation retrieval) or ${settings.objectiveMs.fs} ms (flowsheet solving), counted from the load's first step to its end, whether or not an autoscaler acted. Goodput is what was answered within that. CPU reserved is the request of every pod that existed, over the load alone: up to the last request due where it was aborted, and never through the cool-down.`,
  ];
  return `<section id="method"><h2>Method</h2><ul>${items.map((item) => `<li>${escape(item)}</li>`).join('\n')}</ul></section>`;
}

function queries(analysis: CampaignAnalysis): string {
  const texts = queryTexts(analysis);
  return `<section id="queries"><h2>Queries</h2>
<p>DuckDB over the Parquet files of each trial. The text is as run for the first trial or cell; the others differ in file and slot.</p>
${(Object.keys(texts) as QueryName[]).map((name) => `<details id="query-${name}"><summary>${name}: ${escape(QUERY_TITLES[name])}</summary><pre>${escape(texts[name].trim())}</pre></details>`).join('\n')}
</section>`;
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'number' && !Number.isFinite(one) ? null : one,
  ).replaceAll('<', '\\u003c');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
