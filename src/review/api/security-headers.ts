import helmet from "@fastify/helmet";
import type { Api } from "./api.ts";
import { styleSource } from "./html-page.ts";

/**
 * What browsers are told of every answer. Scripts come from files of this server alone, and no text becomes a script
 * or mark-up (Trusted Types without a single policy).
 */
export async function addSecurityHeaders(app: Api, publicUrl: string | undefined): Promise<void> {
  const secure = publicUrl?.startsWith("https:") ?? false;
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", styleSource],
        imgSrc: ["'self'", "blob:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
    // Pop-ups of the sign-in service are of another origin.
    crossOriginOpenerPolicy: { policy: "same-origin-allow-popups" },
    referrerPolicy: { policy: "no-referrer" },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
  });
  app.addHook("onSend", async (_request, reply) => {
    reply.header("permissions-policy", "camera=(), microphone=(), geolocation=(), display-capture=()");
    // Answers are of one person; what may be kept says so itself.
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  });
}
