import { z } from "zod";
import { findSession } from "../../access/sessions.ts";
import { ReviewEvent } from "../../contract/events.ts";
import { createEventStream } from "../../events/event-stream.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor } from "../guard.ts";
import { sessionToken } from "../session-cookie.ts";

const Query = z.object({
  lastEventId: z.string().max(64).optional().describe("As the header Last-Event-ID, for readers that cannot set it"),
});
const stream = {
  200: {
    description: "Server-sent events; `data` of each is one of these",
    content: { "text/event-stream": { schema: ReviewEvent } },
  },
};

export function eventRoutes(app: Api, { context, events }: ApiParts): void {
  const open = new Set<{ end(): void }>();
  // Streams never end by themselves, and a server that stops waits for its requests.
  app.addHook("preClose", async () => {
    for (const each of open) each.end();
  });

  app.get(
    "/v1/events",
    {
      config: { access: { role: "viewer", scope: "read" } },
      schema: {
        tags: ["events"],
        summary: "Live updates",
        description: "Each event has an id. A reader that comes back with it gets what it missed, or `reset`.",
        querystring: Query,
        response: stream,
      },
    },
    (request, reply) => {
      const actor = anyActor(request);
      const token = request.session && sessionToken(request);
      const mayGoOn = async () => !token || (await findSession(context.db, token, context.now())) !== undefined;
      const header = request.headers["last-event-id"];
      const lastEventId = (typeof header === "string" && header) || request.query.lastEventId || undefined;

      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      // Nothing may come for a while, and until the head is there a reader does not know that it is connected.
      reply.raw.flushHeaders();
      const output = createEventStream(reply.raw, mayGoOn);
      const userId = actor.kind === "person" ? actor.id : null;
      const { head, stop } = events.follow({ userId, take: output.send }, lastEventId);
      if (lastEventId === undefined) output.begin(head);
      open.add(output);
      reply.raw.once("close", () => {
        stop();
        open.delete(output);
      });
    },
  );
}
