/** The environment, in this one place; options given by the caller go first. */

export interface Environment {
  readonly redisUrl: string;
  readonly ffmpegPath: string;
  /** The stream that records go to, where it isn't the one of the protocol. */
  readonly inputStream: string | undefined;
}

const DEFAULT_REDIS_HOST = '127.0.0.1';
const DEFAULT_REDIS_PORT = '6379';

export function environment(env: NodeJS.ProcessEnv = process.env): Environment {
  const host = env['REDIS_HOST'] || DEFAULT_REDIS_HOST;
  const port = env['REDIS_PORT'] || DEFAULT_REDIS_PORT;
  return {
    redisUrl: env['REDIS_URL'] || `redis://${host}:${port}`,
    ffmpegPath: env['FFMPEG_PATH'] || 'ffmpeg',
    inputStream: env['INPUT_STREAM'] || undefined,
  };
}
