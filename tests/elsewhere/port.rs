//! `venvwrap send` through a port of the loopback interface: login shells that say or lack something, connections that
//! break, and two at once. The network is the test's own, so that no port can be taken.

use super::ssh::Connected;

/// Starts the server, and adds users whose login shells are not what anybody would wish.
const LISTEN: &str = r#"
/usr/bin/python3 -c '
import fcntl, socket, struct
UP, RUNNING, SET_FLAGS = 0x1, 0x40, 0x8914
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh14x", b"lo", UP | RUNNING))'
sed -i 's/ProxyCommand .*/HostName 127.0.0.1/' "$ssh/config"
printf '  Port 4722\n' >>"$ssh/config"
# NAME SCRIPT
login() {
  printf '#!/bin/sh\n%s\n' "$2" >"$root/bin/login-$1"
  mkdir -p "$root/home/user-$1/.ssh"
  cp "$ssh/key.pub" "$root/home/user-$1/.ssh/authorized_keys"
  chown -R "$number:$number" "$root/home/user-$1"
  chmod +x "$root/bin/login-$1"
  user "user-$1" "/bin/login-$1"
}
# PROGRAM SCRIPT: what there is in place of a program, for users who have it.
instead() {
  mkdir -p "$root/instead-$1"
  printf '#!/bin/sh\n%s\n' "$2" >"$root/instead-$1/$1"
  chmod +x "$root/instead-$1/$1"
}
login greeting 'printf "Welcome> "; exec /bin/sh "$@"'
login flood 'n=0; while [ $n -lt 9999 ]; do echo "Welcome to this machine"; n=$((n + 1)); done; exec /bin/sh "$@"'
login gone 'exit 0'
login closed 'echo "This account is closed"; exit 1'
login notar 'PATH=/instead-tar:$PATH exec /bin/sh "$@"'
login musl 'PATH=/instead-getconf:/instead-ldd:$PATH exec /bin/sh "$@"'
login late 'PATH=/instead-mv:$PATH exec /bin/sh "$@"'
instead tar 'exit 2'
instead getconf 'exit 1'
instead ldd 'echo "musl libc (x86_64)" >&2; echo "Version 1.2.4" >&2; exit 1'
instead mv 'case $2 in */late) mkdir "$2" ;; esac; exec /bin/mv "$@"'
chroot "$root" /usr/sbin/sshd -D -f /ssh/config -o ListenAddress=127.0.0.1 -o Port=4722 &
server=$!
trap 'kill "$server"' EXIT
tries=0
until ssh user-dash@there true 2>/dev/null; do
  tries=$((tries + 1))
  test "$tries" -lt 1000
done
# CONTEXT COMMAND..: which must fail.
refused() {
  echo "$1:"
  shift
  if "$@" 2>&1; then echo 'no failure'; fi
}
# What a broken connection leaves is removed by the other side, when it hears of it.
settled() {
  tries=0
  while ls -d "$root"/home/user-*/.venvwrap-send-* >/dev/null 2>&1; do
    tries=$((tries + 1))
    test "$tries" -lt 20000 || { ls -dla "$root"/home/user-*/.venvwrap-send-*; break; }
  done
}
"#;

#[test]
fn greetings_do_no_harm_and_what_cannot_receive_is_refused() {
    let Some(connected) = Connected::new() else { return };
    let script = r#"
        for user in greeting flood; do
          venvwrap send api "user-$user@there"
          echo .virtualenvs/api/bin/compiled-tool | there "user-$user" | sed -n 's/.*42 /42 /p'
          venvwrap diff api "user-$user@there:api"
        done
        refused gone venvwrap send api user-gone@there
        refused 'gone diff' venvwrap diff api user-gone@there:api
        refused closed venvwrap send api user-closed@there
        refused notar venvwrap send api user-notar@there
        refused musl venvwrap send api user-musl@there
        refused late venvwrap send api user-late@there:late
        refused other venvwrap send api 'user-dash@there:~root/api'
        echo left:
        cd "$root/home"
        find user-gone user-closed user-notar user-musl user-late user-dash -mindepth 1 -not -path '*/.ssh*'
    "#;
    let outcome = connected.run(&format!("{LISTEN}\n{script}"));
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let start = "42 /home/user-greeting/.virtualenvs/api\n42 /home/user-flood/.virtualenvs/api\ngone:\n";
    assert!(outcome.stdout.starts_with(start), "{outcome:#?}");
    for words in [
        "could not send `api` to `user-gone@there`: the other machine gave no usable answer",
        "`user-gone@there` gave no usable answer",
        "hint: it printed `This account is closed`",
        "the other machine has no `tar`",
        "and the other machine has musl",
        "`late` exists on the other machine",
        "`user-dash@there:~root/api` is not `[USER@]HOST[:DIR]`",
    ] {
        assert!(outcome.stdout.contains(words), "{words}: {outcome:#?}");
    }
    assert!(
        !outcome.stdout.contains("no failure") && outcome.stdout.ends_with("left:\nuser-late/late\n"),
        "{outcome:#?}"
    );
}

#[test]
fn a_broken_connection_leaves_nothing_and_of_two_at_once_one_arrives() {
    let Some(connected) = Connected::new() else { return };
    let script = r#"
        venvwrap send api user-dash@there:both & first=$!
        venvwrap send api user-dash@there:both & second=$!
        arrived=0
        if wait "$first"; then arrived=$((arrived + 1)); fi
        if wait "$second"; then arrived=$((arrived + 1)); fi
        echo "arrived: $arrived"
        settled
        echo 'both/bin/compiled-tool; ls -A both' | there user-dash
        rm -rf "$root/home/user-dash/both"

        mkdir "$root/home/user-dash/.venvwrap-send-old"
        touch -d '3 days ago' "$root/home/user-dash/.venvwrap-send-old"
        mv "$ssh/bin/ssh" "$ssh/bin/whole"
        cat >"$ssh/bin/ssh" <<'END'
#!/bin/sh
# How the connection ends, when a part has arrived.
here=${0%/*}
case $* in
  *receive*) ;;
  *) exec "$here/whole" "$@" ;;
esac
mkfifo "$here/input"
"$here/whole" "$@" <"$here/input" &
exec 3>"$here/input"
rm "$here/input"
head -c 300000 >&3
read -r end server root <"$here/end"
# Where nothing has been made yet, nothing can be seen to go.
tries=0
until ls -d "$root"/home/user-dash/.venvwrap-send-* >/dev/null 2>&1 || test "$tries" -ge 20000; do
  tries=$((tries + 1))
done
case $end in
  client) kill -KILL "$!" ;;
  server)
    for process in /proc/[0-9]*; do
      if grep -q "^PPid:.$server\$" "$process/status" 2>/dev/null; then kill "${process##*/}"; fi
    done
    ;;
  interrupt) kill -INT "$PPID" && kill "$!" ;;
esac
wait "$!"
exit 255
END
        chmod +x "$ssh/bin/ssh"
        for end in client server interrupt; do
          echo "$end $server $root" >"$ssh/bin/end"
          refused "$end" venvwrap send api user-dash@there:new
          settled
        done
        echo left:
        cd "$root/home/user-dash"
        find . -mindepth 1 -not -path './.ssh*'
    "#;
    let outcome = connected.run(&format!("{LISTEN}\n{script}"));
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let there = outcome.stdout.split("client:\n").next().unwrap();
    assert!(there.starts_with("arrived: 1\n42 /home/user-dash/both\n"), "{outcome:#?}");
    assert!(!there.contains("venvwrap-send"), "{outcome:#?}");
    assert!(!outcome.stdout.contains("no failure") && outcome.stdout.ends_with("left:\n"), "{outcome:#?}");
    assert!(outcome.stdout.contains("could not send `api` to `user-dash@there`"), "{outcome:#?}");
}
