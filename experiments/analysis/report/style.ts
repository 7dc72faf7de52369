/** The report's style: one column of text, wide tables that scroll by themselves, and a print layout. */
export const STYLE = `
:root { --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --wash: #f6f8fa; --link: #0550ae; --warn: #9a3412; }
* { box-sizing: border-box; }
html { scroll-padding-top: 12px; }
body { margin: 0; color: var(--ink); background: #fff; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1392px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 1.3rem; margin: 48px 0 4px; padding-top: 14px; border-top: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 24px 0 6px; }
p { margin: 8px 0; max-width: 78ch; }
a { color: var(--link); }
a.value { color: inherit; text-decoration: underline dotted var(--soft); text-underline-offset: 3px; white-space: nowrap; }
p a.value { white-space: normal; }
a.value:hover { color: var(--link); }
.soft, figcaption, .question { color: var(--soft); }
.question { font-style: italic; margin-top: 0; }
.option { white-space: nowrap; }
.note { font-size: .88rem; color: var(--soft); max-width: 90ch; }
.banner { border: 2px solid var(--warn); color: var(--warn); padding: 10px 14px; font-weight: 600; margin: 16px 0; }
.unanswerable { border-left: 4px solid var(--warn); padding: 4px 12px; background: #fff7ed; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 16px 0; font-size: .92rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
nav ol { columns: 2; column-gap: 40px; padding-left: 1.4em; font-size: .95rem; } nav li { break-inside: avoid; }
figure { margin: 20px 0; }
figure h3 { margin: 0 0 4px; }
.plot { width: 100%; height: calc(380px + var(--labels, 0px)); } .plot.traces { height: calc(560px + var(--labels, 0px)); } .plot.single { height: 720px; }
.pan { overflow-x: auto; overflow-y: hidden; }
figcaption { font-size: .88rem; max-width: 90ch; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; font-size: .82rem; min-width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { background: var(--wash); font-weight: 600; } tr:last-child td { border-bottom: 0; }
th small { display: block; font-weight: 400; color: var(--soft); }
td { min-width: 4.5em; } td:first-child, td:nth-child(2) { white-space: nowrap; } td:last-child:not(.number) { min-width: 18em; } td.number { text-align: right; } td.number a.value { white-space: normal; } td { min-width: 4em; } th.number { text-align: right; }
tr:target, tbody:target, details:target, section:target > h2 { background: #fff3c4; }
details { margin: 12px 0; } summary { cursor: pointer; font-weight: 600; }
pre { background: var(--wash); border: 1px solid var(--line); padding: 10px; overflow-x: auto; font-size: .8rem; line-height: 1.4; }
label { display: inline-block; margin: 4px 16px 4px 0; font-size: .9rem; } select { font: inherit; max-width: 100%; }
figure .controls label { white-space: nowrap; }
@media screen { html[data-drawn] body:not(.trials-only) section[id$="cells"] { display: none; } }
.save button { font: inherit; border: 0; background: none; padding: 0; color: var(--link); cursor: pointer; text-decoration: underline; }
.search input { font: inherit; padding: 4px 8px; width: min(28em, 100%); }
table.verdicts th[scope="row"] { background: none; font-weight: 600; min-width: 14em; } table.verdicts th small { font-style: italic; }
table.verdicts td { white-space: normal; min-width: 9em; } table.verdicts td:nth-child(2) { min-width: 22em; white-space: normal; } table.verdicts td:last-child:not(.number) { min-width: 9em; }
table.verdicts a.value { white-space: normal; }
@media screen { body.trials-only main > :not(.shown) { display: none; } section[id$="cells"] { scroll-margin-top: 0; } }
@media (max-width: 600px) {
  body { font-size: 15px; } main { padding: 16px 12px 60px; } nav ol { columns: 1; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 6px; }
  .plot { height: calc(340px + var(--labels, 0px)); } .plot.traces { height: calc(460px + var(--labels, 0px)); } .plot.single { height: 640px; }
  label { display: block; } td:last-child:not(.number) { min-width: 12em; }
  /* A row is read by its variant, however far the table is scrolled. */
  .scroll > table:not(.verdicts) :is(td, th):first-child { position: sticky; left: 0; background: #fff; box-shadow: 1px 0 var(--line); }
  /* Four columns do not fit: each question is a block of its own. */
  table.verdicts thead { display: none; } table.verdicts :is(tbody, tr, th, td) { display: block; width: auto; }
  main table.verdicts :is(td, td:last-child, td:nth-child(2), th) { min-width: 0; border: 0; white-space: normal; overflow-wrap: anywhere; }
  table.verdicts tr { border-bottom: 1px solid var(--line); padding: 6px 0; }
}
@media screen and (min-width: 1200px) { table.wide { font-size: .75rem; } table.wide :is(th, td) { padding: 4px 5px; } table.wide td { min-width: 3.6em; } }
@media print {
  body { font-size: 10pt; } main { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
  section { break-before: page; } #verdicts { break-before: auto; }
  /* What has no answer is three lines, and no page of its own. */
  section:has(> .unanswerable) { break-before: auto; break-inside: avoid; margin-top: 24px; } #verdicts h2 { margin-top: 12px; } h2, h3, summary { break-after: avoid; } h2 { margin-top: 0; }
  figure, tr, pre { break-inside: avoid; } .controls, nav, .save, .search { display: none; } pre { white-space: pre-wrap; }
  .scroll, .pan { overflow: visible; } .scroll { border: 0; } table { font-size: 7pt; } td, td:last-child:not(.number) { min-width: 0; } th, td { padding: 2px 4px; }
  code { overflow-wrap: anywhere; }
  /* A page is narrow, and nothing scrolls on it: every cell may wrap, between words. */
  main table.verdicts :is(th, td), main :is(th, td, td.number, td:last-child:not(.number), a.value) { min-width: 0; white-space: normal; overflow-wrap: break-word; }
  td code { overflow-wrap: anywhere; }
  table { width: 100%; } table.wide { font-size: 5.8pt; } table.wide :is(th, td) { padding: 2px; }
  /* Names of variants and profiles are not broken. */
  main table.of-variants td:is(:first-child, :nth-child(2)) { white-space: nowrap; overflow-wrap: normal; }
  table.verdicts { table-layout: fixed; } table.verdicts thead th { width: 20%; }
  table.verdicts thead th:nth-child(2) { width: 48%; } table.verdicts thead th:nth-child(3) { width: 14%; }
}
`;
