//! `rmvirtualenv`.

use venvwrap_core::shell::plan::Plan;

use crate::support::shells::{in_each_shell, run};

#[test]
fn removing_the_current_directory_ends_in_workon_home() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.write("do/rmvirtualenv", format!("rm -rf '{}'; exit 6\n", env.display()));
        let mut plan = Plan::default();
        plan.cd(&sandbox.path("envs"));
        sandbox.plan(shell, "rmvirtualenv", &plan);
        let enter = format!("cd '{}/bin'", env.display());
        run(sandbox, shell, &format!("{enter}\nrmvirtualenv api; report end"))
            .prints(shell.name(), "end: status=6 env= cwd=[ROOT]/envs\n");
        sandbox.take_log();
        let _ = run(sandbox, shell, "rmvirtualenv api");
        let calls = format!("__load <{}>\n__do <rmvirtualenv> <api>\n", shell.name());
        assert_eq!(sandbox.take_log(), calls, "no plan is needed elsewhere");
    });
}
