/** The environment, in this one place. */
export interface ContainersEnvironment {
  /** Tag of images that are there and aren't built anew; undefined: they are built. */
  readonly imageTag: string | undefined;
}

export const environment = (): ContainersEnvironment => ({
  imageTag: process.env['TEST_IMAGE_TAG'] || undefined,
});
