import type { Api } from "./api.ts";

/** Forms are for the sign-in page, which works without a script. */
export function acceptForms(app: Api): void {
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}
