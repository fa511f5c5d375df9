/** A version cannot be put into the model repository; the message says why. The repository is as it was. */
export class InstallError extends Error {
  readonly code = "install";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InstallError";
  }
}
