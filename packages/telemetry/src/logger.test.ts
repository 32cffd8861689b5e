import { PassThrough } from 'node:stream';
import { jest } from '@jest/globals';
import { createLogger, type LoggerOptions } from './logger.ts';

function logged(options: Partial<LoggerOptions> = {}) {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const logger = createLogger({ service: 'orchestrator', stream, ...options });
  return {
    logger,
    lines: () => text.split('\n').filter(Boolean),
    json: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('createLogger, json', () => {
  it('writes one object for each line, with time, level, message, service and fields', async () => {
    const { logger, json } = logged({ fields: { orchestrator_id: 'o-1' } });
    logger.info('processor registered', { processor_id: 'p-1', capacity: 8 });
    await logger.close();
    expect(json()).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: 'info',
        message: 'processor registered',
        service: 'orchestrator',
        orchestrator_id: 'o-1',
        processor_id: 'p-1',
        capacity: 8,
      },
    ]);
  });

  it('adds the fields of every child above a line', async () => {
    const { logger, json } = logged();
    logger.child({ frame_id: 'f-1' }).child({ trace_id: 't', span_id: 's' }).warn('late');
    await logger.close();
    expect(json()[0]).toMatchObject({ frame_id: 'f-1', trace_id: 't', span_id: 's', level: 'warn' });
  });

  it('keeps a field that bears a name of its own beside it', async () => {
    const { logger, json } = logged();
    logger.info('pressure', { level: 3, message: 'x' });
    await logger.close();
    expect(json()[0]).toMatchObject({
      level: 'info',
      message: 'pressure',
      field_level: 3,
      field_message: 'x',
    });
  });

  it('masks secrets in message and fields', async () => {
    const { logger, lines } = logged();
    logger.child({ api_key: 'k-hunter2' }).error('no answer from redis://app:hunter2@db', {
      config: { password: 'hunter2', url: 'rtsp://u:hunter2@cam' },
    });
    await logger.close();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).not.toContain('hunter2');
  });

  it('masks the secrets that it was told of wherever they stand: message, field, error, stack and cause', async () => {
    const { logger, lines } = logged({ secrets: ['hunter2-token'] });
    const cause = new Error('401 for hunter2-token');
    const error = Object.assign(new Error('no: hunter2-token', { cause }), { sent: { x: 'hunter2-token' } });
    logger.warn('refused hunter2-token', {
      note: 'with hunter2-token',
      error,
      all: [{ header: 'hunter2-token' }],
    });
    await logger.close();
    expect(lines()).toHaveLength(1);
    expect(lines()[0]).not.toContain('hunter2');
    expect(lines()[0]?.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(6);
  });

  it('writes no lines below its level, and obeys a new one at once, in children too', async () => {
    const { logger, json } = logged({ level: 'warn' });
    const child = logger.child({});
    child.info('one');
    logger.setLevel('debug');
    child.debug('two');
    logger.setLevel('error');
    child.warn('three');
    await logger.close();
    expect(json().map((line) => line['message'])).toEqual(['two']);
    expect(logger.level).toBe('error');
  });

  it('refuses a level that is none', () => {
    const { logger } = logged();
    expect(() => logger.setLevel('loud' as 'info')).toThrow(
      new RangeError('level must be one of error, warn, info, debug, not loud'),
    );
  });

  it('loses no line of a burst', async () => {
    const { logger, json } = logged();
    for (let i = 0; i < 5000; i++) logger.info(`line ${i}`);
    await logger.close();
    expect(json().map((line) => line['message'])).toEqual(
      Array.from({ length: 5000 }, (_, i) => `line ${i}`),
    );
  });

  it('loses no line where the stream is slow', async () => {
    const stream = new PassThrough({ highWaterMark: 16 });
    const logger = createLogger({ service: 's', stream });
    for (let i = 0; i < 100; i++) logger.info(`line ${i}`);
    const closed = logger.close();
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await closed;
    stream.end();
    await new Promise((resolve) => stream.on('end', resolve));
    expect(text.trim().split('\n')).toHaveLength(100);
  });
});

describe('createLogger, pretty', () => {
  it('writes a line for a person', async () => {
    const { logger, lines } = logged({ format: 'pretty' });
    logger.warn('no credit', { processor_id: 'p-1', note: 'two words', error: new Error('full') });
    await logger.close();
    expect(lines()[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}no credit {2}processor_id=p-1 note="two words" error="Error: full"$/,
    );
  });

  it('lets nobody break the line or steer the terminal', async () => {
    const { logger, lines } = logged({ format: 'pretty' });
    logger.info('bad\nINFO fake', { frame_id: '\u001b[2J\r\nx', 'key\n': 1 });
    await logger.close();
    expect(lines()).toHaveLength(1);
    // eslint-disable-next-line no-control-regex
    expect(lines()[0]).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('repeated lines', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  const shown = (line: Record<string, unknown>) => [line['message'], line['repeated']];

  it('become the first, and one more at the end of the window that counts the others', () => {
    const { logger, json } = logged({ repeatWindowMs: 1000 });
    for (let i = 0; i < 5; i++) logger.warn('Redis is away', { attempt: i });
    expect(json().map(shown)).toEqual([['Redis is away', undefined]]);
    jest.advanceTimersByTime(1000);
    expect(json().map(shown)).toEqual([
      ['Redis is away', undefined],
      ['Redis is away', 4],
    ]);
    expect(json()[1]).toMatchObject({ attempt: 4 });
  });

  it('pass again after a window in which they came but once', () => {
    const { logger, json } = logged({ repeatWindowMs: 1000 });
    logger.info('tick');
    jest.advanceTimersByTime(1500);
    logger.info('tick');
    jest.advanceTimersByTime(1500);
    expect(json().map(shown)).toEqual([
      ['tick', undefined],
      ['tick', undefined],
    ]);
  });

  it('are not the same at another level, or about another processor', () => {
    const { logger, json } = logged({ repeatWindowMs: 1000 });
    logger.warn('dead', { processor_id: 'a' });
    logger.warn('dead', { processor_id: 'b' });
    logger.child({ processor_id: 'c' }).warn('dead');
    logger.error('dead', { processor_id: 'a' });
    expect(json()).toHaveLength(4);
  });

  it('about frames are the same whichever camera they came from; others are not', () => {
    const { logger, json } = logged({ repeatWindowMs: 1000 });
    for (let i = 0; i < 9; i++)
      logger.child({ frame_id: `f-${i}`, camera_id: `c-${i}` }).warn('a frame failed');
    for (const camera_id of ['a', 'b']) logger.warn('silent', { camera_id });
    jest.advanceTimersByTime(1000);
    expect(json().map(shown)).toEqual([
      ['a frame failed', undefined],
      ['silent', undefined],
      ['silent', undefined],
      ['a frame failed', 8],
    ]);
  });

  it('are all written at debug', () => {
    const { logger, json } = logged({ level: 'debug', repeatWindowMs: 1000 });
    for (let i = 0; i < 3; i++) logger.debug('handed off', { frame_id: `f-${i}` });
    expect(json()).toHaveLength(3);
  });

  it('are all written with a window of 0', () => {
    const { logger, json } = logged({ repeatWindowMs: 0 });
    for (let i = 0; i < 3; i++) logger.info('same');
    expect(json()).toHaveLength(3);
  });

  it('held back when the owner closes are written, and no timer is left', async () => {
    const { logger, json } = logged({ repeatWindowMs: 60_000 });
    for (let i = 0; i < 3; i++) logger.info('same');
    await logger.close();
    expect(json().map(shown)).toEqual([
      ['same', undefined],
      ['same', 2],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are counted without loss over many windows', () => {
    const { logger, json } = logged({ repeatWindowMs: 1000 });
    for (let i = 0; i < 100; i++) {
      logger.info('same');
      jest.advanceTimersByTime(130);
    }
    jest.advanceTimersByTime(1000);
    const counted = json().reduce((sum, line) => sum + ((line['repeated'] as number | undefined) ?? 1), 0);
    expect(counted).toBe(100);
  });
});
