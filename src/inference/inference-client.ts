/** One input or output of a model; -1 stands for a dimension that varies. */
export interface TensorMetadata {
  name: string;
  datatype: string;
  shape: readonly number[];
}

/** What a model server says of a model. */
export interface ModelMetadata {
  name: string;
  /** Versions ready to serve, newest last. */
  versions: readonly string[];
  input: TensorMetadata;
  output: TensorMetadata;
  /** Largest batch one request may hold; 0: the model knows no batches. */
  maxBatchSize: number;
  /** Names of the output's classes, in order. */
  labels: readonly string[];
}

/** Scores of a batch: `scores` is row-major, `rows` x `labels.length`, float32. */
export interface BatchScores {
  version: string;
  labels: readonly string[];
  scores: Float32Array;
}

export interface InferenceClient {
  /** Metadata of a model, at most some seconds old; the last known while the server is away. @throws InferenceError */
  metadata(model: string, options?: { signal?: AbortSignal }): Promise<ModelMetadata>;
  /**
   * Scores a batch; larger ones than the model takes are split and joined again.
   * @param tensor row-major bytes of `rows` inputs in the model's datatype and layout
   * @throws InferenceError, or the signal's reason when it is aborted
   */
  infer(
    model: string,
    tensor: { bytes: Uint8Array; rows: number },
    options: { deadlineAtMs: number; signal?: AbortSignal },
  ): Promise<BatchScores>;
  /**
   * Waits for a model server that was found to be unreachable or stopping; true at once while it is not.
   * Until then every request fails as `unavailable` without being sent.
   * @param options.untilMs milliseconds since 1970
   * @returns false when that time came first, or `signal` was aborted
   */
  whenAvailable(options: { untilMs: number; signal?: AbortSignal }): Promise<boolean>;
  close(): void;
}

/**
 * overloaded: back off, slow down · unavailable: stopping or unreachable, wait for it, spend no attempt ·
 * bad-request: a bug or a wrong model, fail loudly · deadline: too late.
 */
export class InferenceError extends Error {
  readonly code: "overloaded" | "unavailable" | "bad-request" | "deadline";
  constructor(code: InferenceError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InferenceError";
    this.code = code;
  }
}
