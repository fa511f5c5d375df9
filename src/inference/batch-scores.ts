import { type BatchScores, InferenceError, type ModelMetadata } from "./inference-client.ts";
import type { ModelInferResponse } from "./protocol.ts";

/**
 * The scores of a response, whether they came as raw bytes or as typed contents.
 * @throws InferenceError `bad-request` when they are not `rows` x labels finite floats
 */
export function batchScoresOf(response: ModelInferResponse, metadata: ModelMetadata, rows: number): BatchScores {
  const scores = scoresOf(response, metadata, rows);
  if (!scores.every(Number.isFinite)) throw refusal(response, metadata, "scores that are no finite numbers");
  return { version: response.model_version, labels: metadata.labels, scores };
}

/**
 * The same, with whatever numbers the model gave.
 * @throws InferenceError `bad-request` when they are not `rows` x labels floats
 */
export function scoresOf(response: ModelInferResponse, metadata: ModelMetadata, rows: number): Float32Array {
  const { labels } = metadata;
  const index = response.outputs.findIndex((output) => output.name === metadata.output.name);
  if (index < 0) throw refusal(response, metadata, `no output "${metadata.output.name}"`);
  const scores = floatsOf(response, index);
  if (scores.length !== rows * labels.length) {
    const wanted = `${rows} rows of ${labels.length} labels (${labels.join(",")})`;
    throw refusal(response, metadata, `${scores.length} scores for ${wanted}`);
  }
  return scores;
}

/** Joins the parts of a batch in order; all must be of one version. */
export function joinScores(parts: readonly BatchScores[]): BatchScores {
  const [first, ...others] = parts;
  if (!first) throw new InferenceError("bad-request", "A batch without rows has no scores");
  if (others.length === 0) return first;
  if (others.some((part) => part.version !== first.version))
    throw new InferenceError("unavailable", "The model's version changed between two parts of a batch");
  const scores = new Float32Array(parts.reduce((sum, part) => sum + part.scores.length, 0));
  let offset = 0;
  for (const part of parts) {
    scores.set(part.scores, offset);
    offset += part.scores.length;
  }
  return { ...first, scores };
}

function refusal({ model_version }: ModelInferResponse, { name }: ModelMetadata, what: string): InferenceError {
  return new InferenceError("bad-request", `Model "${name}" version ${model_version} answered with ${what}`);
}

function floatsOf(response: ModelInferResponse, index: number): Float32Array {
  const raw = response.raw_output_contents[index];
  if (!raw) return Float32Array.from(response.outputs[index]?.contents?.fp32_contents ?? []);
  // Copied, because a Float32Array must begin at a multiple of four bytes.
  const bytes = new Uint8Array(raw.subarray(0, raw.length - (raw.length % 4)));
  return new Float32Array(bytes.buffer);
}
