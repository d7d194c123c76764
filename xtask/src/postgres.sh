# Keeps one PostgreSQL running for as long as this script's standard input stays open, then stops it
# and removes its folder. Whoever started the script holds the other end of that pipe; the kernel
# closes it however he dies, so no server is ever left behind, not even by SIGKILL.
#
# Arguments: folder of PostgreSQL's programs, our own folder, the server's options, initdb's options.
# Prints "ready" once connections are accepted.

# The signals that end our starter, or a write to him when he is gone, must not end us before we
# have cleaned up.
trap '' HUP INT TERM PIPE
bin=$1 home=$2 options=$3 init=$4
status=0

# shellcheck disable=SC2086 # several options in one word
if "$bin/initdb" -D "$home/data" -U postgres --auth=trust --encoding=UTF8 --locale=C $init \
        </dev/null >"$home/log" 2>&1 &&
    "$bin/pg_ctl" start -D "$home/data" -w -t 60 -l "$home/log" -o "$options" \
        </dev/null >"$home/start" 2>&1
then
    echo ready
    cat >/dev/null
    "$bin/pg_ctl" stop -D "$home/data" -m immediate >/dev/null 2>&1
else
    cat "$home/log" "$home/start" >&2
    "$bin/pg_ctl" stop -D "$home/data" -m immediate >/dev/null 2>&1
    status=1
fi
cd / && rm -rf "$home"
exit "$status"
