import preset from '../../jest.preset.mjs';

/** The tests that need a Docker engine: only `npm run test:containers` runs them. */
export default { ...preset, displayName: 'containers', testMatch: ['<rootDir>/src/**/*.containers.ts'] };
