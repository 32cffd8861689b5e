import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom: the table of packages in docs/architecture.md, enforced. */
const depConstraints = [
  { sourceTag: 'scope:models', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'scope:circuit-breaker', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'scope:backpressure', onlyDependOnLibsWithTags: ['scope:models'] },
  { sourceTag: 'scope:router', onlyDependOnLibsWithTags: ['scope:models'] },
  { sourceTag: 'scope:telemetry', onlyDependOnLibsWithTags: ['scope:models'] },
  { sourceTag: 'scope:stream-consumer', onlyDependOnLibsWithTags: ['scope:models', 'scope:testing'] },
  {
    sourceTag: 'scope:registry',
    onlyDependOnLibsWithTags: ['scope:models', 'scope:circuit-breaker', 'scope:testing'],
  },
  {
    sourceTag: 'scope:processor-client',
    onlyDependOnLibsWithTags: ['scope:models', 'scope:stream-consumer', 'scope:telemetry', 'scope:testing'],
  },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['scope:models', 'scope:setup'] },
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:package', 'type:testing'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:package', 'type:testing', 'type:tool'] },
];

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/coverage', '**/test-results'] },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { '@nx': nx },
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
      },
    },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: ['^.*/eslint(\\.base)?\\.config\\.[cm]?js$', '^.*/jest\\.preset\\.mjs$'],
          depConstraints,
        },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'off',
    },
  },
];
