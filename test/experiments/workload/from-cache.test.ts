import { isFromCache } from '../../../experiments/workload/answer/from-cache';

const ASKED = Date.parse('2026-03-01T12:00:00.400Z');

describe('an answer from the memory of something on the way', () => {
  it.each<[string, Record<string, string>]>([
    ['its age', { age: '7' }],
    ['nginx', { 'x-cache-status': 'HIT' }],
    ['nginx, of an old one', { 'x-cache-status': 'STALE' }],
    ['RFC 9211', { 'cache-status': 'ExampleCache; hit; ttl=30' }],
    ['Cloudflare', { 'cf-cache-status': 'REVALIDATED' }],
    ['Varnish', { 'x-varnish': '32770 3', age: '0' }],
    ['its count of hits', { 'x-cache-hits': '2' }],
    ['the moment at which it was made', { date: 'Sun, 01 Mar 2026 11:59:30 GMT' }],
  ])('is known by %s', (_, headers) => {
    expect(isFromCache(headers, ASKED)).toBe(true);
  });

  it.each<[string, Record<string, string>]>([
    ['says nothing', {}],
    [
      'was made in the second before it was asked for, as a clock of whole seconds has it',
      { date: 'Sun, 01 Mar 2026 12:00:00 GMT' },
    ],
    ['was made a minute after', { date: 'Sun, 01 Mar 2026 12:01:00 GMT' }],
    [
      'passed a cache that had it not',
      { age: '0', 'x-cache': 'MISS', 'cf-cache-status': 'DYNAMIC', 'x-varnish': '32770' },
    ],
    ['has a date that is none', { date: 'yesterday' }],
  ])('is not one that %s', (_, headers) => {
    expect(isFromCache(headers, ASKED)).toBe(false);
  });
});
