//! `cpvirtualenv`: by our own copier, by a program and by a function, against virtualenv-clone.

use std::path::Path;

use super::original::Original;
use super::{assert_same, bare_env, for_both, real_env};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_bash_and_zsh, lay_shim, run};

fn one(sandbox: &Sandbox) {
    bare_env(sandbox, "one");
}

/// Asserts that both do the same, but for the source: they put hook stubs into it, ours leaves it untouched.
fn same(set_up: impl Fn(&Sandbox), script: &str) {
    for_both(set_up, script, |shell, theirs, ours| {
        let own = |path: &Path| path.parent() == Some(Path::new("envs/one/bin"));
        assert!(!ours.files.keys().any(|path| own(path)), "{ours:#?}");
        let mut theirs = theirs.clone();
        theirs.files.retain(|path, _| !own(path));
        assert_same(shell, &theirs, ours);
    });
}

#[test]
fn copies_and_imports() {
    same(
        |sandbox| {
            one(sandbox);
            real_env(sandbox, "home/outside", &["--no-seed"]);
        },
        "cpvirtualenv one two; report 1\ndeactivate\ncpvirtualenv \"$HOME/outside\"; report 2\ndeactivate\n\
         cpvirtualenv '~/outside' three; report 3\npython -c 'import sys; print(sys.prefix)'; ls -d \"$WORKON_HOME\"/*/",
    );
}

#[test]
fn refusals() {
    same(
        one,
        "cpvirtualenv; report 1\ncpvirtualenv one one; report 2\ncpvirtualenv one; report 3\n\
         cpvirtualenv nowhere two; report 4\ncpvirtualenv /does/not/exist; report 5\nmkdir \"$WORKON_HOME/plain\"\n\
         cpvirtualenv one plain; report 6\nls -d \"$WORKON_HOME\"/*/",
    );
}

#[test]
fn hooks() {
    let set_up = |sandbox: &Sandbox| {
        one(sandbox);
        for name in ["precpvirtualenv", "premkvirtualenv", "preactivate"] {
            let text = format!("#!/bin/sh\necho \"{name}($*) in $PWD\"; ls -d \"$WORKON_HOME\"/*/\nexit 3\n");
            sandbox.write_program(format!("envs/{name}"), &text);
        }
        for name in ["postcpvirtualenv", "postmkvirtualenv", "postactivate"] {
            let text = format!("echo \"{name} in $PWD, env $VIRTUAL_ENV\"\nseen=\"${{seen-}} {name}\"\n");
            sandbox.write(format!("envs/{name}"), text);
        }
    };
    same(set_up, "cpvirtualenv one two; report 1\necho \"$seen\"\nls \"$VIRTUAL_ENV/bin\" | grep ^p[ro]");
}

#[test]
fn the_active_environment_is_left_for_its_copy() {
    same(one, "workon one\ncpvirtualenv one two; report 1\necho \"$PATH\"\ndeactivate; report 2\necho \"$PATH\"");
}

/// The program is looked for when the function is called, whenever the variable is set.
#[test]
fn by_a_program() {
    let Some(original) = Original::find() else { return };
    let clone = original.directory().join("virtualenv-clone");
    let script = format!(
        "VIRTUALENVWRAPPER_VIRTUALENV_CLONE='{}'\ncpvirtualenv one two; report 1\n\
         python -c 'import sys; print(sys.prefix)'\ncpvirtualenv one two; report 2\ncpvirtualenv nowhere; report 3\n\
         VIRTUALENVWRAPPER_VIRTUALENV_CLONE=false; cpvirtualenv one three; report 4\nls -d \"$WORKON_HOME\"/*/",
        clone.display()
    );
    same(one, &script);
}

#[test]
fn a_program_that_is_missing() {
    let script =
        "VIRTUALENVWRAPPER_VIRTUALENV_CLONE=no-such-program\ncpvirtualenv one two; report 1\nls -d \"$WORKON_HOME\"/*/";
    same(one, script);
}

/// Where only the shim was read, without virtualenvwrapper's names; and names that the user has taken.
#[test]
fn by_a_program_without_the_helpers() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("one");
        let copier = sandbox.write_program(
            "home/copier",
            "#!/bin/sh\ncp -r \"$1\" \"$2\" && sed \"s|/envs/one|/envs/two|\" \"$1/bin/activate\" >\"$2/bin/activate\"\n",
        );
        let shim = lay_shim(sandbox, shell, "bin");
        let script = format!(
            "virtualenvwrapper_verify_resource() {{ echo mine; return 1; }}\n\
             export VIRTUALENVWRAPPER_VIRTUALENV_CLONE='{}'\n. '{}'\ncpvirtualenv one two; echo \"$? ${{VIRTUAL_ENV##*/}}\"",
            copier.display(),
            shim.display()
        );
        let output = crate::support::shells::command(sandbox, shell, &script).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "Copying one as two...\n0 two\n");
    });
}

#[test]
fn by_a_function() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("one");
        sandbox.write("envs/postcpvirtualenv", "echo \"copied ${VIRTUAL_ENV##*/}\"\n");
        let script = "copier() { echo \"${1##*/} ${2##*/}\"; cp -r \"$1\" \"$2\"\n\
                      sed \"s|/envs/one|/envs/${2##*/}|\" \"$1/bin/activate\" > \"$2/bin/activate\"; }\n\
                      VIRTUALENVWRAPPER_VIRTUALENV_CLONE=copier\ncpvirtualenv one 'a copy'; report 1\ndeactivate\n\
                      copier() { return 7; }\ncpvirtualenv one three; report 2\n[ -e \"$WORKON_HOME/three\" ] || echo none";
        run(sandbox, shell, script).prints(
            shell.name(),
            "Copying one as a copy...\none a copy\ncopied a copy\n1: status=0 env=[ROOT]/envs/a copy cwd=[ROOT]/home\n\
             Copying one as three...\n2: status=7 env= cwd=[ROOT]/home\nnone\n",
        );
    });
}
