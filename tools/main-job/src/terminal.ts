/** Where a run is shown: lines that stay, and one line that is written over. */
export interface Terminal {
  readonly say: (line: string) => void;
  readonly status: (line: string) => void;
  /** Leaves the last status line standing. */
  readonly endStatus: () => void;
}

export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Without a terminal (a pipe, a log) the status is written as a line now and then instead. */
const STATUS_LINE_EVERY_MS = 5_000;
const ERASE_LINE = '\r\u001b[2K';

export function createTerminal(stream: TerminalStream, clock: () => number): Terminal {
  let standing = '';
  let lastStatusMs = Number.NEGATIVE_INFINITY;
  if (!stream.isTTY) {
    return {
      say: (line) => void stream.write(`${line}\n`),
      status(line) {
        if (clock() - lastStatusMs < STATUS_LINE_EVERY_MS) return;
        lastStatusMs = clock();
        stream.write(`${line}\n`);
      },
      endStatus: () => {},
    };
  }
  return {
    say(line) {
      stream.write(`${standing ? ERASE_LINE : ''}${line}\n${standing}`);
    },
    status(line) {
      // A line longer than the terminal would wrap, and could not be written over.
      standing = line.slice(0, Math.max(20, (stream.columns ?? 120) - 1));
      stream.write(`${ERASE_LINE}${standing}`);
    },
    endStatus() {
      if (standing) stream.write('\n');
      standing = '';
    },
  };
}
