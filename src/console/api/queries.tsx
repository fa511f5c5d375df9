/**
 * Lists that the server holds, cached while they are looked at. A page that reads them stands inside `Queries`; Review
 * does not, as it holds its incidents itself.
 */
import { QueryClient, QueryClientProvider } from "@tanstack/preact-query";
import type { ComponentChildren } from "preact";
import { mayRetry } from "./request-error.ts";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // What was refused stays refused.
      retry: (failures, error) => mayRetry(error) && failures < 3,
      retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
    },
    mutations: { retry: false },
  },
});

export function Queries({ children }: { children: ComponentChildren }) {
  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>;
}
