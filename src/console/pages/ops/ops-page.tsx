import { Queries } from "../../api/queries.tsx";
import { Failed, Outlines } from "../../components/panel-states.tsx";
import { useTitle } from "../../shell/use-title.ts";
import { opsText } from "../../strings/ops.en.ts";
import { shellText } from "../../strings/shell.en.ts";
import { Pipeline } from "./pipeline.tsx";
import { useOpsState } from "./use-ops-data.ts";
import "./ops.css";

/** How the pipeline stands, what it did in the last hour, and the way to change it. */
export default function OpsPage() {
  useTitle(shellText.page.ops);
  return (
    <Queries>
      <main class="page ops" id="content">
        <h1 class="unseen">{shellText.page.ops}</h1>
        <Content />
      </main>
    </Queries>
  );
}

function Content() {
  const { data, error, refetch } = useOpsState();
  if (data) return <Pipeline state={data} />;
  return error ? (
    <Failed what={opsText.failed} error={error} onRetry={() => void refetch()} />
  ) : (
    <Outlines rows={4} height="8rem" />
  );
}
