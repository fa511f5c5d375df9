/** Two models cannot be compared; the message says why, with both sides where they do not fit. */
export class CompareError extends Error {
  /** wrong-input: models, pictures or policy do not fit or are not there · model-failed: a model gives no usable scores */
  readonly code: "wrong-input" | "model-failed";
  constructor(code: CompareError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CompareError";
    this.code = code;
  }
}
