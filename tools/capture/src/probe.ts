import { environment } from './config.ts';
import { probeArguments } from './ffmpeg-arguments.ts';
import { runFfmpeg } from './ffmpeg-run.ts';
import { ffmpegVersion } from './ffmpeg-version.ts';
import { type PictureSize, jpegSize } from './jpeg-size.ts';
import { type Source, sourceText } from './source.ts';

export type Probed =
  | { readonly ok: true; readonly size: PictureSize }
  /** In ffmpeg's own words. */
  | { readonly ok: false; readonly reason: string };

export interface ProbeOptions {
  ffmpegPath: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** A file answers in milliseconds, a slow camera in seconds. */
const TIMEOUT_MS = 15_000;

/** Decodes one picture of a source, as a capture would. Never rejects. */
export async function probeSource(source: Source, options: Partial<ProbeOptions> = {}): Promise<Probed> {
  const ffmpegPath = options.ffmpegPath ?? environment().ffmpegPath;
  const version = await ffmpegVersion(ffmpegPath);
  let size: PictureSize | undefined;
  const outcome = await runFfmpeg({
    ffmpegPath,
    args: probeArguments(source, version),
    onPicture: (jpeg) => (size ??= jpegSize(jpeg)),
    stallTimeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    signal: options.signal ?? new AbortController().signal,
  });
  if (size) return { ok: true, size };
  if (outcome.kind === 'failed') return { ok: false, reason: outcome.reason };
  return {
    ok: false,
    reason: outcome.kind === 'stopped' ? 'stopped before it answered' : 'it has no pictures',
  };
}

/**
 * One sentence for each file among the sources that can't be decoded, with ffmpeg's reason: what is no video now won't be one
 * later. Cameras aren't asked: one that is away may come back.
 */
export async function unreadableFiles(
  sources: readonly Source[],
  options: Partial<ProbeOptions> = {},
): Promise<string[]> {
  const files = new Map<string, Source>();
  for (const source of sources) if (source.kind === 'file') files.set(source.path, source);
  const sentences: string[] = [];
  for (const file of files.values()) {
    const probed = await probeSource(file, options);
    if (!probed.ok) sentences.push(`The video ${sourceText(file)} can't be read: ${probed.reason}`);
  }
  return sentences;
}
