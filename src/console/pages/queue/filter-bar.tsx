import type { Ref } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { Menu } from "../../components/menu.tsx";
import { SeverityMark } from "../../components/severity-mark.tsx";
import { StateMark } from "../../components/state-mark.tsx";
import { ariaKeysOf, labelOf } from "../../keys/key-label.ts";
import { keymap } from "../../keys/key-listener.ts";
import { me } from "../../session/me.ts";
import { plainName } from "../../strings/format.en.ts";
import { queueText } from "../../strings/queue.en.ts";
import { ChoiceMenu } from "./choice-menu.tsx";
import { activeFilters, kinds, noFilters, type QueueFilters, severities, states } from "./filters.ts";
import type { KnownValues } from "./known-values.ts";
import { SavedViews } from "./saved-views-menu.tsx";

interface Props {
  filters: QueueFilters;
  known: KnownValues;
  searchRef: Ref<HTMLInputElement>;
  onChange: (filters: QueueFilters) => void;
}

/** Search and filters; each change is in the address at once. */
export function FilterBar({ filters, known, searchRef, onChange }: Props) {
  const change = (changes: Partial<QueueFilters>) => onChange({ ...filters, ...changes });
  const beside = activeFilters(filters).filter((name) => ["policyVersion", "kind", "holder"].includes(name)).length;
  return (
    <search class="row queue-filters" aria-label={queueText.filters}>
      <SearchField value={filters.search} inputRef={searchRef} onChange={(search) => change({ search })} />
      <ChoiceMenu
        name={queueText.filter.severity}
        values={severities}
        chosen={filters.severity}
        words={(severity) => <SeverityMark severity={severity} />}
        onChange={(severity) => change({ severity })}
      />
      <ChoiceMenu
        name={queueText.filter.category}
        values={known.categories}
        chosen={filters.category}
        onChange={(category) => change({ category })}
      />
      <ChoiceMenu
        name={queueText.filter.state}
        values={states}
        chosen={filters.state}
        words={(state) => <StateMark state={state} />}
        hint={queueText.notClosed}
        onChange={(state) => change({ state })}
      />
      <ChoiceMenu
        name={queueText.filter.model}
        values={known.models}
        chosen={filters.model}
        onChange={(model) => change({ model })}
      />
      <Menu label={queueText.chosen(queueText.more, beside)} chosen={beside > 0}>
        <Select
          name={queueText.filter.policyVersion}
          values={known.policyVersions}
          chosen={filters.policyVersion}
          onChange={(policyVersion) => change({ policyVersion })}
        />
        <Select
          name={queueText.filter.kind}
          values={kinds}
          chosen={filters.kind}
          words={(kind) => queueText.kinds[kind]}
          onChange={(kind) => change({ kind })}
        />
        <label>
          <input
            type="checkbox"
            checked={filters.holder !== null}
            onChange={(event) => change({ holder: event.currentTarget.checked ? (me.value?.user.id ?? null) : null })}
          />
          {queueText.heldByMe}
        </label>
      </Menu>
      <SavedViews filters={filters} onChoose={onChange} />
      {activeFilters(filters).length > 0 && (
        <button type="button" class="plain" onClick={() => onChange(noFilters)}>
          {queueText.clearAll}
        </button>
      )}
    </search>
  );
}

const pauseMs = 250;

/** Searches when the person pauses, so that each letter does not ask the server. */
function SearchField({
  value,
  inputRef,
  onChange,
}: {
  value: string;
  inputRef: Ref<HTMLInputElement>;
  onChange: (search: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  const hint = useId();
  const key = labelOf(keymap.value, "queue.search");
  return (
    <span class="queue-search">
      {key && (
        <span class="key" aria-hidden="true">
          {key}
        </span>
      )}
      <input
        ref={inputRef}
        type="search"
        maxLength={256}
        placeholder={queueText.search}
        aria-label={queueText.search}
        aria-describedby={hint}
        aria-keyshortcuts={ariaKeysOf(keymap.value, "queue.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <span id={hint} class="unseen">
        {queueText.searchHint}
      </span>
    </span>
  );
}

interface SelectProps<Value extends string> {
  name: string;
  values: readonly Value[];
  chosen: Value | null;
  words?: (value: Value) => string;
  onChange: (value: Value | null) => void;
}

function Select<Value extends string>({ name, values, chosen, words, onChange }: SelectProps<Value>) {
  return (
    <label class="above">
      {name}
      <select
        value={chosen ?? ""}
        onChange={(event) => onChange(values.find((value) => value === event.currentTarget.value) ?? null)}
      >
        <option value="">{queueText.any}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {words ? words(value) : plainName(value)}
          </option>
        ))}
      </select>
    </label>
  );
}
