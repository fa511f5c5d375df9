/**
 * Sign-in by OpenID Connect: authorisation code with PKCE, state and nonce (OpenID Connect Core 1.0, RFC 7636).
 *
 *     begin ──► the sign-in service ──► /auth/callback ──► finish ──► who it is, and their role
 */
import * as client from "openid-client";
import { z } from "zod";
import type { Logger } from "../../telemetry/logger.ts";
import { ReviewError } from "../review-error.ts";
import type { Identity } from "./people.ts";
import { hasClaim, type RoleMapping, roleOf } from "./role-of.ts";

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret?: string;
  /** Separated by spaces, as in the protocol. */
  scopes: string;
  mapping: RoleMapping;
}

/** What the browser keeps, out of reach of scripts, while the person is at the sign-in service. */
export const SignInAttempt = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
});
export type SignInAttempt = z.infer<typeof SignInAttempt>;

export interface Oidc {
  /** @throws ReviewError `unavailable` */
  begin(redirectUri: string, returnTo: string): Promise<{ url: string; attempt: SignInAttempt }>;
  /**
   * @param callback the address that the browser came back to, with its query
   * @throws ReviewError `not-signed-in` for answers that cannot be trusted, `forbidden` for people without a role,
   *   `unavailable`
   */
  finish(callback: URL, attempt: SignInAttempt): Promise<Identity>;
  /** Where to end the session at the sign-in service too; undefined: it has no such page. */
  signOutUrl(backTo: string): Promise<string | undefined>;
}

const answerSeconds = 10;

/** Nothing is asked of the sign-in service before the first sign-in. */
export function createOidc(settings: OidcSettings, log: Logger): Oidc {
  let known: Promise<client.Configuration> | undefined;
  const configuration = async () => {
    known ??= discover(settings);
    try {
      return await known;
    } catch (error) {
      known = undefined; // Asked again at the next attempt.
      throw unavailable(settings, error, log);
    }
  };

  return {
    async begin(redirectUri, returnTo) {
      const config = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const attempt = { state: client.randomState(), nonce: client.randomNonce(), verifier, returnTo };
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scopes,
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, attempt };
    },

    async finish(callback, attempt) {
      const config = await configuration();
      try {
        return identityOf(await redeem(config, callback, attempt, settings), settings);
      } catch (error) {
        throw refusalOf(error, settings, log);
      }
    },

    async signOutUrl(backTo) {
      const config = await configuration();
      if (!config.serverMetadata().end_session_endpoint) return undefined;
      return client.buildEndSessionUrl(config, { post_logout_redirect_uri: backTo }).href;
    },
  };
}

function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<client.Configuration> {
  const insecure = new URL(issuer).protocol === "http:"; // The settings allow that on loopback only.
  return client.discovery(new URL(issuer), clientId, clientSecret, clientSecret ? undefined : client.None(), {
    // The identity token's signature is checked although it comes straight from the service.
    execute: [client.enableNonRepudiationChecks, ...(insecure ? [client.allowInsecureRequests] : [])],
    timeout: answerSeconds,
  });
}

type Claims = Record<string, unknown> & { sub: string; iss: string };

/** Some services tell groups only when asked for the person's facts. */
async function redeem(
  config: client.Configuration,
  callback: URL,
  attempt: SignInAttempt,
  { mapping }: OidcSettings,
): Promise<Claims> {
  const tokens = await client.authorizationCodeGrant(config, callback, {
    expectedState: attempt.state,
    expectedNonce: attempt.nonce,
    pkceCodeVerifier: attempt.verifier,
  });
  const claims = tokens.claims();
  if (!claims) throw new ReviewError("not-signed-in", "The sign-in service sent no identity. Sign in again.");
  if (hasClaim(claims, mapping.claim) || !config.serverMetadata().userinfo_endpoint) return { ...claims };
  return { ...(await client.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
}

function identityOf(claims: Claims, { mapping }: OidcSettings): Identity {
  const role = roleOf(claims, mapping);
  if (!role) {
    throw new ReviewError(
      "forbidden",
      `You are signed in, but none of your groups (claim ${mapping.claim}) has a role here. Ask an admin for one.`,
    );
  }
  const names = [claims.name, claims.preferred_username, claims.email, claims.sub];
  const name = names.find((each) => typeof each === "string" && each.trim() !== "");
  return { subject: `${claims.iss} ${claims.sub}`, name: String(name), role };
}

function refusalOf(error: unknown, settings: OidcSettings, log: Logger): ReviewError {
  if (error instanceof ReviewError) return error;
  if (!isRefusal(error)) return unavailable(settings, error, log);
  log.info({ err: error.message, code: codeOf(error) }, "a sign-in was not completed");
  return new ReviewError("not-signed-in", "The sign-in was not completed, or took too long. Sign in again.");
}

/** Answers that came and were not good, in contrast to answers that did not come. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) return true;
  const code = codeOf(error);
  return error instanceof client.ClientError && code !== "OAUTH_TIMEOUT" && code !== "OAUTH_ABORT";
}

const codeOf = (error: unknown): unknown => (error instanceof client.ClientError ? error.code : undefined);

function unavailable({ issuer }: OidcSettings, error: unknown, log: Logger): ReviewError {
  log.error({ err: error instanceof Error ? error.message : String(error), issuer }, "the sign-in service fails");
  return new ReviewError("unavailable", "The sign-in service does not answer. Try again in a minute.");
}
