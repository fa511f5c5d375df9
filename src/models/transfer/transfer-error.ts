/** A model cannot be fetched from where it is said to be, or pushed there; the message says which, why, and what to do. */
export class TransferError extends Error {
  readonly code = "transfer";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TransferError";
  }
}
