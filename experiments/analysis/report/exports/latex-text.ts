/** Signs that LaTeX takes for its own, that its oldest fonts lack, or that it would join to another. */
const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '{': '\\{',
  '}': '\\}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '`': '\\textasciigrave{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  // At the beginning of a row these would belong to the end of the one before.
  '[': '{[}',
  '*': '{*}',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '≈': '$\\approx$',
  '×': '$\\times$',
  '±': '$\\pm$',
  '·': '$\\cdot$',
  '−': '$-$',
  '→': '$\\rightarrow$',
  '∞': '$\\infty$',
  '°': '$^\\circ$',
  '²': '$^2$',
  '–': '--',
  '—': '---',
  '…': '\\ldots{}',
  '’': "'",
  '‘': '`',
  '“': '``',
  '”': "''",
};

const GREEK =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega';
const GREEK_SIGNS = 'αβγδεζηθικλμνξπρστφχψω';
const GREEK_CAPITALS: Readonly<Record<string, string>> = {
  Γ: 'Gamma',
  Δ: 'Delta',
  Θ: 'Theta',
  Λ: 'Lambda',
  Π: 'Pi',
  Σ: 'Sigma',
  Φ: 'Phi',
  Ψ: 'Psi',
  Ω: 'Omega',
};

const WRITTEN: ReadonlyMap<string, string> = new Map([
  ...Object.entries(SPECIAL),
  ...GREEK.split(' ').map((name, index): [string, string] => [GREEK_SIGNS[index], `$\\${name}$`]),
  ...Object.entries(GREEK_CAPITALS).map(([sign, name]): [string, string] => [sign, `$\\${name}$`]),
]);

/**
 * Text as LaTeX prints it, on one line: every sign with a meaning of its own written out, a minus before a number as one, two
 * hyphens as two. Signs of other alphabets stay as they are, for an engine that knows them.
 */
export function latexText(text: string): string {
  const signs = [...text.replaceAll(/\p{Cc}+|\s+/gu, ' ').trim()];
  return signs
    .map((sign, at) => (sign === '-' ? hyphen(signs[at - 1], signs[at + 1]) : (WRITTEN.get(sign) ?? sign)))
    .join('');
}

function hyphen(before: string | undefined, after: string | undefined): string {
  if (before === '-') return '{}-';
  return /^[\s(]?$/.test(before ?? '') && /^\d$/.test(after ?? '') ? '$-$' : '-';
}
