import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withDarkMode } from '../../../lib/console/svg-theme';

const generated = join(__dirname, '..', '..', '..', 'docs', 'generated');
const picture = '<svg viewBox="0 0 1 1">\n<style>rect{stroke:#333}</style>\n<rect fill="#ffffff"/></svg>';

test('each colour gets its counterpart in the dark, after the style sheet of the picture', () => {
  const themed = withDarkMode(picture, { '#ffffff': 'none' }, 'rect{stroke:#ccc}');
  const [own, dark] = [themed.indexOf('rect{stroke:#333}'), themed.indexOf('prefers-color-scheme: dark')];
  expect(own).toBeGreaterThan(0);
  expect(dark).toBeGreaterThan(own);
  expect(themed).toContain('[fill="#ffffff"]{fill:none}');
  expect(themed).toContain('rect{stroke:#ccc}');
});

test('a colour without a counterpart is refused by name', () => {
  expect(() => withDarkMode(picture, {})).toThrow('the picture has colours without a dark counterpart: #ffffff');
});

test('every generated picture follows the reader', () => {
  const pictures = readdirSync(generated).filter((file) => file.endsWith('.svg'));
  expect(pictures.length).toBeGreaterThan(2);
  for (const file of pictures)
    expect([file, readFileSync(join(generated, file), 'utf8')]).toEqual([
      file,
      expect.stringContaining('prefers-color-scheme: dark'),
    ]);
});
