/**
 * Holds a server as its child and ends it when standard input closes: it cannot outlive a supervisor that was itself
 * killed. `wait` comes twice because a signal ends the first one early.
 */
const guard = `
  signal=$1; shift
  exec 3<&0
  "$@" & server=$!
  (cat <&3 >/dev/null; kill -$signal $server) 2>/dev/null & watcher=$!
  trap 'kill $server' TERM INT
  wait $server; code=$?
  while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
  kill $watcher
  exit $code`;

/**
 * A command line that runs `program` under a guard. Its standard input must be a pipe that its supervisor holds open.
 * @param orphanSignal what the program gets when its supervisor is gone
 */
export function guarded(
  program: string,
  args: readonly string[],
  orphanSignal: "KILL" | "TERM",
): { program: string; args: string[] } {
  return { program: "sh", args: ["-c", guard, "guard", orphanSignal, program, ...args] };
}
