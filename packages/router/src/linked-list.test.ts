import fc from 'fast-check';
import { type Linked, LinkedList } from './linked-list.ts';

interface Node extends Linked<Node> {
  readonly name: number;
}

const nodeOf = (name: number): Node => ({ name, list: undefined, before: undefined, after: undefined });

const forwards = (list: LinkedList<Node>): number[] => {
  const names: number[] = [];
  for (let node = list.first; node; node = node.after) names.push(node.name);
  return names;
};
const backwards = (list: LinkedList<Node>): number[] => {
  const names: number[] = [];
  for (let node = list.last; node; node = node.before) names.push(node.name);
  return names;
};

const command = fc.record({ do: fc.constantFrom('append', 'prepend', 'delete'), pick: fc.nat(50) });

describe('a linked list', () => {
  it('does what an array does, whatever comes and leaves', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const list = new LinkedList<Node>();
        let model: Node[] = [];
        commands.forEach(({ do: action, pick }, name) => {
          const node = nodeOf(name);
          if (action === 'append') {
            list.append(node);
            model.push(node);
          } else if (action === 'prepend') {
            list.prepend(node);
            model.unshift(node);
          } else if (model.length > 0) {
            const gone = model[pick % model.length] as Node;
            list.delete(gone);
            model = model.filter((one) => one !== gone);
          }
          const names = model.map((one) => one.name);
          expect([forwards(list), backwards(list), list.size]).toEqual([
            names,
            names.toReversed(),
            names.length,
          ]);
        });
      }),
      { seed: 40, numRuns: 200 },
    );
  });

  it('lets a node go once', () => {
    const list = new LinkedList<Node>();
    const [a, b] = [nodeOf(1), nodeOf(2)];
    list.append(a);
    list.append(b);
    list.delete(a);
    list.delete(a);
    expect([forwards(list), list.size, a.list, a.after]).toEqual([[2], 1, undefined, undefined]);
  });

  it('leaves the nodes of another list alone', () => {
    const [list, other] = [new LinkedList<Node>(), new LinkedList<Node>()];
    const node = nodeOf(1);
    list.append(node);
    other.delete(node);
    expect([list.size, other.size]).toEqual([1, 0]);
  });
});
