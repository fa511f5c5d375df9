import type { Quality } from "../../../review/contract/quality.ts";
import { plainName } from "../../strings/format.en.ts";
import { qualityText } from "../../strings/quality.en.ts";
import { type QualityFilters, spans } from "./quality-filters.ts";

interface Props {
  filters: QualityFilters;
  /** What is known of the versions and models there are. */
  quality: Quality | null;
  show: "plots" | "tables";
  onChange: (filters: QualityFilters) => void;
  onShow: (show: "plots" | "tables") => void;
}

export function QualityFilterBar({ filters, quality, show, onChange, onShow }: Props) {
  return (
    <search class="row quality-filters" aria-label={qualityText.filters}>
      <label>
        <span class="unseen">{qualityText.span}</span>
        <select
          value={String(filters.days)}
          onChange={(event) => {
            const days = spans.find((span) => String(span) === event.currentTarget.value);
            if (days) onChange({ ...filters, days });
          }}
        >
          {spans.map((days) => (
            <option key={days} value={String(days)}>
              {qualityText.spans[days]}
            </option>
          ))}
        </select>
      </label>
      <Choice
        name={qualityText.policy}
        values={quality?.policyVersions ?? []}
        chosen={filters.policyVersion}
        onChange={(policyVersion) => onChange({ ...filters, policyVersion })}
      />
      <Choice
        name={qualityText.model}
        values={quality?.models ?? []}
        chosen={filters.model}
        onChange={(model) => onChange({ ...filters, model })}
      />
      <fieldset class="row quality-show">
        <legend class="unseen">{qualityText.show}</legend>
        {(["plots", "tables"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={show === one} onClick={() => onShow(one)}>
            {qualityText[one]}
          </button>
        ))}
      </fieldset>
    </search>
  );
}

interface ChoiceProps {
  name: string;
  values: readonly string[];
  chosen: string | null;
  onChange: (value: string | null) => void;
}

function Choice({ name, values, chosen, onChange }: ChoiceProps) {
  const all = chosen === null || values.includes(chosen) ? values : [chosen, ...values];
  return (
    <label>
      {name}
      <select value={chosen ?? ""} onChange={(event) => onChange(event.currentTarget.value || null)}>
        <option value="">{qualityText.all}</option>
        {all.map((value) => (
          <option key={value} value={value}>
            {plainName(value)}
          </option>
        ))}
      </select>
    </label>
  );
}
