/**
 * The console: files that Vite has built. The names of those in assets/ hold a hash of their content, so browsers keep
 * them for good; the page itself is asked for each time. Every address of the console is the same page.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import serveFiles from "@fastify/static";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ReviewError } from "../review-error.ts";
import type { Api } from "./api.ts";
import { htmlPage } from "./html-page.ts";

/** The page of a console that was never built. */
const missing = htmlPage(
  "The console is not built",
  "<p>Run <code>npm run setup</code> where Briareus is installed, then load this page again. The API works without it.</p>",
);

export async function serveConsole(app: Api, folder: string): Promise<void> {
  await app.register(serveFiles, { serve: false, root: folder, cacheControl: false, preCompressed: true });
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.headers.accept?.includes("text/html"))
      throw new ReviewError("not-found", `There is nothing at ${request.url.split("?")[0]}.`);
    if (!existsSync(join(folder, "index.html"))) return reply.code(503).type("text/html").send(missing);
    return reply.header("cache-control", "no-store").sendFile("index.html");
  };

  const open = { access: "public", limit: "page" } as const;
  app.get("/assets/*", { config: open, schema: { hide: true } }, async (request, reply) => {
    const path = pathOf(request.url);
    if (!existsSync(join(folder, path))) throw new ReviewError("not-found", `There is no ${path}.`);
    return reply.header("cache-control", "public, max-age=31536000, immutable").sendFile(path);
  });
  app.get("/*", { config: open, schema: { hide: true } }, async (request, reply) => {
    const path = pathOf(request.url);
    if (/^(v1|auth)(\/|$)/.test(path)) throw new ReviewError("not-found", `There is nothing at /${path}.`);
    if (!/^[\w-]+\.[a-z]+$/.test(path) || path === "index.html" || !existsSync(join(folder, path)))
      return page(request, reply);
    return reply.header("cache-control", "no-cache").sendFile(path);
  });
}

/** Of the folder: no escape leads out of it, since sendFile refuses those. */
function pathOf(url: string): string {
  const path = url.split("?")[0]?.slice(1) ?? "";
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
