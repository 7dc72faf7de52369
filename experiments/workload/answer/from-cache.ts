/** Answers of the system are made after their request; clocks may differ by so much, and `Date` counts whole seconds. */
const DATE_TOLERANCE_MS = 5000;
/** Headers by which caches say what they did: nginx, Varnish, Cloudflare and others; RFC 9211. */
const CACHE_STATUS_HEADERS = [
  'cache-status',
  'x-cache',
  'x-cache-status',
  'x-cache-lookup',
  'x-proxy-cache',
  'x-nginx-cache',
  'cf-cache-status',
  'x-drupal-cache',
  'x-litespeed-cache',
];
const FROM_MEMORY = /\b(hit|stale|updating|revalidated)\b/i;

/**
 * Whether something on the way answered from its memory. RFC 9111: only a cache says how old an answer is, or passes one on
 * that was made before it was asked for (`askedAt`, milliseconds). One that hides all of this looks like the system itself.
 */
export function isFromCache(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  askedAt: number,
): boolean {
  if (Number(headers['age'] ?? 0) > 0 || Number(headers['x-cache-hits'] ?? 0) > 0) return true;
  if (CACHE_STATUS_HEADERS.some((name) => FROM_MEMORY.test(String(headers[name] ?? '')))) return true;
  // Varnish names the request that filled its cache beside the one that it answers.
  if (/^\d+ \d+$/.test(String(headers['x-varnish'] ?? ''))) return true;
  return Date.parse(String(headers['date'] ?? '')) < askedAt - DATE_TOLERANCE_MS;
}
