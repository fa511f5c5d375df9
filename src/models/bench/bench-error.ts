/** A load test cannot be made, or broke off; the message says at which model and load. */
export class BenchError extends Error {
  readonly code = "bench";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BenchError";
  }
}
