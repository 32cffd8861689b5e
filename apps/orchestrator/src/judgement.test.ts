import type { Source } from '@frame-buffer/stream-consumer';
import { startTracing } from '@frame-buffer/telemetry';
import { judge } from './judgement.ts';

const tracing = startTracing({ serviceName: 'orchestrator' });
afterAll(() => tracing.shutdown());

const options = { maxAttempts: 3, defaultCapability: undefined, tracing };
const judged = (source: Source, fields: Record<string, string>) =>
  judge({ source, id: '1-1', fields: { frame_id: 'f', camera_id: 'c', ...fields } }, 0, options);

const SAID = { capability: 'stage1', failed_by: 'p1' };
const ENDS: [string, Record<string, string>][] = [
  ['attempts_used_up', { attempt: '4', errors: '[]' }],
  ['terminal_error', { terminal: '1' }],
];

describe('what the orchestrator writes into records', () => {
  it('is nothing to go by in one of a publisher', () => {
    const all = { ...SAID, ...ENDS[0]![1], ...ENDS[1]![1] };
    expect(judged('input', all)).toMatchObject({
      kind: 'frame',
      held: { wanted: [undefined], avoid: undefined, frame: { attempt: 1 } },
    });
  });

  it('says of a frame that comes back what it is to be handed off for, and whom to avoid', () => {
    expect(judged('retry', { ...SAID, attempt: '2' })).toMatchObject({
      kind: 'frame',
      held: { wanted: ['stage1'], avoid: 'p1', frame: { attempt: 2 } },
    });
  });

  it.each(ENDS)('ends a frame that comes back: %s', (reason, fields) => {
    expect(judged('retry', fields)).toMatchObject({ kind: 'dead', settled: { reason } });
  });
});

describe('the size of a record', () => {
  const large = { pad: 'x'.repeat(65_536) };

  it('is bounded where it is new', () => {
    expect(judged('input', large)).toMatchObject({ kind: 'dead', settled: { reason: 'bad_record' } });
  });

  it('may be larger by what was added where the frame comes back', () => {
    expect(judged('retry', large)).toMatchObject({ kind: 'frame' });
  });
});
