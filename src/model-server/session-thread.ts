/**
 * One thread of the model server: holds a single-threaded ONNX Runtime session per model version and runs what it
 * is sent, in order. ONNX Runtime's Node binding computes on the thread that calls it, which is why the sessions
 * do not live beside the gRPC server.
 */
import { parentPort } from "node:worker_threads";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type DatatypeName, datatypes } from "./datatypes.ts";

/** A tensor on its way between threads: row-major elements, little-endian. */
export interface ThreadTensor {
  name: string;
  datatype: DatatypeName;
  dims: readonly number[];
  bytes: Uint8Array<ArrayBuffer>;
}

export type ThreadRequest =
  | { kind: "load"; id: number; session: string; path: string }
  | { kind: "run"; id: number; session: string; inputs: ThreadTensor[]; outputs: string[] }
  | { kind: "unload"; id: number; session: string };

export type ThreadReply = { id: number } & (
  | { kind: "loaded"; inputs: SessionTensor[]; outputs: SessionTensor[] }
  | { kind: "ran"; outputs: ThreadTensor[]; computeMs: number }
  | { kind: "unloaded" }
  | { kind: "failed"; message: string }
);

/**
 * An input or output as the .onnx file has it; `type` is ONNX Runtime's name of the datatype. A dimension that varies
 * is a name or -1.
 */
export interface SessionTensor {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

const sessions = new Map<string, InferenceSession>();

parentPort?.on("message", async (request: ThreadRequest) => {
  const { id } = request;
  const reply = (message: ThreadReply) => parentPort?.postMessage(message);
  try {
    reply({ id, ...(await answer(request)) });
  } catch (error) {
    reply({ id, kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
});

type Answer = ThreadReply extends infer Reply ? (Reply extends ThreadReply ? Omit<Reply, "id"> : never) : never;

async function answer(request: ThreadRequest): Promise<Answer> {
  switch (request.kind) {
    case "load": {
      const session = await InferenceSession.create(request.path, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        // Saves some 10 MB a session at no cost in time.
        enableMemPattern: false,
        logSeverityLevel: 3,
      });
      sessions.set(request.session, session);
      return { kind: "loaded", inputs: tensorsOf(session.inputMetadata), outputs: tensorsOf(session.outputMetadata) };
    }
    case "run":
      return await run(request);
    case "unload":
      await sessions.get(request.session)?.release();
      sessions.delete(request.session);
      return { kind: "unloaded" };
  }
}

async function run({ session, inputs, outputs }: Extract<ThreadRequest, { kind: "run" }>): Promise<Answer> {
  const loaded = sessions.get(session);
  if (!loaded) throw new Error(`session ${session} is not loaded`);
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, onnxTensor(input)]));
  const startedAtMs = performance.now();
  const results = await loaded.run(feeds, outputs);
  const computeMs = performance.now() - startedAtMs;
  return { kind: "ran", outputs: outputs.map((name) => threadTensor(name, results[name])), computeMs };
}

function onnxTensor({ datatype, dims, bytes }: ThreadTensor): Tensor {
  const { onnx, array: ElementArray } = datatypes[datatype];
  return new Tensor(onnx, new ElementArray(bytes.buffer), dims);
}

function threadTensor(name: string, tensor: Tensor | undefined): ThreadTensor {
  const datatype = Object.entries(datatypes).find(([, { onnx }]) => onnx === tensor?.type)?.[0];
  if (!tensor || !datatype || Array.isArray(tensor.data))
    throw new Error(`output "${name}" is ${tensor?.type ?? "missing"}, which is not served`);
  const { buffer, byteOffset, byteLength } = tensor.data;
  const bytes = new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
  return { name, datatype: datatype as DatatypeName, dims: tensor.dims, bytes };
}

function tensorsOf(metadata: readonly InferenceSession.ValueMetadata[]): SessionTensor[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: [...value.shape] }
      : { name: value.name, type: "no tensor", shape: [] },
  );
}
