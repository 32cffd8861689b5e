import type { FlatRecord } from '@frame-buffer/models';

/** Records with the same names share one list of them: most of a batch do, and names are more than half of the fields. */
export interface RecordLists {
  /** The lists of names so far, in the order of their numbers. */
  readonly names: readonly (readonly string[])[];
  /**
   * The record of a copy: the fields of the frame but for those that are added, then the common ones, then its own.
   * @returns the number of its list of names (from 1), and the values in that order
   */
  of(record: FlatRecord, added: FlatRecord): [number: number, values: string[]];
}

/** Which records a list of names is for. */
interface Shape {
  readonly number: number;
  /** Names of the frame's own record, and whether each of them stays. */
  readonly own: readonly string[];
  readonly stays: readonly boolean[];
  readonly added: readonly string[];
}

/** @param common fields of every copy */
export function createRecordLists(common: FlatRecord): RecordLists {
  const names: string[][] = [];
  const shapes: Shape[] = [];
  const commonValues = Object.values(common);
  /** That of the last record: the next one mostly has it too. */
  let last: Shape | undefined;

  function shapeOf(record: FlatRecord, added: FlatRecord): Shape {
    if (last && fits(last, record, added)) return last;
    return (last = shapes.find((shape) => fits(shape, record, added)) ?? newShape(record, added));
  }

  function newShape(record: FlatRecord, added: FlatRecord): Shape {
    const own = Object.keys(record);
    const stays = own.map((name) => !Object.hasOwn(common, name) && !Object.hasOwn(added, name));
    const kept = own.filter((_name, i) => stays[i]);
    const number = names.push([...kept, ...Object.keys(common), ...Object.keys(added)]);
    const shape: Shape = { number, own, stays, added: Object.keys(added) };
    shapes.push(shape);
    return shape;
  }

  return {
    names,
    of(record, added) {
      const { number, stays } = shapeOf(record, added);
      const values: string[] = [];
      let i = 0;
      for (const name in record) if (stays[i++]) values.push(record[name] as string);
      for (const value of commonValues) values.push(value);
      for (const name in added) values.push(added[name] as string);
      return [number, values];
    },
  };
}

function fits({ own, added }: Shape, record: FlatRecord, addition: FlatRecord): boolean {
  return sameNames(own, record) && sameNames(added, addition);
}

function sameNames(names: readonly string[], record: FlatRecord): boolean {
  let i = 0;
  for (const name in record) if (names[i++] !== name) return false;
  return i === names.length;
}
