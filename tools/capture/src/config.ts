import { readSettings } from '@frame-buffer/models';
import { DEFAULT_SAMPLE_RATIO } from '@frame-buffer/telemetry';

/** The environment, in this one place; options given by the caller go first. */

export interface Environment {
  readonly redisUrl: string;
  readonly ffmpegPath: string;
  /** The stream that records go to, where it isn't the one of the protocol. */
  readonly inputStream: string | undefined;
  /** OTLP/HTTP receiver of spans. */
  readonly otlpEndpoint: string | undefined;
  /** As it is written. */
  readonly traceSampleRatio: string;
}

export function environment(env: NodeJS.ProcessEnv = process.env): Environment {
  const settings = readSettings(env);
  const redisUrl = settings.redisUrl();
  return {
    // What is faulty is kept so, for the check of the settings to name it.
    redisUrl: settings.text('REDIS_URL') ?? (settings.faults().length > 0 ? '' : redisUrl),
    ffmpegPath: env['FFMPEG_PATH'] || 'ffmpeg',
    inputStream: env['INPUT_STREAM'] || undefined,
    otlpEndpoint: settings.text('OTEL_EXPORTER_OTLP_ENDPOINT'),
    traceSampleRatio: settings.text('TRACE_SAMPLE_RATIO') ?? String(DEFAULT_SAMPLE_RATIO),
  };
}
