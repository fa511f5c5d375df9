import { useInfiniteQuery } from "@tanstack/preact-query";
import type { ActivityPage } from "../../review/contract/incident.ts";

/** The log page by page: what is read so far, and the way to older lines. */
export function useActivity(key: readonly unknown[], read: (cursor?: string) => Promise<ActivityPage>) {
  const query = useInfiniteQuery({
    queryKey: ["activity", ...key],
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: ActivityPage) => page.next ?? undefined,
  });
  return {
    entries: query.data?.pages.flatMap(({ items }) => items) ?? null,
    error: query.error,
    retry: () => void query.refetch(),
    older: query.hasNextPage ? () => void query.fetchNextPage() : null,
  };
}
