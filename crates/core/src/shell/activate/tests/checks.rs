//! What is refused, what is written, and what linters say of it.

use std::ffi::OsStr;
use std::process::Command;

use super::*;
use crate::env::name::EnvName;
use crate::test_shells::skip;

fn failure(env: &str, prompt: &str) -> ActivateError {
    render(Script::Posix, &Activation { env: Path::new(env), prompt }).unwrap_err()
}

#[test]
fn paths_that_no_script_can_name_are_refused() {
    assert!(matches!(failure("/a:b", "x"), ActivateError::ColonInPath { .. }));
    assert!(matches!(failure("a/b", "x"), ActivateError::RelativePath { .. }));
    for control in ["\n", "\r", "\t", "\u{1b}", "\u{7f}", "\u{85}"] {
        assert!(matches!(failure(&format!("/a{control}b"), "x"), ActivateError::ControlInPath { .. }), "{control:?}");
    }
    let env = Path::new(OsStr::from_bytes(b"/a\xff"));
    let error = render(Script::Posix, &Activation { env, prompt: "x" }).unwrap_err();
    assert!(matches!(error, ActivateError::PathNotUtf8 { .. }));
}

#[test]
fn only_what_was_written_for_this_environment_is_our_own() {
    let fixture = Fixture::new("env", "shown");
    let (cfg, script) = (fixture.env.join("pyvenv.cfg"), fixture.env.join("bin/activate"));
    let is_own = || {
        let name = EnvName::for_existing(OsStr::new("env")).unwrap();
        let environment = Environment::new(name, fixture.env.clone());
        fs::read(&script).is_ok_and(|text| is_own_text(&environment, Script::Posix, &text))
    };
    fs::write(&cfg, "home = /usr/bin\nprompt = shown\n").unwrap();
    assert!(is_own());
    fs::write(&cfg, "home = /usr/bin\n").unwrap();
    assert!(!is_own(), "the prompt is the name, and the script shows another");
    write_scripts(&fixture.env, "env");
    assert!(is_own());
    let text = fs::read(&script).unwrap();
    fs::write(&script, [&text[..], b"\n"].concat()).unwrap();
    assert!(!is_own(), "a line more");
    fs::write(&script, &text[..text.len() - 1]).unwrap();
    assert!(!is_own(), "cut off");
    fs::write(&script, &text).unwrap();
    assert!(is_own());
    fs::remove_file(&script).unwrap();
    assert!(!is_own());
}

#[test]
fn prompts_with_line_breaks_or_controls_are_refused() {
    for control in "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}\u{1b}\u{7}\t\u{7f}".chars() {
        let error = failure("/env", &format!("a{control}b"));
        assert!(matches!(error, ActivateError::ControlInPrompt { .. }), "{control:?}");
    }
}

#[test]
fn activator_names_are_those_of_virtualenv() {
    assert_eq!(Script::from_activator("cshell"), Ok(Some(Script::Csh)));
    assert_eq!(Script::from_activator("batch"), Ok(None));
    let error = Script::from_activator("fsh").unwrap_err();
    assert_eq!(error.to_string(), "unknown activator `fsh`");
}

#[test]
fn every_placeholder_is_filled_and_values_are_not_searched_again() {
    for script in Script::ALL {
        let values = Activation { env: Path::new("/e/__VENVWRAP_PROMPT__"), prompt: "__VENVWRAP_ENV__" };
        let text = String::from_utf8(render(script, &values).unwrap()).unwrap();
        assert!(text.contains("/e/__VENVWRAP_PROMPT__"), "{script:?}");
        let placeholders = text.matches(MARK).count();
        let plain = render(script, &Activation { env: Path::new("/e"), prompt: "x" }).unwrap();
        assert!(placeholders > 0 && !String::from_utf8(plain).unwrap().contains(MARK), "{script:?}");
    }
}

#[test]
fn linters_have_nothing_to_say() {
    // With a blank, or fish_indent would drop the quotes; without a quote, which shellcheck would speak of.
    let fixture = Fixture::new("an env", "an env");
    let posix = "activate";
    for (program, arguments, file) in [
        ("bash", &["-n"][..], posix),
        ("zsh", &["-n"], posix),
        ("dash", &["-n"], posix),
        ("ksh", &["-n"], posix),
        ("mksh", &["-n"], posix),
        ("fish", &["--no-config", "-n"], "activate.fish"),
        ("shellcheck", &["--norc"], posix),
        ("shfmt", &["-d", "-i", "4", "-ci"], posix),
        ("fish_indent", &["--check"], "activate.fish"),
    ] {
        let Some(found) = Shell::find(program) else { continue };
        let mut command: Command = found.command();
        let output = command.args(arguments).arg(fixture.env.join("bin").join(file)).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success() && said.is_empty(), "{program}: {}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn entering_and_leaving_starts_no_process() {
    let Some(strace) = Shell::find("strace") else { return };
    let fixture = Fixture::new("env", "env");
    let posix = "PS1='> '; . \"$E/bin/activate\"; . \"$E/bin/activate\"; deactivate; :";
    let fish = "source \"$E/bin/activate.fish\"; source \"$E/bin/activate.fish\"; deactivate";
    for (name, argument, script) in
        [("bash", "--norc", posix), ("zsh", "-f", posix), ("dash", "-e", posix), ("fish", "--no-config", fish)]
    {
        if Shell::find(name).is_none() {
            continue;
        }
        // Threads come from clone as well, but not processes: what counts is how many processes the trace names.
        let trace = fixture.directory.path().join("trace");
        let mut command = strace.command();
        command.args(["-f", "-o"]).arg(&trace).args(["-e", "trace=fork,vfork,clone,clone3,execve"]);
        let output = command.args([name, argument, "-c", script]).env("E", &fixture.env).output().unwrap();
        if String::from_utf8_lossy(&output.stderr).contains("ptrace") {
            skip("strace may not trace here");
            return;
        }
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let calls = fs::read_to_string(&trace).unwrap();
        let threads = calls.lines().filter(|line| line.contains("CLONE_THREAD")).count();
        let clones = calls.lines().filter(|line| line.contains("clone") || line.contains("fork(")).count();
        assert_eq!((clones - threads, calls.matches("execve(").count()), (0, 1), "{name}: {calls}");
    }
}
