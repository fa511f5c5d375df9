import { useState } from "preact/hooks";
import { RequestError } from "../../api/request-error.ts";
import { Menu } from "../../components/menu.tsx";
import { PlainName } from "../../components/plain-name.tsx";
import { prefer, preferences } from "../../session/preferences.ts";
import { queueText } from "../../strings/queue.en.ts";
import { formatFilters, parseFilters, type QueueFilters } from "./filters.ts";
import { longestViewName, type SavedView, viewObstacle, withoutView, withView } from "./saved-views.ts";

interface Props {
  filters: QueueFilters;
  onChoose: (filters: QueueFilters) => void;
}

/** The person's named filters: choose, save under a name, delete. */
export function SavedViews({ filters, onChoose }: Props) {
  const views = preferences.value?.savedViews ?? [];
  const query = formatFilters(filters);
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const store = async (savedViews: SavedView[]) => {
    try {
      await prefer({ savedViews });
      setProblem(null);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setProblem(`${queueText.viewFailed} ${error.message}`);
    }
  };
  const save = (event: Event) => {
    event.preventDefault();
    const obstacle = viewObstacle(views, name);
    if (obstacle) return setProblem(queueText.viewObstacle[obstacle]);
    setName("");
    return store(withView(views, { name: name.trim(), query }));
  };
  return (
    <Menu label={queueText.views} chosen={views.some((view) => view.query === query && query !== "")}>
      {views.length === 0 && <p class="muted">{queueText.noViews}</p>}
      <ul class="bare stack">
        {views.map((view) => (
          <li key={view.name} class="row saved-view">
            <button
              type="button"
              class="plain"
              aria-pressed={view.query === query}
              onClick={() => onChoose(parseFilters(view.query))}
            >
              <PlainName>{view.name}</PlainName>
            </button>
            <button
              type="button"
              class="plain"
              aria-label={queueText.deleteView(view.name)}
              onClick={() => store(withoutView(views, view.name))}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </li>
        ))}
      </ul>
      <form class="row" onSubmit={save}>
        <input
          aria-label={queueText.viewName}
          placeholder={queueText.viewName}
          maxLength={longestViewName}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit">{queueText.saveView}</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
    </Menu>
  );
}
