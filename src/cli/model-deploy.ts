import { Command, InvalidArgumentError, Option } from "commander";
import { precisions, servingBackends } from "../serving/resource/model-server-spec.ts";
import { parseDuration, wholeNumber } from "./parse-options.ts";
import { type DeployOptions, runDeploy } from "./run-deploy.ts";
import { parseModelName } from "./serving-options.ts";

const servers = wholeNumber(1, 1_000);
const defaultTimeoutMs = 30 * 60_000;

export const modelDeployCommand = new Command("deploy")
  .description("Write a ModelServer into the Kubernetes cluster: an inference server for a model")
  .argument("<name>", "the ModelServer's; workers name it")
  .requiredOption(
    "--uri <uri>",
    "gs://BUCKET/MODEL/VERSION, https://HOST/MODEL/VERSION or volume://CLAIM/MODEL/VERSION",
  )
  .option("--model <name>", "name by which workers ask for the model (default: the ModelServer's)", parseModelName)
  .addOption(new Option("--precision <precision>", "bits of the model's numbers").choices(precisions))
  .addOption(new Option("--backend <backend>", "what of Triton runs it (default: chosen)").choices(servingBackends))
  .option("--gpu <type>", "GPU type, such as nvidia-t4 (default: CPU only)")
  .option("--gpu-clients <n>", "servers that share one GPU", wholeNumber(2, 48))
  .option("--min <n>", "servers that always run", servers)
  .option("--max <n>", "servers that may run (default: as --min)", servers)
  .option("--latency-goal <duration>", "what a request takes in the server at most, such as 50ms", parseGoDuration)
  .option("--max-batch <n>", "pictures in the largest batch", wholeNumber(1, 1_024))
  .option("--queue-delay <duration>", "how long a request waits to share its batch, such as 2ms", parseGoDuration)
  .option("--cpu <quantity>", "CPU that a server asks for")
  .option("--memory <quantity>", "memory that it asks for, and gets no more of, such as 4Gi")
  .option("--service-account <name>", "account that may read the model and write engines")
  .option("--labels <labels>", "the URI names a SavedModel: its classes in order, with commas between", parseLabels)
  .option("--normalise <range>", "with --labels: what the model was trained on, such as -1..1")
  .option("--engines <uri>", "where converted models are kept, gs://…")
  .option("--namespace <name>", "namespace (default: that of the kubeconfig's context)")
  .option("--dry-run", "print the resource, and write nothing")
  .option("--wait", "print its conditions as they change, until it serves this or the version is refused")
  .option("--timeout <duration>", "with --wait: give up after so long (30s, 5m, 1h)", parseDuration, defaultTimeoutMs)
  .option("--force", "take fields that were set by others, such as kubectl")
  .addHelpText(
    "after",
    `
Examples:
  briareus model deploy high-risk --uri gs://models/high-risk/3 --gpu nvidia-t4 --max 4 --latency-goal 50ms --wait
  briareus model deploy high-risk --uri gs://models/high-risk/3 --dry-run > high-risk.yaml

A field that an earlier deploy set and this one leaves out goes back to its default. docs/serving.md has the rest.`,
  )
  .action((name: string, options: DeployOptions) => runDeploy(name, options));

/** As the resource takes it. @throws InvalidArgumentError */
function parseGoDuration(text: string): string {
  if (/^\d{1,13}(ms|s|m|h)$/.test(text)) return text;
  throw new InvalidArgumentError("must be a whole number with a unit: 50ms, 2s, 1m or 1h.");
}

function parseLabels(text: string): string[] {
  const labels = text.split(",").map((label) => label.trim());
  if (labels.every((label) => label !== "")) return labels;
  throw new InvalidArgumentError("must be names with commas between: calm,angry.");
}
