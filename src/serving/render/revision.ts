/**
 * A version of a ModelServer: everything that decides what its pods are. The controller writes it down once, as a
 * ControllerRevision, and renders the version from that for as long as it lives, so that a later edit of the spec or
 * another image of the controller's never touches what serves.
 */
import { z } from "zod";
import { apiVersion, type ModelServer, retryAnnotation } from "../resource/model-server.ts";
import { ModelServerSpec, precisions, type SpecModel, servingBackends } from "../resource/model-server-spec.ts";
import type { Manifest } from "./manifest.ts";
import { labelsOf, metadataOf, revisionName, shortHash } from "./names.ts";
import type { Platform } from "./platform.ts";

const fields = ModelServerSpec.pick({
  gpu: true,
  gpuSharing: true,
  batch: true,
  resources: true,
  nodeSelector: true,
  tolerations: true,
  serviceAccount: true,
  engines: true,
  preload: true,
});

const RevisionModel = z.object({
  name: z.string(),
  uri: z.string(),
  precision: z.enum(precisions),
  backend: z.enum(servingBackends),
  convert: ModelServerSpec.shape.model.unwrap().shape.convert,
});
export type RevisionModel = z.infer<typeof RevisionModel>;

export const Template = fields.extend({
  models: z.array(RevisionModel).min(1),
  tritonImage: z.string(),
  briareusImage: z.string(),
  conversionImage: z.string(),
  /** Of the annotation that asks for another attempt. */
  attempt: z.string().optional(),
});
export type Template = z.infer<typeof Template>;

/** The version that the spec asks for now. */
export function wantedRevision(
  { metadata, spec }: ModelServer,
  platform: Platform,
): { revision: string; template: Template } {
  const template = {
    ...fields.parse(spec),
    models: (spec.models ?? (spec.model ? [spec.model] : [])).map((model) => resolved(model, metadata.name, spec.gpu)),
    tritonImage: spec.image ?? platform.tritonImage,
    briareusImage: platform.briareusImage,
    conversionImage: platform.conversionImage,
    attempt: metadata.annotations[retryAnnotation],
  };
  // New tools alone are no reason to start servers anew.
  const { briareusImage, conversionImage, ...decisive } = template;
  return { revision: shortHash(decisive), template };
}

function resolved(model: SpecModel, name: string, gpu: string | undefined): RevisionModel {
  const { uri, precision, convert } = model;
  const backend = model.backend ?? (gpu && precision !== "fp32" ? "tensorrt" : "onnxruntime");
  return { name: model.name ?? name, uri, precision, backend, ...(convert && { convert }) };
}

/** What a version is remembered by. */
export function revisionRecord(server: ModelServer, revision: string, template: Template): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: metadataOf(server, revisionName(server, revision), labelsOf(server, "server", revision)),
    revision: 1,
    data: { kind: "ModelServerTemplate", apiVersion, template },
  };
}
