import type { OpsPool } from "../../../../review/contract/ops.ts";
import { opsText } from "../../../strings/ops.en.ts";
import { Levelled } from "../level-mark.tsx";
import { levelOfPool } from "../levels.ts";
import { slotsOf } from "./slots.ts";

interface Props {
  pool: OpsPool;
  chosen: boolean;
  onChoose: () => void;
}

/** A pool in the drawing: who works, how much waits and for how long. Its name is a button that fills the box. */
export function PoolBox({ pool, chosen, onChoose }: Props) {
  const { flow } = opsText;
  const { stage, replicas, oldestAgeMs, busy, serviceMs, depth, goalMs, paused } = pool;
  const level = levelOfPool(pool);
  return (
    <div class="pool-box" data-stage={stage} data-level={level} data-paused={paused} data-chosen={chosen}>
      <span class="pool-head">
        <button type="button" class="pool-choose" aria-pressed={chosen} onClick={onChoose}>
          <Levelled level={level}>{opsText.stage[stage]}</Levelled>
        </button>
        {paused && <span class="pool-paused">‖ {opsText.paused}</span>}
      </span>
      <Slots replicas={replicas} />
      <span class="pool-lines">
        <span>
          <Levelled level={replicas.level} forMs={replicas.forMs}>
            {flow.replicas(replicas.running, replicas.wanted)}
          </Levelled>
          {" · "}
          {flow.depth(depth)}
        </span>
        <span>
          <Levelled level={oldestAgeMs.level} forMs={oldestAgeMs.forMs}>
            {flow.oldest(known(oldestAgeMs.value, opsText.seconds))}
          </Levelled>
          <span class="muted"> · {flow.goal(opsText.goal(goalMs))}</span>
        </span>
        <span class="pool-busy">
          <span>
            <Levelled level={busy.level} forMs={busy.forMs}>
              {flow.busy(known(busy.value, opsText.percent))}
            </Levelled>
          </span>
          <span class="pool-track" aria-hidden="true">
            <span style={{ width: `${Math.min(1, busy.value ?? 0) * 100}%` }} />
          </span>
        </span>
        <span class="muted">
          <Levelled level={serviceMs.level} forMs={serviceMs.forMs}>
            {flow.service(known(serviceMs.p50, opsText.millis), known(serviceMs.p95, opsText.millis))}
          </Levelled>
        </span>
        <span class="muted pool-reason">{opsText.reason(pool)}</span>
      </span>
    </div>
  );
}

/** null is not known, and never 0. */
const known = (value: number | null, words: (value: number) => string) =>
  value === null ? opsText.unknown : words(value);

function Slots({ replicas }: { replicas: OpsPool["replicas"] }) {
  const { slots, more } = slotsOf(replicas);
  return (
    <span class="pool-slots" aria-hidden="true">
      {slots.map((slot, at) => (
        <span key={at} class="pool-slot" data-slot={slot} />
      ))}
      {more > 0 && <span class="small muted">+{more}</span>}
    </span>
  );
}
