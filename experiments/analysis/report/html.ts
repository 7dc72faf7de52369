import { wholePercent } from '../../../lib/primitives/percent';
import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import { QUERY_TITLES, type QueryName } from '../measurement/trial/queries';
import { caveats, isRehearsed } from '../measurement/caveats';
import { distinctNames, OTHER_PREFIX } from '../answers/questions/two-campaigns';
import type { Answer, Plot, Sentence, Table } from '../answers/model';
import { html, joined, jsonForScript, trusted, type Html } from './escaped-html';
import { figure, fragment, htmlTable } from './figures';
import { methodTexts } from './method';
import { queryTexts } from './query-texts';
import { STYLE } from './style';
import { trialsPage } from './trials-page';

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
  title: 'Response time, throughput, replicas, CPU and memory',
  kind: 'traces',
  mode: 'single',
  caption:
    'Response time (ms, logarithmic) as EWMA and moving percentiles, throughput (requests/s), replicas, CPU (cores) and memory (MiB) of one trial on one clock (s from the start of the load); n = 1 trial. Drag or pinch to zoom. Lines are thinned to 300 points.',
  query: 'seconds',
  cells: [],
};

/** The whole report as one HTML text that needs nothing else. */
export function reportHtml({ analysis, other, answers, script }: ReportContent): string {
  const plots = [...answers.flatMap((answer) => answer.plots), EXPLORER];
  const names = other === undefined ? undefined : distinctNames(analysis, other);
  const title = names === undefined ? `Campaign ${analysis.manifest.campaign}` : `Campaigns ${names.a} and ${names.b}`;
  const campaigns = [analysis, ...(other === undefined ? [] : [other])];
  const page = html`<!doctype html>
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}${campaigns.some(isRehearsed) && ' (rehearsed)'}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(STYLE)}
        </style>
      </head>
      <body data-marks="${[...new Set(campaigns.flatMap(caveats).map(({ word }) => word))].join(', ')}">
        <main>
          <h1>${title}</h1>
          ${[...new Set(campaigns.flatMap(caveats).map(({ text }) => text))].map((text) => html`<p class="banner" role="note">${text}</p> `)}
          ${firstPage(answers)} ${facts(analysis)} ${contents(answers)} ${joined(answers.map(section), '\n')}
          ${explorer(analysis)}
          <section id="method">
            <h2>Method</h2>
            <ul>
              ${methodTexts(analysis.settings).map((text) => html`<li>${text}</li> `)}
            </ul>
          </section>
          ${trialsPage(analysis, '')} ${other !== undefined && trialsPage(other, OTHER_PREFIX, names?.b)}
          ${queries(analysis)}
        </main>
        <script type="application/json" id="plots">
          ${jsonForScript(plots)}
        </script>
        ${analysis.cells.map(
          (cell) =>
            html`<script type="text/plain" id="traces-${cell.id}">
              ${cell.traces}
            </script> `,
        )}
        <script>
          ${trusted(script)};
        </script>
      </body>
    </html> `;
  return page.text;
}

/** Every question with its answer, how sure it is, and where the evidence lies. */
function firstPage(answers: readonly Answer[]): Html {
  const row = (answer: Answer) =>
    html`<tr${answer.unanswerable !== undefined && trusted(' class="soft"')}><th scope="row"><a href="#${answer.id}">${answer.title}</a><small>${answer.question}</small></th><td>${spoken(answer.unanswerable === undefined ? (answer.sentences[0] ?? []) : [answer.unanswerable])}</td><td>${answer.unanswerable === undefined ? spoken(answer.certainty ?? []) : 'not answerable'}</td><td>${evidence(answer)}</td></tr>\n`;
  return html`<section id="verdicts">
    <h2>Verdicts</h2>
    <div class="scroll">
      <table class="verdicts">
        <thead>
          <tr>
            <th scope="col">question</th>
            <th scope="col">answer</th>
            <th scope="col">how sure</th>
            <th scope="col">evidence</th>
          </tr>
        </thead>
        <tbody>
          ${answers.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function evidence({ id, plots, tables }: Answer): Html {
  const links = [
    ...plots.slice(0, 1).map((plot) => html`<a href="#plot-${plot.id}">figure</a>`),
    ...tables
      .filter(({ rows }) => rows.length > 0)
      .slice(0, 2)
      .map((table) => html`<a href="#table-${table.id}">${table.title.toLowerCase()}</a>`),
  ];
  return links.length === 0 ? html`<a href="#${id}">why</a>` : joined(links, ', ');
}

/** What the explorer shows at first: a spike that made an autoscaler work, of retrieval where there is one. */
function firstInteresting({ cells }: CampaignAnalysis): Cell | undefined {
  const scaled = cells.filter(
    (cell) => cell.profile === 'spike' && cell.trials[0].measures.scaling.some((one) => one.peakDesired > one.initial),
  );
  return scaled.find((cell) => cell.testType === 'uor') ?? scaled[0] ?? cells[0];
}

function facts({ manifest, settings, cells }: CampaignAnalysis): Html {
  const samples = cells.reduce((sum, cell) => sum + cell.trials.reduce((n, trial) => n + trial.measures.due, 0), 0);
  const rows: [string, string][] = [
    ['origin', manifest.origin],
    ...(isRehearsed({ manifest, cells }) ? [] : ([['made', manifest.createdAt]] as [string, string][])),
    ['commit', manifest.gitCommit],
    ['seed', String(manifest.seed)],
    [
      'trials that count',
      `${cells.reduce((sum, cell) => sum + cell.trials.length, 0)} of ${manifest.order.length} planned`,
    ],
    ['requests', samples.toLocaleString('en-GB')],
    ['intervals', wholePercent(settings.confidence)],
    ['arrivals', arrivalsOf(manifest)],
    ...Object.entries(manifest.environment).filter(([name]) => name !== 'origin' && name !== 'arrivals'),
  ];
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<dt>${inWords(name)}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** A name of the manifest as a person writes it: generatorHost is the generator host. */
function inWords(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

function arrivalsOf({ settings, environment }: CampaignAnalysis['manifest']): string {
  const atRandom = (settings?.arrivals ?? environment['arrivals']) === 'poisson';
  return atRandom ? 'at random (Poisson), alike for all variants of a block' : 'evenly spaced';
}

function contents(answers: readonly Answer[]): Html {
  const further = [
    ['explorer', 'One trial over time'],
    ['method', 'Method'],
    ['cells', 'Cells and trials'],
    ['queries', 'Queries'],
  ];
  return html`<nav aria-label="Contents">
    <ol>
      ${answers.map((answer) => html`<li><a href="#${answer.id}">${answer.title}</a>${answer.unanswerable !== undefined && html` <span class="soft">(not answerable)</span>`}</li> `)}
      ${further.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li> `)}
    </ol>
  </nav>`;
}

function section(answer: Answer): Html {
  return html`<section id="${answer.id}">
    <h2>${answer.title}</h2>
    <p class="question">${answer.question}</p>
    ${answer.unanswerable !== undefined && html`<p class="unanswerable">${fragment(answer.unanswerable)}</p>`}
    ${answer.sentences.map((sentence) => html`<p class="answer">${spoken(sentence)}</p> `)}
    ${(answer.notes ?? []).map((sentence) => html`<p class="note">${spoken(sentence)}</p> `)}
    ${joined(answer.plots.map(figure), '\n')}
    ${answer.tables.map((table, index) => folded(table, index === 0 || table.rows.length <= 12))}
  </section>`;
}

function spoken(sentence: Sentence): Html[] {
  return sentence.map(fragment);
}

function folded(table: Table, open: boolean): Html {
  return html`<details id="table-${table.id}" ${open && trusted(' open')}>
    <summary>${table.title} (${table.rows.length} ${table.rows.length === 1 ? 'row' : 'rows'})</summary>
    ${htmlTable(table)}
  </details> `;
}

function explorer(analysis: CampaignAnalysis): Html {
  const first = firstInteresting(analysis);
  return html`<section id="explorer">
    <h2>One trial over time</h2>
    <div class="controls">
      <label
        >cell
        <select id="explorer-cell">
          ${analysis.cells.map((cell) => html`<option${cell === first && trusted(' selected')}>${cell.id}</option>`)}
        </select></label
      >
      <label
        >trial
        <select id="explorer-trial"></select
      ></label>
    </div>
    ${figure(EXPLORER)}
  </section>`;
}

function queries(analysis: CampaignAnalysis): Html {
  const texts = queryTexts(analysis);
  return html`<section id="queries">
    <h2>Queries</h2>
    <p>
      DuckDB over the Parquet files of each trial. The text is as run for the first trial or cell; the others differ in
      file and slot.
    </p>
    ${(Object.keys(texts) as QueryName[]).map(
      (name) =>
        html`<details id="query-${name}">
          <summary>${name}: ${QUERY_TITLES[name]}</summary>
          <pre>${texts[name].trim()}</pre>
        </details> `,
    )}
  </section>`;
}
