/**
 * A shell script that holds the server as its child. Asked to end (SIGTERM), it has the server end its sessions and
 * write everything down. When standard input closes, for the supervisor was killed, it does the same; after ten
 * seconds more it has it end at once, which Postgres does within five. No Postgres of ours outlives its supervisor.
 *
 * `wait` is called again because a signal ends it early.
 */
export const postgresGuard = `
  exec 3<&0
  cd /
  LC_ALL=C "$@" & server=$!
  (
    cat <&3 >/dev/null
    kill -INT $server
    for second in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 $server || exit; done
    kill -QUIT $server
  ) 2>/dev/null & watcher=$!
  trap 'kill -INT $server' TERM INT
  wait $server; code=$?
  while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
  kill $watcher
  exit $code`;
