import type { Template } from "../render/revision.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { Counters } from "../resource/model-server-status.ts";
import { type ModelInterface, misfitOf } from "../rollout/misfit.ts";
import type { Observation } from "../rollout/observation.ts";
import type { Children } from "./children.ts";

/** What servers themselves are asked; undefined where it is not known. */
export interface ServerQuestions {
  counters(children: Children, revision: string): Promise<Counters | undefined>;
  models(children: Children, revision: string, names: readonly string[]): Promise<ModelInterface[] | undefined>;
}

/** Asks both versions of a roll-out: before there is traffic whether they fit, and from then on how they fare. */
export async function askServers(
  { status }: ModelServer,
  children: Children,
  templates: ReadonlyMap<string, Template>,
  questions: ServerQuestions,
): Promise<Pick<Observation, "counters" | "misfit">> {
  const { serving, rollout } = status;
  if (!serving || !rollout || rollout.phase === "Converting") return {};
  const both = async <T>(ask: (revision: string) => Promise<T | undefined>) => {
    const [candidate, old] = await Promise.all([ask(rollout.revision), ask(serving.revision)]);
    return candidate && old && { candidate, serving: old };
  };
  const counters = await both((revision) => questions.counters(children, revision));
  if (rollout.phase !== "Starting") return counters ? { counters } : {};
  const names = (revision: string) => templates.get(revision)?.models.map(({ name }) => name) ?? [];
  const models = await both((revision) => questions.models(children, revision, names(revision)));
  const misfit = models && misfitOf(models.serving, models.candidate);
  return { ...(counters && { counters }), ...(misfit && { misfit }) };
}
