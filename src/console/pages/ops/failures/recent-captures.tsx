import { keepPreviousData, useInfiniteQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { RedriveScope } from "../../../../review/contract/ops-failures.ts";
import { readUnprocessable } from "../../../api/ops-api.ts";
import { Empty, Failed, Outlines } from "../../../components/panel-states.tsx";
import { opsFailureText as text } from "../../../strings/ops-failures.en.ts";
import { opsTuningText } from "../../../strings/ops-tuning.en.ts";
import { useNarrow } from "../use-narrow.ts";
import { CaptureCard } from "./capture-card.tsx";
import { RedriveDialog } from "./redrive-dialog.tsx";

const everyMs = 10_000;

interface Props {
  /** null: all. */
  reason: string | null;
  old: boolean;
  onAll: () => void;
}

/** The captures that failed, the newest first, covered; chosen ones, those of a reason or all go through again. */
export function RecentCaptures({ reason, old, onAll }: Props) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isPlaceholderData } = useInfiniteQuery({
    queryKey: ["ops", "unprocessable", reason],
    queryFn: ({ pageParam }) => readUnprocessable({ reason: reason ?? undefined, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: everyMs,
  });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [redriving, setRedriving] = useState<RedriveScope | null>(null);
  const narrow = useNarrow();
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const total = data?.pages[0]?.total ?? 0;
  const ids = items.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const scope: RedriveScope =
    ids.length > 0 ? { kind: "some", ids } : reason === null ? { kind: "all" } : { kind: "reason", reason };
  const choose = (id: string, on: boolean) =>
    setChosen((now) => new Set(on ? [...now, id] : [...now].filter((other) => other !== id)));
  if (!data)
    return error ? (
      <Failed what={text.listFailed} error={error} onRetry={() => void refetch()} />
    ) : (
      <Outlines rows={2} height="6rem" />
    );
  if (items.length === 0)
    return (
      <Empty
        action={
          reason !== null && (
            <button type="button" onClick={onAll}>
              {text.showAll}
            </button>
          )
        }
      >
        {reason === null ? text.none : text.noneOf(reason)}
      </Empty>
    );
  return (
    <section class="stack" aria-labelledby="ops-captures" data-old={isPlaceholderData}>
      <div class="row captures-head">
        <h3 id="ops-captures">{reason === null ? text.recent(total) : text.recentOf(total, reason)}</h3>
        {reason !== null && (
          <button type="button" class="plain" onClick={onAll}>
            {text.showAll}
          </button>
        )}
        {!narrow && (
          <button
            type="button"
            aria-disabled={old}
            title={old ? opsTuningText.oldData : undefined}
            onClick={() => !old && setRedriving(scope)}
          >
            {text.redrive(ids.length, reason)}
          </button>
        )}
      </div>
      <ul class="bare captures">
        {items.map((capture) => (
          <CaptureCard
            key={capture.id}
            capture={capture}
            chosen={chosen.has(capture.id)}
            onChoose={narrow ? null : (on) => choose(capture.id, on)}
          />
        ))}
      </ul>
      {hasNextPage && (
        <div>
          <button type="button" onClick={() => void fetchNextPage()}>
            {text.older}
          </button>
        </div>
      )}
      {redriving && (
        <RedriveDialog
          scope={redriving}
          onDone={() => {
            setRedriving(null);
            setChosen(new Set());
            void refetch();
          }}
          onClose={() => setRedriving(null)}
        />
      )}
    </section>
  );
}
