import type { ComponentChildren } from "preact";
import "./data-table.css";

interface Props {
  label: string;
  /** The names of the columns; `number` stands at the end of its cell. */
  columns: readonly { name: string; number?: boolean }[];
  rows: readonly { key: string; cells: readonly ComponentChildren[] }[];
}

/** A plain table that scrolls sideways by itself where it does not fit. */
export function DataTable({ label, columns, rows }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div class="data-table" tabIndex={0}>
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ name, number }) => (
              <th key={name} scope="col" class={number ? "number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {columns.map(({ name, number }, at) => (
                <td key={name} class={number ? "number" : undefined}>
                  {cells[at]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
