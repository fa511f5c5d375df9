/** As much of the provider as the tests use; the package has no declarations. */
declare module "oidc-provider" {
  import type { RequestListener } from "node:http";
  export interface Configuration {
    clients: object[];
    claims: Record<string, string[]>;
    conformIdTokenClaims: boolean;
    ttl: { AuthorizationCode: number };
    pkce: { required(): boolean };
    cookies: { keys: string[] };
    findAccount(
      context: unknown,
      id: string,
    ): { accountId: string; claims(): Promise<{ sub: string; [claim: string]: unknown }> };
  }
  export default class Provider {
    constructor(issuer: string, configuration: Configuration);
    callback(): RequestListener;
  }
}
