/** The model, or what was asked of it, is no classifier of pictures that can be served; the message says what to do. */
export class ConversionError extends Error {
  readonly code = "conversion";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConversionError";
  }
}
