import { request } from 'undici';
import http from 'node:http';
import { expandTrials, type Trial } from '../../../experiments/plan';
import type { TrialRecord } from '../../../experiments/campaign';
import { LivePage } from '../../../experiments/runner/campaign/live/live-page';
import { LiveState } from '../../../experiments/runner/campaign/live/live-state';
import { withLivePage } from '../../../experiments/runner/campaign/live/live-view';
import { TimeLeft } from '../../../experiments/runner/campaign/time-left';
import { LineView, TerminalView } from '../../../experiments/runner/campaign/view';
import type { LoadProgress } from '../../../experiments/workload';

const LONGEST = expandTrials().reduce((a, b) => (b.id.length > a.id.length ? b : a));
const SPIKES = expandTrials(undefined, 1, { variants: ['uor-replicas-1'], profiles: ['spike'] });
const FULL = { rate: 1, duration: 1 };
const next = (trial: Trial) => ({ trial, attempt: 2 });
const progress = (seconds: number, more: Partial<LoadProgress> = {}): LoadProgress => ({
  ...{ seconds, started: seconds * 80, finished: seconds * 80, failed: 0, dropped: 0, inFlight: 12 },
  recent: { p50: 41.4, p95: 12_345.6 },
  ...more,
});
const record = (more: Partial<TrialRecord> = {}) =>
  ({
    trial: SPIKES[0]!.id,
    valid: true,
    rows: { samples: 9600 },
    gates: [],
    aborted: false,
    ...more,
  }) as unknown as TrialRecord;

describe('the view of a terminal', () => {
  let written = '';
  const view = (site: 'local' | 'cluster' = 'cluster') => {
    written = '';
    return new TerminalView(FULL, (text) => void (written += text), site);
  };
  const lastLine = () => written.split('\r\u001b[K').at(-1)!;

  it('fits eighty columns in its worst case, and shows median, 95th percentile and the time left', () => {
    const shown = view();
    shown.begun([LONGEST], [LONGEST]);
    shown.entered(next(LONGEST), 'select');
    shown.entered(next(LONGEST), 'load');
    shown.progress(next(LONGEST), progress(599, { failed: 47_920, dropped: 0 }));
    expect(lastLine().length).toBeLessThan(80);
    expect(lastLine()).toMatch(/^load 599 s, 80\.0 req\/s, p50 41, p95 12346 ms, 100 % failed \| .* left$/);
    shown.close();
  });

  it('breaks what is longer between words', () => {
    const shown = view();
    shown.judged({ gate: 'generator-cpu', passed: false, detail: `${'All cores of the host were busy. '.repeat(5)}` });
    const lines = written.replaceAll('\r\u001b[K', '').split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThan(80);
    expect(lines[1]).toMatch(/^ {4}\S/);
  });

  it('shows what is installed, and cuts that off rather than the time left', () => {
    const shown = view('local');
    shown.begun([LONGEST], [LONGEST]);
    shown.entered(next(LONGEST), 'select');
    shown.detail(`packages: installing ${'postgresql, '.repeat(20)}`);
    expect(lastLine()).toMatch(/^select packages: installing .* left$/);
    expect(lastLine().length).toBeLessThan(80);
    shown.close();
  });

  it('says at once which gate failed', () => {
    const shown = view();
    shown.judged({ gate: 'clock-steady', passed: false, detail: 'It was set back.' });
    expect(written).toContain('clock-steady failed: It was set back.');
  });
});

it('lines say that a trial is saturated, and how long the rest takes', () => {
  let written = '';
  const view = new LineView(FULL, (text) => void (written += text));
  view.begun(SPIKES, SPIKES);
  expect(written).toBe('3 trials to run, about 24 min.\n');
  view.entered(next(SPIKES[0]!), 'select');
  view.stored(record({ saturated: true }), SPIKES.slice(1));
  expect(written).toContain('valid, 9600 requests, saturated (dropped starts count as failed)');
});

describe('the time left', () => {
  let clock = 0;
  const left = (site: 'local' | 'cluster', duration: number) =>
    new TimeLeft({ site, scale: { rate: 1, duration } }, () => clock);

  it('is that of the scaled load, not of the plan', () => {
    expect(left('local', 0.05).seconds(SPIKES.slice(0, 1))).toBeCloseTo(12 + 3 + 20);
    expect(left('cluster', 1).seconds(SPIKES.slice(0, 1))).toBe(240 + 240);
  });

  it('learns from each attempt what one takes besides its load, and runs down within one', () => {
    const time = left('local', 0.5);
    clock = 0;
    time.attemptBegan();
    clock = 150_000;
    time.attemptEnded(SPIKES[0]!, 120);
    expect(time.seconds(SPIKES.slice(1))).toBe(2 * (120 + 30));
    time.attemptBegan();
    clock += 100_000;
    expect(time.seconds(SPIKES.slice(1), true)).toBe(2 * 150 - 30);
    time.loadReached(70);
    expect(time.seconds(SPIKES.slice(1), true)).toBe(2 * 150 - 100);
    clock += 900_000; // A trial that takes longer than thought never makes the others seem shorter.
    expect(time.seconds(SPIKES.slice(1), true)).toBe(150 + 50);
    time.loadReached(120);
    expect(time.seconds(SPIKES.slice(1), true)).toBe(150);
  });

  it('never falls below the load that is still to come, however long installing takes before it', () => {
    const time = left('local', 0.5);
    clock = 0;
    time.attemptBegan();
    clock = 600_000;
    expect(time.text(SPIKES.slice(0, 1), true)).toBe('2 min');
    time.loadReached(90);
    expect(time.text(SPIKES.slice(0, 1), true)).toBe('30 s');
  });
});

describe('the live page', () => {
  it('shows trial, load, replicas and gates, from this machine alone and with nothing from elsewhere', async () => {
    const state = new LiveState('<b>camp</b>', { site: 'local', scale: FULL });
    const page = await LivePage.start(state);
    try {
      state.begun(SPIKES, SPIKES);
      state.entered(next(SPIKES[0]!), 'select');
      state.replicas({ at: 0, workload: 'django-api', desired: 2, current: 2, ready: 1 });
      state.entered(next(SPIKES[0]!), 'load');
      state.progress(next(SPIKES[0]!), progress(60));
      state.judged({ gate: 'clock-offset', passed: true, value: 0, detail: 'fine' });
      const told = (await (await request(`${page.url}state.json`)).body.json()) as ReturnType<LiveState['snapshot']>;
      expect(told).toMatchObject({
        ...{ done: 0, trials: 3, trial: SPIKES[0]!.id, attempt: 2, state: 'load', seconds: 240 },
        moments: [{ seconds: 60, rate: 80, offered: 40, p50: 41.4, p95: 12_345.6, inFlight: 12 }],
        replicas: { 'django-api': { desired: 2, current: 2, ready: 1 } },
        gates: [{ gate: 'clock-offset', passed: true }],
      });
      expect(told.left).toMatch(/min$/);
      const html = await (await request(page.url)).body.text();
      expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)|src=|@import|innerHTML/);
      expect((await request(page.url, { headers: { host: 'elsewhere.example' } })).statusCode).toBe(403);
      expect((await request(page.url, { method: 'POST' })).statusCode).toBe(405);
      expect(new URL(page.url).hostname).toBe('127.0.0.1');
    } finally {
      await page.close();
    }
  });

  it('that cannot be started stops no campaign, and a wrong port is told', async () => {
    const taken = http.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const notes: string[] = [];
    const view = new LineView(FULL, (text) => void notes.push(text));
    const settings = { site: 'local', scale: FULL } as const;
    const live = await withLivePage(view, 'c', settings, String(port));
    expect([live.view, notes.join()]).toEqual([
      view,
      expect.stringMatching(/^No live page: port \d+ is taken, maybe by that of another campaign \(AHUORA_LIVE_PORT /),
    ]);
    taken.close();
    await expect(withLivePage(view, 'c', settings, 'high')).rejects.toThrow('AHUORA_LIVE_PORT is "high"');
  });
});
