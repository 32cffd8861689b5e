/** What capture says, as an operator wants to read it; a winston logger fits. */
export interface CaptureLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: CaptureLogger = { info: () => {}, warn: () => {} };
