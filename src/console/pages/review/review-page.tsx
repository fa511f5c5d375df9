import { useTitle } from "../../shell/use-title.ts";
import { shellText } from "../../strings/shell.en.ts";

export default function ReviewPage() {
  useTitle(shellText.page.review);
  return (
    <main class="page" id="content">
      <h1>{shellText.page.review}</h1>
    </main>
  );
}
