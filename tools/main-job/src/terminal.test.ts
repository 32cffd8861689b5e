import { createTerminal } from './terminal.ts';

function stream(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  return { isTTY, columns, write: (text: string) => written.push(text), written };
}

describe('a terminal', () => {
  it('writes the status over itself and keeps lines above it', () => {
    const out = stream(true);
    const terminal = createTerminal(out, () => 0);
    terminal.status('one');
    terminal.say('news');
    terminal.status('two');
    terminal.endStatus();
    expect(out.written).toEqual(['\r\u001b[2Kone', '\r\u001b[2Knews\none', '\r\u001b[2Ktwo', '\n']);
  });

  it('cuts a status that would wrap', () => {
    const out = stream(true, 30);
    createTerminal(out, () => 0).status('x'.repeat(100));
    expect(out.written[0]).toHaveLength(29 + '\r\u001b[2K'.length);
  });
});

describe('a pipe', () => {
  it('gets the status as a line now and then', () => {
    const out = stream(false);
    let nowMs = 0;
    const terminal = createTerminal(out, () => nowMs);
    for (nowMs = 0; nowMs <= 5_000; nowMs += 500) terminal.status(`at ${nowMs}`);
    expect(out.written).toEqual(['at 0\n', 'at 5000\n']);
  });
});
