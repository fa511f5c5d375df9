import { useMemo } from "preact/hooks";
import type { OpsStage, OpsState } from "../../../../review/contract/ops.ts";
import type { TuningLogEntry } from "../../../../review/contract/ops-tuning.ts";
import { Failed, Outlines } from "../../../components/panel-states.tsx";
import { opsText } from "../../../strings/ops.en.ts";
import { opsChartText } from "../../../strings/ops-charts.en.ts";
import { useChartEnd } from "../use-now.ts";
import { useOpsHistory } from "../use-ops-data.ts";
import { ChartPanel } from "./chart-panel.tsx";
import { withPresent } from "./join-history.ts";
import { marksOf } from "./marks.ts";
import { chartsOf } from "./pictures.ts";
import { sentenceOf } from "./sentences.ts";
import { timelineOf } from "./timeline.ts";

const hourMs = 3_600_000;
const stepMs = 5_000;
/** Two samples that did not come, and a little. */
const gapMs = 2.5 * stepMs;

interface Props {
  state: OpsState;
  stage: OpsStage;
  log: readonly TuningLogEntry[];
}

/** The last hour in six charts that are pointed at together. */
export function LastHour({ state, stage, log }: Props) {
  const { data, error, refetch } = useOpsHistory();
  const endMs = useChartEnd(stepMs);
  const charts = useMemo(() => {
    if (!data) return [];
    const { history, unfinished } = withPresent(data, state);
    const timeline = timelineOf(history.atMs, endMs - hourMs, endMs, gapMs);
    return chartsOf({ history, timeline, chosen: stage, marks: marksOf(log), unfinished });
  }, [data, state, stage, log, endMs]);
  return (
    <section aria-labelledby="ops-charts" class="stack">
      <h2 id="ops-charts">{opsText.charts}</h2>
      {!data &&
        (error ? (
          <Failed what={opsChartText.failed} error={error} onRetry={() => void refetch()} />
        ) : (
          <Outlines rows={2} height="16rem" />
        ))}
      <div class="ops-charts">
        {charts.map(({ name, picture, words, telling }) => (
          <ChartPanel
            key={name}
            name={name}
            title={opsChartText.title(name, stage)}
            sentence={sentenceOf(name, picture, words)}
            picture={picture}
            words={words}
            telling={telling}
          />
        ))}
      </div>
    </section>
  );
}
