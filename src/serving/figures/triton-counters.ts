/** What Triton's metrics say; https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html */

/** What a server has counted since it started, its models and their versions all together. */
export interface TritonCounters {
  /** Failed ones as well. */
  requests: number;
  /** Times are of these alone. */
  succeeded: number;
  /** Rows, such as pictures. */
  inferences: number;
  /** Batches. */
  executions: number;
  /** That requests waited in the queue, summed up. */
  queuedUs: number;
}

export function readTritonCounters(text: string): TritonCounters {
  const succeeded = sumOf(text, "nv_inference_request_success");
  return {
    requests: succeeded + sumOf(text, "nv_inference_request_failure"),
    succeeded,
    inferences: sumOf(text, "nv_inference_count"),
    executions: sumOf(text, "nv_inference_exec_count"),
    queuedUs: sumOf(text, "nv_inference_queue_duration_us"),
  };
}

/** A counter in the Prometheus text format, summed up over its labels and rounded; 0 where it is not there. */
export function sumOf(text: string, metric: string): number {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${metric}{`))
    .reduce((total, line) => total + Math.round(Number(line.slice(line.lastIndexOf(" ") + 1))), 0);
}
