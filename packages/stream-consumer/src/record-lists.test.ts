import * as fc from 'fast-check';
import type { FlatRecord } from '@frame-buffer/models';
import { createRecordLists, type RecordLists } from './record-lists.ts';

const fields = fc.dictionary(
  fc.constantFrom('frame_id', 'camera_id', 'attempt', 'capability', '7', '__proto__'),
  fc.string(),
  {
    maxKeys: 6,
    noNullPrototype: true,
  },
);

function recordOf(lists: RecordLists, [number, values]: [number, string[]]): [string, string | undefined][] {
  return (lists.names[number - 1] ?? []).map((name, i) => [name, values[i]]);
}

describe('createRecordLists', () => {
  it('gives every record its own fields but for those that are added, then the common ones, then the added', () => {
    const common = { enqueued_at: 'now', dispatched_by: 'o1' };
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, fields), { maxLength: 12 }), (records) => {
        const lists = createRecordLists(common);
        const copies = records.map(([record, added]) => lists.of(record, added));
        const expected = records.map(([record, added]) => [
          ...Object.entries(record).filter(
            ([name]) => !Object.hasOwn(common, name) && !Object.hasOwn(added, name),
          ),
          ...Object.entries(common),
          ...Object.entries(added),
        ]);
        expect(copies.map((copy) => recordOf(lists, copy))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('has one list of names for records that have the same, whatever comes in between', () => {
    const lists = createRecordLists({});
    const frame = (id: string): FlatRecord => ({ frame_id: id, camera_id: 'c' });
    const numbers = ['a', 'b', 'c'].flatMap((id) => [
      lists.of(frame(id), { attempt: '1' }),
      lists.of({ frame_id: id }, {}),
    ]);
    expect(numbers.map(([number]) => number)).toEqual([1, 2, 1, 2, 1, 2]);
    expect(lists.names).toEqual([['frame_id', 'camera_id', 'attempt'], ['frame_id']]);
  });
});
