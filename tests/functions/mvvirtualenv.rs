//! `mvvirtualenv`: the shell follows the environment that it renames.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use venvwrap_core::shell::Shell;

use crate::support::program::call;
use crate::support::scenario::{block, script};
use crate::support::shells::{Outcome, command, in_each_shell, run, script_text};

#[test]
fn the_shell_follows_into_the_environment_and_its_directory() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in ["old", "other"] {
            sandbox.make_own_env(name);
        }
        std::fs::create_dir(sandbox.env_path("old").join("src")).unwrap();
        sandbox.write_hook("envs/old/bin/predeactivate", "echo leaving\n");
        sandbox.write_program("envs/premvvirtualenv", "#!/bin/sh\necho pre \"$@\"\n");
        sandbox.write_program("envs/postmvvirtualenv", "#!/bin/sh\necho post \"$@\"\n");
        let steps = script(
            "
            1: workon old
               cd src 2>/dev/null || cd \"$VIRTUAL_ENV/src\"
            2: mvvirtualenv old 'new one'
            3: mvvirtualenv 'new one' other
            4: mvvirtualenv other third
               deactivate
            5: mvvirtualenv 'new one' fourth
            ",
        );
        let outcome = run(sandbox, shell, &steps);
        assert_eq!(
            outcome.stdout,
            block(
                r"
                1: status=0 env=[ROOT]/envs/old cwd=[ROOT]/home
                leaving
                pre old new one
                post old new one
                2: status=0 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                3: status=1 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                pre other third
                post other third
                4: status=0 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                leaving
                pre new one fourth
                post new one fourth
                5: status=0 env= cwd=[ROOT]/envs/fourth/src
                "
            ),
            "{}: {outcome:#?}",
            shell.name()
        );
        assert!(outcome.stderr.contains("`other` already exists"), "{outcome:#?}");
    });
}

#[test]
fn a_temporary_environment_is_kept_under_its_name() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let steps = "mktmpenv -n --no-seed >/dev/null 2>&1\nmvvirtualenv \"$(basename \"$VIRTUAL_ENV\")\" kept; report 1\n\
             deactivate; report 2";
        let steps = if shell == Shell::Fish {
            steps.replace("\"$(basename \"$VIRTUAL_ENV\")\"", "(basename $VIRTUAL_ENV)")
        } else {
            steps.to_string()
        };
        let outcome = run(sandbox, shell, &steps);
        assert_eq!(
            outcome.stdout,
            "1: status=0 env=[ROOT]/envs/kept cwd=[ROOT]/home\n2: status=0 env= cwd=[ROOT]/home\n",
            "{}: {outcome:#?}",
            shell.name()
        );
        assert!(sandbox.env_path("kept").join("pyvenv.cfg").exists());
    });
}

#[test]
fn another_shell_that_is_in_the_environment_is_seen_until_it_leaves() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in ["api", "web"] {
            sandbox.make_own_env(name);
        }
        // What a subshell or a child does says nothing about the shell, even if the child inherits all variables.
        let (all, flags) = match shell {
            Shell::Bash => ("set -a; set -C", "--norc"),
            Shell::Zsh => ("setopt all_export no_clobber", "-f"),
            Shell::Fish => ("", "--no-config"),
        };
        let subshell = if shell == Shell::Fish { "true" } else { "(deactivate)" };
        let init = sandbox.path(format!("init.{}", shell.name()));
        let within = format!("{subshell}; {} {flags} -c '. \"{}\"; workon web'", shell.name(), init.display());
        // The process stays the same, and the new shell does not know what the old one has noted.
        let forget = if shell == Shell::Fish { "exec " } else { "unset __venvwrap_note; exec " };
        let exec = within.replace(&format!("{subshell}; "), forget);
        let exec = exec.replace("workon web'", "workon api; echo done; read line'");
        let steps = ["workon api", &within, "deactivate", "workon new; workon web", &exec];
        let wait = "; echo done; read line\n";
        let text: String = steps.iter().flat_map(|step| [*step, wait]).collect();
        let mut other = command(sandbox, shell, &script_text(sandbox, shell, all, &text));
        let mut other = other.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (mut input, output) = (other.stdin.take().unwrap(), other.stdout.take().unwrap());
        let mut lines = BufReader::new(output).lines();
        let mut wait = || assert_eq!(lines.next().unwrap().unwrap(), "done", "{}", shell.name());
        let mut go_on = || input.write_all(b"\n").unwrap();
        let is_refused = |outcome: &Outcome| {
            outcome.fails_with_hint(shell.name(), &format!("`api` is in use by `{}`", shell.name()));
            assert!(outcome.stderr.contains(&format!("({})", other.id())), "{outcome:#?}");
        };
        let works = |arguments: &[&str]| {
            let outcome = call(sandbox, arguments);
            assert_eq!(outcome.status, Some(0), "{}: {outcome:#?}", shell.name());
            outcome.stderr
        };
        wait();
        is_refused(&call(sandbox, &["rename", "api", "new"]));
        assert!(works(&["remove", "api"]).contains("`api` is in use by"), "{}", shell.name());
        works(&["undo"]);
        go_on();
        wait();
        is_refused(&call(sandbox, &["rename", "api", "new"]));
        go_on();
        wait();
        works(&["rename", "api", "new"]);
        go_on();
        wait();
        works(&["rename", "new", "api"]);
        assert_eq!(call(sandbox, &["rename", "web", "new"]).status, Some(1), "{}", shell.name());
        go_on();
        wait();
        is_refused(&call(sandbox, &["rename", "api", "new"]));
        // One that has ended without leaving is no user.
        other.kill().unwrap();
        other.wait().unwrap();
        works(&["rename", "api", "new"]);
    });
}
