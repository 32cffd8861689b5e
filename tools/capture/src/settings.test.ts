import { readCommandLine } from './command-line.ts';
import { environment } from './config.ts';
import { settingsOf } from './settings.ts';

function settings(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const line = readCommandLine(argv);
  if (line.kind === 'exit') throw new Error(`exit ${line.code}`);
  return settingsOf(line.options, environment(env));
}

describe('settingsOf', () => {
  it('shows the pattern where nothing is said', () => {
    expect(settings([])).toMatchObject({
      ok: true,
      value: {
        redisUrl: 'redis://127.0.0.1:6379',
        cameras: [{ cameraId: 'camera-1', source: { kind: 'pattern' }, fps: 'native', loop: false }],
        storage: { backend: 'redis' },
        obeyAdvice: true,
      },
    });
  });

  it('reads every option', () => {
    const line =
      '--source pattern --source rtsp://camera/live --cameras 3 --fps 10 --loop --for 20s --scale 320x180 --quality 8 ' +
      '--priority 4 --capability a --capability b --redis redis://elsewhere --stream in --storage pictures --ttl 5m ' +
      '--stall-timeout 3s --trace-sample-ratio 0.5 --ignore-advice';
    const read = settings(line.split(' '));
    expect(read).toMatchObject({
      ok: true,
      value: {
        redisUrl: 'redis://elsewhere',
        stream: 'in',
        forMs: 20_000,
        storage: { backend: 'file', directory: 'pictures', ttlMs: 300_000 },
        stallTimeoutMs: 3_000,
        traceSampleRatio: 0.5,
        obeyAdvice: false,
      },
    });
    expect(read.ok && read.value.cameras).toHaveLength(3);
    expect(read.ok && read.value.cameras[1]).toEqual({
      cameraId: 'camera-2',
      source: { kind: 'rtsp', url: 'rtsp://camera/live' },
      fps: 10,
      loop: true,
      scale: { width: 320, height: 180 },
      quality: 8,
      priority: 4,
      capabilities: ['a', 'b'],
    });
  });

  it('takes Redis and the stream from the environment', () => {
    const env = { REDIS_HOST: 'there', REDIS_PORT: '7000', INPUT_STREAM: 'in' };
    expect(settings([], env)).toMatchObject({
      ok: true,
      value: { redisUrl: 'redis://there:7000', stream: 'in' },
    });
  });

  it('takes the receiver of spans and their share from the environment, an option before that', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://there:4318', TRACE_SAMPLE_RATIO: '0.5' };
    const traced = { otlpEndpoint: 'http://there:4318', traceSampleRatio: 0.5 };
    expect(settings([], env)).toMatchObject({ ok: true, value: traced });
    expect(settings(['--trace-sample-ratio', '0'], env)).toMatchObject({
      ok: true,
      value: { ...traced, traceSampleRatio: 0 },
    });
  });

  it('reports every fault at once', () => {
    const line =
      '--source ftp://a --cameras 0 --fps often --for soon --scale big --quality 99 --priority 11 --capability a/b ' +
      '--ttl never --stall-timeout 1ms --trace-sample-ratio 2';
    const read = settings(line.split(' '), {
      REDIS_URL: 'http://me:secret@redis',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://me:secret@there',
      TRACE_SAMPLE_RATIO: 'all',
    });
    expect(read.ok ? [] : read.faults.map(({ field }) => field).sort()).toEqual([
      '--cameras',
      '--capability',
      '--for',
      '--fps',
      '--priority',
      '--quality',
      '--scale',
      '--source',
      '--stall-timeout',
      '--trace-sample-ratio',
      '--ttl',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'REDIS_URL',
      'TRACE_SAMPLE_RATIO',
    ]);
    expect(JSON.stringify(read)).not.toContain('secret');
  });
});
