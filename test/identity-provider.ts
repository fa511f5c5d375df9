/** A real OpenID Connect provider in this process, and a browser that signs in there. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import Provider, { type Configuration } from "oidc-provider";

export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who comes next: the claims of whoever signs in by that name. */
  accounts: Map<string, Record<string, unknown>>;
  close(): Promise<void>;
}

/** @param options.redirectUri of the client; @param options.codeSeconds lifetime of authorisation codes */
export async function startIdentityProvider(options: {
  redirectUri: string;
  homeUri: string;
  codeSeconds?: number;
  /** Claims that only the userinfo endpoint tells. */
  conformIdTokenClaims?: boolean;
}): Promise<IdentityProvider> {
  const accounts = new Map<string, Record<string, unknown>>();
  const [clientId, clientSecret] = ["briareus", "a-secret-of-the-test-that-nobody-guesses"];
  const server: Server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the provider has no port");
  const issuer = `http://127.0.0.1:${address.port}`;
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [options.redirectUri],
        post_logout_redirect_uris: [options.homeUri],
      },
    ],
    claims: { openid: ["sub"], profile: ["name", "groups", "realm_access"] },
    conformIdTokenClaims: options.conformIdTokenClaims ?? false,
    ttl: { AuthorizationCode: options.codeSeconds ?? 60 },
    pkce: { required: () => true },
    cookies: { keys: ["of the test"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts.get(id) }),
    }),
  };
  const provider = new Provider(issuer, configuration);
  server.on("request", provider.callback());
  return {
    issuer,
    clientId,
    clientSecret,
    accounts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Cookies by host, redirects by hand: what a browser does, and can be stopped anywhere. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const jar = jars.get(new URL(url).host) ?? new Map<string, string>();
    jars.set(new URL(url).host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const locationOf = (response: Response, from: string) => new URL(response.headers.get("location") ?? "", from).href;
  return {
    jars,
    ask,
    /** Goes through the provider's pages as `login`. @returns the address that it sends the browser back to */
    async authenticate(authorizeUrl: string, login: string, backTo: string): Promise<string> {
      let url = authorizeUrl;
      for (let step = 0; step < 12; step += 1) {
        const response = await ask(url);
        if (response.status >= 300 && response.status < 400) {
          url = locationOf(response, url);
          if (url.startsWith(backTo)) return url;
          continue;
        }
        const page = await response.text();
        const action = /action="([^"]+)"/.exec(page)?.[1];
        const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
        if (!action || !prompt) throw new Error(`the provider answered ${response.status}: ${page.slice(0, 300)}`);
        const form = new URLSearchParams({ prompt, login, password: "any" });
        const posted = await ask(new URL(action, url).href, { method: "POST", body: form });
        url = locationOf(posted, url);
        if (url.startsWith(backTo)) return url;
      }
      throw new Error("the provider never sent the browser back");
    },
  };
}
