import type { LogFields, Logger } from '@frame-buffer/telemetry';

export interface LoggedLine extends LogFields {
  readonly level: string;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function keptLines(): { readonly logger: Logger; readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const loggerWith = (bound: LogFields): Logger => {
    const at =
      (level: string) =>
      (message: string, fields: LogFields = {}): void =>
        void lines.push({ ...bound, ...fields, level, message });
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => loggerWith({ ...bound, ...fields }),
    };
  };
  return { logger: loggerWith({}), lines };
}
