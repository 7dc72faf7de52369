import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { DEFAULT_SETTINGS, LOAD_WINDOWS } from '../../../experiments/analysis/measurement/settings';
import { methodTexts } from '../../../experiments/analysis/report/method';

const EXPERIMENTS = join(__dirname, '../../../experiments');
/** Where sentences of the report, of verdicts and of the rehearsal's findings are made. */
const PLACES = [
  'analysis/answers',
  'analysis/report/method.ts',
  'campaign/verdict',
  'rehearsal/campaign/findings.ts',
  'rehearsal/campaign/warnings.ts',
  'runner/attempt/gates',
];
/** A number that stands by itself in words: not p95, not a unit, not the number of a thing that the sentence is about. */
const NUMBER = /(^|[\s("])\d+([.,]\d+)?(?=[\s%).,;:"]|$)/;
/** What is no setting of ours: one line of a plot is one trial, and an example of what may be typed. */
const ALLOWED = [/n = 1 trial a line/, /is not understood: write a measure/];

function files(place: string): string[] {
  const path = join(EXPERIMENTS, place);
  if (place.endsWith('.ts')) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(path, name));
}

/** Pieces of text, literal or between the holes of a template, that hold words and a number. */
function numbersInProse(source: string, name: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node)
    ) {
      const words = node.text.match(/[a-z]{2,}/gi) ?? [];
      if (words.length >= 3 && NUMBER.test(node.text) && !ALLOWED.some((one) => one.test(node.text)))
        found.push(`${name}: ${node.text.trim()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.ES2022));
  return found;
}

test.each(PLACES)('no number is typed into a sentence: %s', (place) => {
  const all = files(place);
  expect(all.length).toBeGreaterThan(0);
  expect(all.flatMap((file) => numbersInProse(readFileSync(file, 'utf8'), file.slice(EXPERIMENTS.length + 1)))).toEqual(
    [],
  );
});

test('a number that is typed into a sentence is found, and one from a constant is not', () => {
  expect(numbersInProse('const a = `more than 1 % of the starts of ${name} were dropped`;', 'a')).toHaveLength(1);
  expect(numbersInProse("const a = 'it waits for 30 s after the load';", 'a')).toHaveLength(1);
  expect(numbersInProse('const a = `more than ${limit} of the starts were dropped, p95 at the end`;', 'a')).toEqual([]);
});

test('the part of a load that the method tells as a word is that of its constant', () => {
  expect(methodTexts(DEFAULT_SETTINGS).join(' ')).toContain('each tenth of the load');
  expect(1 / LOAD_WINDOWS).toBe(0.1);
});
