//! A Python that is missing: who could install it, and with whose consent that happens.

use std::path::PathBuf;

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::program::{names_in, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_each_shell};

/// A version that does not exist: a copy of the system's Python calls itself that.
const ASKED: &str = "3.39";

/// Puts a program on PATH that installs the version, as uv or pyenv does, where `below_home` says.
fn installer(sandbox: &Sandbox, name: &str, below_home: &str) -> PathBuf {
    let python = "#!/bin/sh\n/usr/bin/python3 \"$@\" | sed \"s|\\\"minor\\\":[0-9]*|\\\"minor\\\":39|\"\n";
    sandbox.write_program("fake-python", python);
    let text = format!(
        "#!/bin/sh\necho \"$0 $*\" >>\"$HOME/calls\"\necho 'to standard output'\nbin=\"$HOME/{below_home}/bin\"\nmkdir -p \"$bin\"\n\
         cp '{}' \"$bin/python3.39\"\nln -s python3.39 \"$bin/python3\"\n",
        sandbox.path("fake-python").display()
    );
    sandbox.write_program(format!("tools/{name}"), &text)
}

fn create(sandbox: &Sandbox, options: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["create", "--no-seed"], options, &["x"]].concat());
    let path = format!("{}:/usr/bin:/bin", sandbox.path("tools").display());
    Outcome::new(sandbox, &command.env("PATH", path).output().unwrap())
}

fn calls(sandbox: &Sandbox) -> String {
    let calls = std::fs::read_to_string(sandbox.path("home/calls")).unwrap_or_default();
    calls.replace(&format!("{}/", sandbox.path("tools").display()), "")
}

#[test]
fn the_hint_names_the_command_that_installs_it() {
    let sandbox = Sandbox::new();
    let refused = |options: &[&str], hint: &str| {
        let outcome = create(&sandbox, options);
        outcome.fails_with_hint("missing", "");
        let told = outcome.stderr.lines().last().unwrap_or_default();
        assert!(told.contains(hint), "{options:?}: {outcome:#?}");
        assert_eq!(told.contains("--install-python"), hint.contains("installs it"), "{outcome:#?}");
    };
    refused(&["-p", ASKED], "found: 3.");
    refused(&["-p", ASKED, "--install-python"], "; install uv (https://docs.astral.sh/uv) or pyenv");
    sandbox.write("home/.config/venvwrap/config.toml", "install_python = 'always'\n");
    refused(&["-p", ASKED], "; install uv (https://docs.astral.sh/uv) or pyenv");
    std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    installer(&sandbox, "pyenv", "x");
    refused(&["-p", ASKED], "`pyenv install 3.39` installs it");
    refused(&["-p", ">=3.39"], "found: 3.");
    refused(&["-p", ">=3.39", "--install-python"], "; install uv (https://docs.astral.sh/uv) or pyenv");
    installer(&sandbox, "uv", "x");
    refused(&["-p", ASKED], "; `uv python install 3.39` installs it");
    refused(&["-p", ">=3.39"], "`uv python install '>=3.39'` installs it");
    refused(&["-p", "/nowhere/python", "--install-python"], "that `--python` can name");
    sandbox.write("home/.python-version", "3.39\n");
    refused(&[], "`uv python install 3.39` installs it");
    assert_eq!(calls(&sandbox), "", "nobody has agreed");
}

#[test]
fn it_is_installed_where_somebody_has_agreed() {
    for (name, place, call) in [
        ("uv", ".local/uv/python/cpython-3.39.0", "uv python install 3.39\n"),
        ("pyenv", ".pyenv/versions/3.39.0", "pyenv install 3.39\n"),
    ] {
        for options in [&["--install-python"][..], &[]] {
            let sandbox = Sandbox::new();
            installer(&sandbox, name, place);
            if options.is_empty() {
                sandbox.write("home/.config/venvwrap/config.toml", "install_python = 'always'\n");
            }
            let outcome = create(&sandbox, &[options, &["-p", ASKED]].concat());
            assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{name}: {outcome:#?}");
            assert_eq!(calls(&sandbox), call, "{name}: {outcome:#?}");
            assert_eq!(names_in(&sandbox.env_path("x").join("lib")), ["python3.39"], "{name}");
        }
    }
}

/// It would be for nothing.
#[test]
fn nothing_is_installed_for_what_is_refused() {
    let sandbox = Sandbox::new();
    installer(&sandbox, "uv", ".local/uv/python/cpython-3.39.0");
    sandbox.write("elsewhere/pyvenv.cfg", "");
    std::os::unix::fs::symlink("../elsewhere", sandbox.env_path("link")).unwrap();
    let path = format!("{}:/usr/bin:/bin", sandbox.path("tools").display());
    for (name, told) in [("nope", "nope"), ("link", "is a link to an environment elsewhere")] {
        let mut command = program(&sandbox, &["upgrade", "-p", ASKED, "--install-python", name]);
        let outcome = Outcome::new(&sandbox, &command.env("PATH", &path).output().unwrap());
        assert!(outcome.status == Some(1) && outcome.stderr.contains(told), "{outcome:#?}");
        assert_eq!(calls(&sandbox), "", "{name}");
    }
    let upgrade = |options: &[&str]| {
        let mut command = program(&sandbox, &[&["upgrade", "-p", ASKED, "--install-python"], options].concat());
        Outcome::new(&sandbox, &command.env("PATH", &path).output().unwrap())
    };
    // None is there that could be upgraded.
    assert_eq!(upgrade(&["--all"]).status, Some(0));
    assert_eq!(calls(&sandbox), "");
    let old = |name: &str| {
        let made = Outcome::new(&sandbox, &program(&sandbox, &["create", "--no-seed", name]).output().unwrap());
        assert_eq!(made.status, Some(0), "{made:#?}");
        let lib = sandbox.env_path(name).join("lib");
        std::fs::rename(lib.join(&names_in(&lib)[0]), lib.join("python3.9")).unwrap();
        lib.join("python3.9/site-packages")
    };
    let site = old("old");
    assert!(upgrade(&["--relax", "nopkg", "old"]).stderr.contains("has no package `nopkg`"));
    for version in ["1", "2"] {
        let metadata = format!("Metadata-Version: 2.1\nName: a\nVersion: {version}\n");
        sandbox.write(site.join(format!("a-{version}.dist-info/METADATA")), &metadata);
    }
    for options in [&["old"][..], &["--all"], &["--keep-going", "old", "old"]] {
        let outcome = upgrade(options);
        assert!(outcome.status == Some(1) && outcome.stderr.contains("could not upgrade `old`"), "{outcome:#?}");
    }
    let mut command = program(&sandbox, &["create", "--no-seed", "-p", ASKED, "--install-python", "old"]);
    let outcome = Outcome::new(&sandbox, &command.env("PATH", &path).output().unwrap());
    assert!(outcome.stderr.contains("is for Python 3.9, not 3.39"), "{outcome:#?}");
    // A dry run changes nothing, whatever is agreed to.
    sandbox.write("home/.config/venvwrap/config.toml", "install_python = 'always'\n");
    std::fs::remove_dir_all(site.join("a-1.dist-info")).unwrap();
    let mut command = program(&sandbox, &["upgrade", "--dry-run", "-p", ASKED, "old"]);
    let outcome = Outcome::new(&sandbox, &command.env("PATH", &path).output().unwrap());
    outcome.fails_with_hint("dry", "no Python found for `3.39`");
    assert_eq!(calls(&sandbox), "");
    // No environment could be there.
    let home = sandbox.write("home/no-store", "");
    let mut command = program(&sandbox, &["create", "-p", ASKED, "x"]);
    let outcome = command.env("PATH", &path).env("WORKON_HOME", home).output().unwrap();
    Outcome::new(&sandbox, &outcome).fails_with_hint("a file", "is not a directory");
    sandbox.write("envs/x/file", "");
    create(&sandbox, &["-p", ASKED, "--install-python"]).fails_with_hint("occupied", "is not an environment");
    assert_eq!(calls(&sandbox), "");
}

/// The reason is told where it was asked for, and where another one takes its place.
#[test]
fn a_python_that_does_not_run_is_told() {
    let sandbox = Sandbox::new();
    installer(&sandbox, "uv", "x");
    sandbox.write_program("tools/python3.39", "#!/bin/sh\necho 'no library' >&2\nexit 127\n");
    std::os::unix::fs::symlink("python3.39", sandbox.path("tools/python3")).unwrap();
    let reason = "` failed with exit status: 127: no library";
    let refused = create(&sandbox, &["-p", ASKED]);
    assert!(refused.stderr.contains(reason) && !refused.stderr.contains("found: 3.39"), "{refused:#?}");
    let refused = create(&sandbox, &["-p", "3.38"]);
    assert!(refused.stderr.contains("found: 3.") && !refused.stderr.contains("3.39"), "{refused:#?}");
    sandbox.write("home/.python-version", "3.39\n");
    let refused = create(&sandbox, &[]);
    assert!(refused.stderr.contains("which is not installed: `") && refused.stderr.contains(reason), "{refused:#?}");
    std::fs::remove_file(sandbox.path("home/.python-version")).unwrap();
    let made = create(&sandbox, &[]);
    assert!(made.status == Some(0) && made.stderr.contains("127: no library; this is Python 3."), "{made:#?}");
    let path = format!("{}:/usr/bin:/bin", sandbox.path("tools").display());
    let listed = Outcome::new(&sandbox, &program(&sandbox, &["pythons"]).env("PATH", &path).output().unwrap());
    assert!(
        listed.status == Some(0) && listed.stderr.contains(reason) && !listed.stdout.contains("3.39"),
        "{listed:#?}"
    );
}

#[test]
fn a_program_that_fails_or_installs_something_else_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write_program("tools/uv", "#!/bin/sh\nexit 3\n");
    create(&sandbox, &["-p", ASKED, "--install-python"]).fails_with_hint("fails", "did not install the Python");
    sandbox.write_program("tools/uv", "#!/bin/sh\n");
    create(&sandbox, &["-p", ASKED, "--install-python"]).fails_with_hint("does nothing", "no Python found for `3.39`");
    assert!(!sandbox.env_path("x").exists());
}

#[test]
fn a_person_is_asked_in_each_shell() {
    for (answer, is_made) in [("y\r", true), ("\r", false), ("\x04", false)] {
        in_each_shell(|sandbox, shell| {
            installer(sandbox, "uv", ".local/uv/python/cpython-3.39.0");
            let tools = sandbox.path("tools");
            let before = match shell {
                Shell::Fish => format!("set -gx PATH '{}' $PATH", tools.display()),
                Shell::Bash | Shell::Zsh => format!("export PATH='{}':$PATH", tools.display()),
            };
            let mut terminal = Terminal::open_real(sandbox, shell, &before, (24, 100));
            terminal.press(&format!("mkvirtualenv --no-seed -p {ASKED} x\r"));
            terminal.read_until(b"run `uv python install 3.39` to install it? [y/N] ");
            terminal.press(answer);
            let told = terminal.wait_for_prompt();
            let expected = if is_made { "created `x` with Python 3.39" } else { "\nerror: could not create `x`" };
            let plain =
                ["\x1b[0m", "\x1b[1m", "\x1b[31m"].iter().fold(told.clone(), |text, code| text.replace(code, ""));
            assert!(plain.contains(expected), "{}: {told:?}", shell.name());
            assert_eq!(sandbox.env_path("x").exists(), is_made, "{}", shell.name());
        });
    }
}
