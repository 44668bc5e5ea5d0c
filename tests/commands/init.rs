//! `venvwrap init`: the text that start-up files evaluate.

use std::process::Command;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::scenario::script;
use crate::support::shells::{Outcome, command, in_bash_and_zsh, in_each_shell};
use crate::support::tools::find_program;
use venvwrap_core::shell::Shell;

fn init(sandbox: &Sandbox, arguments: &[&str]) -> String {
    call(sandbox, &[&["init"], arguments].concat()).succeeds(&format!("{arguments:?}")).to_string()
}

/// The line that the documents give for a start-up file.
fn evaluate(shell: Shell, options: &str) -> String {
    let program = env!("CARGO_BIN_EXE_venvwrap");
    match shell {
        Shell::Fish => format!("'{program}' init fish {options} | source\n"),
        Shell::Bash | Shell::Zsh => format!("eval \"$('{program}' init {} {options})\"\n", shell.name()),
    }
}

#[test]
fn the_documented_line_is_silent_and_defines_the_functions() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let strict = if shell == Shell::Fish { "" } else { "set -eu\n" };
        let script = script(
            "
            workon api
            echo $VIRTUAL_ENV
            deactivate
            lsvirtualenv -b
            ",
        );
        let text = [strict, &evaluate(shell, ""), &script].concat();
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "[ROOT]/envs/api\napi\n");
    });
}

#[test]
fn evaluating_it_twice_is_harmless() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let text = [&evaluate(shell, ""), "workon api\n", &evaluate(shell, ""), "deactivate\nlsvirtualenv -b"].concat();
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "api\n");
    });
}

#[test]
fn the_shell_that_runs_it_is_detected() {
    in_each_shell(|sandbox, shell| {
        // The login shell is another one; and the program must not be the shell's last command, which takes its place.
        let text = format!("'{}' init\ntrue", env!("CARGO_BIN_EXE_venvwrap"));
        let output = command(sandbox, shell, &text).env("SHELL", "/bin/other").output().unwrap();
        let detected = Outcome::new(sandbox, &output);
        assert!(detected.succeeds(shell.name()) == init(sandbox, &[shell.name()]), "{}", shell.name());
    });
}

#[test]
fn the_functions_of_a_login_shell_are_not_for_another_one() {
    let Some(dash) = find_program("dash") else { return };
    let sandbox = Sandbox::new();
    let text = format!("'{}' init\ntrue", env!("CARGO_BIN_EXE_venvwrap"));
    for login in ["/usr/bin/fish", "/bin/bash"] {
        let output = sandbox.command(&dash).args(["-c", &text]).env("SHELL", login).output().unwrap();
        let outcome = Outcome::new(&sandbox, &output);
        assert_eq!(outcome.stdout, "false\n", "{outcome:#?}");
        let told = "error: `dash` cannot load the shell functions\nhint: `venvwrap activate NAME` prints code for it\n";
        assert_eq!(outcome.stderr, told, "{outcome:#?}");
    }
}

#[test]
fn the_login_shell_counts_where_no_shell_runs_it() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let login = format!("/usr/local/bin/{}", shell.name());
        let output = program(&sandbox, &["init"]).env("SHELL", login).output().unwrap();
        let text = Outcome::new(&sandbox, &output);
        assert!(text.succeeds(shell.name()) == init(&sandbox, &[shell.name()]), "{}", shell.name());
    }
    let output = program(&sandbox, &["init"]).env("SHELL", "/bin/dash").output().unwrap();
    insta::assert_snapshot!(Outcome::new(&sandbox, &output).whole(), @"
    --- standard output
    false
    --- standard error
    error: could not detect the shell
    hint: name it: bash, zsh or fish
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["init", "tcsh"]).whole(), @"
    --- standard output
    false
    --- standard error
    error: invalid value 'tcsh' for '[SHELL]'
      [possible values: bash, zsh, fish]

    For more information, try '--help'.
    --- status 2
    ");
}

#[test]
fn auto_adds_the_prompt_hook_and_nothing_else() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let name = shell.name();
        sandbox.write("home/.config/venvwrap/config.toml", "auto = false\n");
        let plain = init(&sandbox, &[name]);
        let hook = init(&sandbox, &[name, "--hook-only"]);
        assert!(!hook.is_empty() && !plain.contains(&hook), "{name}");
        assert!(init(&sandbox, &[name, "--auto"]) == plain.clone() + &hook, "{name}");
        sandbox.write("home/.config/venvwrap/config.toml", "auto = true\n");
        assert!(init(&sandbox, &[name]) == plain + &hook, "{name}: by configuration");
        std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    }
}

#[test]
fn a_damaged_configuration_keeps_no_shell_from_starting() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let plain = init(&sandbox, &[shell.name()]);
        sandbox.write("home/.config/venvwrap/config.toml", "auto = = true\n");
        // Only the lines at the end, which source the hook, differ.
        let damaged = init(&sandbox, &[shell.name()]);
        assert!(damaged.starts_with(&plain[..plain.len() * 3 / 4]), "{}", shell.name());
        std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    }
}

#[test]
fn the_entry_point_sets_the_variables_and_makes_the_hooks() {
    in_bash_and_zsh(|sandbox, shell| {
        let show = "printf '%s\\n' \"$VIRTUALENVWRAPPER_HOOK_DIR\" \"$VIRTUALENVWRAPPER_PROJECT_FILENAME\"";
        let text = evaluate(shell, "--virtualenvwrapper") + show;
        let output = command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "[ROOT]/envs\n.project\n");
        assert!(sandbox.path("envs/postmkvirtualenv").is_file(), "{}", shell.name());
    });
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(call(&sandbox, &["init", "fish", "--virtualenvwrapper"]).whole(), @"
    --- standard output
    false
    --- standard error
    error: virtualenvwrapper.sh does not support fish
    hint: leave out `--virtualenvwrapper`
    --- status 1
    ");
}

/// The line that evaluates what a program prints which is called like this.
fn evaluate_as(shell: Shell, program: &str) -> String {
    match shell {
        Shell::Fish => format!("{program} init fish | source\n"),
        Shell::Bash | Shell::Zsh => format!("eval \"$({program} init {})\"\n", shell.name()),
    }
}

/// Two versions of the program, and a link to the first as Homebrew, pipx and `uv tool` make them.
fn lay_versions(sandbox: &Sandbox) {
    for version in ["cellar/1", "cellar/2", "linked"] {
        std::fs::create_dir_all(sandbox.path(version)).unwrap();
    }
    for program in ["cellar/1/venvwrap", "cellar/2/venvwrap"] {
        std::fs::copy(env!("CARGO_BIN_EXE_venvwrap"), sandbox.path(program)).unwrap();
    }
    let link = sandbox.path("linked/venvwrap");
    std::fs::remove_file(&link).ok();
    std::os::unix::fs::symlink(sandbox.path("cellar/1/venvwrap"), link).unwrap();
}

/// Runs a script with these directories of the sandbox on PATH.
fn run_on_path(sandbox: &Sandbox, shell: Shell, directories: &[&str], text: &str) -> Outcome {
    let directories = directories.iter().map(|name| sandbox.path(name).display().to_string());
    let path: Vec<_> = directories.chain(["/usr/bin".into(), "/bin".into()]).collect();
    Outcome::new(sandbox, &command(sandbox, shell, text).env("PATH", path.join(":")).output().unwrap())
}

#[test]
fn the_program_is_named_by_its_link() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        lay_versions(sandbox);
        let name = shell.name();
        // An upgrade replaces the link; the old shell runs the new program.
        let upgrade = "ln -sf ../cellar/2/venvwrap ../linked/venvwrap; rm -r ../cellar/1";
        let text = format!("{}echo $__venvwrap_bin\n{upgrade}\nlsvirtualenv -b", evaluate_as(shell, "venvwrap"));
        run_on_path(sandbox, shell, &["linked"], &text).prints(name, "[ROOT]/linked/venvwrap\napi\n");
        lay_versions(sandbox);
        let text = format!("{}echo $__venvwrap_bin", evaluate_as(shell, "../linked/venvwrap"));
        run_on_path(sandbox, shell, &[], &text).prints(name, "[ROOT]/linked/venvwrap\n");
        // Another program of that name on PATH is not this one.
        run_on_path(sandbox, shell, &["cellar/2"], &text).prints(name, "[ROOT]/linked/venvwrap\n");
    });
}

#[test]
fn a_shell_that_loses_its_program_finds_it_on_path() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let name = shell.name();
        let lose = "rm ../linked/venvwrap\nworkon api; echo \"$VIRTUAL_ENV\"\nlsvirtualenv -b\nrm ../cellar/2/venvwrap\nlsvirtualenv; or echo lost";
        let lose = if shell == Shell::Fish { lose.to_string() } else { lose.replace("; or", " ||") };
        lay_versions(sandbox);
        let text = format!("{}{lose}", evaluate_as(shell, "../linked/venvwrap"));
        let outcome = run_on_path(sandbox, shell, &["cellar/2"], &text);
        assert_eq!(outcome.stdout, "[ROOT]/envs/api\napi\nlost\n", "{name}: {outcome:#?}");
        assert_eq!(outcome.stderr, "error: cannot run the venvwrap program `[ROOT]/linked/venvwrap`\n", "{name}");
    });
}

#[test]
fn the_initialize_hook_is_found_however_its_directory_is_written() {
    in_each_shell(|sandbox, shell| {
        let suffix = if shell == Shell::Fish { ".fish" } else { "" };
        for directory in ["home/my hooks", "envs", "home/.virtualenvs", "home/it's"] {
            sandbox.write(format!("{directory}/initialize{suffix}"), format!("echo \"from {directory}\"\n"));
        }
        let root = sandbox.path("").display().to_string();
        let root = root.trim_end_matches('/');
        let config = "home/.config/venvwrap/config.toml";
        for (name, value, expected) in [
            ("VIRTUALENVWRAPPER_HOOK_DIR", "~/my hooks", "home/my hooks"),
            ("VIRTUALENVWRAPPER_HOOK_DIR", "$HOME/my hooks", "home/my hooks"),
            ("VIRTUALENVWRAPPER_HOOK_DIR", "my hooks", "home/my hooks"),
            ("VIRTUALENVWRAPPER_HOOK_DIR", &format!("{root}/home/my hooks"), "home/my hooks"),
            ("WORKON_HOME", "~/my hooks", "home/my hooks"),
            ("WORKON_HOME", "~//my hooks", "home/my hooks"),
            ("CONFIG", "hook_dir = \"~/my hooks\"", "home/my hooks"),
            ("CONFIG", "hook_dir = \"$HOME/it's\"", "home/it's"),
            ("NOTHING", "x", "envs"),
        ] {
            for exported in [true, false] {
                std::fs::remove_file(sandbox.path(config)).ok();
                if name == "CONFIG" {
                    sandbox.write(config, value);
                }
                let set = match (shell, exported) {
                    (Shell::Fish, true) => format!("set -gx {name} '{value}'"),
                    (Shell::Fish, false) => format!("set -e {name}; set -gu {name} '{value}'"),
                    (_, true) => format!("export {name}='{value}'"),
                    (_, false) => format!("unset {name}; {name}='{value}'"),
                };
                let set = if name == "CONFIG" { "true".to_string() } else { set };
                let text = format!("{set}\n{}", evaluate(shell, ""));
                let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
                outcome.prints(&format!("{} {name}={value} {exported}", shell.name()), &format!("from {expected}\n"));
            }
        }
    });
}

/// Aliases are on while zsh reads the words that evaluate the pieces.
#[test]
fn a_global_alias_over_eval_changes_nothing() {
    in_each_shell(|sandbox, shell| {
        if shell == Shell::Zsh {
            let text = evaluate(shell, "--auto").replace("eval ", "\\builtin 'eval' ");
            let text = format!("setopt aliases\nalias -g eval='| called'\n{text}workon missing 2>/dev/null\necho $?\n");
            let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
            outcome.prints("zsh", "1\n");
        }
    });
}

/// Where the program sees no hook, the shell may still see one.
#[test]
fn the_initialize_hook_is_found_where_the_program_sees_none() {
    in_each_shell(|sandbox, shell| {
        let suffix = if shell == Shell::Fish { ".fish" } else { "" };
        sandbox.write(format!("home/hooks/initialize{suffix}"), "echo sourced\n");
        sandbox.write(format!("home/stubs/initialize{suffix}"), "# a stub\n");
        let root = sandbox.path("").display().to_string();
        let root = root.trim_end_matches('/');
        for stub in [None, Some(""), Some("#!/bin/sh\n\n  # nothing\n")] {
            if let Some(stub) = stub {
                sandbox.write(format!("envs/initialize{suffix}"), stub);
            }
            for (value, expected) in [
                ("~/hooks", "sourced\n"),
                (&format!("{root}/home/hooks"), "sourced\n"),
                (&format!("{root}/home/stubs"), ""),
                (&format!("{root}/home/none"), ""),
                (&format!("{root}/envs"), ""),
            ] {
                let set = match shell {
                    Shell::Fish => format!("set -gu VIRTUALENVWRAPPER_HOOK_DIR '{value}'"),
                    _ => format!("VIRTUALENVWRAPPER_HOOK_DIR='{value}'"),
                };
                let status = if shell == Shell::Fish { "$status" } else { "$?" };
                let text = format!("{set}\n{}\necho status {status}", evaluate(shell, ""));
                let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
                outcome.prints(&format!("{} {value} {stub:?}", shell.name()), &format!("{expected}status 0\n"));
            }
        }
    });
}

#[test]
fn scripts_of_a_shell_can_source_what_its_entry_point_names() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        let shell_program = crate::support::tools::find_program(shell.name()).unwrap();
        let child =
            sandbox.write("child", "source \"$VIRTUALENVWRAPPER_SCRIPT\"\nworkon api\necho \"${VIRTUAL_ENV##*/}\"\n");
        for before in ["", "export VIRTUALENVWRAPPER_SCRIPT=/nonexistent", "VIRTUALENVWRAPPER_SCRIPT="] {
            let text = format!(
                "{before}\n{}test -f \"$VIRTUALENVWRAPPER_SCRIPT\" && '{}' {} '{}'\n\
                 printf '%s|' \"$VIRTUALENVWRAPPER_VIRTUALENV\" \"$VIRTUALENVWRAPPER_VIRTUALENV_CLONE\" \
                 \"$VIRTUALENVWRAPPER_PROJECT_FILENAME\" \"$VIRTUALENVWRAPPER_HOOK_DIR\" \
                 \"$VIRTUALENVWRAPPER_WORKON_CD\" \"$VIRTUALENVWRAPPER_ENV_BIN_DIR\"",
                evaluate(shell, "--virtualenvwrapper"),
                shell_program.display(),
                if shell == Shell::Bash { "--norc" } else { "-f" },
                child.display(),
            );
            let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
            outcome.prints(
                &format!("{} {before}", shell.name()),
                "api\n[ROOT]/home/.local/state/venvwrap/venvwrap-venv|virtualenv-clone|.project|[ROOT]/envs|1|bin|",
            );
        }
    });
}

/// `set -k` takes every word that looks like an assignment away from the command.
#[test]
fn the_keyword_option_of_bash_changes_nothing() {
    let Some(bash) = crate::support::tools::find_program("bash") else { return };
    for options in ["", "--virtualenvwrapper", "--auto"] {
        let sandbox = Sandbox::new();
        sandbox.make_own_env("api");
        sandbox.make_own_env("web");
        let text = format!(
            "VIRTUALENVWRAPPER_HOOK_DIR='$HOME/hooks'\nset -k\n{}workon api; echo \"${{VIRTUAL_ENV##*/}} $VIRTUAL_ENV_PROMPT\"\ncdvirtualenv && echo \"${{PWD##*/}}\"\n\
             cdsitepackages && echo \"${{PWD##*/}}\"\nallvirtualenv :\nworkon web; echo \"${{VIRTUAL_ENV##*/}}\"\n\
             env | grep -c ^VIRTUAL_ENV=\ndeactivate; echo \"<${{VIRTUAL_ENV-}}>\"\n\
             virtualenvwrapper_get_python_version >/dev/null 2>&1\nlsvirtualenv -b\n\
             COMP_LINE='workon a' COMP_POINT=8; __venvwrap_complete workon; echo \"${{COMPREPLY[0]}}\"",
            evaluate(Shell::Bash, options)
        );
        let output = sandbox.command(&bash).args(["--norc", "-c", &text]).output().unwrap();
        Outcome::new(&sandbox, &output)
            .prints(options, "api api\napi\nsite-packages\napi\n===\n\nweb\n===\n\nweb\n1\n<>\napi\nweb\napi\n");
    }
}

#[test]
fn another_shell_is_told_for_which_one_the_code_is() {
    let sandbox = Sandbox::new();
    for shell in Shell::ALL {
        let code = init(&sandbox, &[shell.name()]);
        for other in ["bash", "zsh", "dash"] {
            // zsh reads everything before it runs the first line, and fish does not end blocks as it does.
            if other == shell.name() || (shell, other) == (Shell::Fish, "zsh") {
                continue;
            }
            let Some(program) = find_program(other) else { continue };
            let mut command = Command::new(program);
            command.args(["-c", "eval \"$CODE\"; echo the rest"]).env_clear().env("PATH", "/usr/bin:/bin");
            let outcome = Outcome::new(&sandbox, &command.env("CODE", &code).output().unwrap());
            let line =
                format!("error: this code is for {}: `venvwrap init SHELL` prints that of another shell", shell.name());
            // dash has no `builtin`, and says so.
            let told = outcome.stderr.lines().find(|line| !line.contains("builtin")).unwrap_or_default();
            assert_eq!(told, line, "{} in {other}: {outcome:#?}", shell.name());
        }
    }
}
