import tseslint from 'typescript-eslint';
import base from './eslint.config.mjs';

/**
 * The rules that need types. They cost the compiler's whole work again, and no cache helps, because a type may change in
 * another file: so they run in the delivery tier (`npm run lint:types`).
 */
export default tseslint.config(
  base.find(({ ignores, rules }) => ignores && !rules),
  // The files name rules that only the other configuration switches on.
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
  {
    files: ['**/*.ts'],
    // k6's script has a project of its own, made for k6's runtime.
    ignores: ['experiments/workload/k6/'],
    plugins: Object.assign({}, ...base.map(({ plugins }) => plugins ?? {})),
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      // A default says what happens to all other cases, so it counts as having thought of them.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Nothing that the compiler knows nothing of is asked for a field, called, passed on or returned. Tests may, to break
    // objects in ways that types forbid (test/fixtures/loose.ts).
    files: ['**/*.ts'],
    ignores: ['test/**', 'experiments/workload/k6/**'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'error',
      ]),
    ),
  },
);
