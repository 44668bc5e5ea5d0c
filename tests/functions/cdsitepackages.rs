//! `cdsitepackages`.

use crate::support::shells::{in_bash_and_zsh, run_with};
use venvwrap_core::shell::Shell;

#[test]
fn site_packages_are_found_without_globbing_options() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        let option = if shell == Shell::Bash { "set -f" } else { "setopt no_glob" };
        let script = "workon api\ncdsitepackages; report end\ncase $- in *f*) echo noglob;; esac";
        let script =
            if shell == Shell::Zsh { script.replace("case $- in *f*)", "case 1 in 1)") } else { script.to_owned() };
        run_with(sandbox, shell, option, &script).prints(
            shell.name(),
            "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/lib/python3.11/site-packages\nnoglob\n",
        );
    });
}
