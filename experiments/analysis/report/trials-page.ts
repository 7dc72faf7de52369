import type { CampaignAnalysis, Cell } from '../measurement/analyse';
import type { QueryName } from '../measurement/trial/queries';
import { TEST_TITLES } from '../answers/experiment-cells';
import { digits } from '../answers/numbers';
import { groupBy } from '../../../lib/primitives/group-by';
import { html, joined, type Html } from './escaped-html';

const QUERIES_OF_CELL: readonly QueryName[] = ['requests', 'seconds', 'summary', 'pooled'];

/**
 * Every cell with its trials: where each figure's link leads. A page of its own, with a search, so that the report itself ends
 * with its last answer; without script it is the last part of it.
 *
 * @param prefix Of the anchors, where a report holds two campaigns.
 */
export function trialsPage(analysis: CampaignAnalysis, prefix: string, name?: string): Html {
  // A figure over all trials of a test type links to the body of that type.
  const bodies = [...groupBy(analysis.cells, (cell) => cell.testType)].map(
    ([testType, ofType]) =>
      html`<tbody id="${prefix}cell-${testType}">
        <tr>
          <th scope="rowgroup" colspan="4">${TEST_TITLES[testType]}</th>
        </tr>
        ${ofType.map((cell) => row(cell, prefix, analysis))}
      </tbody> `,
  );
  return html`<section id="${prefix}cells">
    <h2>Cells and trials${name !== undefined && `, ${name}`}</h2>
    <p>
      Each figure of this report links to its row here. Paths are relative to the folder of the campaign.
      <a href="#verdicts">Back to the report</a>
    </p>
    <label class="search"
      >search <input type="search" placeholder="variant, profile, error …" aria-label="search cells and trials"
    /></label>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">cell</th>
            <th scope="col" class="number">trials</th>
            <th scope="col">where</th>
            <th scope="col">queries</th>
          </tr>
        </thead>
        ${bodies}
      </table>
    </div>
  </section>`;
}

function row(cell: Cell, prefix: string, analysis: CampaignAnalysis): Html {
  const planned = analysis.manifest.order.filter((trial) => trial.startsWith(`${cell.id}.`)).length;
  const trials = cell.trials.map(({ input: { folder }, measures }) => {
    const causes = measures.failures.map((one) => `${one.error} ${one.requests}`).join(', ');
    return html`<code>trials/${folder}</code> (${digits(measures.due)} ${measures.due === 1 ? 'request' : 'requests'},
      ${measures.failed} failed${causes !== '' && `: ${causes}`}${measures.saturated && '; saturated'})`;
  });
  return html`<tr id="${prefix}cell-${cell.id}">
    <td>${cell.id}</td>
    <td class="number">${cell.trials.length}${planned > 0 && ` of ${planned}`}</td>
    <td>${trials.map((trial, index) => [index > 0 && html`<br />`, trial])}</td>
    <td>
      ${joined(
        QUERIES_OF_CELL.map((name) => html`<a href="#query-${name}">${name}</a>`),
        ', ',
      )}
    </td>
  </tr> `;
}
