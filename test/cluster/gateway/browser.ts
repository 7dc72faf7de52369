import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { settings } from '../../../facts/settings';
import { toolCache } from '../../../tools/build';

/** Debian's browser: https://packages.debian.org/chromium */
const CHROMIUM = '/usr/bin/chromium';

/**
 * A headless browser for which the platform's hosts lead to the gateway on that port; closing the context ends it.
 *
 * @param others - further hosts, and the ports on 127.0.0.1 that they lead to
 */
export async function openBrowser(
  gatewayPort: number,
  others: Readonly<Record<string, number>> = {},
): Promise<BrowserContext> {
  const ports = { ...Object.fromEntries(Object.values(settings.hosts).map((host) => [host, gatewayPort])), ...others };
  const hosts = Object.entries(ports).map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    // The sandbox of Chromium refuses to run as root; the pages are our own.
    args: ['--no-sandbox', '--disable-gpu', `--host-resolver-rules=${hosts.join(',')}`],
    timeout: 60_000,
  });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 900, height: 640 } });
  context.setDefaultTimeout(30_000);
  context.on('close', () => void browser.close());
  return context;
}

/** File in the cache for a picture that a person may want to look at. */
export function screenshot(name: string): string {
  const folder = join(toolCache(), 'screenshots');
  mkdirSync(folder, { recursive: true });
  return join(folder, `gateway-${name}.png`);
}
