import { z } from "zod";
import { StreamUpdate } from "../../contract/stream.ts";
import { updateStream } from "../../streams/update-stream.ts";
import type { Api, ApiParts } from "../api.ts";
import { anyActor } from "../guard.ts";
import { nothing } from "../parameters.ts";

const Params = z.object({ streamId: z.string().min(1).max(256) });

export function streamRoutes(app: Api, { context }: ApiParts): void {
  app.put(
    "/v1/streams/:streamId",
    {
      config: { access: { scope: "ingest" } },
      schema: {
        tags: ["ingest"],
        summary: "Tell what is known of a stream; what is left out stays",
        params: Params,
        body: StreamUpdate,
        response: nothing,
      },
    },
    async (request, reply) => {
      await updateStream(context, anyActor(request), request.params.streamId, request.body);
      return reply.code(204).send(null);
    },
  );
}
