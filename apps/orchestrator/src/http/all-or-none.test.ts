import { createRouter, type Router } from '@frame-buffer/router';
import { whyNotAll } from './all-or-none.ts';

function routerOf(processors: Record<string, [capabilities: string, capacity: number]>): Router {
  const router = createRouter();
  for (const [id, [capabilities, capacity]] of Object.entries(processors))
    router.put({ id, capabilities: [...capabilities], capacity });
  return router;
}

const why = (router: Router, wanted: string): string | undefined =>
  whyNotAll([...wanted].map((capability) => router.explain({ capability, cameraId: 'c1' })));

it('tells where one processor is to take more copies of a frame than its capacity', () => {
  const both = routerOf({ both: ['ab', 1] });
  expect(why(both, 'ab')).toBe(
    'it asks for a and b at once, and the capacity of the processors that take them (both: 1) is too small for a copy of each',
  );
  expect(why(both, 'a')).toBeUndefined();
  expect(why(routerOf({ both: ['ab', 2] }), 'ab')).toBeUndefined();
  expect(why(routerOf({ all: ['abc', 2], c: ['d', 9] }), 'abc')).toContain('(all: 2) is too small');
});

it('finds room where a processor leaves a copy to another one', () => {
  const router = routerOf({ both: ['ab', 1], one: ['a', 1] });
  expect([why(router, 'ab'), why(router, 'ba')]).toEqual([undefined, undefined]);
});

it('tells where there is room for each copy and not for all of them now', () => {
  const router = routerOf({ both: ['ab', 2] });
  router.reserve('both');
  expect(why(router, 'ab')).toBe(
    'it asks for a and b at once, and the processors that take them have no room for a copy of each now',
  );
});

it('leaves it to the decision to tell what one of them lacks', () => {
  const router = routerOf({ one: ['a', 1] });
  expect(why(router, 'ab')).toBeUndefined();
  router.put({ id: 'two', capabilities: ['b'], capacity: 1 });
  router.setAvailability('two', 'draining');
  expect(why(router, 'ab')).toBeUndefined();
});
