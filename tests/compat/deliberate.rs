//! Where ours differs on purpose. Each difference is told in `docs/migrating.md`, under the words given here.

use super::for_both;
use crate::support::sandbox::Sandbox;

/// A script, what is said of it in the page, and what to set up.
const DIFFERENCES: &[(&str, &str)] = &[
    ("`lsvirtualenv` without an option", "lsvirtualenv"),
    ("`showvirtualenv` shows", "showvirtualenv one"),
    ("`rmvirtualenv` refuses", "mkdir \"$WORKON_HOME/plain\"; rmvirtualenv plain"),
    ("`rmvirtualenv` refuses", "rmvirtualenv ../projects"),
    ("`rmvirtualenv` checks all names", "workon one; rmvirtualenv two one"),
    ("`mkvirtualenv` refuses", "mkvirtualenv -q ../projects/escape"),
    ("`VIRTUALENVWRAPPER_PYTHON` stays", "echo \"${VIRTUALENVWRAPPER_PYTHON-unset}\""),
    ("`_virtualenvwrapper_version` prints", "_virtualenvwrapper_version"),
    ("Help", "workon --help"),
    ("`virtualenvwrapper` prints", "virtualenvwrapper"),
    ("`mkvirtualenv -r` with a file that is missing", "mkvirtualenv -q -r nowhere.txt fresh; report 1"),
    ("`setvirtualenvproject` without an active environment", "setvirtualenvproject; report 1"),
    ("`mkproject -t` with an unknown template", "mkproject -q -t nowhere fresh; report 1"),
    ("`mkproject -a DIR NAME`", "mkdir there; mkproject -q -a there fresh; report 1"),
    ("`cpvirtualenv` of a relative path", "mkdir out; cp -r \"$WORKON_HOME/one/.\" out; cpvirtualenv out; report 1"),
    (
        "`lsvirtualenv -b` and `virtualenvwrapper_show_workon_options` without environments",
        "rm -r \"$WORKON_HOME/one\" \"$WORKON_HOME/two\"; lsvirtualenv -b; report 1",
    ),
    ("a wrong option with status 2", "lsvirtualenv -x; report 1"),
    ("`WORKON_HOME` that begins with a variable", "WORKON_HOME='$HOME/x'; virtualenvwrapper_derive_workon_home"),
    ("`WORKON_HOME` with `.`, `..`", "WORKON_HOME=./x; virtualenvwrapper_derive_workon_home"),
    ("`~user` refused", "WORKON_HOME='~root/x'; virtualenvwrapper_derive_workon_home"),
    ("`toggleglobalsitepackages`", "workon one; toggleglobalsitepackages; report 1"),
    ("`$1` in a hook that is sourced", "echo 'echo \"<$1>\"' > \"$WORKON_HOME/postactivate\"; workon one"),
    ("`.project` naming a directory that is gone", "echo /gone > \"$WORKON_HOME/one/.project\"; workon one"),
];

#[test]
fn every_difference_is_there_and_told() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrating.md");
    let page = std::fs::read_to_string(page).unwrap();
    for (words, script) in DIFFERENCES {
        assert!(page.contains(words), "docs/migrating.md does not say: {words}");
        let set_up = |sandbox: &Sandbox| {
            sandbox.make_env("one");
            sandbox.make_env("two");
        };
        for_both(set_up, script, |shell, theirs, ours| {
            assert_ne!(ours, theirs, "{script} in {}: no longer a difference", shell.name());
        });
    }
}
