import { z } from "zod";
import { revisionLabel } from "../render/names.ts";
import { Template } from "../render/revision.ts";
import type { Children } from "./children.ts";

const Record = z.looseObject({ data: z.looseObject({ template: Template }) });

/** What the versions of a ModelServer were rendered from when they were new. */
export function rememberedTemplates(children: Children): Map<string, Template> {
  const templates = new Map<string, Template>();
  for (const { kind, object } of children.owned.values()) {
    const revision = object.metadata.labels[revisionLabel];
    if (kind !== "ControllerRevision" || revision === undefined) continue;
    const record = Record.safeParse(object);
    if (record.success) templates.set(revision, record.data.data.template);
  }
  return templates;
}
