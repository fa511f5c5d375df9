/**
 * Every reason code that a verdict or a retry can carry, and what it means.
 * docs/reason-codes.md is generated from this table.
 */
export const reasons = {
  "invalid-capture": "The message is not a valid capture (see docs/contract.md)",
  "deadline-exceeded": "The capture was older than its deadline before a stage could work on it",
  "unsupported-scheme": "The image URI is neither http(s)://, gs:// nor an allowed file://",
  "address-refused": "The image URI resolves to a private, loopback, link-local or metadata address",
  "path-refused": "The file:// path lies outside the allowed folder",
  "not-found": "The image does not exist (404, 410, or no such object or file)",
  forbidden: "The image host refused access (401, 403)",
  "bad-response": "The image host answered with a status that a retry cannot mend",
  "too-many-redirects": "The image host redirected more often than allowed",
  "wrong-type": "What was downloaded is not an image",
  "image-too-large": "The image has more bytes than allowed",
  "image-empty": "The image has no bytes",
  "too-many-pixels": "The image has more pixels than allowed",
  "unsupported-format": "The image is of a format that is not decoded",
  "image-corrupt": "The image is truncated or damaged and cannot be decoded",
  "worker-crash": "The capture killed its worker process twice while it ran alone",
  internal: "The capture was submitted again and again and no stage ever finished it",
  "blob-missing": "The stored bytes of the capture are gone",
  "host-timeout": "The image host did not answer in time",
  "host-unreachable": "The image host could not be reached, or broke off",
  "host-error": "The image host answered with a server error (5xx)",
  "rate-limited": "The image host asked to slow down (429)",
  "blob-store-unavailable": "The blob store could not be read or written",
  "model-overloaded": "The model server's queue is full",
  "model-unavailable": "The model server is stopping or cannot be reached",
  "model-timeout": "The model server did not answer within the request's deadline",
  "model-bad-request": "The model server refused the request: our bug or a wrong model",
  "worker-stopping": "The worker was asked to stop before it could begin",
  "stage-error": "A stage threw an unexpected error",
} as const satisfies Record<string, string>;

export type ReasonCode = keyof typeof reasons;

export const reasonCodes = Object.keys(reasons) as [ReasonCode, ...ReasonCode[]];
