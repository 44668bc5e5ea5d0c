//! The helper functions of virtualenvwrapper: dotfiles and hooks call them by name.

use super::{bare_env, for_both, same};
use crate::support::sandbox::Sandbox;

fn one(sandbox: &Sandbox) {
    bare_env(sandbox, "one");
}

#[test]
fn directories_and_paths() {
    same(
        one,
        "virtualenvwrapper_cd /usr; report 1\nvirtualenvwrapper_cd /does/not/exist 2>/dev/null; report 2; cd\n\
         virtualenvwrapper_derive_workon_home; report 3\n(unset WORKON_HOME; virtualenvwrapper_derive_workon_home)\n\
         for home in below '~/tilde' '/a//b' 'a b'; do (WORKON_HOME=$home; virtualenvwrapper_derive_workon_home); done\n\
         virtualenvwrapper_expandpath; report 4\nvirtualenvwrapper_absolutepath; report 5\n\
         for path in '~/x' '$HOME/y' '${HOME}z' '$NOT_SET/x' a/b a//b/../c ../.. a/.. /x/./y 'a b' .; do\n\
         virtualenvwrapper_expandpath \"$path\"; virtualenvwrapper_absolutepath \"$path\"; done; report 6",
    );
}

#[test]
fn checks() {
    same(
        one,
        "virtualenvwrapper_verify_active_environment; report 1\nvirtualenvwrapper_verify_project_home; report 2\n\
         (PROJECT_HOME=; virtualenvwrapper_verify_project_home); report 3\n\
         (PROJECT_HOME=/x; virtualenvwrapper_verify_project_home); report 4\n\
         (PROJECT_HOME=/x; virtualenvwrapper_verify_project_home -q); report 5\n\
         virtualenvwrapper_verify_virtualenv; report 6\nvirtualenvwrapper_verify_virtualenv_clone; report 7\n\
         (VIRTUALENVWRAPPER_VIRTUALENV=nowhere; virtualenvwrapper_verify_virtualenv); report 8\n\
         (VIRTUALENVWRAPPER_VIRTUALENV_CLONE=nowhere; virtualenvwrapper_verify_virtualenv_clone); report 9\n\
         virtualenvwrapper_verify_resource sh; report 10\nvirtualenvwrapper_verify_resource nowhere; report 11\n\
         (WORKON_HOME=$HOME/a; virtualenvwrapper_verify_workon_home; ls -d \"$WORKON_HOME\"); report 12\n\
         (WORKON_HOME=$HOME/b; virtualenvwrapper_verify_workon_home -q; ls -d \"$WORKON_HOME\"); report 13\n\
         virtualenvwrapper_verify_workon_environment one; report 14\n\
         virtualenvwrapper_verify_workon_environment nowhere; report 15\n\
         workon one; virtualenvwrapper_verify_active_environment; report 16",
    );
}

#[test]
fn questions() {
    same(
        one,
        "virtualenvwrapper_show_workon_options; report 1\nworkon one\nvirtualenvwrapper_get_site_packages_dir; report 2\n\
         virtualenvwrapper_get_python_version; report 3\n\
         file=$(virtualenvwrapper_tempfile name); report 4; [ -f \"$file\" ] && echo \"${file##*/}\" | cut -d- -f-2\n\
         file=$(virtualenvwrapper_mktemp); report 5; [ -f \"$file\" ] && echo made\n\
         virtualenvwrapper_setup_tab_completion; report 6\n_virtualenvwrapper_version >/dev/null; report 7\n\
         virtualenvwrapper_run_hook no_such_event; report 8\nvirtualenvwrapper_initialize; report 9\n\
         virtualenvwrapper | grep '^Version: ' | sed 's/[0-9].*//'",
    );
}

/// Hooks may put their own function in the place of the one that makes the file.
#[test]
fn a_temporary_file_that_is_not_there_is_a_failure() {
    let try_all = "for result in '' /nowhere/file; do\n\
        virtualenvwrapper_mktemp() { printf '%s\\n' \"$result\"; }\n\
        virtualenvwrapper_tempfile hook 2>/dev/null; echo \"$?\"\ndone";
    same(|_| {}, try_all);
}

/// Dotfiles call them, or give them to commands of their own.
#[test]
fn every_function_is_there() {
    let script = "if [ -n \"${ZSH_VERSION-}\" ]; then eval 'print -l ${(ok)functions}'; else compgen -A function; fi";
    for_both(one, script, |shell, theirs, ours| {
        let missing = theirs.stdout.lines().filter(|name| !ours.stdout.lines().any(|own| own == *name));
        assert_eq!(missing.collect::<Vec<_>>(), [""; 0], "{}", shell.name());
        assert!(theirs.stdout.contains("_virtualenvs"), "{theirs:#?}");
    });
}
