import { pino } from "pino";

export type Logger = pino.Logger;

/** One structured line per event on standard error; standard output belongs to commands. */
export function createLogger(options: { level: string; role: string }): Logger {
  return pino(
    { level: options.level, base: { role: options.role, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
