import type { Health } from "../pipeline/lifecycle.ts";

/** A duty that has not succeeded for so long is reported; the process goes on, since the database may come back. */
const lateMs = 30_000;

export interface DutyHealth {
  /** Runs the duty and remembers how it went; its error is thrown on. */
  watch(duty: () => Promise<void>): Promise<void>;
  read(): Health;
}

/** What a background duty says of itself. */
export function dutyHealth(name: string, now: () => number): DutyHealth {
  let doneAtMs = now();
  let failure: string | undefined;
  return {
    async watch(duty) {
      try {
        await duty();
        doneAtMs = now();
        failure = undefined;
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        throw error;
      }
    },
    read() {
      const late = now() - doneAtMs > lateMs;
      return { live: true, ready: !late, detail: failure === undefined ? `${name}: ok` : `${name}: ${failure}` };
    },
  };
}
