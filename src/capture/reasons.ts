/**
 * Every reason code that a verdict or a retry can carry, by what comes of it, and what it means.
 * docs/reason-codes.md is generated from this table.
 */
export const reasonGroups = {
  expired: {
    "deadline-exceeded": "The capture was older than its deadline before a stage could work on it",
  },
  unprocessable: {
    "invalid-capture": "The message is not a valid capture (see docs/contract.md)",
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
    "blob-missing": "The stored bytes of the capture are gone",
    "invalid-scores": "A model gave something else than numbers as the capture's scores",
    "worker-crash": "The capture killed its worker process twice while it ran alone",
    internal: "The capture was submitted again and again and no stage ever finished it",
  },
  /** A retry spends one of the stage's attempts; the last one's reason becomes the verdict's. */
  retried: {
    "host-timeout": "The image host did not answer in time",
    "host-unreachable": "The image host could not be reached, or broke off",
    "host-error": "The image host answered with a server error (5xx)",
    "rate-limited": "The image host asked to slow down (429)",
    "blob-store-unavailable": "The blob store could not be read or written",
    "model-overloaded": "The model server's queue is full",
    "model-timeout": "The model server did not answer within the request's deadline",
    "model-bad-request": "The model server refused the request: our bug or a wrong model",
    "stage-error": "A stage threw an unexpected error",
  },
  /** The capture is not to blame: no attempt is spent, so these never reach a verdict. */
  waited: {
    "model-unavailable": "The model server is stopping or cannot be reached",
    "worker-stopping": "The worker was asked to stop before it could begin",
  },
} as const satisfies Record<string, Record<string, string>>;

type Groups = typeof reasonGroups;
export type ReasonCode = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups];

export const reasonCodes = Object.values(reasonGroups).flatMap((group) => Object.keys(group)) as [
  ReasonCode,
  ...ReasonCode[],
];
