/** A subscriber that prints the id of each message it gets and never acks: the process that a test kills. */
import { PubSub } from "@google-cloud/pubsub";

const [address, subscription] = process.argv.slice(2);
if (!address || !subscription) throw new Error("usage: hold-messages ADDRESS SUBSCRIPTION");

new PubSub({ projectId: "tests", apiEndpoint: address })
  .subscription(subscription, { streamingOptions: { maxStreams: 1 } })
  .on("message", ({ id }) => process.stdout.write(`${id}\n`));
