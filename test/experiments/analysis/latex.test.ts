import { latexTable } from '../../../experiments/analysis/report/exports/latex';
import { latexText } from '../../../experiments/analysis/report/exports/latex-text';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ANALYSIS = join(__dirname, '..', '..', '..', 'experiments', 'analysis');

describe('text for LaTeX', () => {
  it.each([
    ['_ % & # $', '\\_ \\% \\& \\# \\$'],
    ['~ ^ \\ { }', '\\textasciitilde{} \\textasciicircum{} \\textbackslash{} \\{ \\}'],
    ['\\& {\\}', '\\textbackslash{}\\& \\{\\textbackslash{}\\}'],
    ['< > | `', '\\textless{} \\textgreater{} \\textbar{} \\textasciigrave{}'],
    ['[5 mm] *', '{[}5 mm] {*}'],
    ['two\nlines\tand a\u0000nought', 'two lines and a nought'],
    ['-1.69 (-0.5 to -0.1) minimum-1', '$-$1.69 ($-$0.5 to $-$0.1) minimum-1'],
    ['a--b---c – d', 'a-{}-b-{}-{}-c -- d'],
    ['≥ 3 × ρ', '$\\geq$ 3 $\\times$ $\\rho$'],
  ])('%j', (text, written) => expect(latexText(text)).toBe(written));

  it('knows every sign that an answer may use', () => {
    const sources = readdirSync(ANALYSIS, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.startsWith('answers') && file.endsWith('.ts'))
      .map((file) => readFileSync(join(ANALYSIS, file), 'utf8'));
    const signs = new Set(sources.join('').match(/\P{ASCII}/gu));
    expect(signs.size).toBeGreaterThan(5);
    expect([...signs].filter((sign) => latexText(sign) === sign)).toEqual([]);
  });
});

describe('a table for LaTeX', () => {
  const columns = (names: readonly string[]) => names.map((title, index) => ({ key: `c${index}`, title }));
  const row = (texts: readonly string[]) => Object.fromEntries(texts.map((text, index) => [`c${index}`, text]));
  const table = (names: readonly string[], ...rows: readonly (readonly string[])[]) => ({
    ...{ id: 'an id_of%it', title: '50 % & more', columns: columns(names), rows: rows.map(row) },
  });
  const rulesOf = (tex: string) => [...tex.matchAll(/\\(\w+rule)/g)].map(([, name]) => name);

  it('has booktabs’ rules, one cell for each column and what it opens closed', () => {
    const tex = latexTable(table(['#', 'b', 'c'], ['x & y', '{', '%'], ['[', '\\', '']));
    expect(rulesOf(tex)).toEqual(['toprule', 'midrule', 'bottomrule']);
    const lines = tex.split('\n').filter((line) => line.endsWith(' \\\\'));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.match(/(?<!\\)&/g)).toHaveLength(2);
    const opened = [...tex.matchAll(/\\begin\{(\w+)\}/g)].map(([, name]) => name);
    expect([...tex.matchAll(/\\end\{(\w+)\}/g)].map(([, name]) => name)).toEqual([...opened].reverse());
    const bare = tex.replaceAll(/\\[\\{}]/g, '');
    expect(bare.match(/\{/g)!.length).toBe(bare.match(/\}/g)!.length);
    expect(tex).toContain('\\caption{50 \\% \\& more}');
    expect(tex).toContain('\\label{tab:an-id_of-it}');
  });

  it('wraps what is longer than a line, and lies on its side where even its words are', () => {
    const sentence = 'no difference detectable; more than a thousand trials would be needed to show ten per cent';
    const places = (tex: string) => [...tex.matchAll(/p\{\\dimexpr ([\d.]+)\\linewidth/g)].map(([, share]) => +share!);
    const short = latexTable(table(['a', 'b'], ['1', '2']));
    expect([places(short), short.includes('sideways'), short.includes('{array}')]).toEqual([[], false, false]);
    const long = latexTable(table(['a', 'b', 'c'], ['minimum-1', sentence, sentence]));
    expect(places(long)).toHaveLength(3);
    expect(places(long).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 3);
    expect(long).toMatch(/^% Needs .*\{array\}\n\\begin\{table\}/);
    const wide = latexTable(table(Array(14).fill('utilisation'), Array(14).fill('45.5 (44.2 to 47.7)')));
    expect(wide).toMatch(/^% Needs .*\{rotating\}\n\\begin\{sidewaystable\}/);
    expect(places(wide).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 2);
  });

  it('says in its caption and above itself what its figures are not', () => {
    const tex = latexTable(table(['a'], ['1']), [{ word: 'rehearsed', text: 'Rehearsed: no\nmeasurement.' }]);
    expect(tex).toContain('\\caption{50 \\% \\& more (rehearsed)}');
    expect(tex).toMatch(/^% Rehearsed: no measurement\.$/m);
  });
});
