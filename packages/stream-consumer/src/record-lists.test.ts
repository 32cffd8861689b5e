import * as fc from 'fast-check';
import type { FlatRecord } from '@frame-buffer/models';
import { createRecordLists, type ListedValue, type RecordLists } from './record-lists.ts';

const fields = fc.dictionary(
  fc.constantFrom('frame_id', 'camera_id', 'attempt', 'capability', '7', '__proto__'),
  fc.string(),
  {
    maxKeys: 6,
    noNullPrototype: true,
  },
);

/** The fields of a record, as the script takes them out of a request. */
function fieldsOf(lists: RecordLists, [number, ...values]: readonly (number | ListedValue)[]): unknown[] {
  const list = lists.lists[(number as number) - 1] ?? [];
  return values.map((value, i) => [list[2 * i], value === true ? list[2 * i + 1] : value]);
}

function appended(
  lists: RecordLists,
  record: FlatRecord,
  added: FlatRecord,
  isNew = false,
): (number | ListedValue)[] {
  const request: (number | ListedValue)[] = [];
  lists.append(request, record, added, isNew);
  return request;
}

describe('createRecordLists', () => {
  it('gives every record its own fields but for those that are added, then the common ones, then the added', () => {
    const common = { enqueued_at: 'now', dispatched_by: 'o1' };
    fc.assert(
      fc.property(fc.array(fc.tuple(fields, fields), { maxLength: 12 }), (records) => {
        const lists = createRecordLists(common);
        const copies = records.map(([record, added]) => appended(lists, record, added));
        const expected = records.map(([record, added]) => [
          ...Object.entries(record).filter(
            ([name]) => !Object.hasOwn(common, name) && !Object.hasOwn(added, name),
          ),
          ...Object.entries(common),
          ...Object.entries(added),
        ]);
        expect(copies.map((copy) => fieldsOf(lists, copy))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out of a new record what only the orchestrator may say', () => {
    const lists = createRecordLists({ enqueued_at: 'now' });
    const record = {
      frame_id: 'f',
      capability: 'stage1',
      attempt: '4',
      terminal: '1',
      failed_by: 'p',
      errors: 'e',
    };
    const added = { attempt: '1' };
    const [asNew, asBack] = [true, false].map((isNew) =>
      fieldsOf(lists, appended(lists, record, added, isNew)),
    );
    const ours = [
      ['enqueued_at', 'now'],
      ['attempt', '1'],
    ];
    expect(asNew).toEqual([['frame_id', 'f'], ...ours]);
    expect(asBack).toEqual([
      ['frame_id', 'f'],
      ['capability', 'stage1'],
      ['terminal', '1'],
      ['failed_by', 'p'],
      ['errors', 'e'],
      ...ours,
    ]);
  });

  it('has one list of names for records that have the same, whatever comes in between', () => {
    const lists = createRecordLists({});
    const frame = (id: string): FlatRecord => ({ frame_id: id, camera_id: 'c' });
    const numbers = ['a', 'b', 'c'].flatMap((id) => [
      appended(lists, frame(id), { attempt: '1' }),
      appended(lists, { frame_id: id }, {}),
    ]);
    expect(numbers.map(([number]) => number)).toEqual([1, 2, 1, 2, 1, 2]);
    expect(lists.lists).toEqual([
      ['frame_id', 'a', 'camera_id', 'c', 'attempt', '1'],
      ['frame_id', 'a'],
    ]);
  });

  it('repeats no value of the first record of a list', () => {
    const lists = createRecordLists({ dispatched_by: 'o1' });
    const requests = ['a', 'b'].map((id) =>
      appended(lists, { frame_id: id, width: '640' }, { attempt: '1' }),
    );
    expect(requests).toEqual([
      [1, true, true, true, true],
      [1, 'b', true, true, true],
    ]);
  });

  it('refuses a value that is no text', () => {
    const lists = createRecordLists({});
    appended(lists, { frame_id: 'a' }, {});
    const bad = { frame_id: 7 } as unknown as FlatRecord;
    expect(() => appended(lists, bad, {})).toThrow('a record has a value that is no text');
  });
});
