/* eslint-disable @nx/enforce-module-boundaries -- users import it by its name */
import { readFile } from 'node:fs/promises';

const said: string[] = [];
const logger = { info: (text: string) => said.push(text) };

// example-start
import {
  REFUSED,
  anyRule,
  consecutiveFailures,
  createCircuitBreaker,
  timeWindow,
} from '@frame-buffer/circuit-breaker';

const breaker = createCircuitBreaker({
  // Five failures in a row, or half of the last ten seconds' calls (20 at least).
  trip: anyRule(consecutiveFailures(5), timeWindow({ windowMs: 10_000, failureRate: 0.5 })),
});
breaker.onStateChange(({ from, to, cause }) => logger.info(`${from} -> ${to}: ${cause}`));

// Beside a call you don't await: three synchronous functions, no allocation.
function send(message: string): boolean {
  const permit = breaker.tryAcquire();
  if (permit === REFUSED) return false;
  transmit(message, (error) => (error ? breaker.fail(permit) : breaker.succeed(permit)));
  return true;
}

// Around a call you do await.
const result = await breaker.execute(({ signal }) => read('status', signal), {
  signal: AbortSignal.timeout(2_000),
});
if (!result.ok) logger.info(`${result.reason}, try again in ${result.retryAfterMs} ms`);
// example-end

const wire = { down: false, sent: [] as string[] };

function transmit(message: string, done: (error: Error | undefined) => void): void {
  if (!wire.down) wire.sent.push(message);
  done(wire.down ? new Error('down') : undefined);
}

async function read(what: string, signal: AbortSignal | undefined): Promise<string> {
  signal?.throwIfAborted();
  return `${what}: fine`;
}

async function textOf(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

describe('the example of the README', () => {
  it('is the one that runs here', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await textOf('../README.md'))?.[1];
    const [, here] =
      /\/\/ example-start\n([\s\S]*?)\/\/ example-end/.exec(await textOf('readme.test.ts')) ?? [];
    expect(example).toBeDefined();
    expect(example).toBe(here);
  });

  it('awaits a call through the breaker', () => {
    expect(result).toEqual({ ok: true, value: 'status: fine' });
  });

  it('sends while the other side is up, and not after five failures', () => {
    expect(send('one')).toBe(true);
    wire.down = true;
    for (let i = 0; i < 5; i++) expect(send('lost')).toBe(true);
    expect(send('six')).toBe(false);
    expect(wire.sent).toEqual(['one']);
    expect(said).toEqual(['closed -> open: tripped']);
  });
});
