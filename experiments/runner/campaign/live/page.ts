/** The live page: one file without anything from elsewhere. Every text is set as text, never as HTML. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Campaign</title>
<style>
  body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem; color: #1e293b; background: #fff }
  h1 { font-size: 1.3rem; margin: 0 0 .2rem } h2 { font-size: 1rem; margin: 1.4rem 0 .3rem }
  p { margin: .2rem 0 } .quiet { color: #64748b } .bad { color: #b91c1c; font-weight: 600 }
  .figures { display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: .8rem 0 }
  .figures div { min-width: 6rem } .figures b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums }
  svg { width: 100%; height: 11rem; border: 1px solid #cbd5e1 }
  ul { padding-left: 1.1rem; margin: .3rem 0 } li { overflow-wrap: anywhere }
</style>
<h1 id="campaign">Campaign</h1>
<p id="where" class="quiet">waiting for the runner</p>
<p id="doing" class="quiet"></p>
<div class="figures">
  <div><b id="done">–</b>trials done</div><div><b id="left">–</b>left</div>
  <div><b id="rate">–</b>requests/s</div><div><b id="p50">–</b>p50, ms</div><div><b id="p95">–</b>p95, ms</div>
  <div><b id="failed">–</b>failed</div><div><b id="flight">–</b>in flight</div>
</div>
<h2>Response time, ms <span class="quiet">(solid p50, dashed p95, of the last five seconds)</span></h2>
<svg id="times" viewBox="0 0 600 160" preserveAspectRatio="none" role="img" aria-label="response time over the load"></svg>
<p id="timesScale" class="quiet"></p>
<h2>Requests per second <span class="quiet">(solid sent, dashed offered)</span></h2>
<svg id="rates" viewBox="0 0 600 160" preserveAspectRatio="none" role="img" aria-label="rate over the load"></svg>
<p id="ratesScale" class="quiet"></p>
<h2>Replicas</h2><ul id="replicas"></ul>
<h2>Gates of this attempt so far</h2><ul id="gates"></ul>
<h2>Before</h2><ul id="verdicts"></ul>
<script>
'use strict';
const at = (id) => document.getElementById(id);
const set = (id, text) => { at(id).textContent = text; };
const list = (id, lines) => at(id).replaceChildren(...lines.map(({ text, bad }) => {
  const line = document.createElement('li');
  line.textContent = text;
  if (bad) line.className = 'bad';
  return line;
}));
const figure = (value) => (value === null || value === undefined ? '–' : value.toFixed(value < 10 ? 1 : 0));
function draw(id, moments, seconds, lines) {
  const values = lines.flatMap(({ of }) => moments.map(of)).filter((value) => value !== null);
  const most = Math.max(1e-9, ...values) * 1.05;
  const last = Math.max(seconds || 1, ...moments.map((moment) => moment.seconds));
  at(id).replaceChildren(...lines.map(({ of, dashed }) => {
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    line.setAttribute('points', moments.filter((moment) => of(moment) !== null)
      .map((moment) => (600 * moment.seconds / last).toFixed(1) + ',' + (160 - 156 * of(moment) / most).toFixed(1)).join(' '));
    line.setAttribute('fill', 'none');
    line.setAttribute('stroke', dashed ? '#b45309' : '#1d4ed8');
    line.setAttribute('stroke-width', '2');
    line.setAttribute('vector-effect', 'non-scaling-stroke');
    if (dashed) line.setAttribute('stroke-dasharray', '5 4');
    return line;
  }));
  set(id + 'Scale', values.length ? '0 to ' + figure(most) + ', over ' + figure(last) + ' s' : 'nothing yet');
}
async function look() {
  try {
    const state = await (await fetch('/state.json')).json();
    const now = state.moments.at(-1) || {};
    document.title = state.done + ' of ' + state.trials + ' · ' + state.campaign;
    set('campaign', 'Campaign ' + state.campaign);
    set('where', state.trial ? state.trial + (state.attempt > 1 ? ', attempt ' + state.attempt : '') + ': ' + state.state : 'between trials');
    set('doing', state.doing);
    set('done', state.done + ' of ' + state.trials);
    set('left', state.left);
    for (const id of ['rate', 'p50', 'p95']) set(id, figure(now[id]));
    set('failed', now.failed === undefined ? '–' : String(now.failed));
    set('flight', now.inFlight === undefined ? '–' : String(now.inFlight));
    draw('times', state.moments, state.seconds, [{ of: (m) => m.p50 }, { of: (m) => m.p95, dashed: true }]);
    draw('rates', state.moments, state.seconds, [{ of: (m) => m.rate }, { of: (m) => m.offered, dashed: true }]);
    list('replicas', Object.entries(state.replicas).map(([name, { desired, current, ready }]) =>
      ({ text: name + ': ' + ready + ' ready of ' + current + ', ' + desired + ' wanted', bad: ready === 0 })));
    list('gates', state.gates.map(({ gate, passed, detail, remedy }) =>
      ({ text: gate + ': ' + detail + (remedy ? ' ' + remedy : ''), bad: !passed })));
    list('verdicts', state.verdicts.map((text) => ({ text, bad: text.includes('INVALID') })));
  } catch {
    set('where', 'The runner has ended, or does not answer.');
  }
  setTimeout(look, 1000);
}
look();
</script>
</html>
`;
