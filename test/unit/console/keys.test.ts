/** What a key press means, and when it does nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commands } from "../../../src/console/keys/commands.ts";
import {
  type Mute,
  muteOfAct,
  muteOfKey,
  type StageGate,
  type Surroundings,
} from "../../../src/console/keys/key-gate.ts";
import { isSingleCharacter, type KeyFacts, namesOf } from "../../../src/console/keys/key-press.ts";
import { clashesOf, commandEntries, commandFor, keymapOf, prefixFor } from "../../../src/console/keys/keymap.ts";
import { keysText } from "../../../src/console/strings/keys.en.ts";

const press = (key: string, code: string, modifiers: Partial<KeyFacts> = {}): KeyFacts => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});
const plain = keymapOf({});
const inReview = ["everywhere", "review"] as const;
const means = (facts: KeyFacts, prefix = "") => commandFor(plain, inReview, prefix, namesOf(facts));

describe("a key press", () => {
  test("is a digit by its place, whatever the layout types there", () => {
    expect(means(press("1", "Digit1"))).toBe("review.action.1");
    expect(means(press("&", "Digit1"))).toBe("review.action.1");
    expect(means(press("1", "Numpad1"))).toBe("review.action.1");
  });

  test("is a letter by what it types, or by its place where the layout is not Latin", () => {
    expect(means(press("a", "KeyQ"))).toBe("review.no-violation");
    expect(means(press("q", "KeyA"))).toBeUndefined();
    expect(means(press("ф", "KeyA"))).toBe("review.no-violation");
  });

  test("with Alt, or with Shift and Ctrl, belongs to the browser", () => {
    expect(namesOf(press("a", "KeyA", { altKey: true }))).toEqual([]);
    expect(namesOf(press("Z", "KeyZ", { ctrlKey: true, shiftKey: true }))).toEqual([]);
  });

  test("with Ctrl or ⌘ is no letter alone", () => {
    expect(means(press("a", "KeyA", { ctrlKey: true }))).toBeUndefined();
    expect(means(press("z", "KeyZ", { metaKey: true }))).toBe("review.undo");
  });

  test("with Shift is another key, unless it is a sign", () => {
    expect(means(press("A", "KeyA", { shiftKey: true }))).toBeUndefined();
    expect(means(press(" ", "Space", { shiftKey: true }))).toBe("review.look-colour");
    expect(means(press("?", "Slash", { shiftKey: true }))).toBe("list.keys");
  });

  test("after G goes to a page and does nothing else", () => {
    const g = namesOf(press("g", "KeyG"));
    expect(prefixFor(plain, inReview, g)).toBe("g");
    expect(means(press("a", "KeyA"), "g")).toBe("page.admin");
    expect(means(press("x", "KeyX"), "g")).toBeUndefined();
  });
});

describe("the table of commands", () => {
  test("has no two commands that can be live at once and share a key", () => {
    expect(clashesOf(plain)).toEqual([]);
  });

  test("finds the clash when a key is given twice, or begins a sequence", () => {
    expect(clashesOf(keymapOf({ "review.skip": "a" })).map(({ commands: pair }) => pair)).toEqual([
      ["review.no-violation", "review.skip"],
    ]);
    expect(clashesOf(keymapOf({ "review.skip": "g" }))).not.toEqual([]);
  });

  test("uses no key that browsers and screen readers need", () => {
    const keys = commandEntries().flatMap(([, { keys: all }]) => all);
    const forbidden = /Tab|Backspace|^F\d|Alt\+/;
    expect(keys.filter((key) => forbidden.test(key))).toEqual([]);
    expect(keys.filter((key) => key.startsWith("Mod+")).toSorted()).toEqual(["Mod+Enter", "Mod+k", "Mod+z"]);
  });

  test("has words for every command", () => {
    expect(commandEntries().filter(([id]) => keysText.command(id) === id)).toEqual([]);
  });

  test("keeps a remapped key, but never one of a fixed command", () => {
    const own = keymapOf({ "review.no-violation": "q", "review.look": "l" });
    expect(own.get("review.no-violation")).toEqual(["q"]);
    expect(own.get("review.look")).toEqual(["Space"]);
  });
});

const around: Surroundings = {
  typing: false,
  dialogOpen: false,
  repeat: false,
  afterPrefix: false,
  singleKeys: true,
  singleCharacter: true,
};
const act = commands["review.no-violation"];
const cover = commands.cover;
const step = commands["review.frame-after"];

describe("the gate of keys", () => {
  test.each<[Partial<Surroundings>, Mute]>([
    [{ typing: true }, "typing"],
    [{ dialogOpen: true }, "dialog"],
    [{ repeat: true }, "repeat"],
    [{ afterPrefix: true }, "after-g"],
    [{ singleKeys: false }, "single-keys-off"],
  ])("mutes an act when %o", (change, why) => {
    expect(act && muteOfKey(act, { ...around, ...change })).toBe(why);
  });

  test("lets Esc through while somebody types, and held arrows repeat", () => {
    expect(cover && muteOfKey(cover, { ...around, typing: true, singleCharacter: false })).toBeNull();
    expect(step && muteOfKey(step, { ...around, repeat: true, singleCharacter: false })).toBeNull();
  });

  test("with single keys off still knows keys that type nothing", () => {
    expect(["a", "Digit1", "?", "g r"].map(isSingleCharacter)).toEqual([true, true, true, true]);
    expect(["Space", "Escape", "Mod+z", "ArrowLeft", "Shift+Space"].map(isSingleCharacter)).toEqual(
      Array(5).fill(false),
    );
  });
});

const open: StageGate = {
  focused: true,
  signedIn: true,
  held: true,
  undoing: false,
  paintedAtMs: 1_000,
  keysWereUp: true,
  framesJoinedAtMs: null,
};
const why = (change: Partial<StageGate>, nowMs = 5_000) => muteOfAct({ ...open, ...change }, nowMs)?.why ?? null;

describe("the gate of acts", () => {
  test("opens 300 ms after the picture was painted", () => {
    expect(why({ paintedAtMs: null })).toBe("not-painted");
    expect(why({}, 1_299)).toBe("not-painted");
    expect(why({}, 1_300)).toBeNull();
    expect(muteOfAct(open, 1_100)?.untilMs).toBe(1_300);
  });

  test("stays closed while a key has been down since before the picture", () => {
    expect(why({ keysWereUp: false }, 60_000)).toBe("keys-down");
  });

  test("rests for a second when frames have joined", () => {
    expect(why({ framesJoinedAtMs: 4_500 }, 5_499)).toBe("joined");
    expect(why({ framesJoinedAtMs: 4_500 }, 5_500)).toBeNull();
  });

  test.each<[Partial<StageGate>, Mute]>([
    [{ held: false }, "no-hold"],
    [{ signedIn: false }, "signed-out"],
    [{ focused: false }, "no-focus"],
    [{ undoing: true }, "undoing"],
  ])("is closed with %o", (change, reason) => {
    expect(why(change)).toBe(reason);
  });

  test("is open only when nothing speaks against it", () => {
    const gates = fc.record({
      focused: fc.boolean(),
      signedIn: fc.boolean(),
      held: fc.boolean(),
      undoing: fc.boolean(),
      paintedAtMs: fc.option(fc.integer({ min: 0, max: 3_000 })),
      keysWereUp: fc.boolean(),
      framesJoinedAtMs: fc.option(fc.integer({ min: 0, max: 3_000 })),
    });
    fc.assert(
      fc.property(gates, fc.integer({ min: 0, max: 5_000 }), (gate, nowMs) => {
        const free =
          gate.focused &&
          gate.signedIn &&
          gate.held &&
          !gate.undoing &&
          gate.keysWereUp &&
          gate.paintedAtMs !== null &&
          nowMs - gate.paintedAtMs >= 300 &&
          (gate.framesJoinedAtMs === null || nowMs - gate.framesJoinedAtMs >= 1_000);
        expect(muteOfAct(gate, nowMs) === null).toBe(free);
      }),
    );
  });
});
