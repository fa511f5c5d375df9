import { shortHash } from "./names.ts";
import type { RevisionModel, Template } from "./revision.ts";

/** Whether a model is served as it is, or has to be converted before. */
export const needsConversion = ({ convert, backend }: RevisionModel) => convert !== undefined || backend === "tensorrt";

/**
 * Where the converted model is kept: a name for everything that it depends on, so that whoever needs the same finds
 * it there, another ModelServer as well.
 */
export function engineUri(model: RevisionModel, template: Template): string {
  const { uri, backend, precision, convert } = model;
  const plan = backend === "tensorrt" ? { gpu: template.gpu, triton: template.tritonImage } : {};
  const key = shortHash({ uri, backend, precision, convert, ...plan, maxBatch: template.batch?.max });
  const place = template.engines ? `${template.engines.replace(/\/+$/, "")}/${model.name}` : `${uri}/engines`;
  const words = [precision, backend, ...(backend === "tensorrt" ? [template.gpu ?? "gpu"] : []), key];
  return `${place}/${words.join("-")}`;
}
