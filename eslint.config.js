import vitest from '@vitest/eslint-plugin';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.hotline', 'shims', 'coverage', '*.cjs', '**/*.mjs', 'eslint.config.js'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Fastify's hooks and the effects' switch are async by contract.
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', 300],
    },
  },
  { files: ['src/**'], ignores: ['src/config.ts', 'src/main.ts', 'src/setup.ts'], rules: { 'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Settings are read in config.ts.' }] } },
  { files: ['test/**/*.test.ts'], plugins: { vitest }, rules: { 'vitest/valid-expect': 'error', 'vitest/expect-expect': ['error', { assertFunctionNames: ['expect*'] }] } },
);
