import type { FactorEffects } from '../factors';
import type { Sentence, Table } from '../model';
import { digits, NO_VALUE, probability } from '../numbers';

/** What request and target do, each over all levels of the other, from the same decisions as the table. */
export function factorSentences(factors: readonly FactorEffects[]): Sentence[] {
  return factors.map((design) => {
    const { measure, profile, testType, tests, censored, without, cells } = design;
    const moving = tests.filter(({ distinct }) => distinct);
    const still = tests.filter(({ distinct }) => !distinct);
    return [
      'Over ',
      { text: `${cells - censored - without} of the ${cells} cells of the design`, cell: testType },
      ` under ${profile}, ${measure.title} `,
      ...(moving.length === 0
        ? ['is moved by neither factor detectably']
        : [
            'depends on ',
            ...moving.flatMap(({ name }, index): Sentence => [
              index === 0 ? '' : ', ',
              { text: `${name}${inBrackets(levelMeans(design, name))}`, cell: testType },
            ]),
            ...(still.length === 0 ? [] : [`; not detectably on ${still.map(({ name }) => name).join(', ')}`]),
          ]),
      moving.some(({ name }) => name.startsWith('interaction')) ? '; the factors must be chosen together' : '',
      ...leftOut(design),
      '.',
    ];
  });
}

const inBrackets = (means: string) => (means === '' ? '' : ` (${means})`);

/** Geometric mean at each level of a factor; empty for the interaction, and where cells are left out. */
function levelMeans({ levels, measure }: FactorEffects, factor: string): string {
  const own = levels.filter((level) => level.factor === factor);
  if (own.length === 0) return '';
  return `${own.map(({ level, mean }) => `${level}: ${digits(mean)}`).join(', ')} ${measure.unit}`;
}

/** What the design does not hold, and that this bears on what it says: the cells are left out for their outcome. */
function leftOut({ measure, testType, censored, without }: FactorEffects): Sentence {
  if (censored + without === 0) return [];
  return [
    '; ',
    ...(censored === 0 ? [] : [{ text: String(censored), cell: testType }, ' are left out as saturated']),
    ...(censored > 0 && without > 0 ? [' and '] : []),
    ...(without === 0
      ? []
      : [
          { text: String(without), cell: testType },
          measure.key === 'breakpoint'
            ? ' are left out because a trial of theirs has no breakpoint up to the peak rate'
            : ' are left out because a trial of theirs has no figure',
        ]),
    ', so this holds among the others alone',
  ];
}

export function factorTable(id: string, factors: readonly FactorEffects[]): Table[] {
  if (factors.length === 0) return [];
  return [
    {
      id,
      title: 'Main effects and interaction',
      columns: [
        { key: 'measure', title: 'measure' },
        { key: 'profile', title: 'profile' },
        { key: 'factor', title: 'factor' },
        { key: 'f', title: 'F' },
        { key: 'p', title: 'p, corrected (whole report)' },
        { key: 'words', title: 'in words' },
        { key: 'means', title: 'geometric mean by level' },
      ],
      rows: factors.flatMap((design) =>
        design.tests.map(({ name, f, freedom, adjustedP, distinct }) => ({
          measure: design.measure.title,
          profile: design.profile,
          factor: name,
          f: { text: `${digits(f)} (${freedom.map(digits).join(', ')})`, value: f, cell: design.testType },
          p: { text: probability(adjustedP), value: adjustedP, cell: design.testType },
          words: distinct ? 'moves it' : 'no effect detectable',
          means: levelMeans(design, name) || NO_VALUE,
        })),
      ),
    },
  ];
}
