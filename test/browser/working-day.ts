import type { PersonActor } from "../../src/review/access/actor.ts";
import { createKey } from "../../src/review/access/api-keys.ts";
import { decide } from "../../src/review/decisions/decide.ts";
import { escalate } from "../../src/review/decisions/escalate.ts";
import { takeIncident } from "../../src/review/holds/take.ts";
import { fillPastWeek } from "./past-week.ts";
import type { Site } from "./site.ts";
import type { StreamShow } from "./stream-show.ts";

interface Stream extends StreamShow {
  title: string;
  viewers: number;
}

/** What waits of an afternoon, the gravest first; 6644 is decided, and 9015 with the leads. */
const streams: Record<string, Stream> = {
  "8812": { title: "Late kitchen", viewers: 2_310, frames: 9, before: [0.22, 0.35, 0.61] },
  "7120": { title: "Open studio", viewers: 640, frames: 7, aspect: "portrait", before: [0.4, 0.57] },
  "6644": { title: "Practice room", viewers: 95, frames: 6, before: [0.12, 0.3, 0.48, 0.66] },
  "9015": { title: "Ask me anything", viewers: 12_400, frames: 5, category: "drawn-pornography" },
  "4410": { title: "Quiet corner", viewers: 18, frames: 2, category: "drawn-pornography", live: false },
  "5127": { title: "Evening walk", viewers: 310, frames: 4, category: "suggestive" },
  "3308": { title: "Morning stretch", viewers: 5_100, category: "suggestive" },
};
const scores = [0.83, 0.88, 0.86, 0.94, 0.91, 0.89, 0.97, 0.87, 0.92];
const more = ["pornography", "drawn-pornography", "suggestive", "suggestive"] as const;

export type Staff = Record<"moderator" | "lead" | "admin", PersonActor>;

/** Fills a site as after a week of work: incidents that wait, decisions of seven days, a key. @returns who works there */
export async function fillWorkingDay(site: Site): Promise<Staff> {
  const { context, review } = site;
  const staff = {
    moderator: await review.addUser("Person One"),
    lead: await review.addUser("Lead Two", "lead"),
    admin: await review.addUser("Admin One", "admin"),
  };
  const other = await review.addUser("Luis Prado");
  await fillPastWeek(site, [staff.moderator, staff.lead, other]);

  const ids = new Map<string, number>();
  for (const [id, stream] of Object.entries(streams)) ids.set(id, await showStream(site, id, stream));
  for (let at = 0; at < 14; at += 1)
    await showStream(site, String(5_200 + at * 73), {
      title: "Live",
      viewers: 12 + at * 41,
      frames: 1 + (at % 3),
      category: more[at % more.length],
      lastAtMs: Date.now() - at * 9_000,
    });

  const take = async (person: PersonActor, stream: string) => {
    const { token, incident } = await takeIncident(context, person, ids.get(stream) ?? 0, { takeOver: false });
    return { id: incident.id, token, seenThrough: incident.newestFrame };
  };
  const done = await take(staff.moderator, "6644");
  const judgement = { outcome: "violation", category: "pornography", action: "end-stream" } as const;
  await decide(context, staff.moderator, done.id, {
    ...judgement,
    token: done.token,
    seenThrough: done.seenThrough,
    note: "Second time this week",
    withoutPicture: false,
    handlingMs: 13_400,
  });
  const asked = await take(other, "9015");
  await escalate(context, other, asked.id, { token: asked.token, note: "A game, or drawn for this stream?" });
  await take(other, "5127");

  const key = { name: "Stream platform", scopes: ["ingest"], expiresInDays: 90 } as const;
  await createKey(context.db, key, staff.admin.id, context.now());
  return staff;
}

function showStream(site: Site, id: string, { title, viewers, ...show }: Stream): Promise<number> {
  const streamStartedAt = new Date(site.context.now() - 14 * 60_000).toISOString();
  const attributes = { title, viewers: String(viewers), streamerId: `streamer-${id}`, streamStartedAt };
  return site.show(id, { scores, attributes, ...show });
}
