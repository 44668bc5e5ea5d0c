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

#[test]
fn site_packages_are_found_whatever_bash_ignores_in_patterns() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.plan_workon("api");
        for ignored in ["*", "*:lib", "*/python*", "*3.11"] {
            let script = "workon api\ncdsitepackages; report end\necho \"<$GLOBIGNORE>\"";
            let options = format!("GLOBIGNORE='{ignored}'\ncd \"$WORKON_HOME\"");
            let place = "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/lib/python3.11/site-packages\n";
            let outcome = run_with(sandbox, shell, &options, script);
            assert!(outcome.stdout.starts_with(place), "{} {ignored}: {outcome:#?}", shell.name());
            assert!(outcome.stdout.contains(&format!("\n<{ignored}>\n")), "{} {ignored}: {outcome:#?}", shell.name());
        }
    });
}
