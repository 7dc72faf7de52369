import { readInventory } from '../../facts/inventory';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { networkPicture } from '../../ansible/network-picture';
import { drawSequence } from '../../lib/console/sequence';
import { experimentsPicture, PICTURE } from '../../site/pictures/experiments';
import { crossings, smallestLetter } from './picture-geometry';

const GENERATED = join(__dirname, '../../docs/generated');
const pictures = readdirSync(GENERATED).filter((name) => name.endsWith('.svg'));
/** Pixels that a column of text has on a telephone of 390: GitHub's pages leave 16 on each side. */
const COLUMN = 358;

test('the picture of the experiments is that of the code (else run `npm run docs -- --pictures`)', async () => {
  expect(readFileSync(PICTURE, 'utf8')).toBe(await experimentsPicture());
});

describe.each(pictures)('%s', (name) => {
  const svg = readFileSync(join(GENERATED, name), 'utf8');

  test('has no letter below 9 pixels on a telephone', () => {
    expect(smallestLetter(svg, COLUMN)).toBeGreaterThanOrEqual(9);
  });

  test('has no line that crosses a text', () => {
    expect(crossings(svg)).toEqual([]);
  });

  test('says what it shows to those who cannot see it', () => {
    expect(svg).toMatch(/<title>[^<]{20,}<\/title>/);
  });
});

test('there are six pictures to look at', () => {
  expect(pictures.length).toBeGreaterThanOrEqual(6);
});

describe('the check', () => {
  const graph = (path: string, x = 50) =>
    `<svg viewBox="0 0 100 100"><g class="edge"><path d="${path}"/></g><text text-anchor="middle" x="${x}" y="52" font-size="10">label</text></svg>`;

  test('finds a line, straight or bent, through a text, and none beside it', () => {
    expect(crossings(graph('M50,0C50,30 50,70 50,100'))).toEqual(['label']);
    expect(crossings(graph('M0,0C0,200 100,-100 100,100'))).toEqual(['label']);
    expect(crossings(graph('M50,0C50,30 50,70 50,100', 80))).toEqual([]);
  });

  test('finds small letters in a wide picture, whatever says their size', () => {
    expect(smallestLetter('<svg viewBox="0 0 716 10" font-size="13"><text>a</text></svg>', COLUMN)).toBe(6.5);
    expect(smallestLetter('<svg viewBox="0 0 100 10"><text font-size="11.00">a</text></svg>', COLUMN)).toBe(11);
  });
});

test('the network of any number of hosts stays narrow: a picture of forty nodes is read on a telephone', async () => {
  const inventory = readInventory(join(__dirname, '../../ansible/inventory/hosts.yml'));
  const more = Array.from({ length: 34 }, (_, index) => ({
    ...inventory.hosts.at(-1)!,
    name: `node-${index}`,
    address: `192.168.100.${index + 10}`,
    mac: `2c:cf:67:00:02:${index + 10}`,
    hasUplink: index < 4,
  }));
  const svg = await networkPicture({ ...inventory, hosts: [...more, ...inventory.hosts] });
  expect(svg).toContain('node&#45;33');
  expect(smallestLetter(svg, COLUMN)).toBeGreaterThanOrEqual(9);
  expect(crossings(svg)).toEqual([]);
});

test('a sequence refuses a step of somebody who takes no part', () => {
  expect(() => drawSequence('T', [{ name: 'a', colour: 'blue' }], [{ from: 'a', to: 'b', text: '' }])).toThrow(
    'T: b takes no part; name it among the participants.',
  );
});
