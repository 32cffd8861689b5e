/** What the cutover takes from the environment. */
export interface CutoverEnvironment {
  readonly redisUrl: string | undefined;
  readonly inputStream: string | undefined;
  /** Where the orchestrator that is started listens. */
  readonly port: string | undefined;
}

export const environment = (): CutoverEnvironment => ({
  redisUrl: process.env['REDIS_URL'] || undefined,
  inputStream: process.env['INPUT_STREAM'] || undefined,
  port: process.env['PORT'] || undefined,
});
