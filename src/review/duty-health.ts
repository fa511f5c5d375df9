import type { Health } from "../pipeline/lifecycle.ts";

export interface DutyHealth {
  /** Runs the duty and remembers how it went; its error is thrown on. */
  watch(duty: () => Promise<void>): Promise<void>;
  read(): Health;
}

/** What a background duty says of itself. */
export function dutyHealth(name: string, now: () => number): DutyHealth {
  let failure: { words: string; sinceMs: number } | undefined;
  return {
    async watch(duty) {
      try {
        await duty();
        failure = undefined;
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error);
        failure = { words, sinceMs: failure?.sinceMs ?? now() };
        throw error;
      }
    },
    read() {
      if (!failure) return { live: true, ready: true, detail: `${name}: ok` };
      const seconds = Math.round((now() - failure.sinceMs) / 1000);
      // What it needs may come back, and people can go on meanwhile: no reason to send them away.
      return { live: true, ready: true, detail: `${name}: failing for ${seconds} s: ${failure.words}` };
    },
  };
}
