import type { ModelFigures } from "../../../review/contract/ops.ts";
import { DataTable } from "../../components/data-table.tsx";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { opsText } from "../../strings/ops.en.ts";
import { Levelled } from "./level-mark.tsx";
import { useModels } from "./use-ops-data.ts";

const { models: text } = opsText;

/** How each version of each model works, over the last minute. */
export function ModelsTable() {
  const { data, error, refetch } = useModels();
  return (
    <section class="card stack" aria-labelledby="ops-models">
      <h2 id="ops-models">{text.title}</h2>
      {!data &&
        (error ? (
          <Failed what={text.failedToRead} error={error} onRetry={() => void refetch()} />
        ) : (
          <Outlines rows={2} />
        ))}
      {data?.problem && <p class="muted">{data.problem}</p>}
      {data && data.models.length === 0 && !data.problem && <p class="muted">{text.none}</p>}
      {data && data.models.length > 0 && (
        <DataTable
          label={text.title}
          columns={[
            { name: text.model },
            { name: text.state },
            { name: text.servers, number: true },
            { name: text.rate, number: true },
            { name: text.batch, number: true },
            { name: text.queue, number: true },
            { name: text.compute, number: true },
            { name: text.failed, number: true },
          ]}
          rows={data.models.map((model) => ({ key: `${model.model} ${model.version}`, cells: cellsOf(model) }))}
        />
      )}
    </section>
  );
}

function cellsOf(model: ModelFigures) {
  const known = (value: number | null, say: (value: number) => string) =>
    value === null ? opsText.unknown : say(value);
  return [
    <PlainName key="name">{`${model.model}@${model.version}`}</PlainName>,
    <Levelled
      key="state"
      level={model.state === "unavailable" ? "breach" : model.state === "loading" ? "warning" : "normal"}
    >
      {text.states[model.state]}
      {model.reason !== null && (
        <span class="muted">
          : <PlainName>{model.reason}</PlainName>
        </span>
      )}
    </Levelled>,
    opsText.number(model.servers),
    known(model.perSecond, opsText.rate),
    known(model.meanBatch, (value) => value.toFixed(1)),
    known(model.queueMs, opsText.millis),
    known(model.computeMs, opsText.millis),
    known(model.failedPerSecond, opsText.rate),
  ];
}
