import type { Severity } from "../../src/capture/verdict.ts";
import { createKey } from "../../src/review/access/api-keys.ts";
import { addDecision, addIncident } from "../review-rows.ts";
import type { Site } from "./site.ts";

/** What waits: streams that a platform may have of an afternoon, the gravest of them first. */
const streams = [
  { id: "8812", title: "Late kitchen", viewers: 2_310, category: "pornography", frames: 12 },
  { id: "7120", title: "Open studio", viewers: 640, category: "pornography", frames: 5, aspect: "portrait" },
  { id: "6644", title: "Practice room", viewers: 95, category: "pornography", frames: 3 },
  { id: "9015", title: "Ask me anything", viewers: 12_400, category: "drawn-pornography", frames: 7 },
  { id: "4410", title: "Quiet corner", viewers: 18, category: "drawn-pornography", frames: 2, live: false },
  { id: "5127", title: "Evening walk", viewers: 310, category: "suggestive", frames: 4 },
  { id: "3308", title: "Morning stretch", viewers: 5_100, category: "suggestive", frames: 1 },
] as const;
const scores = [0.83, 0.88, 0.86, 0.91, 0.89, 0.94, 0.9, 0.87, 0.92, 0.85, 0.84, 0.88];

const dayMs = 86_400_000;
const past = [
  { category: "pornography", severity: "severe", each: 9, confirmedOf10: 8, handlingMs: 14_000 },
  { category: "drawn-pornography", severity: "high", each: 7, confirmedOf10: 6, handlingMs: 11_000 },
  { category: "suggestive", severity: "low", each: 5, confirmedOf10: 5, handlingMs: 6_000 },
] as const satisfies {
  category: string;
  severity: Severity;
  each: number;
  confirmedOf10: number;
  handlingMs: number;
}[];

/** Fills a site as after a week of work: incidents that wait, decisions of seven days, a key. */
export async function fillWorkingDay(site: Site): Promise<void> {
  for (const { id, title, viewers, category, frames, ...show } of streams) {
    const attributes = {
      title,
      viewers: String(viewers),
      streamerId: `streamer-${id.slice(0, 2)}`,
      streamStartedAt: new Date(site.context.now() - 14 * 60_000).toISOString(),
    };
    await site.show(id, { category, frames, scores, attributes, ...show });
  }
  await fillPast(site);
  const admin = await site.review.addUser("Ada Byrne", "admin");
  const key = { name: "Stream platform", scopes: ["ingest"], expiresInDays: 90 } as const;
  await createKey(site.context.db, key, admin.id, site.context.now());
}

async function fillPast(site: Site): Promise<void> {
  const people = [await site.review.addUser("Aiko Mori"), await site.review.addUser("Kana Sato", "lead")];
  const nowMs = site.context.now();
  for (let day = 1; day <= 7; day += 1) {
    for (const { category, severity, each, confirmedOf10, handlingMs } of past) {
      for (let at = 0; at < each; at += 1) {
        const by = people[(day + at) % people.length];
        if (!by) continue;
        const confirmed = (day * 3 + at * 7) % 10 < confirmedOf10;
        const takenAt = nowMs - day * dayMs + at * 900_000;
        const waitedMs = 20_000 + ((day + at) % 5) * 18_000;
        const decidedAt = new Date(takenAt + 900 + waitedMs + handlingMs);
        const incident = await addIncident(site.context, {
          stream_id: `${2_000 + day * 100 + at}`,
          category,
          severity,
          state: "closed",
          opened_at: new Date(takenAt + 900),
          first_captured_at: new Date(takenAt),
          last_flagged_at: new Date(takenAt),
          target_at: new Date(takenAt + 120_000),
          closed_at: decidedAt,
        });
        await addDecision(
          site.context,
          incident,
          by,
          {
            outcome: confirmed ? "violation" : "no-violation",
            category: confirmed ? category : null,
            action: confirmed ? "warn" : null,
            decided_at: decidedAt,
            send_at: decidedAt,
            handling_ms: handlingMs + ((at * 1_300) % 5_000),
          },
          new Date(decidedAt.getTime() - handlingMs),
        );
      }
    }
  }
}
