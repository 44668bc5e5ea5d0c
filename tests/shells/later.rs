//! The functions that a shell reads when it first needs one: they come with the first plan, and only once.

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell, run, run_with};
use crate::support::tools::find_program;

#[test]
fn a_first_call_that_fails_leaves_everything_for_the_second() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let outcome = run(sandbox, shell, "workon nowhere; report 1\nworkon api; report 2\ndeactivate; report 3");
        assert_eq!(
            outcome.stdout,
            "1: status=4 env= cwd=[ROOT]/home\n\
             2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
             3: status=0 env= cwd=[ROOT]/home\n"
        );
        assert_eq!(outcome.stderr, "error: no plan for workon\n");
        let name = shell.name();
        assert_eq!(sandbox.take_log(), format!("__load <{name}> <workon> <nowhere>\n__load <{name}> <workon> <api>\n"));
    });
}

#[test]
fn they_come_without_a_plan_too_and_only_once() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        let init = format!("cd '{}/bin'\ncdvirtualenv; report 1\ncdsitepackages; report 2", env.display());
        let before = match shell {
            Shell::Fish => format!("set -x VIRTUAL_ENV '{}'", env.display()),
            Shell::Bash | Shell::Zsh => format!("export VIRTUAL_ENV='{}'", env.display()),
        };
        run_with(sandbox, shell, &before, &init).prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api\n\
             2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/lib/python3.11/site-packages\n",
        );
        assert_eq!(sandbox.take_log(), format!("__load <{}>\n", shell.name()));
    });
}

#[test]
fn aliases_made_meanwhile_are_not_expanded_in_them() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        // Only what the activate script of the environment does not use itself.
        let names = ["local", "typeset", "builtin", "eval", "printf", "shift", "cd", "exec"];
        let aliases = names.map(|name| format!("alias {name}=false\n")).concat();
        let (global, shown) = match shell {
            Shell::Bash => ("shopt -s expand_aliases", "\\shopt -q expand_aliases"),
            _ => ("alias -g dir='| cat' line='| cat' name='| cat'", "[[ -o aliases ]]"),
        };
        let script = format!(
            "{global}\n{aliases}\\workon api; report 1\nvirtualenvwrapper_cd /usr\n\\deactivate; report 2\n{shown}; report 3"
        );
        run(sandbox, shell, &script).prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
             2: status=0 env= cwd=/usr\n\
             3: status=0 env= cwd=/usr\n",
        );
    });
}

#[test]
fn what_the_user_has_redefined_stays() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let script = "function virtualenvwrapper_cd { echo mine; }\nfunction cdproject { echo mine too; }\n\
                      workon api\nvirtualenvwrapper_cd /usr\ncdproject";
        run(sandbox, shell, script).prints(shell.name(), "mine\nmine too\n");
    });
}

#[test]
fn a_child_that_inherits_functions_reads_its_own() {
    let Some(bash) = find_program("bash") else { return };
    let sandbox = Sandbox::new();
    for name in ["one", "two"] {
        sandbox.make_env(name);
        sandbox.plan_workon(name);
    }
    let child = "workon two; report 2; cdvirtualenv; report 3; deactivate; report 4";
    let script = format!("set +a; workon one; report 1\n'{}' -uc '{child}'", bash.display());
    run_with(&sandbox, Shell::Bash, "set -a; export -f report", &script).prints(
        "exported",
        "1: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home\n\
         2: status=0 env=[ROOT]/envs/two cwd=[ROOT]/home\n\
         3: status=0 env=[ROOT]/envs/two cwd=[ROOT]/envs/two\n\
         4: status=0 env= cwd=[ROOT]/envs/two\n",
    );
}

#[test]
fn a_child_that_inherits_functions_and_loads_the_shim_has_all_variables() {
    let Some(bash) = find_program("bash") else { return };
    let sandbox = Sandbox::new();
    for name in ["one", "two"] {
        sandbox.make_env(name);
        sandbox.plan_workon(name);
    }
    let child = "workon two; report 2; deactivate; report 3";
    let init = sandbox.path("init.bash");
    let script = format!("workon one; report 1\n'{}' -uc '. \"{}\"; {child}'", bash.display(), init.display());
    run_with(&sandbox, Shell::Bash, "set -a; export -f report", &script).prints(
        "exported",
        "1: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home\n\
         2: status=0 env=[ROOT]/envs/two cwd=[ROOT]/home\n\
         3: status=0 env= cwd=[ROOT]/home\n",
    );
}

#[test]
fn errors_go_where_those_of_the_function_go() {
    in_each_shell(|sandbox, shell| {
        run(sandbox, shell, "workon nowhere 2>/dev/null; report end")
            .prints(shell.name(), "end: status=4 env= cwd=[ROOT]/home\n");
    });
}
