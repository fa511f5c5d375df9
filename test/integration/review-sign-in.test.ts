/** Signing in: with one click at the machine itself, and with a real OpenID Connect provider. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/local/free-port.ts";
import { createOidc, type OidcSettings } from "../../src/review/access/oidc.ts";
import type { Role } from "../../src/review/access/roles.ts";
import { createBrowser, type IdentityProvider, startIdentityProvider } from "../identity-provider.ts";
import { startReview, type TestReview } from "../review.ts";
import { startReviewApi, type TestApi } from "../review-api.ts";
import { until } from "../system.ts";

let review: TestReview;
beforeAll(async () => {
  review = await startReview();
});
afterAll(() => review.close());

const codeOf = ({ body }: { body: string }): string => JSON.parse(body).code;

describe("at the machine itself", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startReviewApi({ review, limits: { "sign-in": 1_000 } });
  });
  afterAll(() => api[Symbol.asyncDispose]());
  const click = (headers: Record<string, string> = {}, remoteAddress = "127.0.0.1") =>
    api.app.inject({ method: "POST", url: "/auth/local", payload: { role: "lead" }, headers, remoteAddress });

  test("one click signs in, in the role that was chosen, with a cookie that scripts cannot read", async () => {
    const answer = await click();
    expect(answer.statusCode).toBe(204);
    const cookie = String(answer.headers["set-cookie"]);
    expect(cookie).toMatch(/^briareus_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    const me = await api.app.inject({ url: "/v1/me", headers: { cookie } });
    expect(me.json()).toMatchObject({ user: { name: "Local lead", role: "lead" }, local: true });
  });

  test("the page says what it is and works without a script", async () => {
    const page = await api.app.inject({ url: "/auth/sign-in?returnTo=/queue" });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain("Sign in as moderator on this machine");
    expect(page.body).toContain("whoever sits here");
    expect(page.body).not.toContain("<script");
    const form = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" };
    const payload = "role=admin&returnTo=%2Fqueue";
    const posted = await api.app.inject({ method: "POST", url: "/auth/local", payload, headers: form });
    expect([posted.statusCode, posted.headers.location]).toEqual([303, "/queue"]);
  });

  test.each([
    ["//evil.example/", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["/queue\r\nset-cookie: a=b", "/"],
    ["/incident/7?x=1", "/incident/7?x=1"],
  ])("afterwards it goes to a page of its own: %j → %j", async (returnTo, expected) => {
    const answer = await api.app.inject({
      method: "POST",
      url: "/auth/local",
      payload: new URLSearchParams({ role: "viewer", returnTo }).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(answer.headers.location).toBe(expected);
  });

  test.each(["localhost", "localhost:8080", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "LOCALHOST"])(
    "the Host %s is this machine",
    async (host) => expect((await click({ host })).statusCode).toBe(204),
  );

  test.each([
    "rebound.evil.example",
    "rebound.evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.nip.example",
    "10.0.0.1:8080",
    "0.0.0.0",
  ])("the Host %j is refused: a foreign name may have been pointed here (DNS rebinding)", async (host) => {
    const answer = await click({ host });
    expect(codeOf(answer)).toBe("forbidden");
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect((await api.app.inject({ url: "/auth/sign-in", headers: { host } })).statusCode).toBe(403);
  });

  test("a request from another machine is refused", async () => {
    for (const peer of ["192.168.1.7", "::ffff:10.0.0.2", "2001:db8::1"])
      expect(codeOf(await click({ host: "127.0.0.1:8080" }, peer)), peer).toBe("forbidden");
    expect((await click({}, "::ffff:127.0.0.1")).statusCode).toBe(204);
  });

  test("a request that came through a proxy is refused, whoever it says it is from", async () => {
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
      expect(codeOf(await click({ [name]: "127.0.0.1" })), name).toBe("forbidden");
  });

  test("a page of another site cannot sign anybody in", async () => {
    for (const site of ["cross-site", "same-site"])
      expect(codeOf(await click({ "sec-fetch-site": site })), site).toBe("forbidden");
    expect(codeOf(await click({ origin: "https://evil.example" }))).toBe("forbidden");
  });

  test("a server that listens for other machines does not offer it", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "review.example"]) {
      await using open = await startReviewApi({ review, host });
      const answer = await open.app.inject({ method: "POST", url: "/auth/local", payload: {} });
      expect(codeOf(answer), host).toBe("forbidden");
      expect((await open.app.inject({ url: "/auth/sign-in" })).body).toContain("Nobody can sign in yet");
    }
  });
});

describe("with a sign-in service", () => {
  let provider: IdentityProvider;
  let api: TestApi;
  let url: string;
  let settings: OidcSettings;
  beforeAll(async () => {
    url = `http://127.0.0.1:${await freePort()}`;
    const uris = { redirectUri: `${url}/auth/callback`, homeUri: `${url}/` };
    provider = await startIdentityProvider({ ...uris, codeSeconds: 2 });
    const roles: [string, Role][] = [
      ["mods", "moderator"],
      ["leads", "lead"],
      ["admins", "admin"],
    ];
    const { issuer, clientId, clientSecret } = provider;
    const scopes = "openid profile";
    settings = { issuer, clientId, clientSecret, scopes, mapping: { claim: "groups", roles: new Map(roles) } };
    api = await serve(settings, url);
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await provider.close();
  });

  async function serve(with_: OidcSettings, at: string): Promise<TestApi> {
    const oidc = createOidc(with_, review.context.log);
    const made = await startReviewApi({ review, oidc, publicUrl: at, limits: { "sign-in": 1_000 } });
    await made.app.listen({ host: "127.0.0.1", port: Number(new URL(at).port) });
    return made;
  }
  /** Up to where the provider sends the browser back. */
  async function begin(login: string, at = url) {
    const browser = createBrowser();
    const started = await browser.ask(`${at}/auth/sign-in?${new URLSearchParams({ returnTo: "/queue?state=open" })}`);
    const authorize = started.headers.get("location") ?? "";
    return { browser, authorize, callback: await browser.authenticate(authorize, login, `${at}/auth/callback`) };
  }
  const signIn = async (login: string, at = url) => {
    const { browser, callback } = await begin(login, at);
    return { browser, answer: await browser.ask(callback) };
  };
  const jsonOf = async (answer: Response) => JSON.parse(await answer.text());
  const problemOf = async (answer: Response): Promise<string> => (await jsonOf(answer)).code;

  test("a person comes back signed in, with name and role by their groups", async () => {
    provider.accounts.set("ada", { name: "P. One", groups: ["staff", "mods", "leads"] });
    const { browser, answer } = await signIn("ada");
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/queue?state=open"]);
    const me = await jsonOf(await browser.ask(`${url}/v1/me`));
    expect(me).toMatchObject({ user: { name: "P. One", initials: "PO", role: "lead" }, local: false });
    const row = await review.context.db
      .selectFrom("users")
      .select("subject")
      .where("id", "=", me.user.id)
      .executeTakeFirstOrThrow();
    expect(row.subject).toBe(`${provider.issuer} ada`);
  });

  test("the request carries PKCE, state and nonce, and the browser keeps them out of reach of scripts", async () => {
    const started = await createBrowser().ask(`${url}/auth/sign-in`);
    const asked = new URL(started.headers.get("location") ?? "").searchParams;
    expect(asked.get("code_challenge_method")).toBe("S256");
    for (const name of ["code_challenge", "state", "nonce"]) expect(asked.get(name)?.length, name).toBeGreaterThan(40);
    expect(asked.get("redirect_uri")).toBe(`${url}/auth/callback`);
    expect(started.headers.get("set-cookie")).toMatch(/^briareus_sign_in=.*Path=\/auth; HttpOnly; SameSite=Lax$/);
  });

  test("the role follows the groups at the next sign-in, down as well as up", async () => {
    provider.accounts.set("bo", { name: "Bo", groups: ["admins"] });
    const roleNow = async () => {
      const { browser } = await signIn("bo");
      return (await jsonOf(await browser.ask(`${url}/v1/me`))).user.role;
    };
    expect(await roleNow()).toBe("admin");
    provider.accounts.set("bo", { name: "Bo", groups: "mods" });
    expect(await roleNow()).toBe("moderator");
  });

  test("a person without a group that has a role is told so, and gets no session", async () => {
    provider.accounts.set("cy", { name: "Cy", groups: ["staff"] });
    const { browser, answer } = await signIn("cy");
    expect(await problemOf(answer)).toBe("forbidden");
    expect((await browser.ask(`${url}/v1/me`)).status).toBe(401);
  });

  test("a person whom an admin has shut out stays out, whatever their groups", async () => {
    provider.accounts.set("di", { name: "Di", groups: ["mods"] });
    await signIn("di");
    await review.context.db
      .updateTable("users")
      .set({ disabled_at: new Date() })
      .where("subject", "=", `${provider.issuer} di`)
      .execute();
    expect(await problemOf((await signIn("di")).answer)).toBe("forbidden");
  });

  test("an answer with another state is refused", async () => {
    const { browser, callback } = await begin("ada");
    const forged = new URL(callback);
    forged.searchParams.set("state", "of-another-attempt");
    expect(await problemOf(await browser.ask(forged.href))).toBe("not-signed-in");
    expect((await browser.ask(`${url}/v1/me`)).status).toBe(401);
  });

  test("an answer to another browser's attempt is refused: nobody is signed in as somebody else", async () => {
    const { callback } = await begin("ada");
    const victim = createBrowser();
    expect(await problemOf(await victim.ask(callback))).toBe("not-signed-in");
    await victim.ask(`${url}/auth/sign-in`);
    expect(await problemOf(await victim.ask(callback))).toBe("not-signed-in");
  });

  test("an identity token with another nonce is refused", async () => {
    const { browser, callback } = await begin("ada");
    const jar = browser.jars.get(new URL(url).host);
    const attempt = JSON.parse(Buffer.from(jar?.get("briareus_sign_in") ?? "", "base64url").toString());
    jar?.set("briareus_sign_in", Buffer.from(JSON.stringify({ ...attempt, nonce: "replayed" })).toString("base64url"));
    expect(await problemOf(await browser.ask(callback))).toBe("not-signed-in");
  });

  test("a code without its PKCE verifier is worth nothing", async () => {
    const { browser, callback } = await begin("ada");
    const jar = browser.jars.get(new URL(url).host);
    const attempt = JSON.parse(Buffer.from(jar?.get("briareus_sign_in") ?? "", "base64url").toString());
    const stolen = { ...attempt, verifier: "x".repeat(43) };
    jar?.set("briareus_sign_in", Buffer.from(JSON.stringify(stolen)).toString("base64url"));
    expect(await problemOf(await browser.ask(callback))).toBe("not-signed-in");
  });

  test("a code counts once", async () => {
    const { browser, callback } = await begin("ada");
    const before = new Map(browser.jars.get(new URL(url).host));
    expect((await browser.ask(callback)).status).toBe(302);
    browser.jars.set(new URL(url).host, before);
    expect(await problemOf(await browser.ask(callback))).toBe("not-signed-in");
  });

  test("a code that has expired is refused", async () => {
    const { browser, callback } = await begin("ada");
    const begunAtMs = Date.now();
    await until(
      () => Date.now() - begunAtMs > 3_000,
      10_000,
      () => "the clock stands still",
    );
    expect(await problemOf(await browser.ask(callback))).toBe("not-signed-in");
  });

  test("what the provider refuses, or the person, is said on a page", async () => {
    const { browser, authorize } = await begin("ada");
    const state = new URL(authorize).searchParams.get("state") ?? "";
    const cancelled = `${url}/auth/callback?${new URLSearchParams({ error: "access_denied", state })}`;
    const page = await browser.ask(cancelled, { headers: { accept: "text/html" } });
    expect(page.status).toBe(403);
    expect(await page.text()).toContain("Sign in again");
  });

  test("one click at the machine is not offered beside it", async () => {
    const answer = await api.app.inject({ method: "POST", url: "/auth/local", payload: { role: "admin" } });
    expect(codeOf(answer)).toBe("forbidden");
  });

  test("roles cannot be changed here, scopes can", async () => {
    const admin = await api.person("admin");
    const subject = await api.person("viewer");
    expect(codeOf(await admin("PATCH", `/v1/users/${subject.id}`, { role: "lead" }))).toBe("conflict");
    expect((await admin("PATCH", `/v1/users/${subject.id}`, { scopes: ["ops"] })).statusCode).toBe(200);
  });

  test("signing out ends the session here, and tells where to end it there", async () => {
    const { browser } = await signIn("ada");
    const { csrf } = await jsonOf(await browser.ask(`${url}/v1/me`));
    const out = await browser.ask(`${url}/auth/sign-out`, { method: "POST", headers: { "x-csrf-token": csrf } });
    const { continueAt } = await jsonOf(out);
    expect(continueAt).toMatch(`${provider.issuer}/session/end`);
    expect((await browser.ask(continueAt)).status).toBe(200);
    expect((await browser.ask(`${url}/v1/me`)).status).toBe(401);
  });

  test("groups may be told by the userinfo endpoint alone, inside another claim", async () => {
    const at = `http://127.0.0.1:${await freePort()}`;
    const uris = { redirectUri: `${at}/auth/callback`, homeUri: `${at}/` };
    const strict = await startIdentityProvider({ ...uris, conformIdTokenClaims: true });
    strict.accounts.set("eve", { name: "Eve", realm_access: { roles: ["mods"] } });
    const { issuer, clientId, clientSecret } = strict;
    const mapping = { ...settings.mapping, claim: "realm_access.roles" };
    await using _other = await serve({ ...settings, issuer, clientId, clientSecret, mapping }, at);
    const { browser, answer } = await signIn("eve", at);
    expect(answer.status).toBe(302);
    expect((await jsonOf(await browser.ask(`${at}/v1/me`))).user.role).toBe("moderator");
    await strict.close();
  });

  test("a sign-in service that is away is a problem of its own, and is found again when it is back", async () => {
    const away = createOidc({ ...settings, issuer: `http://127.0.0.1:${await freePort()}` }, review.context.log);
    await expect(away.begin(`${url}/auth/callback`, "/")).rejects.toMatchObject({ code: "unavailable" });
  });
});
