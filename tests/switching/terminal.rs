//! What a user sees in a terminal, as installed by `venvwrap setup` and turned on by `venvwrap config`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::associations::{associate, program, settle};
use crate::support::program::python;
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;

/// An environment of the program's own, because it is its scripts that show it in the prompt.
fn place(sandbox: &Sandbox, python: &Path) {
    sandbox.use_real_program();
    program(sandbox, &["create", "-q", "--no-pip", "-p", python.to_str().unwrap(), "api"]);
    associate(sandbox, "api", &sandbox.path("projects/api"));
    fs::create_dir_all(sandbox.path("projects/api/sub")).unwrap();
    symlink(sandbox.path("projects/api"), sandbox.path("home/link")).unwrap();
    settle(sandbox);
}

fn open(sandbox: &Sandbox, shell: Shell, directory: &str) -> Terminal {
    Terminal::installed(sandbox, shell, &sandbox.path(directory), || {
        let mut setup = sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap")));
        setup.args(["setup", "--yes", shell.name()]).env("ZDOTDIR", sandbox.path("zdotdir"));
        let output = setup.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        program(sandbox, &["config", "set", "auto", "true"]);
    })
}

/// The state: the last status, the active environment's name, and what the prompt shows.
#[track_caller]
fn check(terminal: &mut Terminal, shell: Shell, step: &str, status: u8, env: &str) {
    let words = if shell == Shell::Fish { "show $status \"$VIRTUAL_ENV\"" } else { "show $? \"${VIRTUAL_ENV-}\"" };
    let shown = terminal.arguments(words);
    let name = PathBuf::from(&shown[1]);
    let name = name.file_name().unwrap_or_default().to_string_lossy();
    assert_eq!((shown[0].as_str(), &*name), (status.to_string().as_str(), env), "{} {step}", shell.name());
    let has_prefix = terminal.prompt().contains("(api)");
    assert_eq!(has_prefix, env == "api", "{} {step}: {:?}", shell.name(), terminal.prompt());
}

#[test]
fn environments_follow_the_directory_as_installed() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        place(sandbox, &python);
        let mut terminal = open(sandbox, shell, "home");
        check(&mut terminal, shell, "outside", 0, "");
        for (line, status, env) in [
            ("cd ../projects/api", 0, "api"),
            ("cd sub", 0, "api"),
            ("sh -c 'exit 7'", 7, "api"),
            ("deactivate", 0, ""),
            ("cd ..", 0, ""),
            ("cd sub", 0, ""),
            ("cd ~", 0, ""),
            ("sh -c 'exit 8'", 8, ""),
            ("cd link/sub", 0, "api"),
            ("cd /", 0, ""),
            ("cd ~/../projects/api; sh -c 'exit 9'", 9, "api"),
            ("cd ~", 0, ""),
        ] {
            terminal.enter(line);
            check(&mut terminal, shell, line, status, env);
        }
    });
}

#[test]
fn a_terminal_opened_in_a_project_shows_it_in_the_first_prompt() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        place(sandbox, &python);
        let mut terminal = open(sandbox, shell, "projects/api/sub");
        assert!(terminal.prompt().contains("(api)"), "{}: {:?}", shell.name(), terminal.prompt());
        check(&mut terminal, shell, "inside", 0, "api");
        terminal.enter("cd ~");
        check(&mut terminal, shell, "outside", 0, "");
    });
}
