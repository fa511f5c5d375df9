import type { ComponentChildren } from "preact";
import { Queries } from "../../api/queries.tsx";
import { mayActAs } from "../../session/me.ts";
import { pages } from "../../shell/pages.ts";
import { useTitle } from "../../shell/use-title.ts";
import { adminText } from "../../strings/admin.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { ActionsForm } from "./actions-form.tsx";
import { KeysSection } from "./keys-section.tsx";
import { LogSection } from "./log-section.tsx";
import { PeopleSection } from "./people-section.tsx";
import { RetentionPreview } from "./retention-preview.tsx";
import { type AdminSection, sectionNames, sections } from "./sections.ts";
import { SettingForm } from "./setting-form.tsx";
import "./admin.css";

/** Keys, people and the settings that hold for everybody. */
export default function AdminPage({ section }: { section?: string; path?: string }) {
  useTitle(shellText.page.admin);
  const open = sectionNames.filter((name) => mayActAs(sections[name]));
  const chosen = open.find((name) => name === section) ?? open[0];
  return (
    <Queries>
      <main class="page admin" id="content">
        <h1>{shellText.page.admin}</h1>
        <nav class="admin-nav" aria-label={adminText.sections}>
          {open.map((name) => (
            <a key={name} href={`${pages.admin.path}/${name}`} aria-current={name === chosen ? "page" : undefined}>
              {adminText.section[name]}
            </a>
          ))}
        </nav>
        {chosen && (
          <section key={chosen} class="stack admin-section" aria-label={adminText.section[chosen]}>
            <h2>{adminText.section[chosen]}</h2>
            <p class="muted">{adminText.words[chosen]}</p>
            {contents[chosen]()}
          </section>
        )}
      </main>
    </Queries>
  );
}

const contents: Record<AdminSection, () => ComponentChildren> = {
  keys: () => <KeysSection />,
  people: () => <PeopleSection />,
  evidence: () => <SettingForm form="retention" preview={(value) => <RetentionPreview value={value} />} />,
  exposure: () => <SettingForm form="exposure" />,
  targets: () => <SettingForm form="targets" />,
  actions: () => <ActionsForm />,
  log: () => <LogSection />,
};
