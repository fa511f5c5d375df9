/** The API server's REST protocol, as far as a controller needs it; who we are, and where it is, is client-node's. */
import { HttpMethod, type KubeConfig, RequestContext } from "@kubernetes/client-node";
import { fetch, type Response } from "undici";
import { z } from "zod";
import { servingRequestsTotal } from "../../telemetry/metrics.ts";
import { codeOfAnswer, KubeError } from "./kube-error.ts";

export type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Ask {
  query?: Record<string, string>;
  body?: object;
  /** Of the body; JSON unless said. */
  contentType?: "application/json" | "application/apply-patch+yaml" | "application/merge-patch+json";
  /** Gives the request up; an answer that takes too long is given up in any case. */
  signal?: AbortSignal;
}

export interface KubeClient {
  /** @returns the answer's JSON. @throws KubeError */
  ask(verb: Verb, path: string, options?: Ask): Promise<unknown>;
  /** The answer as it is, such as that of a pod behind the API server's proxy. @throws KubeError */
  text(path: string, signal: AbortSignal): Promise<string>;
  /**
   * The lines of a watch as they come, until the server ends it.
   * @throws KubeError, also when nothing came for `idleLimitMs`
   */
  watch(path: string, query: Record<string, string>, signal: AbortSignal, idleLimitMs: number): AsyncIterable<string>;
}

const answerLimitMs = 30_000;
const Status = z.looseObject({ message: z.string().optional(), reason: z.string().optional() });

/** @throws KubeError where the configuration names no cluster */
export function createKubeClient(config: KubeConfig): KubeClient {
  const server = config.getCurrentCluster()?.server.replace(/\/+$/, "");
  if (!server) throw new KubeError("refused", "no cluster is configured: set KUBECONFIG, or run inside a cluster");

  const send = async (verb: Verb, path: string, { query, body, contentType }: Ask, signal: AbortSignal) => {
    const url = new URL(server + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    // Asked each time: a token is renewed while we run.
    const context = new RequestContext(url.toString(), HttpMethod[verb]);
    try {
      await config.applySecurityAuthentication(context);
      const response = await fetch(url, {
        method: verb,
        headers: {
          ...context.getHeaders(),
          ...(body && { "content-type": contentType ?? "application/json" }),
        },
        ...(body && { body: JSON.stringify(body) }),
        dispatcher: context.getDispatcher(),
        signal,
      });
      servingRequestsTotal.inc({ verb: query?.watch ? "WATCH" : verb, status: response.status });
      if (response.ok) return response;
      throw await refusal(verb, path, response);
    } catch (error) {
      if (error instanceof KubeError) throw error;
      servingRequestsTotal.inc({ verb: query?.watch ? "WATCH" : verb, status: "none" });
      throw new KubeError("unavailable", `${verb} ${path}: ${wordsOf(error)}`, { cause: error });
    }
  };

  return {
    ask: async (verb, path, options = {}) => {
      const limit = AbortSignal.timeout(answerLimitMs);
      const either = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
      const response = await send(verb, path, options, either);
      return await whole(verb, path, response.json());
    },
    text: async (path, signal) => {
      const response = await send("GET", path, {}, signal);
      return await whole("GET", path, response.text());
    },
    watch: async function* (path, query, signal, idleLimitMs) {
      const idle = new AbortController();
      const tooLong = () => idle.abort(new Error(`nothing came for ${idleLimitMs / 1_000} s`));
      let timer = setTimeout(tooLong, idleLimitMs);
      try {
        const either = AbortSignal.any([signal, idle.signal]);
        const { body } = await send("GET", path, { query: { ...query, watch: "true" } }, either);
        if (!body) return;
        for await (const line of linesOf(body)) {
          clearTimeout(timer);
          timer = setTimeout(tooLong, idleLimitMs);
          if (line !== "") yield line;
        }
      } catch (error) {
        if (error instanceof KubeError) throw error;
        throw new KubeError("unavailable", `watch ${path}: ${wordsOf(error)}`, { cause: error });
      } finally {
        clearTimeout(timer);
        // Whoever stops reading lets go of the connection.
        idle.abort();
      }
    },
  };
}

/** A client whose `ask` ends with the signal: nothing more is asked, and what is under way is given up. */
export const clientUntil = (client: KubeClient, signal: AbortSignal): KubeClient => ({
  ...client,
  ask: (verb, path, options) => client.ask(verb, path, { ...options, signal }),
});

/** A body whose connection breaks is no answer. */
function whole<T>(verb: Verb, path: string, body: Promise<T>): Promise<T> {
  return body.catch((error: unknown) => {
    throw new KubeError("unavailable", `${verb} ${path}: ${wordsOf(error)}`, { cause: error });
  });
}

/** Not by readline: it does not tell of a connection that breaks, and waits for the rest for ever. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function refusal(verb: Verb, path: string, response: Response): Promise<KubeError> {
  const text = await response.text().catch(() => "");
  const status = readStatus(text);
  const said = status?.message ?? (text.slice(0, 200) || response.statusText);
  const code = codeOfAnswer(response.status, status?.reason);
  return new KubeError(code, `${verb} ${path}: ${response.status} ${said}`, { said });
}

function readStatus(text: string): z.infer<typeof Status> | undefined {
  try {
    return Status.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
