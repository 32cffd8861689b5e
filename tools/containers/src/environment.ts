/** The environment, in this one place. */
export interface ContainersEnvironment {
  /** Tag of images that are there and aren't built anew; undefined: `npm run test:containers` builds them. */
  readonly imageTag: string | undefined;
  /** TESTCONTAINERS_RYUK_DISABLED: 'false' for testcontainers' reaper, an image of its own that has to be pulled. */
  readonly withoutReaper: string;
}

export const environment = (): ContainersEnvironment => ({
  imageTag: process.env['TEST_IMAGE_TAG'] || undefined,
  // Each test removes the containers that it made.
  withoutReaper: process.env['TESTCONTAINERS_RYUK_DISABLED'] ?? 'true',
});
