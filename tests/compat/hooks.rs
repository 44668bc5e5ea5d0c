//! Hooks: their order, arguments, working directory, and whether they are sourced or run.

use super::{for_both, same};
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_bash_and_zsh;

/// Hooks that are programs.
const RUN: [&str; 6] =
    ["premkvirtualenv", "prermvirtualenv", "postrmvirtualenv", "preactivate", "premkproject", "precpvirtualenv"];
/// Hooks that the shell sources.
const SOURCED: [&str; 6] =
    ["postmkvirtualenv", "predeactivate", "postdeactivate", "postactivate", "postmkproject", "postcpvirtualenv"];

/// Every global hook, each telling what it sees.
fn tell_all(sandbox: &Sandbox) {
    for name in RUN {
        tell_run(sandbox, "envs", name);
    }
    for name in SOURCED {
        tell_sourced(sandbox, "envs", name);
    }
}

fn tell_run(sandbox: &Sandbox, directory: &str, name: &str) {
    let text = format!("#!/bin/sh\necho \"{directory} {name}($*) in $PWD, env ${{VIRTUAL_ENV-}}\"\nexit 3\n");
    sandbox.write_program(format!("{directory}/{name}"), &text);
}

fn tell_sourced(sandbox: &Sandbox, directory: &str, name: &str) {
    let text = format!(
        "echo \"{directory} {name} in $PWD, env ${{VIRTUAL_ENV-}}, left ${{VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV-}}\"\n\
         seen=\"${{seen-}} {name}\"\n"
    );
    sandbox.write(format!("{directory}/{name}"), text);
}

/// An environment with hooks of its own, and a project with more.
fn api(sandbox: &Sandbox) {
    let env = sandbox.make_env("api");
    sandbox.make_project(&env, "api");
    tell_run(sandbox, "envs/api/bin", "preactivate");
    for name in ["postactivate", "predeactivate", "postdeactivate"] {
        tell_sourced(sandbox, "envs/api/bin", name);
    }
    for name in ["postactivate", "predeactivate"] {
        tell_sourced(sandbox, "projects/api/.virtualenvwrapper", name);
    }
}

#[test]
fn activation_and_deactivation() {
    let set_up = |sandbox: &Sandbox| {
        tell_all(sandbox);
        api(sandbox);
        sandbox.make_env("other");
    };
    same(
        set_up,
        "workon api; report 1\nworkon other; report 2\ndeactivate; report 3\nworkon -n api; report 4\ndeactivate; report 5\n\
         echo \"$seen\"",
    );
}

#[test]
fn making_and_removing() {
    same(
        tell_all,
        "mkvirtualenv -q fresh; report 1\ndeactivate\nrmvirtualenv fresh; report 2\necho \"$seen\"\nls \"$WORKON_HOME\"",
    );
}

/// The environment is gone when it is left, and the shell where the others are; the hooks see it so.
#[test]
fn temporary_environments() {
    same(tell_all, "mktmpenv -q; report 1\ndeactivate; report 2\necho \"$seen\"");
}

#[test]
fn projects() {
    same(
        tell_all,
        "mkproject -q web; report 1\ncdvirtualenv; cdproject; report 2\ndeactivate; report 3\necho \"$seen\"",
    );
}

#[test]
fn hooks_run_by_their_event() {
    let set_up = |sandbox: &Sandbox| {
        tell_all(sandbox);
        api(sandbox);
    };
    same(
        set_up,
        "for event in pre_mkvirtualenv pre_activate pre_rmvirtualenv post_rmvirtualenv project.pre_mkproject; do\n\
         virtualenvwrapper_run_hook $event api; report $event\ndone\n\
         virtualenvwrapper_run_hook post_mkvirtualenv; virtualenvwrapper_run_hook post_deactivate api; report end",
    );
}

/// Those that are sourced too.
#[test]
fn hooks_see_the_arguments_of_their_event() {
    let set_up = |sandbox: &Sandbox| {
        sandbox.make_env("api");
        sandbox.write("envs/api/bin/postdeactivate", "echo \"own <$2> <$3>\"\n");
        for hook in ["postdeactivate", "postactivate"] {
            sandbox.write(format!("envs/{hook}"), format!("echo \"{hook} <$2> <$3> $#\"\n"));
        }
    };
    same(
        set_up,
        "virtualenvwrapper_run_hook post_deactivate api; report 1\n\
         virtualenvwrapper_run_hook post_deactivate api \"it's a\"; report 2\n\
         virtualenvwrapper_run_hook post_activate 'x y'; virtualenvwrapper_run_hook post_activate",
    );
}

#[test]
fn details_follow_the_name() {
    let set_up = |sandbox: &Sandbox| {
        sandbox.make_env("api");
        sandbox.write_program("envs/get_env_details", "#!/bin/sh\necho \"global $* in $PWD\"\n");
        sandbox.write_program("envs/api/bin/get_env_details", "#!/bin/sh\necho \"local $* in $PWD\"\n");
    };
    for_both(set_up, "showvirtualenv api; report end\nlsvirtualenv -l", |_, theirs, ours| {
        // Ours say more, in between.
        let details = |text: &str| -> Vec<String> {
            text.lines().filter(|line| line.contains(" in ") || line.contains("status")).map(String::from).collect()
        };
        assert_eq!(details(&ours.stdout), details(&theirs.stdout), "{ours:#?}");
        assert_eq!(details(&ours.stdout).len(), 6);
    });
}

#[test]
fn hooks_that_others_may_write_to_are_reported_and_passed_over() {
    in_bash_and_zsh(|sandbox, shell| {
        use std::os::unix::fs::PermissionsExt;
        sandbox.use_real_program();
        api(sandbox);
        for file in ["postactivate", "predeactivate"] {
            let path = sandbox.path("envs/api/bin").join(file);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o646)).unwrap();
        }
        let outcome = crate::support::shells::run(sandbox, shell, "workon api\ndeactivate\necho \"$seen\"");
        assert!(outcome.stdout.ends_with(" postactivate predeactivate postdeactivate\n"), "{outcome:#?}");
        assert_eq!(outcome.stderr.matches("is writable by other users").count(), 2, "{outcome:#?}");
        assert!(!outcome.stdout.contains("envs/api/bin postactivate"), "{outcome:#?}");
        assert!(!outcome.stdout.contains("envs/api/bin predeactivate"), "{outcome:#?}");
    });
}

#[test]
fn a_name_that_leads_out_of_the_store_has_no_hooks() {
    crate::support::shells::in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.write_program("home/outside/bin/preactivate", "#!/bin/sh\necho outside\n");
        sandbox.write("home/outside/bin/postdeactivate", "echo outside\n");
        let script = "virtualenvwrapper_run_hook pre_activate ../home/outside\n\
                      virtualenvwrapper_run_hook post_deactivate ../home/outside; echo end";
        crate::support::shells::run(sandbox, shell, script).prints(shell.name(), "end\n");
    });
}
