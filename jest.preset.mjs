import { fileURLToPath } from 'node:url';

/** Settings that every project's jest.config.mjs spreads: TypeScript through swc, ESM, sources instead of builds. */
export default {
  testEnvironment: fileURLToPath(new URL('jest.environment.mjs', import.meta.url)),
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
        swcrc: false,
      },
    ],
  },
  testEnvironmentOptions: {
    customExportConditions: ['@frame-buffer/source', 'node', 'node-addons'],
  },
  testTimeout: 20_000,
};
