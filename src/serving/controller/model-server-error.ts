/** A ModelServer cannot be made as it is written; the message says why, and what to do. */
export class ModelServerError extends Error {
  readonly code: "name-taken" | "invalid-spec";
  constructor(code: ModelServerError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ModelServerError";
    this.code = code;
  }
}
