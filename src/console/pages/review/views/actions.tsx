import type { Me } from "../../../../review/contract/me.ts";
import { CommandButton } from "../../../components/command-button.tsx";
import type { CommandId } from "../../../keys/commands.ts";
import type { Mute } from "../../../keys/key-gate.ts";
import { mayActAs } from "../../../session/me.ts";
import { keysText } from "../../../strings/keys.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import { shellText } from "../../../strings/shell.en.ts";
import type { Layer, OnStage } from "../session/review-state.ts";
import type { Deciding } from "./use-deciding.ts";

const text = reviewText.actions;

interface Props {
  stage: OnStage | null;
  me: Me;
  mute: Mute | null;
  layer: Layer;
  deciding: Deciding;
}

/** Every act as a button with its key, milder ones first. */
export function Actions({ stage, me, mute, layer, deciding }: Props) {
  const why = mute ? keysText.mute[mute] : null;
  return (
    <fieldset class="actions" aria-label={text.label} data-muted={mute ?? undefined}>
      <CommandButton command="review.no-violation" onPress={deciding.noViolation} muted={why} class="decision">
        {reviewText.noViolation}
      </CommandButton>
      <span class="actions-force">
        {me.actions.map((action, at) => (
          <CommandButton
            key={action.id}
            command={`review.action.${at + 1}` as CommandId}
            onPress={() => deciding.action(action)}
            muted={mayActAs(action.role) ? why : text.forRole(shellText.role[action.role])}
            class={action.severe ? "decision severe" : "decision"}
          >
            {action.severe ? text.severe(action.label) : action.label}
          </CommandButton>
        ))}
      </span>
      <span class="actions-rest">
        <CommandButton
          command="review.category"
          onPress={() => deciding.open("category")}
          muted={why}
          expanded={layer === "category"}
          class="decision"
        >
          {text.category(stage?.category ?? "–")}
        </CommandButton>
        <CommandButton command="review.escalate" onPress={() => deciding.open("escalate")} muted={why} class="decision">
          {text.escalate}
        </CommandButton>
        <CommandButton
          command="review.skip"
          onPress={() => deciding.open("skip")}
          muted={why}
          expanded={layer === "skip"}
          class="decision"
        >
          {text.skip}
        </CommandButton>
      </span>
    </fieldset>
  );
}
