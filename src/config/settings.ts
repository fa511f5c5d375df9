import { z } from "zod";
import { type Variable, type VariableName, type VariableValues, variables } from "./variables.ts";

/** A variable has a value that is not allowed; the message has one line per variable. */
export class ConfigError extends Error {
  readonly code = "config";
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

/**
 * Reads every variable of the table from an environment, empty ones as their defaults.
 * @throws ConfigError naming each wrong variable, its value and what is allowed
 */
export function readVariables(env: NodeJS.ProcessEnv): VariableValues {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries<Variable<unknown>>(variables)) {
    const text = env[name] || variable.fallback;
    const parsed = variable.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(`${name}=${variable.secret ? "***" : JSON.stringify(text)}: ${whatIsAllowed(parsed.error)}`);
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return values as VariableValues;
}

/** The settings by area, as the parts take them. */
export type Settings = ReturnType<typeof loadSettings>;

/** @throws ConfigError */
export function loadSettings(env: NodeJS.ProcessEnv = process.env) {
  const value = readVariables(env);
  return {
    redisUrl: value.REDIS_URL,
    database: { url: value.DATABASE_URL },
    pubsub: {
      project: value.GOOGLE_CLOUD_PROJECT,
      emulatorHost: value.PUBSUB_EMULATOR_HOST,
      capturesTopic: value.BRIAREUS_CAPTURES_TOPIC,
      capturesSubscription: value.BRIAREUS_CAPTURES_SUBSCRIPTION,
      verdictsTopic: value.BRIAREUS_VERDICTS_TOPIC,
      decisionsTopic: value.BRIAREUS_DECISIONS_TOPIC,
      reviewSubscription: value.BRIAREUS_REVIEW_SUBSCRIPTION,
    },
    review: {
      host: value.BRIAREUS_REVIEW_HOST,
      port: value.BRIAREUS_REVIEW_PORT,
      url: value.BRIAREUS_REVIEW_URL,
      trustedProxies: value.BRIAREUS_TRUSTED_PROXIES,
      oidc: readOidc(value),
      timing: {
        windowMs: value.BRIAREUS_INCIDENT_WINDOW_MS,
        leaseMs: value.BRIAREUS_HOLD_MS,
        undoMs: value.BRIAREUS_UNDO_MS,
        severeUndoMs: value.BRIAREUS_SEVERE_UNDO_MS,
        skipMs: value.BRIAREUS_SKIP_MS,
      },
    },
    inference: {
      address: value.BRIAREUS_MODEL_SERVER,
      statisticsAddress: value.BRIAREUS_MODEL_STATISTICS || value.BRIAREUS_MODEL_SERVER,
      models: value.BRIAREUS_MODELS,
    },
    blobs: { url: value.BRIAREUS_BLOBS, evidenceUrl: value.BRIAREUS_EVIDENCE, ttlMs: value.BRIAREUS_BLOB_TTL_MS },
    policy: { path: value.BRIAREUS_POLICY, sampleShare: value.BRIAREUS_SAMPLE_SHARE },
    captures: { deadlineMs: value.BRIAREUS_DEADLINE_MS, graceMs: value.BRIAREUS_GRACE_MS },
    ingress: { maxHeld: value.BRIAREUS_MAX_HELD, batchSize: value.BRIAREUS_BATCH },
    worker: { concurrency: value.BRIAREUS_CONCURRENCY, drainMs: value.BRIAREUS_DRAIN_MS },
    fetch: {
      concurrency: value.BRIAREUS_FETCH_CONCURRENCY,
      perHostConcurrency: value.BRIAREUS_FETCH_PER_HOST,
      timeoutMs: value.BRIAREUS_FETCH_TIMEOUT_MS,
      connectTimeoutMs: value.BRIAREUS_FETCH_CONNECT_TIMEOUT_MS,
      maxBytes: value.BRIAREUS_FETCH_MAX_BYTES,
      maxRedirects: value.BRIAREUS_FETCH_MAX_REDIRECTS,
      allow: value.BRIAREUS_FETCH_ALLOW,
      fileRoot: value.BRIAREUS_FETCH_FILE_ROOT,
    },
    preprocess: {
      maxPixels: value.BRIAREUS_MAX_PIXELS,
      thumbnails: value.BRIAREUS_THUMBNAILS === "on" ? { ttlMs: value.BRIAREUS_THUMBNAIL_TTL_MS } : undefined,
    },
    scaler: {
      host: value.BRIAREUS_SCALER_HOST,
      port: value.BRIAREUS_SCALER_PORT,
      stabilisationMs: value.BRIAREUS_SCALE_DOWN_MS,
      pools: {
        fetch: value.BRIAREUS_FETCH_POOL,
        preprocess: value.BRIAREUS_PREPROCESS_POOL,
        infer: value.BRIAREUS_INFER_POOL,
        postprocess: value.BRIAREUS_POSTPROCESS_POOL,
      },
    },
    telemetry: {
      host: value.BRIAREUS_METRICS_HOST,
      port: value.BRIAREUS_METRICS_PORT,
      logLevel: value.BRIAREUS_LOG_LEVEL,
    },
  };
}

/** @throws ConfigError for a sign-in service that would let nobody in */
function readOidc(value: VariableValues) {
  if (value.BRIAREUS_OIDC_ISSUER === undefined) return undefined;
  if (value.BRIAREUS_OIDC_ROLES.size === 0)
    throw new ConfigError("BRIAREUS_OIDC_ROLES is empty: name the groups that have a role, such as mods=moderator");
  return {
    issuer: value.BRIAREUS_OIDC_ISSUER,
    clientId: value.BRIAREUS_OIDC_CLIENT_ID,
    clientSecret: value.BRIAREUS_OIDC_CLIENT_SECRET,
    scopes: value.BRIAREUS_OIDC_SCOPES,
    mapping: { claim: value.BRIAREUS_OIDC_ROLE_CLAIM, roles: value.BRIAREUS_OIDC_ROLES },
  };
}

/** One row per variable for `briareus config`: value, where it comes from, secrets masked. */
export function describeSettings(env: NodeJS.ProcessEnv) {
  return (Object.keys(variables) as VariableName[]).map((name) => {
    const variable: Variable<unknown> = variables[name];
    const text = env[name] || variable.fallback;
    return {
      name,
      value: variable.secret ? maskPassword(text) : text,
      source: env[name] ? ("environment" as const) : ("default" as const),
      description: variable.description,
    };
  });
}

/** Masks up to the last "@": clients take a password with an unescaped "@", ":" or "/" in it, too. */
function maskPassword(text: string): string {
  return text.replace(/([?&](?:password|token|key)=)[^&]*/gi, "$1***").replace(/(:\/\/[^:@/]*):.*@/s, "$1:***@");
}

function whatIsAllowed(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === "invalid_value") return `must be one of ${issue.values.join(", ")}`;
  if (issue?.code === "invalid_union") {
    const branch = issue.errors.at(-1)?.[0];
    return branch ? whatIsAllowed(new z.ZodError([branch])) : issue.message;
  }
  return issue?.message ?? "is not allowed";
}
