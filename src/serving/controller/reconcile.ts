/** One look at a ModelServer: what is there, what comes next, what has to be written for it. */
import type { Informer } from "../cluster/informer.ts";
import type { Kind } from "../cluster/kinds.ts";
import type { KubeClient } from "../cluster/kube-client.ts";
import { isKubeError } from "../cluster/kube-error.ts";
import { type KubeObject, keyOf } from "../cluster/kube-object.ts";
import { revisionLabel, selectorOf } from "../render/names.ts";
import type { Platform } from "../render/platform.ts";
import { render } from "../render/render.ts";
import { type Template, wantedRevision } from "../render/revision.ts";
import { endpointOf } from "../render/services.ts";
import { finaliser, ModelServer } from "../resource/model-server.ts";
import type { ModelServerStatus } from "../resource/model-server-status.ts";
import { conditionsOf } from "../rollout/conditions.ts";
import { nextRollout, type RolloutStatus } from "../rollout/next-rollout.ts";
import type { Observation, Trouble } from "../rollout/observation.ts";
import { planOf } from "../rollout/plan.ts";
import { applyManifests, setFinalisers } from "./apply.ts";
import { askServers, type ServerQuestions } from "./ask-servers.ts";
import { type Children, childrenOf } from "./children.ts";
import { drain } from "./drain.ts";
import { ModelServerError } from "./model-server-error.ts";
import { observe } from "./observe.ts";
import type { RecentWrites } from "./recent-writes.ts";
import { rememberedTemplates } from "./remembered-templates.ts";
import { tell, writeStatus } from "./write-status.ts";

export interface ReconcileContext {
  client: KubeClient;
  platform: Platform;
  informers: ReadonlyMap<Kind, Informer>;
  questions: ServerQuestions;
  now: () => number;
  recent: RecentWrites;
}

/** Where a cache is behind; the change that it lacks comes earlier, as a rule. */
const lookAgainMs = 5_500;

/**
 * @param object the ModelServer as the API server keeps it
 * @returns after how many ms it is to be looked at again, where time alone changes something
 * @throws KubeError, ModelServerError; what can be said of it is in the status by then
 */
export async function reconcile(object: KubeObject, context: ReconcileContext): Promise<number | undefined> {
  const { client, informers, now, recent } = context;
  const server = parseServer(object);
  recent.seen(keyOf(object), object.metadata.resourceVersion);
  // Its own change has not come back: it brings this ModelServer back when it does.
  if (recent.has(keyOf(object))) return lookAgainMs;
  const children = childrenOf(server, informers);
  if (server.metadata.deletionTimestamp) return await drain(server, children, client, now());
  if (!server.metadata.finalizers.includes(finaliser)) {
    await setFinalisers(client, server, [...server.metadata.finalizers, finaliser]);
    return undefined; // The change itself brings it back.
  }
  return await bringAbout(server, children, context);
}

async function bringAbout(server: ModelServer, children: Children, context: ReconcileContext) {
  const { client, platform, questions, now, recent } = context;
  const wanted = wantedRevision(server, platform);
  const templates = rememberedTemplates(children);
  if (!templates.has(wanted.revision)) templates.set(wanted.revision, wanted.template);
  const seen = observe(server, children, templates, {
    ...{ nowMs: now(), wanted: wanted.revision },
    ...(await askServers(server, children, templates, questions)),
  });
  const { status, announcements, againInMs } = nextRollout(server, seen);
  const manifests = render(server, planOf(server.spec, status, templates, seen), platform);
  let problem: Trouble | undefined;
  let failure: unknown;
  try {
    await applyManifests(client, manifests, children, (each) => isUnremembered(each, status, templates), recent);
  } catch (error) {
    failure = error;
    problem = problemOf(error);
    if (!problem) throw error;
  }
  // A step that could not be made is not told of as made.
  const reached = failure ? rolloutOf(server) : status;
  const written = await writeStatus(client, server, statusOf(server, reached, seen, platform, problem));
  if (written) recent.note(keyOf(server), written);
  if (failure) throw failure;
  await tell(client, server, announcements, now());
  return againInMs;
}

function statusOf(
  server: ModelServer,
  rollout: RolloutStatus,
  seen: Observation,
  platform: Platform,
  problem: Trouble | undefined,
): ModelServerStatus {
  const counted = seen.revision(rollout.serving?.revision ?? rollout.rollout?.revision ?? seen.wanted);
  return {
    observedGeneration: server.metadata.generation,
    conditions: conditionsOf(server, rollout, seen, platform, problem),
    endpoint: endpointOf(server, platform),
    replicas: counted.serversThere,
    readyReplicas: counted.serversReady,
    selector: Object.entries(selectorOf(server, "server"))
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
    ...rollout,
  };
}

function rolloutOf({ status }: ModelServer): RolloutStatus {
  const { serving, rollout, refused, retiring } = status;
  return { ...(serving && { serving }), ...(rollout && { rollout }), ...(refused && { refused }), retiring };
}

/** A version that serves is left alone where its record was deleted: it cannot be made again from anything. */
function isUnremembered(
  { metadata }: KubeObject,
  { serving }: RolloutStatus,
  templates: ReadonlyMap<string, Template>,
): boolean {
  const revision = metadata.labels[revisionLabel];
  return revision !== undefined && revision === serving?.revision && !templates.has(revision);
}

/** What a person has to mend; undefined for what passes by itself. */
function problemOf(error: unknown): Trouble | undefined {
  if (error instanceof ModelServerError) return { reason: "NameTaken", message: error.message };
  if (isKubeError(error, "refused")) return { reason: "Refused", message: error.message.slice(0, 1_000) };
  return undefined;
}

function parseServer(object: KubeObject): ModelServer {
  const parsed = ModelServer.safeParse(object);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: "" };
  throw new ModelServerError(
    "invalid-spec",
    `${object.metadata.namespace}/${object.metadata.name}: ${path.join(".")}: ${message}; apply it again`,
  );
}
