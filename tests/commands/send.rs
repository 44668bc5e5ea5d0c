//! `venvwrap send`, with a stand-in for ssh that does what sshd does: it gives the command to the login shell.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::program::{call, create, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, unshare};

/// Notes its arguments, and runs the command in another home directory, by the shell that is to be used there.
const SSH: &str = r#"#!/bin/sh
here=${0%/*}
printf '%s\n' "$*" >>"$here/log"
while [ "$1" != -- ]; do shift; done
cd "$here/../there" || exit 255
HOME=$PWD
export HOME
exec "$(cat "$here/shell")" -c "$3"
"#;

fn set_up() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    create(&sandbox, &python()?, "api");
    sandbox.write_program("ssh/ssh", SSH);
    fs::create_dir(sandbox.path("there")).unwrap();
    sandbox.write("ssh/shell", "/bin/sh");
    Some(sandbox)
}

fn send(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["send", "api"], arguments].concat());
    let base = fs::read_link(sandbox.env_path("api/bin/python")).unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", sandbox.path("ssh").display(), base.parent().unwrap().display());
    Outcome::new(sandbox, &command.env("PATH", path).output().unwrap())
}

#[track_caller]
fn assert_runs(sandbox: &Sandbox, place: &str) {
    let place: PathBuf = sandbox.path("there").join(place);
    let output = sandbox.command(&place.join("bin/pip")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(place.to_str().unwrap()), "{output:?}");
    let activated = sandbox
        .command("/bin/sh".as_ref())
        .args(["-c", ". \"$1/bin/activate\" && pip --version", "-"])
        .arg(&place)
        .output();
    assert!(activated.as_ref().unwrap().status.success(), "{activated:?}");
    let hidden = names_in(&sandbox.path("there")).into_iter().filter(|name| name.to_string_lossy().contains("send"));
    assert_eq!(hidden.count(), 0, "nothing else is left there");
}

#[test]
fn every_login_shell_receives_an_environment() {
    let Some(sandbox) = set_up() else { return };
    for (number, shell) in ["dash", "fish", "tcsh", "bash", "zsh"].iter().enumerate() {
        let Some(shell) = find_program(shell) else { continue };
        sandbox.write("ssh/shell", shell.to_str().unwrap());
        let place = format!("it's a !b $(touch PWN) {number}");
        let outcome = send(&sandbox, &[&format!("me@host:{place}")]);
        assert_eq!(outcome.status, Some(0), "{shell:?} {outcome:?}");
        assert!(outcome.stderr.starts_with("sent `api` to `me@host:"), "{outcome:?}");
        assert_runs(&sandbox, &place);
    }
    let outcome = send(&sandbox, &["--json", "me@host:by json"]);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&json["host"], &json["path"]), (&"me@host".into(), &"by json".into()), "{outcome:?}");
    assert_eq!((&json["manifest"]["name"], &json["manifest"]["schema"]), (&"api".into(), &1.into()), "{json}");
    sandbox.write("envs/api/.env", "PASSWORD=1");
    for (argument, place) in [("host", ".virtualenvs/api"), ("host:~/envs/new/", "envs/new")] {
        let outcome = send(&sandbox, &[argument]);
        assert_eq!(outcome.status, Some(0), "{argument:?} {outcome:?}");
        assert!(outcome.stderr.contains("these hold passwords and were left out"), "{outcome:?}");
        assert_runs(&sandbox, place);
    }
    call(&sandbox, &["variables", "set", "-n", "api", "TOKEN=x"]).succeeds("variables");
    assert_eq!(send(&sandbox, &["--with-secrets", "host:secrets"]).status, Some(0));
    for name in [".env", "venvwrap-variables.toml"] {
        let mode = fs::metadata(sandbox.path("there/secrets").join(name)).unwrap().permissions().mode();
        assert_eq!((mode & 0o077, name), (if name == ".env" { 0o044 } else { 0 }, name));
    }
    assert!(!sandbox.path("there/PWN").exists() && !sandbox.path("home/PWN").exists());
}

#[test]
fn what_cannot_be_sent_leaves_nothing_there() {
    let Some(sandbox) = set_up() else { return };
    send(&sandbox, &["-oProxyCommand=touch PWN"])
        .status
        .map_or_else(|| panic!("killed"), |status| assert_eq!(status, 2));
    send(&sandbox, &["--", "-oProxyCommand=x"]).fails_with_hint("option", "is not `[USER@]HOST[:DIR]`");
    sandbox.write("there/taken/file", "precious");
    send(&sandbox, &["host:taken"]).fails_with_hint("taken", "`taken` exists on the other machine");
    send(&sandbox, &["host:taken/"]).fails_with_hint("taken", "`taken` exists on the other machine");
    send(&sandbox, &["host:~"]).fails_with_hint("home", "`.` exists on the other machine");
    send(&sandbox, &["host:a\nb"]).fails_with_hint("line", "is not `[USER@]HOST[:DIR]`");
    send(&sandbox, &["host:new", "--python", "python9.9"]).fails_with_hint("python", "there is no `python9.9` on");
    sandbox.write("there/file", "");
    send(&sandbox, &["host:file/x/y"]).fails_with_hint("file", "`file` on the other machine is not a directory");
    fs::remove_file(sandbox.path("there/file")).unwrap();
    if cfg!(target_os = "linux") {
        // No matter of space, though it has none.
        send(&sandbox, &["host:/proc/x"]).fails_with_hint("proc", "`/proc/x` cannot be written on the other machine");
    }
    // The connection breaks while the script or the archive is on its way.
    for length in [0, 1, 700, 2000, 100_000] {
        let cut = SSH.replace(
            "exec",
            &format!("case $3 in *receive*) head -c {length} | sh -c \"$3\" 2>/dev/null; exit 255 ;; esac\nexec"),
        );
        sandbox.write_program("ssh/ssh", &cut);
        send(&sandbox, &["host:new"]).fails_with_hint("cut", "the connection to `host` broke");
        assert_eq!(names_in(&sandbox.path("there")), ["taken"], "{length}");
    }
    let cut = SSH.replace("exec", "case $3 in *receive*) exec </dev/null ;; esac\nexec");
    sandbox.write_program("ssh/ssh", &cut);
    send(&sandbox, &["host:new"]).fails("empty", "could not");
    sandbox.write_program("ssh/ssh", SSH);
    // The second half, when it already is in its place, fails: it is taken back.
    let failing = "#!/bin/sh\ncase $1 in */new/bin/venvwrap-fix) exit 9 ;; esac\nexec /bin/sh \"$@\"\n";
    sandbox.write_program("ssh/sh", failing);
    assert_eq!(send(&sandbox, &["host:new"]).status, Some(1));
    std::fs::remove_file(sandbox.path("ssh/sh")).unwrap();
    sandbox.write("ssh/shell", "/bin/false");
    send(&sandbox, &["host:new"]).fails_with_hint("ssh", "`ssh host` failed (exit status: 1)");
    assert_eq!(names_in(&sandbox.path("there")), ["taken"]);
}

/// `--with-python` is proposed where that is possible.
#[test]
fn a_python_that_cannot_be_sent_is_not_proposed() {
    let Some(sandbox) = set_up() else { return };
    let library = sandbox.env_path("api/lib").join(names_in(&sandbox.env_path("api/lib")).remove(0));
    let own = library.file_name().unwrap().to_str().unwrap().trim_start_matches("python").to_owned();
    let missing = sandbox.write_program("ssh/python-other", "#!/bin/sh\nexit 1\n");
    let outcome = send(&sandbox, &["host", "--python", missing.to_str().unwrap()]);
    outcome.fails_with_hint("own", &format!("the packages are for cpython {own}"));
    assert!(outcome.stderr.contains("--with-python"), "{outcome:?}");
    fs::rename(&library, library.with_file_name("python3.7")).unwrap();
    let outcome = send(&sandbox, &["host"]);
    outcome.fails_with_hint("old", "the other machine has no Python 3.7");
    assert!(
        outcome.stderr.contains("hint: install CPython 3.7 there and name its path with `--python`, or"),
        "{outcome:?}"
    );
    assert!(!outcome.stderr.contains("--with-python"), "{outcome:?}");
    let outcome = send(&sandbox, &["host", "--with-python"]);
    outcome.fails_with_hint("with", "it is older than 3.8");
}

#[test]
fn what_ssh_cannot_do_is_explained() {
    let Some(sandbox) = set_up() else { return };
    let hint = |arguments: &[&str]| send(&sandbox, arguments).stderr.lines().last().unwrap_or_default().to_owned();
    sandbox.write_program("ssh/ssh", "#!/bin/sh\necho \"$*\" >\"${0%/*}/log\"\nexit 255\n");
    for (place, word) in [("me@[::1]:new", "me@::1"), ("::1", "::1"), ("a$(b)", "'a$(b)'")] {
        assert_eq!(hint(&[place]), format!("hint: `ssh {word} true` must work without a question"));
        let plain = word.trim_matches('\'');
        assert_eq!(fs::read_to_string(sandbox.path("ssh/log")).unwrap(), format!("-T -- {plain} sh\n"));
    }
    let broken = SSH.replace("exec", "case $3 in *receive*) exit 255 ;; esac\nexec");
    sandbox.write_program("ssh/ssh", &broken);
    send(&sandbox, &["host:new"]).fails_with_hint("broken", "the connection to `host` broke");
}

#[test]
fn the_second_of_two_transfers_at_once_takes_nothing_away() {
    let Some(sandbox) = set_up() else { return };
    // The other one is done before this one begins to unpack, and as it takes its place.
    let before = SSH.replace("exec", "case $3 in *receive*) mkdir new ;; esac\nexec");
    sandbox.write_program("ssh/ssh", &before);
    send(&sandbox, &["host:new"]).fails_with_hint("before", "`new` exists on the other machine");
    fs::remove_dir(sandbox.path("there/new")).unwrap();
    sandbox.write_program("ssh/ssh", SSH);
    sandbox.write_program("ssh/mv", "#!/bin/sh\ncase $2 in */new) mkdir \"$2\" ;; esac\nexec /bin/mv \"$@\"\n");
    send(&sandbox, &["host:new"]).fails_with_hint("meanwhile", "`new` exists on the other machine");
    assert_eq!(names_in(&sandbox.path("there")), ["new"]);
    assert_eq!(names_in(&sandbox.path("there/new")).len(), 0);
}

#[test]
fn what_a_broken_connection_left_is_removed_a_day_later() {
    let Some(sandbox) = set_up() else { return };
    let left = ["envs/.venvwrap-send-1", "envs/.venvwrap-send-2"];
    for directory in left {
        sandbox.write(format!("there/{directory}/file"), "");
    }
    for (directory, age) in left.iter().zip(["3 days ago", "1 hour ago"].iter().cycle()) {
        let mut touch = sandbox.command("touch".as_ref());
        touch.args(["-d", age]).arg(sandbox.path("there").join(directory));
        assert!(touch.status().unwrap().success());
    }
    assert_eq!(send(&sandbox, &["host:envs/new"]).status, Some(0));
    assert_eq!(names_in(&sandbox.path("there")), ["envs"]);
    assert_eq!(names_in(&sandbox.path("there/envs")), [".venvwrap-send-2", "new"]);
}

#[test]
fn a_place_from_which_nothing_may_be_run_is_told() {
    let Some(sandbox) = set_up() else { return };
    let Some(mut command) = unshare() else { return };
    assert!(!send(&sandbox, &["host:plain"]).stderr.contains("nothing may be run"));
    let there = sandbox.path("there");
    let call = program(&sandbox, &["send", "api", "host:new"]);
    command.args(["sh", "-c", "mount -t tmpfs -o noexec none \"$1\" && shift && exec \"$@\"", "sh"]).arg(&there);
    command.arg(call.get_program()).args(call.get_args());
    let base = fs::read_link(sandbox.env_path("api/bin/python")).unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", sandbox.path("ssh").display(), base.parent().unwrap().display());
    command.env_clear().envs(call.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", path);
    let outcome = Outcome::new(&sandbox, &command.output().unwrap());
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("/new is on a file system from which nothing may be run"), "{outcome:?}");
}
