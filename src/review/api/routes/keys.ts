import { z } from "zod";
import { createKey, listKeys, revokeKey } from "../../access/api-keys.ts";
import { actorName, appendActivity } from "../../activity/append.ts";
import { ApiKeyView, CreatedKey, CreateKeyRequest } from "../../contract/admin.ts";
import { inTransaction } from "../../database/transaction.ts";
import { ReviewError } from "../../review-error.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { nothing, UuidId } from "../parameters.ts";

export function keyRoutes(app: Api, { context }: ApiParts): void {
  const tags = ["admin"];
  const config = { access: { role: "admin" } } as const;

  app.get(
    "/v1/keys",
    { config, schema: { tags, summary: "Keys for machines, newest first", response: { 200: z.array(ApiKeyView) } } },
    () => listKeys(context.db),
  );

  app.post(
    "/v1/keys",
    {
      config,
      schema: {
        tags,
        summary: "Make a key; `secret` is shown this once",
        body: CreateKeyRequest,
        response: { 201: CreatedKey },
      },
    },
    async (request, reply) => {
      const actor = personActor(request);
      const key = await inTransaction(context.db, async (db) => {
        const made = await createKey(db, request.body, actor.id, context.now());
        const { id, name, scopes, expiresAt } = made;
        await appendActivity(db, {
          actor: actorName(actor),
          kind: "key-created",
          details: { id, name, scopes, expiresAt },
        });
        return made;
      });
      return reply.code(201).send(key);
    },
  );

  app.delete(
    "/v1/keys/:id",
    { config, schema: { tags, summary: "Revoke a key, at once", params: UuidId, response: nothing } },
    async (request, reply) => {
      const { id } = request.params;
      await inTransaction(context.db, async (db) => {
        const name = await revokeKey(db, id, context.now());
        if (name === undefined) throw new ReviewError("not-found", "There is no such key, or it was revoked before.");
        await appendActivity(db, {
          actor: actorName(personActor(request)),
          kind: "key-revoked",
          details: { id, name },
        });
      });
      return reply.code(204).send(null);
    },
  );
}
