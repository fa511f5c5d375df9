/** A part that is needed cannot be had; the message says what to do. */
export class LocalSystemError extends Error {
  readonly code = "local-system";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "LocalSystemError";
  }
}
