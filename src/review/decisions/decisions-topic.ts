import { PubSub } from "@google-cloud/pubsub";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import { createDuty } from "../duty.ts";
import type { ReviewContext } from "../review-context.ts";

const everyMs = 2_000;
const alreadyExists = 6;

/** Sees to it that an emulator, which forgets all when it is restarted, has the topic; in production it is declared. */
export function createTopicKeeper(
  { log, now }: ReviewContext,
  settings: { project: string; topic: string },
): Lifecycle {
  const pubsub = new PubSub({ projectId: settings.project });
  const run = async () => {
    try {
      await pubsub.createTopic(settings.topic);
    } catch (error) {
      if ((error as { code?: unknown }).code !== alreadyExists) throw error;
    }
  };
  const duty = createDuty({ name: "decisions topic", everyMs, log, now, run });
  return {
    ...duty,
    async stop() {
      await duty.stop();
      await pubsub.close();
    },
  };
}
