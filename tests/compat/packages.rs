//! What is done to the packages of an environment, and where they are.

use std::path::Path;

use super::original::Original;
use super::{bare_env, for_both, real_env, same};
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_bash_and_zsh;

fn one(sandbox: &Sandbox) {
    bare_env(sandbox, "one");
}

/// Writes wheels of two packages that hold nothing.
fn wheels(sandbox: &Sandbox) {
    let code = "import os, sys, zipfile\nos.makedirs(sys.argv[1])\nfor name in 'tiny', 'small':\n \
        with zipfile.ZipFile(f'{sys.argv[1]}/{name}-1.0-py3-none-any.whl', 'w') as wheel:\n  \
        put = lambda path, text: wheel.writestr(path, text)\n  info = f'{name}-1.0.dist-info'\n  \
        put(f'{name}.py', '')\n  put(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n')\n  \
        put(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n  \
        put(f'{info}/RECORD', '')\n";
    let python = Original::find().unwrap().directory().join("python");
    let output = sandbox.command(&python).args(["-c", code]).arg(sandbox.path("wheels")).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
}

/// Puts a package into an environment, as pip would leave it.
fn install(env: &Path, name: &str) {
    let lib = std::fs::read_dir(env.join("lib")).unwrap().next().unwrap().unwrap().path();
    let site = lib.join("site-packages");
    let info = format!("{name}-1.0.dist-info");
    std::fs::create_dir(site.join(&info)).unwrap();
    let write = |path: String, text: &str| std::fs::write(site.join(path), text).unwrap();
    write(format!("{name}.py"), "");
    write(format!("{info}/METADATA"), &format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"));
    write(format!("{info}/INSTALLER"), "pip\n");
    write(format!("{info}/RECORD"), &format!("{name}.py,,\n{info}/METADATA,,\n{info}/INSTALLER,,\n{info}/RECORD,,\n"));
}

#[test]
fn directories_on_the_import_path() {
    same(
        one,
        "add2virtualenv; report 1\nworkon one; add2virtualenv; report 2\nmkdir a b 'c d'\n\
         add2virtualenv \"$PWD/a\"; report 3\nadd2virtualenv b 'c d'; report 4\nadd2virtualenv; report 5\n\
         cat \"$VIRTUAL_ENV\"/lib/*/site-packages/_virtual*\n\
         python -c 'import os, sys; print([os.path.basename(p) for p in sys.path if os.getcwd() in p])'\n\
         add2virtualenv -d b; report 6\nadd2virtualenv -d \"$PWD/not there\"; report 7\nadd2virtualenv -d; report 8\n\
         add2virtualenv '~/x'; report 9\nadd2virtualenv; cat \"$VIRTUAL_ENV\"/lib/*/site-packages/_virtual*",
    );
}

#[test]
fn a_list_of_site_packages() {
    same(
        one,
        "lssitepackages; report 1\nworkon one; lssitepackages; report 2\ntouch \"$VIRTUAL_ENV\"/lib/*/site-packages/b.py\n\
         lssitepackages; lssitepackages -a -1; report 3\nadd2virtualenv \"$HOME\"; lssitepackages -d; report 4",
    );
}

/// What differs, told in the page: nothing is listed twice, and a failure of `ls` is told.
#[test]
fn directories_that_are_added_again_and_options_that_are_wrong() {
    let script = "workon one; add2virtualenv \"$HOME\" /usr \"$HOME\"; add2virtualenv\n\
                  lssitepackages --no-such-option >/dev/null 2>&1; report 1";
    for_both(one, script, |_, theirs, ours| {
        assert_eq!(theirs.stdout.matches("\n[ROOT]/home\n").count(), 2, "{theirs:#?}");
        assert!(ours.stdout.contains("Existing paths:\n[ROOT]/home\n/usr\n"), "{ours:#?}");
        assert_eq!(ours.stdout.matches("\n[ROOT]/home\n").count(), 1, "{ours:#?}");
        assert!(theirs.stdout.contains("1: status=0") && !ours.stdout.contains("1: status=0"), "{ours:#?}");
    });
}

#[test]
fn directories_of_the_environment() {
    same(
        one,
        "cdsitepackages; report 1\ncdvirtualenv; report 2\nworkon one; cdvirtualenv bin; report 3\ncdvirtualenv lib/; report 4\n\
         cdvirtualenv nowhere 2>/dev/null; report 5\ncdsitepackages; report 6; mkdir -p 'p q/r'\n\
         cd; cdsitepackages 'p q'; report 7\ncdsitepackages 'p q/r'; report 8\ncdsitepackages nowhere 2>/dev/null; report 9\n\
         cdvirtualenv ..; report 10\nexport CDPATH=/usr; cdvirtualenv bin; report 11",
    );
}

#[test]
fn new_environments_with_packages() {
    let set_up = |sandbox: &Sandbox| {
        wheels(sandbox);
        sandbox.write("home/needed.txt", "tiny\n");
        sandbox.write("envs/postmkvirtualenv", "ls \"$VIRTUAL_ENV\"/lib/*/site-packages | grep -E '^(tiny|small)'\n");
    };
    same(
        set_up,
        "unset VIRTUALENV_NO_SEED\nmkvirtualenv -q -i small -r needed.txt fresh >out; report 1\n\
         grep '\\.py' out; grep -c 'Successfully installed' out >/dev/null; report 2",
    );
}

/// What a requirements file, and `-i`, say with a relative path is meant from the project, where `workon` goes first.
#[test]
fn packages_of_a_project_that_is_elsewhere() {
    let set_up = |sandbox: &Sandbox| {
        wheels(sandbox);
        std::fs::rename(sandbox.path("wheels"), sandbox.path("home/project")).unwrap();
        sandbox.write("home/project/needed.txt", "./tiny-1.0-py3-none-any.whl\n");
    };
    let sites = "ls \"$VIRTUAL_ENV\"/lib/*/site-packages | grep -E '^(tiny|small).py'";
    same(
        set_up,
        &format!(
            "unset VIRTUALENV_NO_SEED\nmkvirtualenv -q -a \"project\" -r \"$PWD/project/needed.txt\" one \
             >/dev/null; report 1; {sites}\ncd; mkvirtualenv -q -a \"project\" -i ./small-1.0-py3-none-any.whl two \
             >/dev/null; report 2; {sites}\ncd; export VIRTUALENVWRAPPER_WORKON_CD=0\n\
             mkvirtualenv -q -a \"project\" -i \"./project/tiny-1.0-py3-none-any.whl\" three \
             >/dev/null 2>&1; report 3",
        ),
    );
}

/// Ours takes the file from where the command was typed, also when it then goes elsewhere.
#[test]
fn a_requirements_file_of_the_caller() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        if Original::find().is_none() {
            return;
        }
        wheels(sandbox);
        sandbox.write("home/project/x", "");
        std::fs::rename(sandbox.path("wheels"), sandbox.path("home/project/w")).unwrap();
        sandbox.write("home/needed.txt", "w/tiny-1.0-py3-none-any.whl\n");
        let script = "mkvirtualenv -q --no-setuptools -a project -r needed.txt one >/dev/null; report 1\n\
                      ls \"$VIRTUAL_ENV\"/lib/*/site-packages | grep '^tiny.py'";
        crate::support::shells::run(sandbox, shell, script)
            .prints(shell.name(), "1: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home/project\ntiny.py\n");
    });
}

/// What they left undone, told in the page: they go on when an installation fails.
#[test]
fn packages_that_do_not_exist() {
    let script = "unset VIRTUALENV_NO_SEED\nmkvirtualenv -q -i not-there fresh >/dev/null 2>&1; report 1";
    for_both(wheels, script, |_, theirs, ours| {
        assert!(theirs.stdout.ends_with("1: status=0 env=[ROOT]/envs/fresh cwd=[ROOT]/home\n"), "{theirs:#?}");
        assert!(ours.stdout.ends_with("1: status=1 env=[ROOT]/envs/fresh cwd=[ROOT]/home\n"), "{ours:#?}");
    });
}

#[test]
fn wiping() {
    let set_up = |sandbox: &Sandbox| {
        let env = real_env(sandbox, "envs/one", &[]);
        install(&env, "tiny");
        install(&env, "small");
    };
    same(
        set_up,
        "wipeenv; report 1\nworkon one; wipeenv >out; report 2\nhead -2 out; grep -E 'Successfully' out\n\
         cdsitepackages; ls | grep -E '^(tiny|small|pip$)'; wipeenv; report 3",
    );
}

#[test]
fn global_site_packages() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("one");
        sandbox.write("envs/one/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n");
        let script = "toggleglobalsitepackages 2>/dev/null; report 1\nworkon one; toggleglobalsitepackages; report 2\n\
                      tail -1 \"$VIRTUAL_ENV/pyvenv.cfg\"\ntoggleglobalsitepackages -q; report 3\n\
                      tail -1 \"$VIRTUAL_ENV/pyvenv.cfg\"; toggleglobalsitepackages; toggleglobalsitepackages";
        crate::support::shells::run(sandbox, shell, script).prints(
            shell.name(),
            "1: status=1 env= cwd=[ROOT]/home\nEnabled global site-packages\n\
             2: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home\ninclude-system-site-packages = true\n\
             3: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home\ninclude-system-site-packages = false\n\
             Enabled global site-packages\nDisabled global site-packages\n",
        );
    });
}
