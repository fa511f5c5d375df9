import { parseTextFormat, TextFormatError, type TextMessage } from "../../model-server/text-format.ts";
import { InstallError } from "./install-error.ts";

/**
 * What callers of a model rely on, in words, from its config.pbtxt: versions of one model must agree on it, for they
 * share that file, and callers do not know which one answers.
 * @throws InstallError for a file that is no protobuf text
 */
export function servedInterface(configText: string, path: string): Record<string, string> {
  const config = parsed(configText, path);
  return {
    backend: wordOf(config, "backend") || wordOf(config, "platform"),
    input: tensorsOf(config, "input"),
    output: tensorsOf(config, "output"),
    labels: labelsOf(config),
  };
}

function parsed(text: string, path: string): TextMessage {
  try {
    return parseTextFormat(text);
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    throw new InstallError(`${path}: ${error.message}`, { cause: error });
  }
}

function messagesOf(message: TextMessage, field: string): TextMessage[] {
  return (message.get(field) ?? []).flatMap(({ value }) => (value instanceof Map ? [value] : []));
}

function wordOf(message: TextMessage, field: string): string {
  const value = message.get(field)?.[0]?.value;
  return value === undefined || value instanceof Map ? "" : String(value);
}

function tensorsOf(config: TextMessage, field: "input" | "output"): string {
  return messagesOf(config, field)
    .map((tensor) => {
      const dims = (tensor.get("dims") ?? []).map(({ value }) => String(value));
      return `"${wordOf(tensor, "name")}" ${wordOf(tensor, "data_type")} [${dims.join(", ")}]`;
    })
    .join(", ");
}

function labelsOf(config: TextMessage): string {
  const labels = messagesOf(config, "parameters").find((each) => wordOf(each, "key") === "labels");
  return labels
    ? messagesOf(labels, "value")
        .map((each) => wordOf(each, "string_value"))
        .join()
    : "";
}
