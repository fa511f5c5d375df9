import type { ComponentChildren } from "preact";
import type { Level } from "../../../review/contract/ops.ts";
import { opsText } from "../../strings/ops.en.ts";

const signs = { normal: "", warning: "▲", breach: "⬢" } satisfies Record<Level, string>;

interface Props {
  level: Level;
  /** For how long it has been at this level. */
  forMs?: number;
  children: ComponentChildren;
}

/** A value at its level: what is normal has no colour; the rest has a sign, and a word for those who do not see it. */
export function Levelled({ level, forMs, children }: Props) {
  if (level === "normal") return <>{children}</>;
  return (
    <span
      class="ops-level"
      data-level={level}
      title={forMs === undefined ? undefined : `${opsText.level[level]} ${opsText.forLong(forMs)}`}
    >
      <span aria-hidden="true">{signs[level]}</span> {children}
      <span class="unseen"> {opsText.level[level]}</span>
    </span>
  );
}
