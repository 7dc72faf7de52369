import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { readRooms } from './tools/rooms.mjs';

/** Rooms come from the table of docs/architecture.md; one that is a single file is a category of files here. */
const table = readRooms();
const isFile = (name) => name.endsWith('.ts');
const folders = table.filter(({ name }) => !isFile(name)).map(({ name }) => name);

/** Parts of the experiments that others enter by `index.ts`, and the command line by `command.ts` as well. */
const PARTS_WITH_A_DOOR = [
  'experiments/analysis',
  'experiments/rehearsal',
  'experiments/runner',
  'experiments/workload',
];

const everyFile = (name) =>
  isFile(name) ? { to: { file: { categories: name } } } : { to: { element: { type: name } } };
const door = (type, file) => ({ to: { element: { type, fileInternalPath: file } } });

function allowed(from, to) {
  if (to === '*')
    return [...folders, ...table.filter(({ name }) => isFile(name)).map(({ name }) => name)].map(everyFile);
  if (!PARTS_WITH_A_DOOR.includes(to) || to.startsWith(`${from}/`)) return [everyFile(to)];
  const files = ['index.ts', ...(from === 'experiments/cli.ts' ? ['command.ts'] : [])];
  return files.map((file) => door(to, file));
}

const roomPolicies = table.flatMap(({ name, imports }) => {
  const from = isFile(name) ? { file: { categories: name } } : { element: { type: name } };
  return imports.flatMap((to) => allowed(name, to)).map((allow) => ({ from, allow }));
});

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      '.cache/',
      'dist/',
      'imports/**/*.ts',
      '!imports/source/**/*.ts',
      'campaigns/',
      'coverage/',
      'docs/generated/',
      '**/.venv/',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  ...tseslint.configs.stylistic,
  {
    files: ['**/*.{ts,mts,js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'module', 'require', 'Buffer', 'URL', '__dirname', 'setTimeout'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Only the entry of a command speaks to people; everything below it returns or throws.
    files: ['lib/**/*.ts', 'charts/**/*.ts', 'argocd/**/*.ts'],
    ignores: ['lib/*/command.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // Lines of code: a longer function is several, each with a name of its own.
    files: ['**/*.{ts,mts,js,mjs,cjs}'],
    ignores: ['test/**'],
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': folders.map((name) => ({ type: name, pattern: name, partialMatch: false })),
      'boundaries/files': table
        .filter(({ name }) => isFile(name))
        .map(({ name }) => ({ category: name, pattern: name })),
      'boundaries/dependency-nodes': ['import', 'export', 'require', 'dynamic-import'],
      'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    },
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies: roomPolicies }],
    },
  },
  prettier,
);
