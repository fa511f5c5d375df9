import { describe, expect, test } from "vitest";
import { roleOf } from "../../src/review/access/role-of.ts";
import { inWords, judge } from "../../src/review/access/route-access.ts";
import { refuseUnspeakable } from "../../src/review/api/unspeakable-text.ts";

describe("roles by claim", () => {
  const roles = new Map([
    ["mods", "moderator"],
    ["leads", "lead"],
    ["a=b", "viewer"],
  ] as const);
  test.each([
    [{ groups: ["mods", "leads"] }, "groups", "lead"],
    [{ groups: "mods" }, "groups", "moderator"],
    [{ groups: ["a=b"] }, "groups", "viewer"],
    [{ groups: ["MODS"] }, "groups", undefined],
    [{ groups: { mods: true } }, "groups", undefined],
    [{ groups: [["mods"]] }, "groups", undefined],
    [{}, "groups", undefined],
    [{ realm_access: { roles: ["leads"] } }, "realm_access.roles", "lead"],
    [{ "https://x.example/roles": ["mods"] }, "https://x.example/roles", "moderator"],
    [{ a: null }, "a.b", undefined],
    [{ mods: "mods" }, "constructor.name", undefined],
  ])("%j by %s: %s", (claims, claim, expected) => {
    expect(roleOf(claims, { claim, roles })).toBe(expected);
  });
});

describe("who may call a route", () => {
  const lead = { kind: "person", id: "1", name: "L", role: "lead", scopes: ["ops"] } as const;
  const key = { kind: "key", id: "2", name: "K", role: null, scopes: ["read"] } as const;
  test.each([
    ["public", null, "allowed"],
    [{ role: "viewer" }, null, "not-signed-in"],
    [{ role: "lead" }, lead, "allowed"],
    [{ role: "admin" }, lead, "forbidden"],
    [{ role: "viewer" }, key, "forbidden"],
    [{ role: "viewer", scope: "read" }, key, "allowed"],
    [{ role: "admin", scope: "ops" }, lead, "allowed"],
    [{ scope: "ingest" }, lead, "forbidden"],
    [{ scope: "read" }, key, "allowed"],
  ] as const)("%j, %j: %s", (access, actor, expected) => {
    expect(judge(access, actor)).toBe(expected);
  });

  test("is said in words", () => {
    expect(inWords({ role: "admin", scope: "export" })).toBe("the role admin or the scope export");
  });
});

describe("texts that nothing can keep", () => {
  test.each(["a\0b", "\ud800", "b\udc00"])("%j is refused wherever it stands", (text) => {
    const refused = (part: unknown) => expect(() => refuseUnspeakable({ body: part })).toThrow(/NUL/);
    refused(text);
    refused({ a: [{ b: text }] });
    refused({ [text]: 1 });
  });

  test.each(["<script>", "\u202eabc", "👩‍👩‍👧", "", "\r\n\t\u0007"])("%j is kept", (text) => {
    expect(() => refuseUnspeakable({ body: { [text]: [text] } })).not.toThrow();
  });
});
