import { type FlatRecord, ORCHESTRATOR_FIELDS } from '@frame-buffer/models';

/** A value of a record; `true`: that of the first record of its list. */
export type ListedValue = string | true;

/**
 * Records with the same names share one list of them: most of a batch do, and names are more than half of the fields. Many values
 * are those of the first record, too (width, height, format, capability, ...), and aren't repeated.
 */
export interface RecordLists {
  /** For each list the names and the values of its first record in turns, in the order of their numbers. */
  readonly lists: readonly (readonly string[])[];
  /**
   * Adds the record of a copy to a request: the number of its list (from 1), and its values in the order of the names. These are the
   * fields of the frame but for those that are added, then the common ones, then its own. In a record that is new, as a publisher
   * wrote it, what only the orchestrator may say is left out.
   *
   * @throws TypeError for a value that is no text: Redis would refuse it in the middle of a batch
   */
  append(request: (number | ListedValue)[], record: FlatRecord, added: FlatRecord, isNew: boolean): void;
}

/** Which records a list is for. */
interface Shape {
  readonly number: number;
  readonly isNew: boolean;
  /** Names of the frame's own record, and whether each of them stays. */
  readonly own: readonly string[];
  readonly stays: readonly boolean[];
  readonly added: readonly string[];
  /** Values of the first record. */
  readonly first: readonly string[];
}

const NO_TEXT = 'a record has a value that is no text: nothing was changed';

/** @param common fields of every copy */
export function createRecordLists(common: FlatRecord): RecordLists {
  const lists: string[][] = [];
  const shapes: Shape[] = [];
  /** That of the last record: the next one mostly has it too. */
  let last: Shape | undefined;

  function shapeOf(record: FlatRecord, added: FlatRecord, isNew: boolean): Shape {
    if (last && fits(last, record, added, isNew)) return last;
    const known = shapes.find((shape) => fits(shape, record, added, isNew));
    return (last = known ?? newShape(record, added, isNew));
  }

  function newShape(record: FlatRecord, added: FlatRecord, isNew: boolean): Shape {
    const own = Object.keys(record);
    const stays = own.map(
      (name) =>
        !Object.hasOwn(common, name) &&
        !Object.hasOwn(added, name) &&
        !(isNew && ORCHESTRATOR_FIELDS.has(name)),
    );
    const fields = [
      ...Object.entries(record).filter((_field, i) => stays[i]),
      ...Object.entries(common),
      ...Object.entries(added),
    ];
    const number = lists.push(fields.flat());
    const shape: Shape = {
      number,
      isNew,
      own,
      stays,
      added: Object.keys(added),
      first: fields.map(([, value]) => value),
    };
    shapes.push(shape);
    return shape;
  }

  return {
    lists,
    append(request, record, added, isNew) {
      const { number, stays, first } = shapeOf(record, added, isNew);
      request.push(number);
      let at = 0;
      const add = (value: string | undefined): void => {
        if (typeof value !== 'string') throw new TypeError(NO_TEXT);
        request.push(value === first[at++] ? true : value);
      };
      let i = 0;
      for (const name in record) if (stays[i++]) add(record[name]);
      for (const name in common) add(common[name]);
      for (const name in added) add(added[name]);
    },
  };
}

function fits(shape: Shape, record: FlatRecord, added: FlatRecord, isNew: boolean): boolean {
  return shape.isNew === isNew && sameNames(shape.own, record) && sameNames(shape.added, added);
}

function sameNames(names: readonly string[], record: FlatRecord): boolean {
  let i = 0;
  for (const name in record) if (names[i++] !== name) return false;
  return i === names.length;
}
