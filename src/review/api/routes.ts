import type { Api, ApiParts } from "./api.ts";
import { activityRoutes } from "./routes/activity.ts";
import { captureRoutes } from "./routes/captures.ts";
import { decisionRoutes } from "./routes/decisions.ts";
import { eventRoutes } from "./routes/events.ts";
import { frameRoutes } from "./routes/frames.ts";
import { healthRoutes } from "./routes/health.ts";
import { holdRoutes } from "./routes/holds.ts";
import { incidentRoutes } from "./routes/incidents.ts";
import { keyRoutes } from "./routes/keys.ts";
import { leadRoutes } from "./routes/leads.ts";
import { meRoutes } from "./routes/me.ts";
import { opsRoutes } from "./routes/ops.ts";
import { opsFailureRoutes } from "./routes/ops-failures.ts";
import { opsQueueRoutes } from "./routes/ops-queues.ts";
import { opsTuningRoutes } from "./routes/ops-tuning.ts";
import { qualityRoutes } from "./routes/quality.ts";
import { settingRoutes } from "./routes/settings.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { streamRoutes } from "./routes/streams.ts";
import { userRoutes } from "./routes/users.ts";

/** All of the API, a file for each group of routes. */
export function addRoutes(app: Api, parts: ApiParts): void {
  const groups = [
    signInRoutes,
    meRoutes,
    holdRoutes,
    incidentRoutes,
    decisionRoutes,
    leadRoutes,
    frameRoutes,
    eventRoutes,
    qualityRoutes,
    activityRoutes,
    captureRoutes,
    streamRoutes,
    keyRoutes,
    userRoutes,
    settingRoutes,
    opsRoutes,
    opsFailureRoutes,
    opsTuningRoutes,
    opsQueueRoutes,
    healthRoutes,
  ];
  for (const addGroup of groups) addGroup(app, parts);
}
