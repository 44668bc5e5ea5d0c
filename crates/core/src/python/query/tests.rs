use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::*;
use crate::python::testing::{Sandbox, answer};

const LONG: Duration = Duration::from_secs(60);

fn ask(script: &str) -> (Sandbox, Result<Answer, QueryError>) {
    let sandbox = Sandbox::new();
    let path = sandbox.script("bin/python3", script);
    let answer = query(&path, LONG);
    (sandbox, answer)
}

fn error(script: &str) -> String {
    let (sandbox, answer) = ask(script);
    answer.err().expect("this is no Python").to_string().replace(&sandbox.shown("bin/python3"), "PY")
}

#[test]
fn an_answer_among_chatter_is_understood() {
    let json = answer(3, 12, 1, "/py");
    let (_sandbox, found) = ask(&format!("echo hello; printf '%s%s%s' \"$6\" '{json}' \"$7\"; echo bye; echo no >&2"));
    let found = found.unwrap().interpreter;
    assert_eq!(found.version.five_part_text(), "3.12.1.final.0");
    assert_eq!(found.stdlib, Path::new("/py/lib/python3.12"));
    assert_eq!(found.magic, 3531);
}

#[test]
fn bytes_that_are_no_text_survive() {
    let json = answer(3, 12, 1, "/p\\u00ff \\u00e9\\u0022");
    let (_sandbox, found) = ask(&format!("cat <<'EOF'\n{json}\nEOF\n")
        .replace("cat", "printf %s \"$6\"; cat")
        .replace("\nEOF\n", "\nEOF\nprintf %s \"$7\""));
    let prefix = found.unwrap().interpreter.base_prefix;
    assert_eq!(prefix, PathBuf::from(OsString::from_vec(b"/p\xff \xe9\"".to_vec())));
}

#[test]
fn what_is_no_python_is_told_apart() {
    assert_eq!(error("echo Python 3.12.1"), "`PY` is not a Python interpreter");
    assert_eq!(error("printf '%s{}%s' \"$6\" \"$7\""), "`PY` is not a Python interpreter");
    assert_eq!(error("echo \"no such file: $5\" >&2; exit 2"), "`PY` is not a Python interpreter");
    assert!(SCRIPT.starts_with("# Prints what"));
    assert_eq!(error("exec yes"), "`PY` failed with signal: 13 (SIGPIPE)");
    assert_eq!(error("exit 3"), "`PY` failed with exit status: 3");
    let failed = "printf '\\n  \\033[31mlost my library\\nmore\\n' >&2; exit 1";
    assert_eq!(error(failed), "`PY` failed with exit status: 1: [31mlost my library");
    let other = answer(3, 4, 0, "/py").replace("cpython", "micropython").replace(":4,", ":12,");
    let other = error(&format!("printf '%s%s%s' \"$6\" '{other}' \"$7\""));
    assert_eq!(other, "`PY` is an unknown implementation of Python, `micropython`");
}

#[test]
fn python_2_and_old_versions_are_recognised() {
    let two = answer(2, 7, 18, "/py");
    let script = format!(
        "if [ \"$1\" = -I ]; then echo 'Unknown option: -I' >&2; exit 2; fi; [ \"$1\" = -Es ] || exit 3; printf '%s%s%s' \"$6\" '{two}' \"$7\""
    );
    assert_eq!(error(&script), "`PY` is Python 2.7.18, which is no longer supported");
    let old = answer(3, 6, 15, "/py");
    let old = error(&format!("printf '%s%s%s' \"$6\" '{old}' \"$7\""));
    assert_eq!(old, "`PY` is Python 3.6.15, which is older than 3.8");
}

#[test]
fn what_cannot_be_run_is_told_apart() {
    let sandbox = Sandbox::new();
    sandbox.file("bin/python3", "#!/bin/sh\n");
    let missing = query(&sandbox.path("bin/python4"), LONG);
    assert!(matches!(missing, Err(QueryError::Missing { .. })));
    for name in ["bin/python3", "bin"] {
        let found = query(&sandbox.path(name), LONG);
        assert!(matches!(found, Err(QueryError::NotExecutable { .. })), "{name}");
    }
    let orphan = sandbox.executable("bin/orphan", "#!/nowhere/at/all/sh\n");
    assert!(matches!(query(&orphan, LONG), Err(QueryError::Start { .. })));
}

#[test]
fn one_that_hangs_is_ended_with_all_that_it_started() {
    let sandbox = Sandbox::new();
    let alive = sandbox.path("alive");
    assert!(Command::new("mkfifo").arg(&alive).status().unwrap().success());
    let script = format!("exec 9>'{}'; sleep 600 & sleep 600", alive.display());
    let path = sandbox.script("bin/python3", &script);
    // The end of this file is reached when the last process that has it open is gone.
    let watcher = std::thread::spawn(move || std::fs::read(alive).map(|content| content.len()));
    let found = query(&path, Duration::from_millis(500));
    assert!(matches!(found, Err(QueryError::TimedOut { .. })));
    assert_eq!(watcher.join().unwrap().unwrap(), 0);
}

#[test]
fn variables_that_mislead_an_interpreter_are_not_passed_on() {
    let cookies = [cookie(), cookie()];
    assert_ne!(cookies[0], cookies[1]);
    let command = command(Path::new("/py"), "-I", &cookies);
    let removed: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
    assert!(removed.contains(&"PYTHONHOME".as_ref()) && removed.contains(&"__PYVENV_LAUNCHER__".as_ref()));
}

#[test]
fn an_interpreter_that_cannot_be_isolated_runs_nothing_of_the_current_directory() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("_frozen_importlib_external.py"), "raise SystemExit(7)").unwrap();
    // As where the module is not built in.
    let start = "import sys; sys.modules.pop('_frozen_importlib_external', 0); sys.meta_path = sys.meta_path[2:]; \
                 exec(sys.argv.pop(1))";
    let mut command = Command::new("python3");
    let Ok(asked) = command.args(["-Es", "-S", "-c", start, SCRIPT, "<", ">"]).current_dir(place.path()).output()
    else {
        return;
    };
    let answer = between(&asked.stdout, &["<".into(), ">".into()]).unwrap();
    let answer: Raw = serde_json::from_slice(answer).unwrap();
    assert_eq!((asked.status.code(), answer.major), (Some(0), 3));
}
