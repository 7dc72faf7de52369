import type { FactorEffects } from '../factors';
import type { Sentence, Table } from '../model';
import { digits, probability } from '../numbers';

/** What request and target do, each over all levels of the other, from the same decisions as the table. */
export function factorSentences(factors: readonly FactorEffects[]): Sentence[] {
  return factors.map(({ measure, profile, testType, tests, levels, censored, cells }) => {
    const range = (factor: string) => {
      const means = levels.filter((level) => level.factor === factor);
      return means.map(({ level, mean }) => `${level}: ${digits(mean)}`).join(', ');
    };
    const moving = tests.filter(({ distinct }) => distinct);
    const still = tests.filter(({ distinct }) => !distinct);
    const interacts = moving.some(({ name }) => name.startsWith('interaction'));
    return [
      `Over all cells of the design under ${profile}, ${measure.title} `,
      ...(moving.length === 0
        ? ['is moved by neither factor detectably']
        : [
            'depends on ',
            ...moving.flatMap(({ name }, index): Sentence => {
              const means = range(name);
              return [
                index === 0 ? '' : ', ',
                { text: `${name}${means === '' ? '' : ` (${means} ${measure.unit})`}`, cell: testType },
              ];
            }),
            ...(still.length === 0 ? [] : [`; not detectably on ${still.map(({ name }) => name).join(', ')}`]),
          ]),
      interacts ? '; the factors must be chosen together' : '',
      ...(censored === 0
        ? []
        : ['; ', { text: `${censored} of ${cells} cells`, cell: testType }, ' are left out as saturated']),
      '.',
    ];
  });
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
      ],
      rows: factors.flatMap(({ measure, profile, testType, tests }) =>
        tests.map(({ name, f, freedom, adjustedP, distinct }) => ({
          measure: measure.title,
          profile,
          factor: name,
          f: { text: `${digits(f)} (${freedom.join(', ')})`, value: f, cell: testType },
          p: { text: probability(adjustedP), value: adjustedP, cell: testType },
          words: distinct ? 'moves it' : 'no effect detectable',
        })),
      ),
    },
  ];
}
