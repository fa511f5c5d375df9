/**
 * The API server refused something, or cannot be reached.
 * code: "conflict" somebody changed it meanwhile; "gone" the history asked for is no more; "missing"; "exists";
 * "refused" it will never take this; "unavailable" try again.
 */
export type KubeErrorCode = "conflict" | "gone" | "missing" | "exists" | "refused" | "unavailable";

export class KubeError extends Error {
  readonly code: KubeErrorCode;
  /** The API server's own words, where it answered. */
  readonly said: string | undefined;
  constructor(code: KubeErrorCode, message: string, options?: ErrorOptions & { said?: string }) {
    super(message, options);
    this.name = "KubeError";
    this.code = code;
    this.said = options?.said;
  }
}

/** @param reason of the Status that the API server answers with */
export function codeOfAnswer(status: number, reason: string | undefined): KubeErrorCode {
  if (status === 409) return reason === "AlreadyExists" ? "exists" : "conflict";
  if (status === 410) return "gone";
  if (status === 404) return "missing";
  // 401: a token is renewed; 403 may be a webhook's or a quota's, but a person has to look.
  if (status === 400 || status === 403 || status === 405 || status === 422) return "refused";
  return "unavailable";
}

export const isKubeError = (error: unknown, ...codes: KubeErrorCode[]): error is KubeError =>
  error instanceof KubeError && codes.includes(error.code);
