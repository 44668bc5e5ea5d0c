//! `venvwrap send` through the real ssh and sshd, to users with different login shells on another machine.
//!
//! sshd is started by ssh for each connection, and talks to it through a pipe: no port is opened, and no daemon is left.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::place::Place;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

/// Login shells, and the users that have them.
const SHELLS: [&str; 3] = ["dash", "fish", "tcsh"];

/// Adds the users, and an `ssh` that reaches the other machine and no other.
const CONNECT: &str = r#"
tree=$3 venvwrap=$4 ssh=$machine/ssh
export WORKON_HOME HOME
mkdir "$ssh" "$ssh/bin" "$root/ssh"
mkdir -p "$root/run/sshd"
if [ -n "$tree" ]; then cp -R "$tree/usr/." "$root/usr"; fi
ssh-keygen -q -t ed25519 -N '' -f "$ssh/key"
ssh-keygen -q -t ed25519 -N '' -f "$root/ssh/host"
number=4711
user() {
  printf '%s:x:%s:%s::/home/%s:%s\n' "$1" "$number" "$number" "$1" "$2" >>"$root/etc/passwd"
  printf '%s:*:19000::::::\n' "$1" >>"$root/etc/shadow"
  number=$((number + 1))
}
if ! grep -q '^sshd:' "$root/etc/passwd"; then user sshd /usr/sbin/nologin; fi
for shell in dash fish tcsh; do
  mkdir -p "$root/home/user-$shell/.ssh"
  cp "$ssh/key.pub" "$root/home/user-$shell/.ssh/authorized_keys"
  chown -R "$number:$number" "$root/home/user-$shell"
  user "user-$shell" "$(command -v "$shell" || echo /bin/sh)"
done
cat >"$root/ssh/config" <<END
HostKey /ssh/host
UsePAM no
PidFile none
StrictModes no
END
cat >"$ssh/config" <<END
Host there
  ProxyCommand chroot $root /usr/sbin/sshd -i -f /ssh/config
  IdentityFile $ssh/key
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
END
real=$(command -v ssh)
printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$real" "$ssh/config" >"$ssh/bin/ssh"
chmod +x "$ssh/bin/ssh"
PATH=$ssh/bin:$PATH
venvwrap() { "$venvwrap" "$@"; }
# USER: what runs there by sh.
there() { ssh "$1@there" sh; }
"#;

/// A machine that ssh reaches.
pub(super) struct Connected {
    place: Place,
    /// What is laid over the other machine where this one has no server.
    tree: OsString,
}

impl Connected {
    pub(super) fn new() -> Option<Self> {
        find_program("ssh")?;
        let tree = std::env::var_os("VENVWRAP_TEST_SSHD").unwrap_or_default();
        if tree.is_empty() && !Path::new("/usr/sbin/sshd").is_file() {
            skip("`sshd` is not installed");
            return None;
        }
        Some(Self { place: Place::new()?, tree })
    }

    /// Runs a script of sh that may also say `venvwrap`, and `there USER` for what runs on that machine.
    pub(super) fn run(&self, script: &str) -> Outcome {
        let program = OsStr::new(env!("CARGO_BIN_EXE_venvwrap"));
        self.place.run(&format!("{CONNECT}\n{script}"), &[self.tree.as_os_str(), program])
    }
}

#[test]
fn an_environment_arrives_through_every_login_shell() {
    let Some(connected) = Connected::new() else { return };
    let place = "it's a \"b\" $(touch PWN) !é";
    connected.place.sandbox.write("home/place", place);
    let script = r#"
        place=$(cat "$sandbox/home/place")
        for shell in dash fish tcsh; do
          venvwrap send api "user-$shell@there:$place"
          there "user-$shell" <<'END'
            place=$(cat /carried/place)
            "$HOME/$place/bin/compiled-tool"
            (. "$HOME/$place/bin/activate" && compiled-tool)
            ls -A | grep -v '^[.]ssh$\|^[.]config$\|^[.]local$\|^[.]cache$\|^it'
END
        done || :
        venvwrap send api user-dash@there
        echo '.virtualenvs/api/bin/compiled-tool; ls -A .virtualenvs' | there user-dash
        inside 'rm -rf /usr/bin/python3* /usr/lib/python3*'
        venvwrap send --with-python api user-tcsh@there:/home/user-tcsh/alone
        echo '/home/user-tcsh/alone/bin/compiled-tool' | there user-tcsh
    "#;
    let outcome = connected.run(script);
    let mut expected = String::new();
    for shell in SHELLS {
        expected += &format!("42 /home/user-{shell}/{place}\n").repeat(2);
    }
    expected += "42 /home/user-dash/.virtualenvs/api\napi\n42 /home/user-tcsh/alone\n";
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), expected.as_str()), "{outcome:#?}");
}

#[test]
fn what_cannot_arrive_is_refused_and_leaves_nothing() {
    let Some(connected) = Connected::new() else { return };
    let script = r#"
        # CONTEXT COMMAND..: which must fail.
        refused() {
          echo "$1:"
          shift
          if "$@" 2>&1; then echo 'no failure'; fi
        }
        left() { inside "cd /home/user-dash; find . -not -path './.ssh*' -not -path './made*' | sort"; }
        home=$root/home/user-dash
        mkdir "$home/made" "$home/made/closed" "$home/made/small" "$home/made/tiny"
        mount --bind "$home/made/closed" "$home/made/closed"
        mount -o remount,bind,ro "$home/made/closed"
        mount -t tmpfs -o size=1m,mode=777 none "$home/made/tiny"
        mount -t tmpfs -o size=200m,nr_inodes=100,mode=777 none "$home/made/small"
        ln -s /usr/bin/env "$home/made/python3.1"
        printf '#!/bin/sh\necho 3.1 cpython -\n' >"$home/made/python-old"
        chmod +x "$home/made/python-old"

        refused 'read-only' venvwrap send api user-dash@there:made/closed/api
        refused 'root' venvwrap send api user-dash@there:/api
        chmod a-w "$home"
        refused 'home' venvwrap send api user-dash@there:new
        refused 'below home' venvwrap send api user-dash@there:sub/new
        chmod u+w "$home"
        refused 'no room' venvwrap send api user-dash@there:made/tiny/api
        refused 'full' venvwrap send api user-dash@there:made/small/api
        find "$home/made/small" -mindepth 1
        refused 'other Python' venvwrap send api user-dash@there:new --python "$home/made/python-old"
        refused 'other Python there' venvwrap send api user-dash@there:new --python /home/user-dash/made/python-old
        refused 'no Python at all' venvwrap send api user-dash@there:new --python /home/user-dash/made/python3.1

        mv "$ssh/bin/ssh" "$ssh/bin/whole"
        cat >"$ssh/bin/ssh" <<'END'
#!/bin/sh
# The second half of what is sent never arrives.
case $* in
  *receive*) head -c 500000 | "${0%/*}/whole" "$@" ;;
  *) exec "${0%/*}/whole" "$@" ;;
esac
END
        chmod +x "$ssh/bin/ssh"
        refused 'interrupted' venvwrap send api user-dash@there:new
        mv "$ssh/bin/whole" "$ssh/bin/ssh"

        mkdir -p "$root/usr/local/bin"
        printf '#!/bin/sh\necho glibc 2.1\n' >"$root/usr/local/bin/getconf"
        chmod +x "$root/usr/local/bin/getconf"
        refused 'old glibc' venvwrap send api user-dash@there:new
        rm "$root/usr/local/bin/getconf"
        inside 'rm -rf /usr/bin/python3* /usr/local/bin/python3*'
        refused 'no Python' venvwrap send api user-dash@there:new
        echo "left:"
        left
    "#;
    let outcome = connected.run(script);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let after = |context: &str| {
        let at = lines.iter().position(|line| *line == format!("{context}:")).unwrap();
        lines[at + 1..].iter().take_while(|line| !line.ends_with(':')).copied().collect::<Vec<_>>().join("\n")
    };
    for (context, words) in [
        ("read-only", "`made/closed/api` cannot be written on the other machine"),
        ("root", "`/api` cannot be written on the other machine"),
        ("home", "`new` cannot be written on the other machine"),
        ("below home", "`sub/new` cannot be written on the other machine"),
        ("no room", "the other machine has 1 MB free"),
        ("full", "No space left on device"),
        ("other Python", "python-old` on the other machine"),
        ("other Python there", "is cpython 3.1"),
        ("no Python at all", "is none that runs"),
        ("interrupted", "`user-dash@there` could not receive it"),
        ("old glibc", "and the other machine has 2.1"),
        ("no Python", "has no Python 3."),
    ] {
        assert!(after(context).contains(words), "{context}: {words}: {outcome:#?}");
        assert!(after(context).contains("error: could not send `api` to `user-dash@there`"), "{context}: {outcome:#?}");
    }
    assert_eq!(after("left"), ".", "{outcome:#?}");
}
