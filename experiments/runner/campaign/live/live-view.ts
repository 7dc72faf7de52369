import type { CampaignSettings } from '../../../campaign';
import { Views, type RunnerView } from '../runner-view';
import { LivePage } from './live-page';
import { LiveState } from './live-state';

/** A view and the live page beside it. */
export interface LiveView {
  readonly view: RunnerView;
  close(): Promise<void>;
}

/**
 * Starts the live page beside a view, and tells there where it is. AHUORA_LIVE_PORT names its port; `off` leaves it out. A campaign
 * runs without its page where none can be started.
 */
export async function withLivePage(
  view: RunnerView,
  campaign: string,
  settings: Pick<CampaignSettings, 'scale' | 'site'>,
  wanted: string = process.env['AHUORA_LIVE_PORT'] ?? '0',
): Promise<LiveView> {
  const without = { view, close: () => Promise.resolve() };
  if (wanted === 'off') return without;
  if (!/^\d{1,5}$/.test(wanted) || Number(wanted) > 65_535)
    throw new Error(`AHUORA_LIVE_PORT is "${wanted}": give a port, or off.`);
  const state = new LiveState(campaign, settings);
  try {
    const page = await LivePage.start(state, Number(wanted));
    view.note(`Live at ${page.url} (this machine alone).`);
    return { view: new Views([view, state]), close: () => page.close() };
  } catch (error) {
    view.note(`No live page: ${whyNot(error as NodeJS.ErrnoException, wanted)}.`);
    return without;
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException, port: string): string {
  return code === 'EADDRINUSE'
    ? `port ${port} is taken, maybe by that of another campaign (AHUORA_LIVE_PORT names the port; without it a free one is taken)`
    : message;
}
