/** A tool that models are made or served with is missing or has failed; the message says which, and what to do. */
export class ModelToolError extends Error {
  readonly code = "model-tool";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelToolError";
  }
}
