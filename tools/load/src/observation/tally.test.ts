import { createTally } from './tally.ts';

const plan = {
  numberOf: (id: string) => (id.startsWith('mine-') ? Number(id.slice(5)) : undefined),
  priorityOf: (number: number) => (number % 2 === 0 ? '8' : '0'),
};
const tallied = () => createTally({ plan, dueMs: (number) => 1000 + number * 10, steadyFromMs: 1030 });

describe('the tally', () => {
  it('counts a frame from the moment it was due', () => {
    const tally = tallied();
    tally.result({ frame_id: 'mine-3', capability: 'faces', processing_time: '0.020' }, 1080);
    expect(tally.latency.summary()).toMatchObject({ count: 1, p50: 50.015 });
    expect(tally.ageAtStart.summary()).toMatchObject({ count: 1, p50: 30.015 });
    expect(tally.byCapability.get('faces')?.summary().count).toBe(1);
    expect(tally.byPriority.get('0')?.summary().count).toBe(1);
  });

  it('keeps the ages of frames that were due in the steady state, and what processors took', () => {
    const tally = tallied();
    tally.result({ frame_id: 'mine-2', capability: 'faces', processing_time: '0.020' }, 1080);
    tally.result({ frame_id: 'mine-3', capability: 'faces', processing_time: '0.020' }, 1080);
    expect(tally.steady.summary()).toMatchObject({ count: 1, p50: 50.015 });
    expect(tally.service.summary()).toMatchObject({ count: 2, mean: 20.008 });
  });

  it('counts a second result of one frame and capability as a duplicate, of another capability not', () => {
    const tally = tallied();
    for (const capability of ['faces', 'plates', 'faces'])
      tally.result({ frame_id: 'mine-3', capability }, 1080);
    expect(tally.counts).toMatchObject({ results: 2, duplicates: 1 });
    expect(tally.latency.summary().count).toBe(2);
  });

  it('counts what was given up by its reason', () => {
    const tally = tallied();
    tally.shed({ frame_id: 'mine-1', shed_reason: 'superseded' });
    tally.shed({ frame_id: 'mine-2', shed_reason: 'superseded' });
    tally.deadLetter({ frame_id: 'mine-3', dead_letter_reason: 'bad_record' });
    expect(tally.counts).toMatchObject({ shed: { superseded: 2 }, deadLettered: { bad_record: 1 } });
  });

  it('leaves out frames of others', () => {
    const tally = tallied();
    tally.result({ frame_id: 'theirs-1' }, 1);
    tally.shed({ frame_id: 'theirs-1', shed_reason: 'superseded' });
    tally.deadLetter({ frame_id: 'theirs-1', dead_letter_reason: 'bad_record' });
    expect(tally.counts).toEqual({ results: 0, duplicates: 0, shed: {}, deadLettered: {} });
  });
});
