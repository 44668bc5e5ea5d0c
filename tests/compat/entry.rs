//! What sourcing `virtualenvwrapper.sh` does.

use std::path::Path;
use std::process::Command;

use venvwrap_core::shell::Shell;

use super::{ours, same};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, in_bash_and_zsh, run};

const SHOW: &str = r#"printf '%s\n' "$WORKON_HOME" "$VIRTUALENVWRAPPER_HOOK_DIR" "$VIRTUALENVWRAPPER_PROJECT_FILENAME" \
  "$VIRTUALENVWRAPPER_WORKON_CD" "$VIRTUALENVWRAPPER_ENV_BIN_DIR"
env | grep -E '^(WORKON_HOME|VIRTUALENVWRAPPER_(HOOK_DIR|PROJECT_FILENAME|WORKON_CD))=' | sort"#;

#[test]
fn variables_and_stubs() {
    same(|_| {}, SHOW);
}

/// The directory of hooks that was derived first stays, also when the script is sourced again.
#[test]
fn a_second_start_keeps_the_directory_of_hooks() {
    for again in ["virtualenvwrapper_initialize", ". \"$VIRTUALENVWRAPPER_SCRIPT\""] {
        let script = format!(
            "mkdir -p \"$HOME/new\"; first=$VIRTUALENVWRAPPER_HOOK_DIR\nexport WORKON_HOME=\"$HOME/new\"\n{again}\n\
             test \"$first\" = \"$VIRTUALENVWRAPPER_HOOK_DIR\" && echo kept\nunset VIRTUALENVWRAPPER_HOOK_DIR\n{again}\n\
             echo \"${{VIRTUALENVWRAPPER_HOOK_DIR##*/}}\""
        );
        same(|_| {}, &script);
    }
}

#[test]
fn initialize_is_sourced_once_the_variables_are_there() {
    let hook = "echo \"initialize in $WORKON_HOME with $VIRTUALENVWRAPPER_HOOK_DIR\"\ninitialized=1\n";
    same(
        |sandbox| {
            sandbox.write("envs/initialize", hook);
        },
        "echo \"$initialized\"",
    );
}

/// Sources our entry point with these words before it, and shows what follows.
fn load(sandbox: &Sandbox, shell: Shell, before: &str, script: &str) -> Outcome {
    load_from(sandbox, shell, &ours(), before, script)
}

fn load_from(sandbox: &Sandbox, shell: Shell, entry: &Path, before: &str, script: &str) -> Outcome {
    sandbox.use_real_program();
    let text = format!("PATH='{}':$PATH\n{before}\n. '{}'\n{script}\n", sandbox.path("bin").display(), entry.display());
    Outcome::new(sandbox, &crate::support::shells::command(sandbox, shell, &text).output().unwrap())
}

/// A start-up file is read again in a shell that has read it.
#[test]
fn a_second_start_chooses_no_program() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_own_env("api");
        let again = format!(". '{}'\n", ours().display()).repeat(2);
        let script = format!("{again}cpvirtualenv api copy >/dev/null 2>&1\necho \"$? ${{VIRTUAL_ENV##*/}}\"");
        load(sandbox, shell, "", &script).prints(shell.name(), "0 copy\n");
    });
}

#[test]
fn every_form_of_workon_home_is_resolved() {
    for (given, expected) in [
        ("my envs", "[ROOT]/home/my envs"),
        ("~/a", "[ROOT]/home/a"),
        ("$HOME/b", "[ROOT]/home/b"),
        ("$HOME//c", "[ROOT]/home/c"),
        ("", "[ROOT]/home/.virtualenvs"),
    ] {
        in_bash_and_zsh(|sandbox, shell| {
            let script = "echo \"$WORKON_HOME\"; test -f \"$WORKON_HOME/postactivate\" && echo made";
            load(sandbox, shell, &format!("WORKON_HOME='{given}'"), script)
                .prints(given, &format!("{expected}\nmade\n"));
        });
    }
}

#[test]
fn options_that_scripts_set_do_no_harm() {
    let names = ["cd", "ls", "rm", "grep", "which", "mkdir", "mktemp", "cat", "sed"];
    let aliases = format!("alias {}", names.map(|name| format!("{name}=false")).join(" "));
    let functions = names.map(|name| format!("{name}() {{ echo {name} >&2; false; }}")).join("\n");
    let variables = "export GREP_OPTIONS=-v CDPATH=/usr:/";
    let warning = "[ -z \"${ZSH_VERSION-}\" ] || setopt warn_create_global warn_nested_var";
    let quotes = "[ -z \"${ZSH_VERSION-}\" ] || setopt csh_junkie_quotes";
    for options in
        ["set -eu", "set -f", "set -C", "set -a", warning, quotes, &aliases, &functions, variables, "IFS=/", "IFS="]
    {
        in_bash_and_zsh(|sandbox, shell| {
            sandbox.make_env("api");
            let aliases = if shell == Shell::Bash { "shopt -s expand_aliases\n" } else { "" };
            for entry in [ours(), ours().with_file_name("virtualenvwrapper_lazy.sh")] {
                let script = "workon api\necho \"${VIRTUAL_ENV##*/}\"\ndeactivate";
                load_from(sandbox, shell, &entry, &format!("{aliases}{options}"), script).prints(options, "api\n");
            }
        });
    }
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        let mode = if shell == Shell::Bash { "set -o posix" } else { "setopt sh_word_split ksh_arrays" };
        load(sandbox, shell, mode, "workon api\necho \"${VIRTUAL_ENV##*/}\"\ndeactivate").prints(mode, "api\n");
    });
}

#[test]
fn the_lazy_entry_point_is_complete_at_once() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.use_real_program();
        let lazy = ours().with_file_name("virtualenvwrapper_lazy.sh");
        let text = format!(
            "PATH='{}':$PATH\n. '{}'\nworkon api; echo \"${{VIRTUAL_ENV##*/}}\"; deactivate\nvirtualenvwrapper_load\n\
             virtualenvwrapper_lazy_load; echo \"$?\"",
            sandbox.path("bin").display(),
            lazy.display()
        );
        let command = crate::support::shells::command(sandbox, shell, &text).output();
        Outcome::new(sandbox, &command.unwrap()).prints(shell.name(), "api\n124\n");
    });
}

#[test]
fn the_entry_point_alone_takes_the_functions_from_the_program() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.use_real_program();
        // Beside the program, without the other files, and found on PATH.
        std::fs::copy(ours(), sandbox.path("bin/virtualenvwrapper.sh")).unwrap();
        let text = format!(
            "PATH='{}':$PATH\nsource virtualenvwrapper.sh\nPATH=/usr/bin:/bin\nworkon api; echo \"${{VIRTUAL_ENV##*/}}\"",
            sandbox.path("bin").display()
        );
        let command = crate::support::shells::command(sandbox, shell, &text).output();
        Outcome::new(sandbox, &command.unwrap()).prints(shell.name(), "api\n");
    });
}

/// Lays the files out as a package does; the sandbox has a `bin` already.
fn lay_package(sandbox: &Sandbox) {
    lay_files(&sandbox.path("share/venvwrap"));
}

fn lay_files(directory: &Path) {
    std::fs::create_dir_all(directory).unwrap();
    let here = ours().parent().unwrap().to_path_buf();
    for from in ["", "posix", "bash", "zsh", "fish"] {
        for file in std::fs::read_dir(here.join(from)).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() {
                std::fs::copy(&file, directory.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
}

#[test]
fn a_package_lays_it_below_share() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.use_real_program();
        lay_package(sandbox);
        std::os::unix::fs::symlink("../share/venvwrap/virtualenvwrapper.sh", sandbox.path("bin/virtualenvwrapper.sh"))
            .unwrap();
        let share = sandbox.path("share").display().to_string();
        let argzero = if shell == Shell::Zsh { "setopt no_function_argzero" } else { ":" };
        for load in [
            format!("source '{share}/venvwrap/virtualenvwrapper.sh'"),
            format!("{argzero}\nsource '{share}/venvwrap/virtualenvwrapper.sh'"),
            format!("cd '{share}'; source venvwrap/virtualenvwrapper.sh; cd /"),
            format!("cd '{share}/venvwrap'; source ./virtualenvwrapper.sh; cd /"),
            format!("source '{share}/../bin/virtualenvwrapper.sh'"),
            format!("PATH=$PATH:'{share}/../bin'; source virtualenvwrapper.sh; PATH=/usr/bin:/bin"),
        ] {
            let text = format!("{load}\nworkon api; echo \"${{VIRTUAL_ENV##*/}}\"; deactivate");
            let command = crate::support::shells::command(sandbox, shell, &text).output();
            Outcome::new(sandbox, &command.unwrap()).prints(&format!("{} {load}", shell.name()), "api\n");
        }
    });
}

#[test]
fn a_package_brings_completions_for_all_commands() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        lay_package(sandbox);
        let (file, flags, shown) = match shell {
            Shell::Bash => ("bash-completion/completions/venvwrap.bash", ["--norc", "-i"], "complete -p workon"),
            _ => ("zsh/site-functions/_venvwrap", ["-f", "-i"], "echo ${+functions[_venvwrap]}"),
        };
        sandbox.write(Path::new("share").join(file), crate::support::shims::completion_text(shell));
        let entry = sandbox.path("share/venvwrap/virtualenvwrapper.sh");
        let program = crate::support::tools::find_program(shell.name()).unwrap();
        let mut command = sandbox.command(&program);
        let output = command.args(flags).args(["-c", &format!(". '{}'; {shown}", entry.display())]).output().unwrap();
        let expected = if shell == Shell::Bash { "complete -F __venvwrap_complete workon\n" } else { "1\n" };
        assert_eq!(Outcome::new(sandbox, &output).stdout, expected, "{}", shell.name());
    });
}

#[test]
fn a_program_that_is_known_stays() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        lay_package(sandbox);
        let known = sandbox.write_program("home/known", "#!/bin/sh\necho known\n");
        let entry = sandbox.path("share/venvwrap/virtualenvwrapper.sh");
        let text = format!("__venvwrap_bin='{}'\n. '{}'\nlsvirtualenv", known.display(), entry.display());
        let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
        let outcome = Outcome::new(sandbox, &output);
        assert!(outcome.stdout.ends_with("known\n"), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn the_program_beside_it_comes_first() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        let beside = sandbox.path("up:on/share/venvwrap");
        lay_files(&beside);
        let say = |name: &str| format!("#!/bin/sh\necho {name} >&2\nexit 1\n");
        sandbox.write_program("up:on/bin/venvwrap", &say("package"));
        let script = format!("commands.{}", shell.name());
        for entry in ["virtualenvwrapper.sh", &script] {
            for (program, expected) in [(None, "package"), (Some("up:on/share/venvwrap/venvwrap"), "beside")] {
                if let Some(program) = program {
                    sandbox.write_program(program, &say("beside"));
                }
                let text = format!(". '{}'\nlsvirtualenv", beside.join(entry).display());
                let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
                let outcome = Outcome::new(sandbox, &output);
                assert!(outcome.stderr.ends_with(&format!("{expected}\n")), "{} {entry}: {outcome:#?}", shell.name());
            }
            std::fs::remove_file(sandbox.path("up:on/share/venvwrap/venvwrap")).unwrap();
        }
    });
}

#[test]
fn init_can_take_the_place_of_the_entry_point() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        let program = sandbox.path("bin/venvwrap");
        let output = Command::new(&program).args(["init", shell.name(), "--virtualenvwrapper"]).output().unwrap();
        let file = sandbox.write("entry", output.stdout);
        let text =
            format!("{}\necho \"$VIRTUALENVWRAPPER_HOOK_DIR\"", crate::support::shells::source_line(shell, &file));
        let command = crate::support::shells::command(sandbox, shell, &text).output();
        Outcome::new(sandbox, &command.unwrap()).prints(shell.name(), "[ROOT]/envs\n");
        assert!(sandbox.path("envs/postmkproject").is_file());
    });
}

#[test]
fn helpers_work_in_hooks() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let script = "virtualenvwrapper_verify_workon_environment api && virtualenvwrapper_verify_virtualenv; echo $?\n\
                      virtualenvwrapper_expandpath '~/x//../y'\nvirtualenvwrapper_absolutepath a\n\
                      virtualenvwrapper_derive_workon_home\nvirtualenvwrapper_show_workon_options\n\
                      virtualenvwrapper_cd /usr && pwd\nworkon api\nvirtualenvwrapper_get_site_packages_dir";
        run(sandbox, shell, script).prints(
            shell.name(),
            "0\n[ROOT]/home/y\n[ROOT]/home/a\n[ROOT]/envs\napi\n/usr\n[ROOT]/envs/api/lib/python3.11/site-packages\n",
        );
    });
}

/// virtualenvwrapper's own files are executable, and start-up files look for them with `which`.
#[test]
fn every_way_to_find_the_entry_points_works() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.use_real_program();
        lay_package(sandbox);
        std::fs::create_dir_all(sandbox.path("share/virtualenvwrapper")).unwrap();
        for name in ["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"] {
            let target = format!("../share/venvwrap/{name}");
            std::os::unix::fs::symlink(target, sandbox.path(format!("bin/{name}"))).unwrap();
            std::fs::copy(ours().with_file_name(name), sandbox.path(format!("share/virtualenvwrapper/{name}")))
                .unwrap();
        }
        let lazy = sandbox.path("share/venvwrap/virtualenvwrapper_lazy.sh");
        std::os::unix::fs::symlink(lazy, sandbox.path("home/virtualenvwrapper")).unwrap();
        let share = sandbox.path("share").display().to_string();
        let bin = sandbox.path("bin").display().to_string();
        for find in [
            "\"$(which virtualenvwrapper.sh)\"",
            "\"$(command -v virtualenvwrapper.sh)\"",
            "\"$(command -v virtualenvwrapper_lazy.sh)\"",
            &format!("'{share}/virtualenvwrapper/virtualenvwrapper.sh'"),
            &format!("'{share}/virtualenvwrapper/virtualenvwrapper_lazy.sh'"),
            "\"$HOME/virtualenvwrapper\"",
        ] {
            let text = format!("PATH=$PATH:'{bin}'\nsource {find}\nworkon api; echo \"${{VIRTUAL_ENV##*/}}\"");
            let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
            Outcome::new(sandbox, &output).prints(&format!("{} {find}", shell.name()), "api\n");
        }
    });
}

#[test]
fn an_entry_point_run_as_a_program_says_that_it_must_be_sourced() {
    for name in ["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"] {
        let entry = ours().with_file_name(name);
        let interpreters = ["bash", "zsh", "dash", "sh"].map(|shell| Command::new(shell).arg(&entry).output());
        for output in interpreters.into_iter().flatten().chain(Command::new(&entry).output()) {
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!((message.lines().count(), output.status.code()), (1, Some(1)), "{name}: {output:?}");
            assert!(message.contains("must be sourced"), "{message}");
        }
    }
}

#[test]
fn the_lazy_entry_point_makes_nothing_until_a_command_is_called() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.write("later/initialize", "echo initialized\n");
        let lazy = ours().with_file_name("virtualenvwrapper_lazy.sh");
        let text = format!(
            "unset WORKON_HOME\nPATH='{}':$PATH\n. '{}'\nexport WORKON_HOME='{}'\necho before\nlsvirtualenv -b\n\
             echo \"$VIRTUALENVWRAPPER_HOOK_DIR\"\nlsvirtualenv -b",
            sandbox.path("bin").display(),
            lazy.display(),
            sandbox.path("later").display()
        );
        let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
        Outcome::new(sandbox, &output).prints(shell.name(), "before\ninitialized\n[ROOT]/later\n");
        assert!(!sandbox.path("home/.virtualenvs").exists(), "{}", shell.name());
    });
}

#[test]
fn names_that_people_add_load_the_hook_that_defines_them() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        let hook = "echo initialized\nour-list() { echo \"ours $#\" \"$1\"; }\nworkon_2() { echo second; }\n";
        sandbox.write("envs/initialize", hook);
        let lazy = ours().with_file_name("virtualenvwrapper_lazy.sh");
        let text = format!(
            "mine() {{ echo mine; }}\n\
             _VIRTUALENVWRAPPER_API=\"our-list  workon_2 mine none lsvirtualenv x;touch\\$IFS\\$HOME/no '*' 1a -f\"\n\
             PATH='{}':$PATH\n. '{}'\necho before\nour-list 'a b' c\nour-list\nworkon_2\nmine\nlsvirtualenv -b\n\
             none 2>/dev/null\necho $?",
            sandbox.path("bin").display(),
            lazy.display(),
        );
        let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
        let expected = "before\ninitialized\nours 2 a b\nours 0 \nsecond\nmine\n127\n";
        Outcome::new(sandbox, &output).prints(shell.name(), expected);
        assert!(!sandbox.path("home/no").exists(), "{}", shell.name());
    });
}

#[test]
fn what_the_entry_point_exports_freezes_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let config = "hook_dir = \"~/hooks\"\nproject_filename = \".place\"\ncd = false\n";
        sandbox.write("home/.config/venvwrap/config.toml", config);
        sandbox.write("home/hooks/initialize", "echo initialized\n");
        let show = "printf '%s\\n' \"$VIRTUALENVWRAPPER_HOOK_DIR\" \"$VIRTUALENVWRAPPER_PROJECT_FILENAME\" \
                    \"$VIRTUALENVWRAPPER_WORKON_CD\" \"$VIRTUALENVWRAPPER_VIRTUALENV\" \
                    \"$VIRTUALENVWRAPPER_VIRTUALENV_CLONE\" \"$VIRTUALENVWRAPPER_ENV_BIN_DIR\"";
        load(sandbox, shell, "", show).prints(
            shell.name(),
            &format!("initialized\n[ROOT]/home/hooks\n.place\n0\n{}\nvirtualenv-clone\nbin\n", own_creator()),
        );
        // A file that changes later counts in the same shell, and in one that is started from it.
        let change = "echo 'hook_dir = \"/other\"' >\"$HOME/.config/venvwrap/config.toml\"\n\
                      virtualenvwrapper | grep -o '/other'; virtualenvwrapper_initialize; echo \"$VIRTUALENVWRAPPER_HOOK_DIR\"";
        std::fs::remove_file(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
        let outcome = load(sandbox, shell, "", change);
        assert!(outcome.stdout.starts_with("/other\n") && outcome.stdout.ends_with("/other\n"), "{outcome:#?}");
    });
}

/// What the entry point names for scripts that make environments.
fn own_creator() -> String {
    ours().with_file_name("venvwrap-venv").display().to_string()
}

/// `"$VIRTUALENVWRAPPER_VIRTUALENV" DIR` is virtualenv's command line, and a script that exports what it has read chooses
/// nothing.
#[test]
fn scripts_make_environments_with_what_the_entry_point_names() {
    let Some(python) = crate::support::program::python() else { return };
    for before in ["", "set -eu", "set -a", "export VIRTUALENVWRAPPER_VIRTUALENV=/old/place/venvwrap-venv"] {
        in_bash_and_zsh(|sandbox, shell| {
            let script = format!(
                "cd \"$HOME\"\n\"$VIRTUALENVWRAPPER_VIRTUALENV\" -q --no-setuptools --no-pip -p '{0}' \"a b/it's \\$(x)\"\n\
                 test -x \"a b/it's \\$(x)/bin/python\" && echo made\n\
                 $VIRTUALENVWRAPPER_VIRTUALENV -q --no-seed -p '{0}' plain && test -f plain/pyvenv.cfg && echo made\n\
                 virtualenvwrapper_verify_virtualenv && echo verified\n\
                 export VIRTUALENVWRAPPER_VIRTUALENV\nVIRTUALENVWRAPPER_VIRTUALENV_ARGS=--no-pip mkvirtualenv -q --no-setuptools -p '{0}' api\n\
                 grep -c created \"$VIRTUAL_ENV/venvwrap.toml\"; ls \"$VIRTUAL_ENV\"/lib/python*/site-packages | grep -c pip || :\n\
                 echo \"$VIRTUALENVWRAPPER_VIRTUALENV\"",
                python.display(),
            );
            let expected = format!("made\nmade\nverified\n1\n0\n{}\n", own_creator());
            let outcome = load(sandbox, shell, before, &script);
            assert_eq!(outcome.stdout, expected, "{} {before}: {outcome:#?}", shell.name());
        });
    }
}

/// Where nothing is installed next to the program, `venvwrap init` writes it; a program that was chosen stays.
#[test]
fn the_program_alone_brings_what_scripts_run() {
    let Some(python) = crate::support::program::python() else { return };
    let program = env!("CARGO_BIN_EXE_venvwrap");
    in_bash_and_zsh(|sandbox, shell| {
        let text = format!(
            "eval \"$('{program}' init --virtualenvwrapper {})\"\necho \"$VIRTUALENVWRAPPER_VIRTUALENV\"\n\
             cd \"$HOME\"; \"$VIRTUALENVWRAPPER_VIRTUALENV\" --no-seed -p '{}' made && test -f made/pyvenv.cfg && echo made\n\
             VIRTUALENVWRAPPER_VIRTUALENV=virtualenv\n{program} init --virtualenvwrapper {0} >again; . ./again\n\
             echo \"$VIRTUALENVWRAPPER_VIRTUALENV\"",
            shell.name(),
            python.display(),
        );
        let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
        let path = "[ROOT]/home/.local/state/venvwrap/venvwrap-venv";
        let outcome = Outcome::new(sandbox, &output);
        assert_eq!(outcome.stdout, format!("{path}\nmade\nvirtualenv\n"), "{outcome:#?}");
    });
}

#[test]
fn the_log_file_is_made() {
    in_bash_and_zsh(|sandbox, shell| {
        let log = sandbox.path("home/a log");
        load(sandbox, shell, &format!("VIRTUALENVWRAPPER_LOG_FILE='{}'", log.display()), "").prints(shell.name(), "");
        assert!(log.is_file(), "{}", shell.name());
    });
}
