//! `mkvirtualenv`.

use venvwrap_core::shell::plan::Plan;

use crate::support::shells::{in_each_shell, run};

#[test]
fn creating_runs_in_the_foreground_and_then_activates() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.write("do/mkvirtualenv", "echo \"creating $1\"; cat; [ \"$1\" != bad ] || exit 7\n");
        let plan = Plan::workon(&sandbox.workon_inputs("api", shell));
        sandbox.plan(shell, "mkvirtualenv", &plan);
        let script = "echo from stdin | mkvirtualenv bad </dev/null; report 1\nmkvirtualenv api </dev/null; report 2";
        let script = script.replace("echo from stdin | ", "");
        run(sandbox, shell, &script).prints(
            shell.name(),
            "creating bad\n1: status=7 env= cwd=[ROOT]/home\n\
             creating api\n2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n",
        );
    });
}
