import { sql } from "kysely";
import type { Api, ApiParts } from "../api.ts";

/** For load balancers, which reach this port and no other. */
export function healthRoutes(app: Api, { context }: ApiParts): void {
  const config = { access: "public", limit: "page" } as const;

  app.get("/livez", { config, schema: { hide: true } }, (_request, reply) => reply.type("text/plain").send("ok\n"));

  app.get("/readyz", { config, schema: { hide: true } }, async (_request, reply) => {
    await sql`select 1`.execute(context.db);
    return reply.type("text/plain").send("ok\n");
  });
}
