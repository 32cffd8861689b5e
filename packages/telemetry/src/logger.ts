import type { Writable } from 'node:stream';
import winston from 'winston';
import { type LogFormat, type WrittenLine, jsonLine, prettyLine } from './line-format.ts';
import { maskerOf } from './known-secrets.ts';
import { LEVEL_RANK, LOG_LEVELS, type LogLevel, isLogLevel } from './log-level.ts';
import { loggable } from './loggable.ts';
import type { LogFields, Logger } from './logger-port.ts';
import { requireRange } from './range.ts';
import { type Line, Repeats } from './repeats.ts';

/** Long enough to fold a flood, short enough that an operator still sees it is going on. */
const DEFAULT_REPEAT_WINDOW_MS = 5000;

export interface LoggerOptions {
  level: LogLevel;
  /** `json` for machines, `pretty` for a person at a terminal. */
  format: LogFormat;
  /** Fields of every line. */
  fields: LogFields;
  /** Where lines go; standard output otherwise. It is not ended here. */
  stream: Writable;
  /** Within it, lines repeated at `info` and above become one. 0: none do. `debug` lines are never folded. */
  repeatWindowMs: number;
  /** Masked wherever they stand, beside what looks like a secret; see `secretsIn`. */
  secrets: readonly string[];
}

/** The logger that a program owns; its packages see the `Logger` port only. */
export interface OwnedLogger extends Logger {
  readonly level: LogLevel;
  /** Takes effect at once, here and in all children. @throws RangeError for no level */
  setLevel(level: LogLevel): void;
  /** Writes what was held back as repeated and ends the timer. What is logged later is still written. */
  close(): Promise<void>;
}

/** A structured logger on winston: secrets masked, repeated lines folded, the level changeable while it runs. */
export function createLogger(options: { readonly service: string } & Partial<LoggerOptions>): OwnedLogger {
  const { service, format = 'json', stream = process.stdout } = options;
  const repeatWindowMs = requireRange(
    'repeatWindowMs',
    options.repeatWindowMs ?? DEFAULT_REPEAT_WINDOW_MS,
    0,
    3_600_000,
  );
  let level = requireLevel(options.level ?? 'info');
  const mask = maskerOf(options.secrets ?? []);
  const colours = format === 'pretty' && (stream as { isTTY?: boolean }).isTTY === true;
  const sink = winston.createLogger({
    levels: { ...LEVEL_RANK },
    // The level is judged before anything is built; here all pass.
    level: 'debug',
    format: winston.format.printf((info) => {
      const line = info as unknown as WrittenLine;
      return format === 'json' ? jsonLine(line) : prettyLine(line, colours);
    }),
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
    exitOnError: false,
  });
  const write = (line: Line): void => {
    const written: WrittenLine = {
      level: line.level,
      message: mask(line.message),
      timestamp: new Date().toISOString(),
      service,
      fields: loggable(line.fields, mask) as Record<string, unknown>,
    };
    sink.log(written as winston.LogEntry);
  };
  const repeats = new Repeats(repeatWindowMs, write);
  const log = (line: Line): void => (line.level === 'debug' ? write(line) : repeats.accept(line));
  const enabled = (asked: LogLevel): boolean => LEVEL_RANK[asked] <= LEVEL_RANK[level];

  return {
    ...loggerWith(options.fields ?? {}, enabled, log),
    get level() {
      return level;
    },
    setLevel(next) {
      level = requireLevel(next);
    },
    async close() {
      repeats.close();
      if (stream.writableLength > 0 && !stream.destroyed) {
        await new Promise<void>((resolve) => stream.write('', () => resolve()));
      }
    },
  };
}

function loggerWith(
  bound: LogFields,
  enabled: (level: LogLevel) => boolean,
  log: (line: Line) => void,
): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (enabled(level)) log({ level, message, fields: fields ? { ...bound, ...fields } : bound });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerWith({ ...bound, ...fields }, enabled, log),
  };
}

function requireLevel(level: unknown): LogLevel {
  if (!isLogLevel(level)) {
    throw new RangeError(`level must be one of ${LOG_LEVELS.join(', ')}, not ${String(level)}`);
  }
  return level;
}
