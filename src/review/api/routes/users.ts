import { z } from "zod";
import { changeUser, listUsers } from "../../access/people.ts";
import { UpdateUserRequest, UserView } from "../../contract/admin.ts";
import type { Api, ApiParts } from "../api.ts";
import { personActor } from "../guard.ts";
import { UuidId } from "../parameters.ts";

export function userRoutes(app: Api, { context, oidc }: ApiParts): void {
  const tags = ["admin"];

  app.get(
    "/v1/users",
    {
      config: { access: { role: "lead" } },
      schema: { tags, summary: "Everybody who has ever signed in, by name", response: { 200: z.array(UserView) } },
    },
    () => listUsers(context),
  );

  app.patch(
    "/v1/users/:id",
    {
      config: { access: { role: "admin" } },
      schema: {
        tags,
        summary: "Change a person's role or scopes, or end their access",
        description: "With a sign-in service roles come from there, and a change of one here is a 409.",
        params: UuidId,
        body: UpdateUserRequest,
        response: { 200: UserView },
      },
    },
    (request) =>
      changeUser(context, personActor(request), request.params.id, request.body, { rolesAreGiven: oidc !== undefined }),
  );
}
