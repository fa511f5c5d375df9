/** `briareus model deploy`: prints the resource, or writes it and waits until it serves. */
import { stringify } from "yaml";
import { pathOf } from "../serving/cluster/kinds.ts";
import { ModelServer } from "../serving/resource/model-server.ts";
import { inWordsOfCluster, openCluster } from "./cluster.ts";
import { CommandError } from "./exit.ts";
import { type ModelServerOptions, modelServerManifest } from "./model-server-manifest.ts";
import { waitForServer } from "./wait-for-server.ts";

export interface DeployOptions extends ModelServerOptions {
  namespace?: string;
  dryRun?: true;
  wait?: true;
  timeout: number;
  force?: true;
}

const fieldManager = "briareus-model-deploy";

/** @throws CommandError */
export async function runDeploy(name: string, options: DeployOptions): Promise<void> {
  if (options.dryRun) {
    process.stdout.write(stringify(modelServerManifest(name, options.namespace, options)));
    return;
  }
  const cluster = openCluster(options.namespace);
  const { client, namespace } = cluster;
  const path = pathOf("ModelServer", namespace, encodeURIComponent(name));
  try {
    const written = await client.ask("PATCH", path, {
      query: { fieldManager, force: String(options.force === true), fieldValidation: "Strict" },
      body: modelServerManifest(name, namespace, options),
      contentType: "application/apply-patch+yaml",
    });
    const { generation } = ModelServer.parse(written).metadata;
    console.log(`ModelServer ${name} is written to namespace ${namespace}`);
    if (options.wait) await waitForServer({ client, path, generation, timeoutMs: options.timeout, tell: console.log });
  } catch (error) {
    const known = inWordsOfCluster(error, cluster);
    if (known instanceof CommandError && /^Apply failed with \d+ conflict/.test(known.message))
      throw new CommandError(`${known.message}\n--force takes these fields from whoever set them`);
    throw known;
  }
}
