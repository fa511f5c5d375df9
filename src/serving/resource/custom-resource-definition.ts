import { z } from "zod";
import { group, version } from "./model-server.ts";
import { ModelServerSpec } from "./model-server-spec.ts";
import { ModelServerStatus } from "./model-server-status.ts";

/** The CustomResourceDefinition of ModelServer, as the API server takes it; a new version is a new entry of versions. */
export function customResourceDefinition(): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `modelservers.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        kind: "ModelServer",
        listKind: "ModelServerList",
        plural: "modelservers",
        singular: "modelserver",
        shortNames: ["msrv"],
        categories: ["briareus"],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          subresources: {
            status: {},
            scale: {
              specReplicasPath: ".spec.replicas.wanted",
              statusReplicasPath: ".status.replicas",
              labelSelectorPath: ".status.selector",
            },
          },
          schema: {
            openAPIV3Schema: {
              type: "object",
              description:
                "An inference server: Triton with its models, scaled, reached at the address that status.endpoint says. " +
                "The smallest spec is {model: {uri: gs://BUCKET/MODEL/VERSION}}: all else has a default.",
              required: ["spec"],
              // Names of what it owns are longer by a dash and eight letters, and Services have at most 63.
              "x-kubernetes-validations": [
                {
                  rule: "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
                  message:
                    "metadata.name becomes the name of a Service: at most 40 of a-z, 0-9 and -, beginning with a letter",
                },
              ],
              properties: {
                apiVersion: { type: "string" },
                kind: { type: "string" },
                metadata: { type: "object" },
                spec: structural(ModelServerSpec, "What is wanted: model or models; all else may be left out."),
                status: structural(ModelServerStatus, "What there is; written by the controller."),
              },
            },
          },
        },
      ],
    },
  };
}

const column = (name: string, jsonPath: string, type: string, description: string, priority = 0) => ({
  name,
  jsonPath,
  type,
  description,
  ...(priority > 0 && { priority }),
});

const columns = [
  column("Ready", '.status.conditions[?(@.type=="Ready")].status', "string", "Whether it answers"),
  column("Servers", ".status.readyReplicas", "integer", "Servers that answer"),
  column("Max", ".spec.replicas.max", "integer", "Servers that may run"),
  column("GPU", ".spec.gpu", "string", "GPU type"),
  column("Version", ".status.serving.revision", "string", "The version that serves"),
  column("Rollout", ".status.rollout.phase", "string", "What the next version is at"),
  column("Degraded", '.status.conditions[?(@.type=="Degraded")].reason', "string", "What is wrong", 1),
  column("Endpoint", ".status.endpoint", "string", "Where workers connect", 1),
  column("Age", ".metadata.creationTimestamp", "date", "When it was made"),
];

/** The schema in the dialect that Kubernetes takes: no additionalProperties beside properties, no bounds of JavaScript. */
function structural(schema: z.ZodType, description: string): object {
  const written = z.toJSONSchema(schema, {
    io: "input",
    target: "openapi-3.0",
    override: ({ jsonSchema }) => {
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.properties) delete jsonSchema.additionalProperties;
      // kubectl explain does not show defaults.
      if (jsonSchema.description && isScalar(jsonSchema.default))
        jsonSchema.description += ` Default: ${jsonSchema.default}.`;
    },
  });
  return { description, ...written };
}

const isScalar = (value: unknown) => typeof value === "string" || typeof value === "number";
