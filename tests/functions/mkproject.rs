//! `mkproject` in each shell, where it does more than `venvwrap create-project`.

use crate::support::program::python;
use crate::support::shells::{in_each_shell, run};

#[test]
fn a_directory_that_is_named_is_the_project_and_the_current_directory() {
    if python().is_none() {
        return;
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        std::fs::create_dir_all(sandbox.path("home/it's web")).unwrap();
        sandbox.write_program("envs/premkproject", "#!/bin/sh\necho \"before $1\"\n");
        let script = "mkproject --no-seed -a \"it's web\" 2>/dev/null; report 1\ndeactivate\n\
                      mkproject --no-seed -a nowhere other; report 2\n";
        let outcome = run(sandbox, shell, script);
        let expected = "before it's web\n1: status=0 env=[ROOT]/envs/it's web cwd=[ROOT]/home/it's web\n\
                        2: status=1 env= cwd=[ROOT]/home/it's web\n";
        let said: Vec<&str> = outcome.stdout.lines().filter(|line| !line.starts_with("Setting project")).collect();
        assert_eq!(said.join("\n") + "\n", expected, "{}: {outcome:#?}", shell.name());
        assert!(outcome.stderr.contains("nowhere"), "{outcome:#?}");
    });
}
