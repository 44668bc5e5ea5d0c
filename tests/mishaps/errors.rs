//! Typical errors, whole: what a user reads, and the status that a script sees.

use crate::support::program::call;
use crate::support::sandbox::Sandbox;

fn whole(arguments: &[&str]) -> String {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    sandbox.write("envs/notes/precious", "");
    call(&sandbox, arguments).whole()
}

#[test]
fn names() {
    insta::assert_snapshot!(whole(&["show", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `lsvirtualenv` lists your environments; `mkvirtualenv nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "../escape"]), @r#"
    --- standard error
    error: "../escape" is not a valid environment name: it contains `/`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["create", "a\x1b[31mb"]), @r#"
    --- standard error
    error: "a\u{1b}[31mb" is not a valid environment name: it contains '\u{1b}'
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["remove", "notes"]), @"
    --- standard error
    error: could not remove `notes`: `[ROOT]/envs/notes` is not an environment
    hint: `--force` removes the directory anyway
    --- status 1
    ");
}

#[test]
fn creation() {
    insta::assert_snapshot!(whole(&["create", "-p", "/nowhere/python", "new"]), @"
    --- standard error
    error: could not create `new`: `/nowhere/python` does not exist
    hint: `--python` selects another interpreter
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "-p", "9.99", "new"]), @"
    --- standard error
    error: could not create `new`: no Python found for `9.99`
    hint: found: 3.11, pypy3.9
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["create", "-r", "missing.txt", "new"]), @"
    --- standard error
    error: the requirements file `missing.txt` does not exist
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["copy", "api", "api"]), @"
    --- standard error
    error: could not copy `api` as `api`: `api` already exists
    hint: choose another name, or remove it first with `rmvirtualenv`
    --- status 1
    ");
}

#[test]
fn commands_and_keys() {
    insta::assert_snapshot!(whole(&["run", "api", "no-such-command"]), @"
    --- standard error
    error: could not run `no-such-command`: No such file or directory (os error 2)
    --- status 127
    ");
    insta::assert_snapshot!(whole(&["config", "set", "nothing", "1"]), @"
    --- standard error
    error: there is no key `nothing`
    hint: the keys are auto, auto_repair, cd, creator, creator_args, default_packages, hook_dir, install_python, installer, keep, link_mode, picker, project_filename, project_home, python, seed_update, trash_keep, trash_max, workon_home
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["config", "set", "picker", "perhaps"]), @"
    --- standard error
    error: `picker` cannot be `perhaps`: it must be `true` or `false`
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["project", "show", "api"]), @"
    --- standard error
    error: `api` has no project directory
    hint: `venvwrap project set api DIR` sets one
    --- status 1
    ");
}

#[test]
fn usage() {
    insta::assert_snapshot!(whole(&["creat"]), @"
    --- standard error
    error: unrecognized subcommand 'creat'

      tip: some similar subcommands exist: 'rename', 'repair', 'create-project', 'create'

    Usage: venvwrap <COMMAND>

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["list", "--shoort"]), @"
    --- standard error
    error: unexpected argument '--shoort' found

      tip: a similar argument exists: '--sort'

    Usage: venvwrap list --sort <COLUMN> [PATTERN]...

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["__do", "lsvirtualenv", "-x"]), @"
    --- standard error
    error: unexpected argument '-x' found

      tip: to pass '-x' as a value, use '-- -x'

    Usage: lsvirtualenv [OPTIONS] [PATTERN]...

    For more information, try '--help'.
    --- status 2
    ");
    insta::assert_snapshot!(whole(&["__do", "rmvirtualenv"]), @"
    --- standard error
    Please specify an environment.
    --- status 1
    ");
}

#[test]
fn deployment() {
    insta::assert_snapshot!(whole(&["pack", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `lsvirtualenv` lists your environments; `mkvirtualenv nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["unpack", "nowhere.tar.gz"]), @"
    --- standard error
    error: could not read `[ROOT]/home/nowhere.tar.gz`: No such file or directory (os error 2)
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["send", "--", "api", "-oProxyCommand=x"]), @"
    --- standard error
    error: `-oProxyCommand=x` is not `[USER@]HOST[:DIR]`
    hint: write it as `ssh` takes it: `server:/srv/api`
    --- status 1
    ");
}

#[test]
fn lifecycle() {
    insta::assert_snapshot!(whole(&["undo"]), @"
    --- standard error
    error: could not undo: no removed environment is kept
    hint: what was removed is kept for a day, unless `trash_keep` says otherwise
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["rename", "api", "../escape"]), @r#"
    --- standard error
    error: "../escape" is not a valid environment name: it contains `/`
    hint: use a plain name, such as `web` or `api-3.12`
    --- status 1
    "#);
    insta::assert_snapshot!(whole(&["upgrade", "nowhere"]), @"
    --- standard error
    error: no environment is named `nowhere`
    hint: `lsvirtualenv` lists your environments; `mkvirtualenv nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["repair", "nowhere"]), @"
    --- standard error
    error: could not repair `nowhere`: no environment is named `nowhere`
    hint: `lsvirtualenv` lists your environments; `mkvirtualenv nowhere` creates this one
    --- status 1
    ");
    insta::assert_snapshot!(whole(&["kernel", "remove", "nowhere"]), @"
    --- standard error
    error: removed no kernel: no kernel has the id `nowhere`
    hint: `venvwrap kernel list` lists the kernels
    --- status 1
    ");
}
