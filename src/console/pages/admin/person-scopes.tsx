import type { Scope } from "../../../review/access/roles.ts";
import type { UserView } from "../../../review/contract/admin.ts";
import { Menu } from "../../components/menu.tsx";
import { adminText } from "../../strings/admin.en.ts";

const text = adminText.person;
const scopes = ["ops", "export", "restricted", "ingest", "read"] as const satisfies Scope[];

interface Props {
  person: UserView;
  mayChange: boolean;
  onChange: (scopes: Scope[]) => void;
}

/** What a person may do beside their role. */
export function PersonScopes({ person, mayChange, onChange }: Props) {
  const words = person.scopes.length === 0 ? text.noScopes : person.scopes.join(", ");
  if (!mayChange) return <span>{words}</span>;
  return (
    <Menu label={words}>
      <fieldset class="stack">
        <legend>{text.scopesOf(person.name)}</legend>
        {scopes.map((scope) => (
          <label key={scope}>
            <input
              type="checkbox"
              checked={person.scopes.includes(scope)}
              onChange={(event) =>
                onChange(
                  event.currentTarget.checked
                    ? [...person.scopes, scope]
                    : person.scopes.filter((one) => one !== scope),
                )
              }
            />
            {adminText.scope[scope]}
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}
