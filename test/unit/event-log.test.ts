import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEventLog } from "../../src/review/events/event-log.ts";

const reset = { type: "reset" } as const;

describe("the log of live updates", () => {
  test("gives what came after an id, and nothing after the newest", () => {
    const log = createEventLog({ keepMs: 1_000, maxEvents: 10 });
    const start = log.head();
    const [first, second] = [log.append(reset, 0), log.append(reset, 1)];
    expect(log.after(start)).toEqual([first, second]);
    expect(log.after(first.id)).toEqual([second]);
    expect(log.after(log.head())).toEqual([]);
  });

  test("does not know the ids of another log, of an earlier time, or made-up ones", () => {
    const log = createEventLog({ keepMs: 1_000, maxEvents: 10 });
    const other = createEventLog({ keepMs: 1_000, maxEvents: 10 });
    const old = log.append(reset, 0).id;
    const [name] = old.split("-");
    for (const id of [other.append(reset, 0).id, "", "7", `${name}-2`, `${name}--1`, `${name}-01`, `${name}-x`])
      expect(log.after(id), id).toBeUndefined();
    log.clear();
    expect(log.after(old)).toBeUndefined();
  });

  test("resumes without a gap or says that it cannot, however many came", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), fc.nat(), (pausesMs, pick) => {
        const log = createEventLog({ keepMs: 1_000, maxEvents: 16 });
        const ids = [log.head()];
        let atMs = 0;
        for (const pauseMs of pausesMs) {
          atMs += pauseMs;
          ids.push(log.append(reset, atMs).id);
        }
        const from = pick % ids.length;
        const after = log.after(ids[from] ?? "");
        if (after) expect(after.map(({ id }) => id)).toEqual(ids.slice(from + 1));
        else expect(ids.length - 1 - from).toBeGreaterThan(0);
        expect(log.after(ids.at(-1) ?? "")).toEqual([]);
      }),
    );
  });
});
