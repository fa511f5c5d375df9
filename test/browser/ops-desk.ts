/** Somebody of ops at the page, for a test. */
import { onTestFinished } from "vitest";
import type { Role } from "../../src/review/access/roles.ts";
import type { Desk } from "./chromium.ts";
import { type OpsSite, openOpsSite } from "./ops-site.ts";
import { signInAs } from "./site.ts";
import { type DeskOptions, openDesk } from "./site-of-test.ts";

type Workers = Parameters<typeof openOpsSite>[0];

export async function startOps(
  workers: Workers = { fetch: 1, preprocess: 1, infer: 2, postprocess: 1 },
): Promise<OpsSite> {
  const ops = await openOpsSite(workers);
  onTestFinished(() => ops.close());
  return ops;
}

/**
 * The service may not have measured anything yet when the page first asks; and a preview may be asked for a moment
 * before the page learns that another version is in force.
 */
const ofTheMoment = /503 .*\/v1\/ops\/|409 .*\/v1\/ops\/tuning\/preview/;
let people = 0;

/** A desk of a new person with the scope ops, beside the role that is given. */
export async function opsDesk(
  ops: OpsSite,
  { role = "moderator", path = "/ops", ...options }: DeskOptions & { role?: Role; path?: string } = {},
): Promise<Desk & { name: string }> {
  const { site } = ops;
  people += 1;
  const name = `Kim ${people}`;
  const person = await site.review.addUser(name, role);
  await site.context.db
    .updateTable("users")
    .set({ scopes: ["ops"] })
    .where("id", "=", person.id)
    .execute();
  const desk = await openDesk({ expected: ofTheMoment, ...options });
  await signInAs(site, desk, person, path);
  return { ...desk, name };
}
