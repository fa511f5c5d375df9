/** What happens to the incident on the stage and to the one in reserve. */
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/capture/verdict.ts";
import { tokensOf } from "../../../src/console/pages/review/session/claims.ts";
import { standing, undoable } from "../../../src/console/pages/review/session/outgoing.ts";
import { reduce } from "../../../src/console/pages/review/session/reduce.ts";
import type { ReviewHappening } from "../../../src/console/pages/review/session/review-event.ts";
import {
  initialState,
  type Outgoing,
  type ReviewState,
} from "../../../src/console/pages/review/session/review-state.ts";
import { frameBy, handlingMs } from "../../../src/console/pages/review/session/stage.ts";
import type { Frame } from "../../../src/review/contract/incident.ts";
import { claimOf, decisionOf, frameOf, holdOf, incidentOf, startMs } from "./incidents.ts";

const stateAfter = (state: ReviewState, ...happenings: ReviewHappening[]) => happenings.reduce(reduce, state);
const claimed = (current: number | null, standby: number | null, askedFor: number | null = null): ReviewHappening => ({
  type: "claimed",
  claim: claimOf(current === null ? null : holdOf(current), standby === null ? null : holdOf(standby)),
  askedFor,
  atMs: 0,
});
const actOn = (token: number, change: Partial<Outgoing> = {}): Outgoing => ({
  key: `key-${token}`,
  incidentId: token * 10,
  streamId: `stream-${token * 10}`,
  act: {
    kind: "decision",
    body: { outcome: "no-violation", token, seenThrough: 3, note: "why", withoutPicture: false },
  },
  madeAt: new Date(startMs).toISOString(),
  state: "saving",
  decision: null,
  undo: "no",
  why: null,
  ...change,
});
const acted = (token: number): ReviewHappening => ({ type: "acted", outgoing: actOn(token), atMs: 50 });
const working = stateAfter(initialState, claimed(1, 2));
const tokens = ({ current, standby }: ReviewState) => [current?.hold.token ?? null, standby?.token ?? null];

describe("a claim", () => {
  test("puts one incident on the stage, covered, at its frame of the highest score, and one in reserve", () => {
    expect(tokens(working)).toEqual([1, 2]);
    expect(working.current).toMatchObject({ selected: "capture-2", paintedAtMs: null, keysWereUp: false });
  });

  test("says when nothing waits", () => {
    expect(stateAfter(initialState, claimed(null, null))).toMatchObject({ current: null, nothingWaiting: true });
  });

  test("leaves alone what is on the stage and has been drafted there", () => {
    const drafted = stateAfter(working, { type: "note", note: "hm" }, { type: "selected", captureId: "capture-3" });
    const again = stateAfter(drafted, claimed(1, 5, 1));
    expect(again.current).toMatchObject({ note: "hm", selected: "capture-3" });
    expect(tokens(again)).toEqual([1, 5]);
  });

  test("that was answered before the server heard of a decision does not bring the decided incident back", () => {
    expect(tokens(stateAfter(working, acted(1), claimed(1, 2, 2)))).toEqual([2, null]);
  });

  test("brings an incident back whose decision was refused, as it is still held", () => {
    const refused = stateAfter(working, acted(1), { type: "refused", key: "key-1", why: "no" });
    expect(tokens(stateAfter(refused, claimed(2, 1, 2)))).toEqual([2, 1]);
  });

  test("replaces a standby that came onto the stage while it was being swapped", () => {
    expect(tokens(stateAfter(working, acted(1), claimed(3, null, 1)))).toEqual([3, null]);
  });

  test("covers an incident that the server no longer counts as held", () => {
    expect(stateAfter(working, claimed(null, null, 1)).current?.ended?.by).toBe("released");
  });
});

describe("a decision", () => {
  test("brings the standby onto the stage at once", () => {
    const next = stateAfter(working, acted(1));
    expect(tokens(next)).toEqual([2, null]);
    expect(next.outgoing.map(({ key, state }) => [key, state])).toEqual([["key-1", "saving"]]);
  });

  test("leaves the stage empty when there is no standby", () => {
    expect(tokens(stateAfter(initialState, claimed(1, null), acted(1)))).toEqual([null, null]);
  });

  test("can be taken back until it leaves, and no longer", () => {
    const saved = stateAfter(working, acted(1), { type: "saved", key: "key-1", decision: decisionOf(10) });
    expect(undoable(saved.outgoing, startMs + 9_999)?.key).toBe("key-1");
    expect(undoable(saved.outgoing, startMs + 10_000)).toBeNull();
    const [one] = saved.outgoing;
    expect([one && standing(one, startMs), one && standing(one, startMs + 10_000)]).toEqual(["saved", "sent"]);
  });

  test("that a live update calls sent cannot be taken back", () => {
    const sent = decisionOf(10, { sentAt: new Date(startMs).toISOString() });
    const state = stateAfter(
      working,
      acted(1),
      { type: "saved", key: "key-1", decision: decisionOf(10) },
      { type: "decision-told", decision: sent },
    );
    expect(undoable(state.outgoing, startMs)).toBeNull();
  });

  test("only the newest is offered", () => {
    const two = stateAfter(working, acted(1), acted(2));
    expect(undoable(two.outgoing, startMs)?.key).toBe("key-2");
  });

  test("that was not heard waits, and stays when the page is moved to another tab", () => {
    const waiting = stateAfter(working, acted(1), { type: "not-reached", key: "key-1" }, { type: "moved-elsewhere" });
    expect(waiting).toMatchObject({ phase: "elsewhere", current: null });
    expect(waiting.outgoing[0]?.state).toBe("waiting");
  });

  test("that was refused stays until it is read", () => {
    const refused = stateAfter(working, acted(1), { type: "refused", key: "key-1", why: "Lead P. Two has it" });
    const later = Array.from({ length: 20 }, (_, at) => at + 50).reduce(
      (state, token) => stateAfter(state, { type: "acted", outgoing: actOn(token, { state: "saved" }), atMs: 0 }),
      refused,
    );
    expect(later.outgoing.some(({ key }) => key === "key-1")).toBe(true);
    expect(later.outgoing.length).toBeLessThan(15);
    expect(stateAfter(later, { type: "refusal-read", key: "key-1" }).outgoing.some(({ key }) => key === "key-1")).toBe(
      false,
    );
  });
});

describe("taking a decision back", () => {
  const decided = stateAfter(working, acted(1), { type: "saved", key: "key-1", decision: decisionOf(10) });

  test("brings its incident back with its note; what was on the stage waits in reserve", () => {
    const back = stateAfter(decided, { type: "undone", key: "key-1", hold: holdOf(7), said: "back", atMs: 0 });
    expect(tokens(back)).toEqual([7, 2]);
    expect(back.current?.note).toBe("why");
    expect(back.outgoing).toEqual([]);
  });

  test("says so when somebody else has the incident by now", () => {
    const gone = stateAfter(decided, { type: "undone", key: "key-1", hold: null, said: "P. Two has it", atMs: 0 });
    expect(tokens(gone)).toEqual([2, null]);
    expect(gone.said).toBe("P. Two has it");
  });
});

describe("a hold that ends", () => {
  const ended = stateAfter(
    working,
    { type: "note", note: "kept" },
    {
      type: "hold-ended",
      token: 1,
      by: "taken-over",
      at: new Date(startMs).toISOString(),
      holder: { id: "u2", name: "P. Two", initials: "PT" },
    },
  );

  test("covers its incident, which stays with the note until the person goes on", () => {
    expect(ended.current).toMatchObject({ note: "kept", ended: { by: "taken-over" } });
    expect(tokensOf(ended)).toEqual([2]);
    expect(stateAfter(ended, claimed(2, null, 1)).current?.hold.token).toBe(1);
    expect(tokens(stateAfter(ended, { type: "ended-read", atMs: 0 }))).toEqual([2, null]);
  });

  test("and is taken again keeps the note", () => {
    expect(stateAfter(ended, { type: "taken", hold: holdOf(9), atMs: 0 }).current).toMatchObject({
      note: "kept",
      ended: null,
    });
  });

  test("in reserve only empties the reserve", () => {
    const at = new Date(startMs).toISOString();
    const state = stateAfter(working, { type: "hold-ended", token: 2, by: "expired", at, holder: null });
    expect(tokens(state)).toEqual([1, null]);
  });

  test("disarms what one more key would have committed", () => {
    const judgement = { outcome: "violation", category: "nudity", action: "suspend" } as const;
    const at = new Date(startMs).toISOString();
    const state = stateAfter(
      working,
      { type: "armed", judgement, untilMs: 9 },
      { type: "hold-ended", token: 1, by: "expired", at, holder: null },
    );
    expect(state.current?.armed).toBeNull();
  });
});

describe("frames that join", () => {
  const grown = incidentOf(10, { frames: [frameOf(1, 0.7), frameOf(2, 0.9), frameOf(3, 0.8), frameOf(4, 0.97)] });
  const joined = stateAfter(
    working,
    { type: "selected", captureId: "capture-1" },
    {
      type: "incident-read",
      incident: grown,
      atMs: 500,
    },
  );

  test("are appended, are counted as shown, and leave the selection where it is", () => {
    expect(joined.current).toMatchObject({ selected: "capture-1", joined: { atMs: 500, count: 1, peak: 0.97 } });
    expect(joined.current?.hold.incident.newestFrame).toBe(4);
  });

  test("are not counted as shown by a live update that has none of them", () => {
    const told = stateAfter(working, { type: "incident-told", incident: { ...grown, changedAt: grown.changedAt } });
    expect(told.current?.hold.incident.newestFrame).toBe(3);
    expect(told.current?.hold.incident.frameCount).toBe(3);
  });

  test("join the standby without a word", () => {
    const state = stateAfter(working, { type: "incident-read", incident: { ...grown, id: 20 }, atMs: 500 });
    expect(state.standby?.incident.frames).toHaveLength(4);
    expect(state.current?.joined).toBeNull();
  });
});

describe("keys rest after frames that joined", () => {
  const finding: Finding = {
    category: "violence",
    severity: "high",
    score: 0.8,
    threshold: 0.7,
    rule: "single-frame",
    model: "m",
    label: "l",
  };
  const grow = (state: ReviewState, atMs: number, ...more: Frame[]) => {
    const frames = [...(state.current?.hold.incident.frames ?? []), ...more];
    return stateAfter(state, { type: "incident-read", incident: incidentOf(10, { frames }), atMs });
  };
  const quiet = grow(working, 500, frameOf(4, 0.8));

  test("that were flagged, once in a while: a live stream brings one every second", () => {
    expect(quiet.current?.restFromMs).toBe(500);
    const soon = grow(quiet, 1_500, frameOf(5, 0.8));
    expect(soon.current?.restFromMs).toBe(500);
    expect(soon.current?.hold.incident.newestFrame).toBe(5);
    expect(grow(soon, 10_501, frameOf(6, 0.8)).current?.restFromMs).toBe(10_501);
  });

  test("at once with a score or a category that was not there before", () => {
    expect(grow(quiet, 1_500, frameOf(5, 0.99)).current?.restFromMs).toBe(1_500);
    expect(grow(quiet, 1_500, frameOf(5, 0.8, { findings: [finding] })).current?.restFromMs).toBe(1_500);
  });

  test("not for context", () => {
    expect(grow(working, 500, frameOf(4, 0.1, { kind: "context" })).current?.restFromMs).toBeNull();
  });
});

describe("the stage", () => {
  test("knows when its picture was painted, and that every key was up since", () => {
    const held = stateAfter(working, { type: "painted", token: 1, atMs: 100, anyKeyDown: true });
    expect(held.current).toMatchObject({ paintedAtMs: 100, keysWereUp: false });
    expect(stateAfter(held, { type: "keys-up" }).current?.keysWereUp).toBe(true);
    expect(stateAfter(working, { type: "keys-up" }).current?.keysWereUp).toBe(false);
    expect(
      stateAfter(working, { type: "painted", token: 9, atMs: 1, anyKeyDown: false }).current?.paintedAtMs,
    ).toBeNull();
  });

  test("moves through frames and stops at the ends", () => {
    const { current } = working;
    const to = (by: number) => current && frameBy(current, by)?.captureId;
    expect([to(-1), to(1), to(-9), to(Number.POSITIVE_INFINITY)]).toEqual([
      "capture-1",
      "capture-3",
      "capture-1",
      "capture-3",
    ]);
  });

  test("counts time in view, and not the time while it was hidden", () => {
    const hidden = stateAfter(
      working,
      { type: "in-view", visible: false, atMs: 1_000 },
      { type: "in-view", visible: true, atMs: 9_000 },
    );
    expect(hidden.current && handlingMs(hidden.current, 9_500)).toBe(1_500);
  });

  test("begins at a frame whose picture can be had, if there is one", () => {
    const incident = incidentOf(10, { frames: [frameOf(1, 0.6), frameOf(2, 0.95, { picture: "expired" })] });
    const state = stateAfter(initialState, {
      type: "claimed",
      claim: claimOf(holdOf(1, { incident }), null),
      askedFor: null,
      atMs: 0,
    });
    expect(state.current?.selected).toBe("capture-1");
  });
});

test("a break empties the stage, and holds nothing", () => {
  const resting = stateAfter(working, { type: "break-began" });
  expect(tokensOf(resting)).toEqual([]);
  expect(stateAfter(resting, { type: "break-ended" }).phase).toBe("starting");
});
