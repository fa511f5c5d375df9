import { useTitle } from "../../shell/use-title.ts";
import { shellText } from "../../strings/shell.en.ts";

export default function AdminPage() {
  useTitle(shellText.page.admin);
  return (
    <main class="page" id="content">
      <h1>{shellText.page.admin}</h1>
    </main>
  );
}
