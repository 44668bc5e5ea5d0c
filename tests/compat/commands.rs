//! The commands: what they print, their status, where they leave the shell and what they leave on the disk.

use venvwrap_core::shell::Shell;

use super::{for_both, same};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell};

fn two(sandbox: &Sandbox) {
    sandbox.make_env("one");
    sandbox.make_env("two");
}

#[test]
fn workon() {
    same(
        two,
        "workon; report 1\nworkon nowhere; report 2\nworkon one; report 3\nworkon two; report 4\nmkdir -p x/one; cd x/one\n\
         workon .; report 5\ndeactivate; report 6\nrm \"$WORKON_HOME/two/bin/activate\"\nworkon two; report 7",
    );
}

#[test]
fn lists() {
    same(two, "lsvirtualenv -b; report 1\nvirtualenvwrapper_show_workon_options\nshowvirtualenv; report 2");
}

#[test]
fn directories() {
    same(
        |sandbox| {
            two(sandbox);
            let env = sandbox.env_path("one");
            sandbox.make_project(&env, "p");
        },
        "cdvirtualenv; report 1\ncdproject; report 2\nworkon one; report 3\ncdvirtualenv; report 4\ncdvirtualenv bin; report 5\n\
         cdproject; report 6\nVIRTUALENVWRAPPER_WORKON_CD=0; cd /; workon one; report 7\nworkon -c one; report 8\n\
         workon two; cdproject; report 9",
    );
}

#[test]
fn removal() {
    same(
        two,
        "rmvirtualenv; report 1\nrmvirtualenv nowhere; report 2\nworkon one\nrmvirtualenv one; report 3\ncdvirtualenv\n\
         deactivate\nrmvirtualenv one two; report 4\nls \"$WORKON_HOME\"",
    );
}

#[test]
fn projects() {
    same(
        two,
        "mkdir p; setvirtualenvproject one \"$PWD/p\"; report 1\nsetvirtualenvproject \"$WORKON_HOME/two\" p; report 2\n\
         setvirtualenvproject nowhere; report 3\nsetvirtualenvproject one /does/not/exist; report 4\n\
         workon two; cd /usr; setvirtualenvproject; report 5",
    );
}

#[test]
fn creation() {
    same(
        |_| {},
        "mkdir p; mkvirtualenv -q -a \"$PWD/p\" fresh; report 1\ndeactivate\n\
         mkvirtualenv -a /does/not/exist other; report 2",
    );
}

#[test]
fn project_errors() {
    same(
        |sandbox| {
            two(sandbox);
            std::fs::create_dir(sandbox.path("projects/web")).unwrap();
        },
        "mkproject web; report 1\nmkproject -f -q web; report 2\ndeactivate; PROJECT_HOME=/does/not/exist\n\
         mkproject other; report 3\nPROJECT_HOME=\nmkproject other; report 4\n\
         virtualenvwrapper_verify_project_home; report 5",
    );
}

#[test]
fn temporary_environments() {
    same(|_| {}, "mktmpenv -q; report 1\ndeactivate; cd; report 2\nmktmpenv -q -n; report 3\ndeactivate; report 4");
}

#[test]
fn every_environment() {
    same(
        two,
        "allvirtualenv pwd; report 1\nmine() { echo \"$1 in ${VIRTUAL_ENV##*/}\"; }\nallvirtualenv mine 'a b'; report 2",
    );
}

#[test]
fn missing_home() {
    same(
        two,
        "rm -r \"$WORKON_HOME\"; workon one; report 1\nrm -r \"$WORKON_HOME\"; lsvirtualenv -b; ls -d \"$WORKON_HOME\"",
    );
}

#[test]
fn a_missing_program_for_environments() {
    same(
        |_| {},
        "VIRTUALENVWRAPPER_VIRTUALENV=no-such-program\nmkvirtualenv one; report 1\nmkproject two; report 2\n\
         ls -d \"$WORKON_HOME\"/*/ 2>/dev/null; report 3",
    );
}

/// The system says that a script is not there when its interpreter is not.
#[test]
fn a_program_with_a_stale_first_line() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        let stale = sandbox.write_program("home/stale", "#!/does/not/exist/python\n");
        let script = format!("VIRTUALENVWRAPPER_VIRTUALENV=\"'{}'\"\nmkvirtualenv one; report end", stale.display());
        let outcome = crate::support::shells::run(sandbox, shell, &script);
        assert!(outcome.stderr.contains("could not run"), "{outcome:#?}");
        assert!(!outcome.stderr.contains("in your path"), "{outcome:#?}");
    });
}

#[test]
fn an_active_environment_that_is_gone() {
    same(
        two,
        "workon one; rm -rf \"$VIRTUAL_ENV\"\ncdvirtualenv; report 1\ncdproject; report 2\nlssitepackages; report 3\n\
         add2virtualenv /usr; report 4\nwipeenv; report 5",
    );
}

#[test]
fn the_help_of_mkproject_ends_with_the_templates() {
    for_both(two, "mkproject -h", |_, theirs, ours| {
        let end = "\n\nAvailable project templates:\n\n  No templates installed.";
        assert!(theirs.stdout.trim_end().ends_with(end), "{theirs:#?}");
        assert!(ours.stdout.trim_end().ends_with(&end.replace(":\n\n", ":\n")), "{ours:#?}");
    });
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.write_program("home/.config/venvwrap/templates/template_web", "#!/bin/sh\n");
        let outcome = crate::support::shells::run(sandbox, shell, "mkproject --help");
        assert!(outcome.stdout.ends_with("\nAvailable project templates:\n  web\n"), "{outcome:#?}");
    });
}

/// Every command that theirs names, ours names as well.
#[test]
fn help() {
    for_both(two, "virtualenvwrapper", |_, theirs, ours| {
        let (_, list) = theirs.stdout.split_once("Commands available:").unwrap();
        let named: Vec<_> = list.lines().filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        assert!(named.len() > 15, "{theirs:#?}");
        for name in named {
            assert!(ours.stdout.contains(&format!("\n  {name} ")), "{name}: {ours:#?}");
        }
    });
}

/// Who only asks for help gets no directory.
#[test]
fn help_makes_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        std::fs::remove_dir_all(sandbox.path("envs")).unwrap();
        for function in [
            "workon",
            "mkvirtualenv",
            "mkproject",
            "mktmpenv",
            "rmvirtualenv",
            "lsvirtualenv",
            "showvirtualenv",
            "cpvirtualenv",
            "mvvirtualenv",
            "allvirtualenv",
            "add2virtualenv",
            "toggleglobalsitepackages",
            "wipeenv",
            "setvirtualenvproject",
            "cdvirtualenv",
            "cdsitepackages",
            "cdproject",
            "virtualenvwrapper",
        ] {
            for option in ["--help", "-h"] {
                let outcome = crate::support::shells::run(sandbox, shell, &format!("{function} {option}"));
                assert_eq!(outcome.stderr, "", "{function} {option}: {outcome:#?}");
                assert!(!sandbox.path("envs").exists(), "{}: {function} {option}", shell.name());
            }
        }
        let set = match shell {
            Shell::Fish => "function maker; end; set VIRTUALENVWRAPPER_VIRTUALENV maker; mkvirtualenv --help",
            Shell::Bash | Shell::Zsh => {
                "maker() { :; }; VIRTUALENVWRAPPER_VIRTUALENV=maker; mkvirtualenv --help; mkvirtualenv -h"
            }
        };
        let _ = crate::support::shells::run(sandbox, shell, set);
        assert!(!sandbox.path("envs").exists(), "{}", shell.name());
    });
}

#[test]
fn lists_in_all_forms() {
    same(
        two,
        "lsvirtualenv -b; report 1\nlsvirtualenv -lb; report 2\nshowvirtualenv; report 3\n\
         lsvirtualenv -l >out; report 4; grep -A1 -E '^(one|two)$' out",
    );
}

#[test]
fn a_function_may_make_environments() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let make = "mkdir -p $name/bin; echo \"VIRTUAL_ENV='$PWD/$name'\" > $name/bin/activate\n\
                    echo \"set -gx VIRTUAL_ENV '$PWD/$name'\" > $name/bin/activate.fish";
        let function = match shell {
            Shell::Fish => format!("function maker; echo maker $argv; set name $argv[-1]\n{make}\nend\n"),
            Shell::Bash | Shell::Zsh => format!("maker() {{ echo maker \"$@\"; for name; do :; done\n{make}\n}}\n"),
        };
        let set =
            if shell == Shell::Fish { "set VIRTUALENVWRAPPER_VIRTUALENV" } else { "VIRTUALENVWRAPPER_VIRTUALENV=" };
        let set = if shell == Shell::Fish { format!("{set} maker") } else { format!("{set}maker") };
        let script = format!("{function}{set}\nmkvirtualenv --copies fun; report end");
        crate::support::shells::run(sandbox, shell, &script)
            .prints(shell.name(), "maker --copies fun\nend: status=0 env=[ROOT]/envs/fun cwd=[ROOT]/home\n");
    });
}
