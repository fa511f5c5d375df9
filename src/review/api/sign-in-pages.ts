import { escapeHtml, htmlPage } from "./html-page.ts";

const localRoles = [
  ["moderator", "Sign in as moderator on this machine"],
  ["lead", "Sign in as lead on this machine"],
  ["admin", "Sign in as admin on this machine"],
] as const;

/** @param returnTo a path of this server */
export function localPage(returnTo: string): string {
  const buttons = localRoles.map(([role, words]) => `<button name="role" value="${role}">${words}</button>`).join("");
  return htmlPage(
    "Sign in on this machine",
    `<p>No sign-in service is set up, and Briareus listens on this machine alone. So whoever sits here may sign in with
one click and without a password, in whatever role. This is for trying things out.</p>
<form method="post" action="/auth/local"><input type="hidden" name="returnTo" value="${escapeHtml(returnTo)}">${buttons}</form>`,
  );
}

export const noSignInPage = htmlPage(
  "Nobody can sign in yet",
  `<p>This server can be reached from other machines, and no sign-in service is set up. Set <code>BRIAREUS_OIDC_ISSUER</code>
and <code>BRIAREUS_OIDC_CLIENT_ID</code> as docs/access.md says. To try things out, let it listen on 127.0.0.1 and open it there.</p>`,
);

export function refusedPage(why: string, instance: string): string {
  return htmlPage(
    "You are not signed in",
    `<p>${escapeHtml(why)}</p><p><a href="/auth/sign-in">Sign in again</a></p><p>Number of this occurrence: <code>${escapeHtml(instance)}</code></p>`,
  );
}
