import { PassThrough } from 'node:stream';
import { createEventHub } from './event-hub.ts';

function text(out: PassThrough): string {
  let all = '';
  for (let chunk: unknown; (chunk = out.read()) !== null;) all += String(chunk);
  return all;
}

it('greets, sends to all, and ends them when it closes', async () => {
  const hub = createEventHub();
  const outs = [new PassThrough(), new PassThrough()];
  const served = outs.map((out) =>
    hub.serve(out, new AbortController().signal, [{ name: 'hello', data: 1 }]),
  );
  hub.send({ name: 'state', data: { a: 'x\ny' } });
  for (const out of outs)
    expect(text(out)).toBe('retry: 1000\n\nevent: hello\ndata: 1\n\nevent: state\ndata: {"a":"x\\ny"}\n\n');
  hub.close();
  await Promise.all(served);
  expect(hub.size()).toBe(0);
  expect(hub.full()).toBe(true);
});

it('forgets a client that has gone', async () => {
  const hub = createEventHub();
  const gone = new AbortController();
  const served = hub.serve(new PassThrough(), gone.signal, []);
  expect(hub.size()).toBe(1);
  gone.abort();
  await served;
  expect(hub.size()).toBe(0);
  hub.close();
});

it('drops a client that does not read, and keeps the others', async () => {
  const hub = createEventHub({ maxBehindBytes: 100 });
  const slow = new PassThrough({ highWaterMark: 1 });
  // A transform holds back what nobody reads.
  const quick = new PassThrough();
  quick.resume();
  const served = hub.serve(slow, new AbortController().signal, []);
  void hub.serve(quick, new AbortController().signal, []);
  for (let i = 0; i < 10; i++) hub.send({ name: 'state', data: 'x'.repeat(50) });
  await served;
  expect(slow.destroyed).toBe(true);
  expect(hub.size()).toBe(1);
  hub.close();
});

it('is full at its limit', () => {
  const hub = createEventHub({ maxClients: 1 });
  void hub.serve(new PassThrough(), new AbortController().signal, []);
  expect(hub.full()).toBe(true);
  hub.close();
});

it('keeps the connection alive while there is nothing to say', async () => {
  const hub = createEventHub({ heartbeatMs: 5 });
  const out = new PassThrough();
  void hub.serve(out, new AbortController().signal, []);
  const chunks: string[] = [];
  for await (const chunk of out) {
    chunks.push(String(chunk));
    if (chunks.join('').includes(': alive')) break;
  }
  hub.close();
});
