import { Agent, request } from "undici";
import { z } from "zod";
import type { Send } from "./open-loop.ts";

const Response = z.object({ verdict: z.string(), scores: z.record(z.string(), z.number()) });

/** Posts `{"url": …}` and reads the verdict from the response. @param url of the service, such as http://127.0.0.1:1/capture */
export function httpSender(url: string, pictureAddress: string): { send: Send; close(): Promise<void> } {
  // Ended by the client before a server does it, or requests would meet connections that are being closed.
  const dispatcher = new Agent({ connections: 1_024, keepAliveTimeout: 1_000, headersTimeout: 60_000 });
  return {
    async send(number) {
      const body = JSON.stringify({ url: `http://${pictureAddress}/${number}.jpg` });
      const headers = { "content-type": "application/json" };
      const response = await request(url, { method: "POST", headers, body, dispatcher });
      const text = await response.body.text();
      if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text.slice(0, 200)}`);
      return Response.parse(JSON.parse(text));
    },
    close: () => dispatcher.destroy(),
  };
}
