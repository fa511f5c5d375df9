/** Covers, the connection's state, presence, and words for numbers. */
import { describe, expect, test } from "vitest";
import { connectionAt } from "../../../src/console/api/connection.ts";
import { offsetBetween } from "../../../src/console/api/server-clock.ts";
import { curveOf } from "../../../src/console/components/score-points.ts";
import { coverFilter, coverOf, sizeOf, sizeStep, toneOf } from "../../../src/console/exposure/cover.ts";
import { keptForm } from "../../../src/console/pages/review/session/picture-shelf.ts";
import { nextBeatAt, presenceAt } from "../../../src/console/pages/review/session/presence.ts";
import { formatCountdown, formatElapsed, formatSpan, plainName } from "../../../src/console/strings/format.en.ts";
import { frameOf } from "./incidents.ts";

const choice = { blur: null, coverLow: false, coverMedium: true };
const limits = {
  severeIncidentsPerHour: 40,
  severeMsPerHour: 600_000,
  severeInARow: 8,
  breakEveryMs: 3_000_000,
  leastBlur: 0.01,
  coverLow: false,
  coverMedium: false,
};

describe("a cover", () => {
  test("grows with the severity", () => {
    expect(coverOf("low", choice, limits).kind).toBe("none");
    expect(coverOf("medium", choice, limits)).toEqual({ kind: "blur", share: 0.01, grey: false, brightness: 1 });
    expect(coverOf("high", choice, limits)).toEqual({ kind: "blur", share: 0.02, grey: true, brightness: 1 });
    expect(coverOf("severe", choice, limits)).toEqual({ kind: "blur", share: 0.04, grey: true, brightness: 0.85 });
  });

  test("of a picture that the law restricts is solid, whatever anybody prefers", () => {
    expect(coverOf("low", choice, limits, true)).toEqual({ kind: "solid" });
  });

  test("may be dropped by preference for low and medium, unless the administrator says no", () => {
    const open = { ...choice, coverMedium: false };
    expect(coverOf("medium", open, limits).kind).toBe("none");
    expect(coverOf("medium", open, { ...limits, coverMedium: true }).kind).toBe("blur");
    expect(coverOf("high", open, limits).kind).toBe("blur");
  });

  test("is never weaker than the administrator's floor", () => {
    expect(coverOf("severe", { ...choice, blur: 0.01 }, { ...limits, leastBlur: 0.03 })).toMatchObject({ share: 0.03 });
  });

  test("blurs by the picture's own size", () => {
    expect(coverFilter(coverOf("severe", choice, limits))).toBe(
      "blur(max(2px, 4.00cqmax)) grayscale(1) brightness(0.85)",
    );
    expect(coverFilter({ kind: "solid" })).toBe("none");
  });
});

describe("a revealed picture", () => {
  const own = { tone: "by-severity", brightness: 1 } as const;

  test("is toned by severity, in full colour only when asked for", () => {
    expect(toneOf("severe", own, "tone")).toEqual({ filter: "grayscale(1)", form: "sharp" });
    expect(toneOf("severe", own, "colour")).toEqual({ filter: "none", form: "sharp" });
    expect(toneOf("medium", own, "tone").filter).toBe("saturate(0.35) contrast(0.9)");
  });

  test("is smoothed by the server, for whoever prefers that", () => {
    expect(toneOf("high", { ...own, tone: "smoothed" }, "tone").form).toBe("smoothed");
    expect(toneOf("high", { ...own, tone: "smoothed" }, "colour").form).toBe("sharp");
  });

  test("is dimmed with the room", () => {
    expect(toneOf("low", { ...own, brightness: 0.6 }, "tone").filter).toBe("brightness(0.6)");
  });

  test("is small when severe, and its size stays within bounds", () => {
    expect([sizeOf("severe", { size: null }), sizeOf("high", { size: null }), sizeOf("severe", { size: "L" })]).toEqual(
      ["S", "M", "L"],
    );
    expect([sizeStep("S", -1), sizeStep("S", 1), sizeStep("L", 1)]).toEqual(["S", "M", "L"]);
  });

  test("is the thumbnail where no other was kept, and nothing where the law restricts it", () => {
    expect(keptForm(frameOf(1, 1), "smoothed")).toBe("smoothed");
    expect(keptForm(frameOf(1, 1, { picture: "none" }), "sharp")).toBe("thumbnail");
    expect(keptForm(frameOf(1, 1, { picture: "restricted" }), "sharp")).toBeNull();
    expect(keptForm(frameOf(1, 1, { picture: "expired", thumbnail: "expired" }), "sharp")).toBeNull();
  });
});

describe("the connection", () => {
  const fine = { answeredAtMs: 0, failingSinceMs: null };
  const open = { state: "open", atMs: 0 } as const;

  test("is lost after five seconds without the stream and without an answer", () => {
    const broken = { state: "broken", atMs: 10_000 } as const;
    expect(connectionAt(broken, fine, 14_999)).toBe("connecting");
    expect(connectionAt(broken, fine, 15_000)).toBe("lost");
    expect(connectionAt(broken, { ...fine, answeredAtMs: 12_000 }, 60_000)).toBe("connecting");
    expect(connectionAt(broken, { ...fine, failingSinceMs: 14_000 }, 15_000)).toBe("lost");
  });

  test("is lost when requests fail for five seconds, though the stream looks open", () => {
    expect(connectionAt(open, { answeredAtMs: 0, failingSinceMs: 1_000 }, 5_999)).toBe("connecting");
    expect(connectionAt(open, { answeredAtMs: 0, failingSinceMs: 1_000 }, 6_000)).toBe("lost");
    expect(connectionAt(open, fine, 6_000)).toBe("connected");
  });
});

describe("a heartbeat", () => {
  const page = { visible: true, usedAtMs: 0, nextBeatAtMs: 20_000 };

  test("goes out when due, while the page is seen and used", () => {
    expect(presenceAt(page, 19_999)).toBe("wait");
    expect(presenceAt(page, 20_000)).toBe("beat");
    expect(presenceAt({ ...page, visible: false }, 20_000)).toBe("wait");
  });

  test("stops when nobody has used the page for 90 seconds", () => {
    expect(presenceAt({ ...page, nextBeatAtMs: 80_000 }, 89_999)).toBe("beat");
    expect(presenceAt({ ...page, nextBeatAtMs: 80_000 }, 90_000)).toBe("still-there");
  });

  test("comes within two seconds of its time", () => {
    expect([nextBeatAt(0, 20_000, 0), nextBeatAt(0, 20_000, 0.5), nextBeatAt(0, 20_000, 1)]).toEqual([
      18_000, 20_000, 22_000,
    ]);
  });
});

describe("the server's clock", () => {
  test("is taken as of the middle of the request", () => {
    expect(
      offsetBetween("2026-03-01T12:00:10Z", Date.parse("2026-03-01T12:00:00Z"), Date.parse("2026-03-01T12:00:02Z")),
    ).toBe(9_000);
    expect(offsetBetween("soon", 0, 1)).toBeNull();
  });
});

describe("words", () => {
  test("count down to 0:00 and never below, and up from 0:00", () => {
    expect([formatCountdown(111_001), formatCountdown(1), formatCountdown(-5), formatElapsed(59_999)]).toEqual([
      "1:52",
      "0:01",
      "0:00",
      "0:59",
    ]);
    expect(formatElapsed(3_723_000)).toBe("1:02:03");
  });

  test("of spans are short", () => {
    expect([4_000, 120_000, 190_000, 7_500_000, 172_800_000].map(formatSpan)).toEqual([
      "4 s",
      "2 min",
      "3 min 10 s",
      "2 h 5 min",
      "2 days",
    ]);
  });

  test("that others chose show their control characters and end at 200", () => {
    expect(plainName("a\u0000b\u202ec")).toBe("a␀b�c");
    expect([...plainName("é".repeat(300))]).toHaveLength(201);
    expect(plainName("<script>")).toBe("<script>");
  });
});

describe("the curve of scores", () => {
  test("spreads frames by time, and leaves out those without a score", () => {
    const points = curveOf([frameOf(3, 1), frameOf(1, 0), frameOf(2, null)]);
    expect(points.map(({ captureId, x, y }) => [captureId, x, y])).toEqual([
      ["capture-1", "0.00%", "100.00%"],
      ["capture-3", "100.00%", "0.00%"],
    ]);
  });

  test("puts a single frame in the middle", () => {
    expect(curveOf([frameOf(1, 0.5)])[0]?.x).toBe("50.00%");
  });
});
