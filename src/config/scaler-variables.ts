import { z } from "zod";
import { poolRange, whole } from "./value-schemas.ts";

const poolDescription = (stage: string) =>
  `Between how many ${stage} workers \`briareus autoscaler\` asks for, and within what time work shall be done`;

/** What `briareus autoscaler` reads; part of the table in variables.ts. */
export const scalerVariables = {
  BRIAREUS_FETCH_POOL: {
    schema: poolRange,
    fallback: "1..10@3s",
    description: poolDescription("fetch"),
  },
  BRIAREUS_PREPROCESS_POOL: {
    schema: poolRange,
    fallback: "1..20@3s",
    description: poolDescription("preprocess"),
  },
  BRIAREUS_INFER_POOL: {
    schema: poolRange,
    fallback: "1..10@3s",
    description: poolDescription("infer"),
  },
  BRIAREUS_POSTPROCESS_POOL: {
    schema: poolRange,
    fallback: "1..10@3s",
    description: poolDescription("postprocess"),
  },
  BRIAREUS_SCALE_DOWN_MS: {
    schema: whole(0, 3_600_000),
    fallback: "60000",
    description: "`briareus autoscaler` asks for fewer workers only after fewer were enough for so long",
  },
  BRIAREUS_SCALER_HOST: {
    schema: z.string().min(1),
    fallback: "127.0.0.1",
    description: "Address on which `briareus autoscaler` answers KEDA (gRPC)",
  },
  BRIAREUS_SCALER_PORT: {
    schema: whole(0, 65_535),
    fallback: "6000",
    description: "Its port (0: any free one)",
  },
};
