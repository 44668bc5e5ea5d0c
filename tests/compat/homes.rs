//! Where environments and projects lie: forms of `WORKON_HOME`, hooks of projects, the log.

use super::{bare_env, for_both, same};
use crate::support::sandbox::Sandbox;

/// `WORKON_HOME` is set, to a directory that is missing, when the functions have been loaded already.
#[test]
fn workon_home_set_later() {
    for home in ["\"$HOME/with a space\"", "\"$HOME/missing/below\""] {
        same(
            |_| {},
            &format!(
                "WORKON_HOME={home}; mkvirtualenv -q x 2>/dev/null; report 1\ncdvirtualenv; report 2\nlsvirtualenv -b\ncd\n\
                 deactivate; workon x; report 3\ndeactivate; rmvirtualenv x; report 4\nWORKON_HOME=$WORKON_HOME-2\n\
                 workon x; report 5\nls -d \"$WORKON_HOME\"; WORKON_HOME=$WORKON_HOME-3\nmkvirtualenv -q y; report 6"
            ),
        );
    }
}

/// The entry point resolves what it finds.
#[test]
fn workon_home_resolved_at_the_start() {
    for home in ["below", "~/tilde", "with a space", "$HOME/missing"] {
        let script = format!(
            "cd \"$HOME\"; WORKON_HOME='{home}'; virtualenvwrapper_initialize; mkvirtualenv -q x; report 1\n\
             cdvirtualenv; report 2\ndeactivate; rmvirtualenv x; report 3; lsvirtualenv -b || :"
        );
        let set_up = |_: &Sandbox| {};
        if home.starts_with('$') {
            // Theirs takes a variable for a relative path and adds the home directory twice.
            for_both(set_up, &script, |_, _, ours| {
                assert!(ours.stdout.contains("1: status=0 env=[ROOT]/home/missing/x"), "{ours:#?}");
            });
        } else {
            same(set_up, &script);
        }
    }
}

/// `WORKON_HOME` is missing when something in the active environment is looked at.
#[test]
fn workon_home_gone_from_under_an_environment() {
    let set_up = |sandbox: &Sandbox| {
        bare_env(sandbox, "one");
    };
    same(
        set_up,
        "workon one; home=$WORKON_HOME\nfor look in cdvirtualenv cdsitepackages lssitepackages; do\n\
         export WORKON_HOME=\"$home/not there/$look\"; ($look) 2>&1 | grep 'does not exist'; ls -d \"$WORKON_HOME\"\ndone",
    );
}

#[test]
fn hooks_of_a_project() {
    let set_up = |sandbox: &Sandbox| {
        let env = bare_env(sandbox, "one");
        bare_env(sandbox, "two");
        sandbox.make_project(&env, "p q");
        for name in ["postactivate", "predeactivate"] {
            let text = format!("echo \"{name} in $PWD, env $VIRTUAL_ENV\"\nseen=\"${{seen-}} {name}\"\n");
            sandbox.write(format!("projects/p q/.virtualenvwrapper/{name}"), text);
        }
    };
    same(
        set_up,
        "workon one; report 1\ndeactivate; report 2\nworkon -n one; report 3\nworkon two; report 4\ndeactivate\necho \"$seen\"",
    );
}

#[test]
fn a_log_is_kept_where_it_is_wanted() {
    let set_up = |sandbox: &Sandbox| {
        bare_env(sandbox, "one");
        sandbox.write_program("envs/preactivate", "#!/bin/sh\n:\n");
    };
    let script = "VIRTUALENVWRAPPER_LOG_FILE=$HOME/log; export VIRTUALENVWRAPPER_LOG_FILE; workon one; report 1\n\
                  [ -f \"$HOME/log\" ] && echo made; grep -c preactivate \"$HOME/log\"";
    for_both(set_up, script, |_, theirs, ours| {
        assert!(ours.stdout.ends_with("made\n1\n"), "{ours:#?}");
        assert!(theirs.stdout.ends_with("made\n0\n"), "told in the page as the difference: {theirs:#?}");
        assert_eq!(ours.stderr, theirs.stderr);
    });
    // One that cannot be written stops nothing.
    let script = "VIRTUALENVWRAPPER_LOG_FILE=/does/not/exist; export VIRTUALENVWRAPPER_LOG_FILE; workon one; report 1";
    for_both(set_up, script, |_, _, ours| assert!(ours.stdout.contains("1: status=0 env=[ROOT]"), "{ours:#?}"));
}
