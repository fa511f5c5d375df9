/**
 * bull-board as something to look at: of its routes only those that read are taken over, so that there is none by which a
 * job could be retried, promoted or removed. That would go round settlement and the audit.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { BullBoardQueues, BullBoardRequest, IServerAdapter, UIConfig } from "@bull-board/api/typings/app";
import type { Queues } from "../../pipeline/queues.ts";
import { stageNames } from "../../pipeline/stages.ts";

export interface QueueBoard {
  /** Paths of its pages below the base, such as `/queue/:queueName`. */
  pages: string[];
  /** @param basePath where it is mounted, such as `/ops/queues` */
  html(basePath: string): string;
  reads: { path: string; answer(request: BoardRequest): Promise<{ status: number; body: unknown }> }[];
  /** Folder of scripts, styles and pictures. */
  files: string;
}

export type BoardRequest = Pick<BullBoardRequest, "params" | "query" | "headers">;

const uiBasePath = dirname(fileURLToPath(import.meta.resolve("@bull-board/ui/package.json")));

export function createQueueBoard(queues: Queues): QueueBoard {
  const readOnly = { readOnlyMode: true, allowRetries: false };
  const adapters = stageNames.flatMap((stage) => [
    new BullMQAdapter(queues.queue(stage), readOnly),
    new BullMQAdapter(queues.queue(stage, { suspects: true }), readOnly),
  ]);
  const parts = collectParts();
  createBullBoard({
    queues: adapters,
    serverAdapter: parts.adapter,
    options: { uiBasePath, uiConfig: { boardTitle: "Queues · briareus", hideDocsLink: true } },
  });
  const { routes, pages, files, views, boardQueues, uiConfig } = parts.collected();
  const assets = assetsOf(readFileSync(join(views, "index.ejs"), "utf8"));
  return {
    pages,
    files,
    html: (basePath) => page(basePath, uiConfig, assets),
    reads: routes.map(({ path, handler }) => ({
      path,
      async answer(request) {
        const { status = 200, body } = await handler({ ...request, body: {}, queues: boardQueues, uiConfig });
        return { status, body };
      },
    })),
  };
}

type SetRoutes = Parameters<IServerAdapter["setApiRoutes"]>[0];
type Handler = SetRoutes[number]["handler"];

interface Collected {
  routes: { path: string; handler: Handler }[];
  pages: string[];
  files: string;
  views: string;
  boardQueues: BullBoardQueues;
  uiConfig: UIConfig;
}

/** What bull-board hands to a web server's adapter. */
function collectParts(): { adapter: IServerAdapter; collected(): Collected } {
  const collected: Collected = { routes: [], pages: [], files: "", views: "", boardQueues: new Map(), uiConfig: {} };
  const adapter: IServerAdapter = {
    setQueues: (queues) => keep({ boardQueues: queues }),
    setViewsPath: (views) => keep({ views }),
    setStaticPath: (_, files) => keep({ files }),
    setEntryRoute: ({ route }) => keep({ pages: [route].flat() }),
    setErrorHandler: () => adapter,
    setApiRoutes: (routes) => keep({ routes: routes.filter(reads).flatMap(pathsOf) }),
    setUIConfig: (uiConfig) => keep({ uiConfig }),
  };
  const keep = (part: Partial<Collected>) => {
    Object.assign(collected, part);
    return adapter;
  };
  return { adapter, collected: () => collected };
}

const reads = ({ method }: SetRoutes[number]) => [method].flat().every((each) => each === "get");
const pathsOf = ({ route, handler }: SetRoutes[number]) => [route].flat().map((path) => ({ path, handler }));

interface Assets {
  styles: string[];
  scripts: string[];
}

/** The names of the built files hold hashes, and only its own page knows them. */
function assetsOf(template: string): Assets {
  const named = (pattern: RegExp) => [...template.matchAll(pattern)].map(([, path]) => String(path));
  return {
    styles: named(/<link href="(static\/[^"]+\.css)"/g),
    scripts: named(/<script defer src="(static\/[^"]+)"/g),
  };
}

/** Its page without what its template takes from other servers (fonts) or writes inline (styles). */
function page(basePath: string, uiConfig: UIConfig, { styles, scripts }: Assets): string {
  const config = JSON.stringify(uiConfig).replaceAll("<", "\\u003c").replaceAll(">", "\\u003e");
  return `<!doctype html>
<html lang="en" dir="ltr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><base href="${basePath}/"><title>Queues · briareus</title><link rel="icon" href="static/favicon-32x32.png">${styles.map((path) => `<link href="${path}" rel="stylesheet">`).join("")}</head>
<body><script id="__UI_CONFIG__" type="application/json">${config}</script><div id="root"></div>${scripts.map((path) => `<script defer src="${path}"></script>`).join("")}</body>
</html>
`;
}
