import type { OpsStage, OpsState } from "../../../../review/contract/ops.ts";
import { opsText } from "../../../strings/ops.en.ts";
import { Levelled } from "../level-mark.tsx";
import { PoolBox } from "./pool-box.tsx";
import "./flow.css";

interface Props {
  state: OpsState;
  chosen: OpsStage;
  onChoose: (stage: OpsStage) => void;
}

/** The way of captures from the topic through the four pools to their verdicts, with what goes along each arrow. */
export function Flow({ state, chosen, onChoose }: Props) {
  const { flow } = opsText;
  return (
    <section aria-label={flow.title} class="flow">
      <ol class="bare flow-line">
        <li class="flow-end">
          <Intake intake={state.intake} />
        </li>
        {state.pools.map((pool, at) => (
          <li key={pool.stage} class="flow-pool">
            <Arrow perSecond={at === 0 ? state.intake.perSecond : pool.inPerSecond} />
            <PoolBox pool={pool} chosen={pool.stage === chosen} onChoose={() => onChoose(pool.stage)} />
          </li>
        ))}
        <li class="flow-pool flow-sink">
          <Arrow perSecond={state.pools.at(-1)?.outPerSecond.value ?? null} />
          <Verdicts state={state} />
        </li>
      </ol>
    </section>
  );
}

const Arrow = ({ perSecond }: { perSecond: number | null }) => (
  <span class="flow-arrow small">
    <span>{perSecond === null ? opsText.unknown : opsText.rate(perSecond)}</span>
    <span class="unseen">{opsText.flow.goOn}</span>
    <span class="flow-shaft" aria-hidden="true" />
  </span>
);

function Intake({ intake }: { intake: OpsState["intake"] }) {
  const { flow } = opsText;
  return (
    <div class="flow-box">
      <strong>{flow.source}</strong>
      <span>{flow.held(intake.held, intake.maxHeld)}</span>
      <span class="muted">{flow.ingress(intake.processes)}</span>
      {intake.processes === 0 ? (
        <Levelled level="breach">{flow.noIngress}</Levelled>
      ) : (
        intake.full && <Levelled level="warning">{flow.full}</Levelled>
      )}
    </div>
  );
}

function Verdicts({ state: { verdicts } }: { state: OpsState }) {
  const { flow } = opsText;
  const { failures, endToEndP95Ms, fiveMinutes } = verdicts;
  const { clean, flagged, unprocessable, expired } = fiveMinutes;
  const all = clean + flagged + unprocessable + expired;
  const endToEnd = endToEndP95Ms.value === null ? opsText.unknown : opsText.seconds(endToEndP95Ms.value);
  return (
    <div class="flow-box">
      <strong>{flow.sink}</strong>
      {all === 0 ? (
        <span class="muted">{flow.noVerdicts}</span>
      ) : (
        <ul class="bare">
          <li>{flow.share("clean", clean / all)}</li>
          <li>{flow.share("flagged", flagged / all)}</li>
          <li>
            <Levelled level={failures.level} forMs={failures.forMs}>
              {flow.share("unprocessable", unprocessable / all)}
            </Levelled>
          </li>
          <li>
            <Levelled level={expired > 0 ? "breach" : "normal"}>{flow.expired(expired)}</Levelled>
          </li>
        </ul>
      )}
      <span>
        <Levelled level={endToEndP95Ms.level} forMs={endToEndP95Ms.forMs}>
          {flow.endToEnd(endToEnd)}
        </Levelled>
      </span>
      <span class="muted small">{flow.lastFive}</span>
    </div>
  );
}
