import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's browser: https://packages.debian.org/chromium */
const CHROMIUM = '/usr/bin/chromium';

/** A headless browser that asks nobody anything of its own accord. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // The sandbox of Chromium refuses to run as root; the pages are our own.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    timeout: 60_000,
  });
}

/** What a page says and asks for that it should not. */
export interface Watched {
  /** Errors and warnings of the console, exceptions, and answers that are errors. */
  readonly problems: string[];
  /** Requests that leave this machine. */
  readonly outside: string[];
}

/** Watches a page from now on. */
export function watch(page: Page): Watched {
  const watched: Watched = { problems: [], outside: [] };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) watched.problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => watched.problems.push(error.message));
  page.on('response', (response) => {
    if (response.status() >= 400) watched.problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(data|blob|about):$/.test(protocol)) return;
    if (hostname !== '127.0.0.1') watched.outside.push(request.url());
  });
  return watched;
}
