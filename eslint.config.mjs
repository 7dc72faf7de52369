import eslint from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/**
 * The rooms of the repository: which folder may know which. Folders of `experiments/` other than `plan` and
 * `campaign` are parts: they see each other only through their door, `index.ts`.
 */
export const rooms = [
  { type: 'lib', pattern: 'lib' },
  { type: 'imports', pattern: 'imports' },
  { type: 'charts', pattern: 'charts' },
  { type: 'argocd', pattern: 'argocd' },
  { type: 'plan', pattern: 'experiments/plan' },
  { type: 'campaign', pattern: 'experiments/campaign' },
  { type: 'part', pattern: 'experiments/*' },
  { type: 'tools', pattern: 'tools' },
  { type: 'delivery', pattern: 'delivery' },
  { type: 'bench', pattern: 'bench' },
  { type: 'test', pattern: 'test' },
].map((room) => ({ ...room, partialMatch: false }));

const to = (...types) => ({ to: { element: { types: { anyOf: types } } } });
const from = (...types) => ({ element: { types: { anyOf: types } } });

const roomPolicies = [
  { from: { file: { categories: 'main' } }, allow: to('charts', 'argocd', 'plan', 'lib') },
  { from: from('lib'), allow: to('imports') },
  { from: from('charts', 'argocd'), allow: to('lib', 'imports') },
  // A variant's settings are what the constructs of lib take; the plan knows no more of it.
  { from: from('plan'), allow: to('lib') },
  { from: from('campaign'), allow: to('plan') },
  { from: { file: { categories: 'experiment-command' } }, allow: to('plan', 'campaign') },
  { from: from('part'), allow: to('plan', 'campaign') },
  {
    from: [from('part'), { file: { categories: 'experiment-command' } }],
    allow: { to: { element: { type: 'part', fileInternalPath: 'index.ts' } } },
  },
  {
    // The command line of the experiments only lists the sub-commands that each part offers.
    from: { file: { categories: 'experiment-command' } },
    allow: { to: { element: { type: 'part', fileInternalPath: 'command.ts' } } },
  },
  { from: from('bench', 'test'), allow: to('*') },
  { from: from('bench', 'test'), allow: { to: { file: { categories: 'main' } } } },
];

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
      'test/synthesis/rooms/',
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
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': rooms,
      'boundaries/files': [
        { category: 'main', pattern: 'main.ts' },
        { category: 'experiment-command', pattern: 'experiments/*.ts' },
      ],
      'boundaries/dependency-nodes': ['import', 'export', 'require', 'dynamic-import'],
      'import/resolver': { node: { extensions: ['.ts', '.js', '.json'] } },
    },
    rules: {
      'boundaries/dependencies': ['error', { default: 'disallow', policies: roomPolicies }],
    },
  },
  prettier,
);
