//! The functions that change the directory, and directories that go away.

use venvwrap_core::shell::plan::Plan;

use crate::shell::Shell;
use crate::support::shells::{in_bash_and_zsh, in_each_shell, run, run_with};

#[test]
fn goes_to_places_of_the_active_environment() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("a b");
        sandbox.make_project(&env, "it's here");
        std::fs::create_dir_all(env.join("lib/python3.9/site-packages")).unwrap();
        std::fs::create_dir_all(env.join("lib/python3.11/site-packages/sub dir")).unwrap();
        sandbox.plan_workon("a b");
        sandbox.take_log();
        let script = "workon 'a b'\ncdvirtualenv; report 1\ncdvirtualenv bin; report 2\ncdsitepackages; report 3\n\
                      cdsitepackages 'sub dir'; report 4\ncdproject; report 5";
        run(sandbox, shell, script).prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b\n\
             2: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/bin\n\
             3: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/lib/python3.11/site-packages\n\
             4: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/lib/python3.11/site-packages/sub dir\n\
             5: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/projects/it's here\n",
        );
        assert_eq!(sandbox.take_log().lines().count(), 1, "only workon asks the program");
    });
}

#[test]
fn overrides_of_cd_and_cdpath_have_no_say() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "api");
        sandbox.plan_workon("api");
        let before = match shell {
            Shell::Fish => "function cd; echo called; return 1; end\nset -g CDPATH /usr /",
            Shell::Zsh => "cd() { echo called; return 1 }\nchpwd() { echo chpwd >&2; return 1 }\nCDPATH=/usr:/",
            Shell::Bash => "cd() { echo called; return 1; }\nCDPATH=/usr:/",
        };
        run_with(sandbox, shell, before, "workon api; report 1\ncdvirtualenv bin; report 2").prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/projects/api\n\
             2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/bin\n",
        );
    });
}

#[test]
fn says_what_is_missing() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.plan_workon("api");
        let outcome = run(sandbox, shell, "cdvirtualenv; report 1\ncdsitepackages; report 2\ncdproject; report 3");
        assert_eq!(outcome.stderr, "ERROR: no virtualenv active, or active virtualenv is missing\n".repeat(3));
        assert_eq!(outcome.stdout.matches("status=1").count(), 3, "{outcome:#?}");
        let outcome = run(sandbox, shell, "workon api\ncdproject; report end");
        assert_eq!(outcome.stderr, "No project set in [ROOT]/envs/api/.project\n");
        assert!(outcome.stdout.contains("status=1"), "{outcome:#?}");
        std::fs::rename(env.join("lib"), env.join("elsewhere")).unwrap();
        let outcome = run(sandbox, shell, "workon api\ncdsitepackages; report end");
        assert_eq!(outcome.stderr, "ERROR: `[ROOT]/envs/api` has no site-packages directory\n");
        assert!(outcome.stdout.contains("status=1"), "{outcome:#?}");
        for text in ["/does/not/exist\n", "relative\n", "/usr\n/usr\n", "\n\n"] {
            std::fs::write(env.join(".project"), text).unwrap();
            let outcome = run(sandbox, shell, "workon api\ncdproject; report end");
            assert!(outcome.stderr.contains("roject"), "{text:?} {outcome:#?}");
            assert!(outcome.stdout.contains("status=1"), "{text:?} {outcome:#?}");
        }
    });
}

#[test]
fn project_files_are_read_tolerantly() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.plan_workon("api");
        for text in ["/usr", "/usr\n", "/usr\r\n", "\n  /usr \n\n"] {
            std::fs::write(env.join(".project"), text).unwrap();
            run(sandbox, shell, "workon api\ncdproject; report end")
                .prints(&format!("{} {text:?}", shell.name()), "end: status=0 env=[ROOT]/envs/api cwd=/usr\n");
        }
    });
}

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
