import { keepPreviousData, useQuery } from "@tanstack/preact-query";
import { useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso/router";
import { readQuality } from "../../api/admin-api.ts";
import { Queries } from "../../api/queries.tsx";
import { serverNow } from "../../api/server-clock.ts";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { pages } from "../../shell/pages.ts";
import { useTitle } from "../../shell/use-title.ts";
import { qualityText } from "../../strings/quality.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { Figures } from "./figures.tsx";
import { QualityFilterBar } from "./quality-filter-bar.tsx";
import { formatQualityFilters, parseQualityFilters, type QualityFilters, qualityRequest } from "./quality-filters.ts";
import "./quality.css";

/** How often people agree with the pipeline, and how long it takes until they have decided. */
export default function QualityPage() {
  useTitle(shellText.page.quality);
  return (
    <Queries>
      <main class="page" id="content">
        <h1>{shellText.page.quality}</h1>
        <Content />
      </main>
    </Queries>
  );
}

function Content() {
  const { url, route } = useLocation();
  const query = new URL(url, location.origin).search;
  const filters = useMemo(() => parseQualityFilters(query), [query]);
  const [show, setShow] = useState<"plots" | "tables">("plots");
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ["quality", filters],
    queryFn: () => readQuality(qualityRequest(filters, serverNow())),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const change = (next: QualityFilters) => {
    const address = formatQualityFilters(next);
    route(address === "" ? pages.quality.path : `${pages.quality.path}?${address}`, true);
  };
  return (
    <>
      <QualityFilterBar filters={filters} quality={data ?? null} show={show} onChange={change} onShow={setShow} />
      {error && (
        <Failed what={data ? qualityText.old : qualityText.failed} error={error} onRetry={() => void refetch()} />
      )}
      {data ? (
        <div class="quality-figures" data-old={isPlaceholderData || error !== null}>
          <Figures quality={data} show={show} />
        </div>
      ) : (
        !error && <Outlines rows={3} height="16rem" />
      )}
    </>
  );
}
