//! `mktmpenv`: one name for both calls, and an environment that goes when it is left or when the shell ends.

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::plan::{Flag, Plan};

use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell, run, run_with};
use crate::support::tools::find_program;
use crate::support::wheels::{ANY, Wheels};

fn prepare(sandbox: &Sandbox, shell: Shell) {
    let env = sandbox.make_env("tmp");
    let mut inputs = sandbox.workon_inputs("tmp", shell);
    inputs.enter.flags.push(Flag::Temporary);
    let mut plan = Plan::workon(&inputs);
    plan.cd(&env);
    sandbox.plan(shell, "mktmpenv", &plan);
    sandbox.plan_leave(shell, "tmp");
    let mut out = Plan::default();
    out.cd(&sandbox.path("envs"));
    sandbox.plan(shell, "rmvirtualenv", &out);
    sandbox.write("do/reap", "echo \"reap $1 [$VIRTUAL_ENV]\"; rm -rf \"$1\"\n");
}

#[test]
fn both_calls_get_the_same_token() {
    in_each_shell(|sandbox, shell| {
        prepare(sandbox, shell);
        let _ = run(sandbox, shell, "mktempenv --no-cd x");
        let log = sandbox.take_log();
        let tokens: Vec<_> = log.lines().filter_map(|line| line.split("<--token> ").nth(1)).collect();
        let [done, planned] = tokens[..] else { panic!("{log}") };
        assert_eq!(done, planned);
        assert!(done.ends_with("> <--no-cd> <x>") && done.len() > "<1.1> <--no-cd> <x>".len(), "{done}");
        prepare(sandbox, shell);
        let _ = run(sandbox, shell, "mktmpenv");
        assert!(!sandbox.take_log().contains(done.split(' ').next().unwrap()), "a new token every time");
    });
}

/// A subshell of zsh has the number and the random numbers of its parent.
#[test]
fn a_subshell_gets_a_token_of_its_own() {
    in_bash_and_zsh(|sandbox, shell| {
        prepare(sandbox, shell);
        let _ = run(sandbox, shell, "(mktmpenv x)\n(mktmpenv x)\nmktmpenv x");
        let log = sandbox.take_log();
        let mut tokens: Vec<_> = log.lines().filter_map(|line| line.split("<--token> ").nth(1)).collect();
        assert_eq!(tokens.len(), 6, "{log}");
        tokens.dedup();
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), 3, "{log}");
    });
}

#[test]
fn goes_when_it_is_left() {
    in_each_shell(|sandbox, shell| {
        prepare(sandbox, shell);
        sandbox.write_hook("envs/postdeactivate", "echo postdeactivate in $PWD\n");
        run(sandbox, shell, "mktmpenv; report 1\ndeactivate; report 2").prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/tmp cwd=[ROOT]/envs/tmp\n\
             reap [ROOT]/envs/tmp []\n\
             postdeactivate in [ROOT]/envs\n\
             2: status=0 env= cwd=[ROOT]/envs\n",
        );
    });
}

#[test]
fn goes_when_another_is_entered() {
    in_each_shell(|sandbox, shell| {
        prepare(sandbox, shell);
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        run(sandbox, shell, "mktmpenv\nworkon api; report end")
            .prints(shell.name(), "reap [ROOT]/envs/tmp []\nend: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs\n");
    });
}

#[test]
fn goes_when_the_shell_ends_and_the_status_stays() {
    in_each_shell(|sandbox, shell| {
        prepare(sandbox, shell);
        let script = match shell {
            Shell::Bash => "trap 'echo \"mine $? $PWD\" # comment' EXIT\nmktmpenv\nmktmpenv >/dev/null\nexit 9",
            _ => "mktmpenv\nexit 9",
        };
        if shell == Shell::Bash {
            sandbox.write("do/reap", "echo \"reap $1 [$VIRTUAL_ENV]\"\n");
        }
        let outcome = run(sandbox, shell, script);
        let mine = if shell == Shell::Bash { "mine 9 [ROOT]/envs/tmp\n" } else { "" };
        outcome.prints(shell.name(), &format!("{mine}reap [ROOT]/envs/tmp []\n"));
        assert_eq!(outcome.status, Some(9), "{}", shell.name());
    });
}

#[test]
fn nothing_is_asked_at_the_end_without_a_temporary_environment() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let _ = run(sandbox, shell, "workon api");
        assert_eq!(sandbox.take_log(), format!("__load <{}> <workon> <api>\n", shell.name()));
    });
}

#[test]
fn a_child_that_inherits_all_variables_leaves_it_alone() {
    in_bash_and_zsh(|sandbox, shell| {
        prepare(sandbox, shell);
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let all = if shell == Shell::Bash { "set -a" } else { "setopt all_export" };
        let init = sandbox.path(format!("init.{}", shell.name()));
        let flags = if shell == Shell::Bash { "--norc" } else { "-f" };
        let child = format!("{} {flags} -c '. \"{}\"; workon api; echo left'", shell.name(), init.display());
        run_with(sandbox, shell, all, &format!("mktmpenv\n{child}\nreport 1\ndeactivate")).prints(
            shell.name(),
            "left\n1: status=0 env=[ROOT]/envs/tmp cwd=[ROOT]/envs/tmp\nreap [ROOT]/envs/tmp []\n",
        );
    });
}

#[test]
fn goes_when_a_shell_in_posix_mode_ends() {
    let sandbox = Sandbox::new();
    for before in ["set -o posix", "set -o posix; set -e", "set -o posix; trap 'echo own' EXIT"] {
        prepare(&sandbox, Shell::Bash);
        let outcome = run_with(&sandbox, Shell::Bash, before, "mktmpenv");
        let own = if before.contains("own") { "own\n" } else { "" };
        outcome.prints(before, &format!("{own}reap [ROOT]/envs/tmp []\n"));
    }
}

/// What is deleted in the background must not count as a user of the environment that the shell is in.
#[test]
fn removing_another_one_does_not_keep_it() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let other = sandbox.make_env("other");
        for number in 0..3000 {
            std::fs::write(other.join(format!("lib/{number}")), "").unwrap();
        }
        sandbox.write("home/.config/venvwrap/config.toml", "trash_keep = \"0\"\n");
        let outcome =
            run(sandbox, shell, "mktmpenv --no-pip >/dev/null 2>&1\nrmvirtualenv other\ndeactivate\nlsvirtualenv -b");
        assert!(!outcome.stderr.contains("uses it"), "{}: {outcome:#?}", shell.name());
        let removed = outcome.stdout.lines().filter(|line| line.starts_with("Removing ")).count();
        assert!(
            removed >= 2 && !outcome.stdout.lines().any(|line| line.starts_with("tmp-")),
            "{}: {outcome:#?}",
            shell.name()
        );
    });
}

/// The directory that the call is made from is gone when its packages are installed.
#[test]
fn packages_come_into_the_next_one_though_the_directory_is_removed() {
    for shell in Shell::ALL {
        let (Some(_), Some(wheels)) = (find_program(shell.name()), Wheels::new("pip")) else { continue };
        wheels.add("alpha", "1.0", ANY, "", "");
        wheels.sandbox.use_real_program();
        let python = wheels.python.display();
        let script = format!(
            "mktmpenv -p '{python}' >/dev/null 2>&1\nmktmpenv -p '{python}' -i alpha >/dev/null && echo ok\n\
             python -c 'import alpha' && echo ok\nmkvirtualenv -q -p '{python}' -i alpha api >/dev/null && echo ok\n\
             python -c 'import alpha' && echo ok\nlsvirtualenv -b"
        );
        let outcome = run(&wheels.sandbox, shell, &script);
        assert_eq!(outcome.stdout, "ok\nok\nok\nok\napi\n", "{}: {outcome:#?}", shell.name());
        assert!(!outcome.stderr.contains("cd:"), "{}: {outcome:#?}", shell.name());
    }
}
