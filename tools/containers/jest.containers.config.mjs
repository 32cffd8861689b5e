import preset from '../../jest.preset.mjs';

/** The tests that need a Docker engine: only `npm run test:containers` runs them. */
export default {
  ...preset,
  displayName: 'containers',
  testMatch: ['<rootDir>/src/**/*.containers.ts'],
  // Longer than any deadline in them: a stack has to start, and to be removed.
  testTimeout: 300_000,
};
