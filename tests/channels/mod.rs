//! The ways to install venvwrap: each package is made from this program, installed into a place of its own, and used
//! there as its users would.

mod deb;
mod files;
mod installer;
mod rpm;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::{names_in, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;
use venvwrap_core::shell::Shell;

/// Runs one of the scripts that make packages, and returns what it made.
#[track_caller]
fn make(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> PathBuf {
    let output = packaging(sandbox, script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{script}: {output:#?}");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim_end())
}

fn packaging(sandbox: &Sandbox, script: &str) -> Command {
    let mut command = sandbox.command(&root().join(".github/packaging").join(script));
    command.arg(env!("CARGO_BIN_EXE_venvwrap"));
    // The same bytes twice.
    command.env("SOURCE_DATE_EPOCH", "1767225600");
    command
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:#?}");
    output
}

/// Uses what was installed below a prefix as a new user does: `setup`, a new shell, an environment; in bash and zsh also
/// the entry point of virtualenvwrapper by name. `setup --undo` then leaves nothing behind.
fn use_as_a_newcomer(prefix: &Path) {
    let Some(interpreter) = python() else { return };
    in_each_shell(|sandbox, shell| {
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", prefix.join("bin").display());
        let command = |program: &Path, arguments: &[&str]| {
            let mut command = sandbox.command(program);
            command.env("PATH", &path).env("VENVWRAP_CACHE_DIR", sandbox.path("home/.cache/venvwrap"));
            command.env("VIRTUALENV_NO_DOWNLOAD", "1").env_remove("WORKON_HOME").args(arguments);
            command
        };
        let interactive = |text: &str| {
            let output = command(Path::new(shell.name()), &["-i", "-c", text]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let program = prefix.join("bin/venvwrap");
        run(&mut command(&program, &["setup", shell.name(), "--yes"]));
        let name = "de mo";
        let text = format!(
            "mkvirtualenv -q --no-seed -p '{}' '{name}'; echo \"in $VIRTUAL_ENV\"; deactivate; workon '{name}'; python -c 'import sys; print(sys.prefix)'",
            interpreter.display()
        );
        let printed = interactive(&text);
        let expected = sandbox.path("home/.virtualenvs").join(name);
        assert!(printed.contains(&format!("in {0}\n{0}\n", expected.display())), "{}: {printed}", shell.name());
        if shell != Shell::Fish {
            let entry = "source \"$(command -v virtualenvwrapper.sh)\"; lsvirtualenv -b";
            let output = run(&mut command(Path::new(shell.name()), &["-c", entry]));
            assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{name}\n"), "{output:#?}");
        }
        run(&mut command(&program, &["setup", "--undo"]));
        std::fs::remove_dir_all(sandbox.path("home/.virtualenvs")).unwrap();
        // Shells write their own history and settings.
        let ours = |name: &std::ffi::OsString| !matches!(name.to_str(), Some(".local" | ".cache" | ".config"));
        let left: Vec<_> = names_in(&sandbox.path("home")).into_iter().filter(ours).collect();
        assert_eq!(left, Vec::<std::ffi::OsString>::new(), "{}", shell.name());
        for directory in [".cache/venvwrap", ".config/venvwrap", ".config/fish/config.fish"] {
            assert!(!sandbox.path("home").join(directory).exists(), "{}: {directory}", shell.name());
        }
    });
}
