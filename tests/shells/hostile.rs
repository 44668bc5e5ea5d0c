//! Shells whose options, aliases and variables make ordinary code fall over.

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, command, in_bash_and_zsh, in_each_shell, lay_shim, run_with, script_text};
use crate::support::shims::init_text;
use crate::support::tools::find_program;

const BASH: &[&str] = &[
    "set -e",
    "set -u",
    "set -eu -o pipefail",
    "set -f",
    "set -o noclobber",
    "set -o posix",
    "set -e -o posix",
    "set -a",
    "IFS=/",
    "IFS=abcdefghijklmnopqrstuvwxyz",
    "IFS=",
    "shopt -s failglob",
    "shopt -s nullglob extglob nocasematch",
    "shopt -s localvar_inherit",
    "shopt -s localvar_inherit; declare -i _vw_text _vw_env _vw_activate _vw_flags _vw_hook _vw_rest _vw_entry _vw_next",
    "shopt -s localvar_inherit; declare -u _vw_text _vw_env=X _vw_flags _vw_hook _vw_line _vw_version _vw_dir _vw_name",
    "declare -i __venvwrap_consent __venvwrap_leaving __venvwrap_left __venvwrap_env __venvwrap_note __venvwrap_kept",
    "declare -u __venvwrap_leaving __venvwrap_left __venvwrap_env; declare -n _vw_text=PATH _vw_env=HOME",
    "readonly PYTHONHOME",
    "set -E; trap 'echo ERR >&2' ERR",
    "set -T; trap : DEBUG",
    "readonly PS1",
    "readonly line=a dir=a env=a name=a names=a home=a version=a rest=a entry=a next=a file=a status=a trap=a noglob=a",
    "unset PS1; set -u",
    "export PYTHONHOME=/nowhere CDPATH=/usr GREP_OPTIONS=-v",
    "cd() { false; }; unset() { builtin unset \"$@\"; }; export() { builtin export \"$@\"; }; local() { false; }",
];

const ZSH: &[&str] = &[
    "setopt err_exit",
    "setopt err_return",
    "setopt no_unset",
    "setopt err_exit no_unset pipe_fail",
    "setopt sh_word_split",
    "setopt ksh_arrays",
    "setopt no_glob",
    "setopt extended_glob null_glob",
    "setopt csh_null_glob",
    "setopt warn_create_global warn_nested_var",
    "setopt glob_subst",
    "setopt rc_expand_param",
    "setopt rc_quotes",
    "setopt csh_junkie_quotes",
    "setopt csh_junkie_history csh_junkie_loops",
    "setopt ignore_braces",
    "setopt glob_assign",
    "setopt sh_glob",
    "setopt posix_builtins",
    "setopt all_export",
    "setopt auto_name_dirs auto_cd cdable_vars auto_pushd",
    "setopt no_clobber",
    "setopt chase_links",
    "setopt mark_dirs",
    "emulate sh",
    "emulate ksh",
    "emulate csh",
    "typeset -U path",
    "typeset -r PS1",
    "typeset -gi _vw_text _vw_env _vw_activate _vw_flags _vw_hook _vw_name _vw_reply; typeset -gr _vw_dir=/",
    "typeset -gu _vw_text _vw_env __venvwrap_env; typeset -gi __venvwrap_consent __venvwrap_leaving __venvwrap_note",
    "unset PS1; setopt no_unset",
    "IFS=/",
    "IFS=",
];

fn prepare(sandbox: &Sandbox) {
    let env = sandbox.make_env("api");
    sandbox.make_project(&env, "api");
    for hook in ["postactivate", "predeactivate", "postdeactivate"] {
        sandbox.write(format!("envs/{hook}"), format!("false\necho rest of {hook}\nvariable_of_{hook}=1\n"));
    }
    sandbox.write_program("envs/preactivate", "#!/bin/sh\nexit 3\n");
    sandbox.plan_workon("api");
}

const EXPECTED: &str = "rest of postactivate\n\
    1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/projects/api\n\
    arguments: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/bin\n\
    2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/lib/python3.11/site-packages\n\
    rest of predeactivate\n\
    rest of postdeactivate\n\
    3: status=0 env= cwd=[ROOT]/envs/api/lib/python3.11/site-packages\n\
    /usr/local/bin:/usr/bin:/bin\n";

const SCRIPT: &str = "workon api; report 1\ncdvirtualenv bin; report arguments\n\
    cdproject; cdsitepackages; report 2\ndeactivate; report 3\necho \"$PATH\"";

/// It runs in `$(` as well: what it prints there is no part of a plan, a path or a saved value.
#[test]
fn what_a_trap_of_debug_prints_is_obeyed_nowhere() {
    assert_obeyed_nowhere("set -T; trap 'echo \"traced:$BASH_COMMAND\"' DEBUG", 'T');
}

/// What bash traces to standard output is no part of it either.
#[test]
fn what_bash_traces_to_standard_output_is_obeyed_nowhere() {
    for traced in ["BASH_XTRACEFD=1; set -x", "BASH_XTRACEFD=1; set -xT; trap 'echo traced' DEBUG"] {
        assert_obeyed_nowhere(traced, 'x');
    }
}

/// Asserts that bash works with these settings, and that its option stays.
#[track_caller]
fn assert_obeyed_nowhere(traced: &str, option: char) {
    if find_program("bash").is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    sandbox.use_real_program();
    sandbox.write("envs/api/venvwrap-variables.toml", "OWN = \"of api\"\n");
    let script = format!(
        "workon api; echo \"own $OWN\"\n(cdsitepackages; echo \"own $PWD\")\ndeactivate; echo \"own $OWN\"\n\
         trap - DEBUG\ncase $- in *{option}*) echo still;; esac"
    );
    let outcome = run_with(&sandbox, Shell::Bash, &format!("OWN=old; GLOBIGNORE=x; {traced}"), &script);
    let is_own = |line: &&str| line.starts_with("own ") || *line == "still";
    let told: Vec<_> = outcome.stdout.lines().filter(is_own).collect();
    let site = "own [ROOT]/envs/api/lib/python3.11/site-packages";
    assert_eq!(told, ["own of api", site, "own old", "still"], "{traced}: {outcome:#?}");
    assert!(!outcome.stderr.contains("error:"), "{traced}: {outcome:#?}");
}

/// Set before the start: what a function prints there is no part of a setting, of the path of a hook or of the functions.
#[test]
fn what_a_trap_of_debug_prints_is_no_part_of_what_the_start_reads() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.write_program("envs/api/bin/python", "#!/bin/sh\necho Python 3.11.2\n");
        sandbox.use_real_program();
        sandbox.write("envs/initialize", "echo 'own hook'\n");
        let shims = ours_below(sandbox);
        let bin = sandbox.path("bin").display().to_string();
        let traps = if shell == Shell::Bash {
            &["set -T; trap 'echo traced' DEBUG"][..]
        } else {
            &["trap 'echo traced' DEBUG", "TRAPDEBUG() { echo traced; }"]
        };
        let init = format!("eval \"$('{bin}/venvwrap' init {})\"", shell.name());
        let untraced = "trap - DEBUG; unset -f TRAPDEBUG 2>/dev/null";
        let scripts = "workon api; echo \"own ${VIRTUAL_ENV##*/}\"; virtualenvwrapper_tempfile x; \
                       virtualenvwrapper_get_python_version";
        for (trap, is_configured) in traps.iter().flat_map(|trap| [(trap, false), (trap, true)]) {
            sandbox.write("home/.config/venvwrap/config.toml", if is_configured { "trash_keep = '1h'\n" } else { "" });
            for load in shims.iter().map(|shim| format!(". '{}'", shim.display())).chain([init.clone()]) {
                // What prints the functions is the user's own substitution.
                let start = if load == init { format!("{load}\n{trap}") } else { format!("{trap}\n{load}") };
                let text =
                    format!("PATH='{bin}':$PATH\n{start}\n{scripts}\n{untraced}\necho \"own $-\" \"$WORKON_HOME\"");
                let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
                let outcome = Outcome::new(sandbox, &output);
                let told: Vec<_> = outcome.stdout.lines().filter(|line| *line != "traced").collect();
                let place = format!("{} {trap} {load}", shell.name());
                assert!(told.contains(&"own hook") && told.contains(&"own api"), "{place}: {outcome:#?}");
                assert!(told.iter().any(|line| line.starts_with("/tmp/virtualenvwrapper-x-")), "{place}: {outcome:#?}");
                assert!(told.contains(&"3.11"), "{place}: {outcome:#?}");
                assert_eq!((told.len(), outcome.stderr.as_str()), (5, ""), "{place}: {outcome:#?}");
                assert!(shell == Shell::Zsh || told[4].contains('T'), "{place}: {outcome:#?}");
            }
        }
    });
}

/// Set before the text of `init` is evaluated, where the program has not seen the shell's `WORKON_HOME`. In zsh, a
/// global alias may stand over the words in a `$(`.
#[test]
fn what_a_trap_or_an_alias_says_does_not_hide_the_initialize_hook() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.write("other/initialize", "echo own hook\n");
        let troubles = if shell == Shell::Bash {
            &["set -T; trap 'echo traced' DEBUG", "BASH_XTRACEFD=1; set -x"][..]
        } else {
            &[
                "trap 'echo traced' DEBUG",
                "TRAPDEBUG() { echo traced; }",
                "alias -g initialize=/dev/null __do=/dev/null entry=/dev/null",
            ]
        };
        let homes = [sandbox.path("other").display().to_string(), "~/../other".into()];
        for (home, config) in homes.iter().flat_map(|home| [(home, ""), (home, "trash_keep = '1h'\n")]) {
            sandbox.write("home/.config/venvwrap/config.toml", config);
            for trouble in troubles {
                for earlier in ["", "echo earlier hook\n"] {
                    sandbox.write("envs/initialize", earlier);
                    let text = format!(
                        "text=$('{}' init {}); WORKON_HOME='{home}'; {trouble}\n\\eval \"$text\"",
                        sandbox.path("bin/venvwrap").display(),
                        shell.name()
                    );
                    let output = crate::support::shells::command(sandbox, shell, &text).output().unwrap();
                    let outcome = Outcome::new(sandbox, &output);
                    let place = format!("{} {home} {config} {trouble} {earlier}", shell.name());
                    assert!(outcome.stdout.lines().any(|line| line == "own hook"), "{place}: {outcome:#?}");
                    assert_eq!(outcome.stderr, "", "{place}");
                }
            }
        }
    });
}

/// The entry points: next to their files, by a link, and alone with the program.
fn ours_below(sandbox: &Sandbox) -> Vec<std::path::PathBuf> {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
    let mut paths = Vec::new();
    for name in ["virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"] {
        let link = sandbox.path("home").join(name);
        std::os::unix::fs::symlink(here.join(name), &link).unwrap();
        paths.extend([here.join(name), link]);
    }
    let alone = sandbox.path("bin/virtualenvwrapper.sh");
    std::fs::copy(here.join("virtualenvwrapper.sh"), &alone).unwrap();
    paths.push(alone);
    paths
}

#[test]
fn options_change_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        prepare(sandbox);
        for options in if shell == Shell::Bash { BASH } else { ZSH } {
            let outcome = run_with(sandbox, shell, options, SCRIPT);
            outcome.prints(&format!("{} {options}", shell.name()), EXPECTED);
            assert_eq!(outcome.status, Some(0), "{} {options}", shell.name());
        }
    });
}

#[test]
fn options_set_after_the_shim_change_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        prepare(sandbox);
        for options in if shell == Shell::Bash { BASH } else { ZSH } {
            let outcome = run_with(sandbox, shell, "", &format!("{options}\n{SCRIPT}"));
            outcome.prints(&format!("{} {options}", shell.name()), EXPECTED);
        }
    });
}

/// What a shell cannot set, and what it is.
fn fixed(shell: Shell) -> Vec<(&'static str, &'static str)> {
    let mut fixed = vec![
        ("typeset -r VIRTUAL_ENV", "VIRTUAL_ENV"),
        ("typeset -r VIRTUAL_ENV_PROMPT=x", "VIRTUAL_ENV_PROMPT"),
        ("typeset -r PATH", "PATH"),
        ("typeset -i VIRTUAL_ENV", "VIRTUAL_ENV"),
        ("set -u; typeset -i _OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PATH"),
        ("typeset -u VIRTUAL_ENV", "VIRTUAL_ENV"),
        ("typeset -a VIRTUAL_ENV_PROMPT", "VIRTUAL_ENV_PROMPT"),
        ("typeset -r _OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PATH"),
        ("typeset -r PYTHONHOME=/usr", "PYTHONHOME"),
        ("typeset -r _OLD_VIRTUAL_PS1", "_OLD_VIRTUAL_PS1"),
        ("typeset -r _VENVWRAP_PATH", "_VENVWRAP_PATH"),
        ("typeset -r _OLD_VIRTUAL_PYTHONHOME=x", "_OLD_VIRTUAL_PYTHONHOME"),
        ("typeset -r VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV", "VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV"),
        ("typeset -r VIRTUALENVWRAPPER_LAST_VIRTUALENV=x", "VIRTUALENVWRAPPER_LAST_VIRTUALENV"),
    ];
    if shell == Shell::Bash {
        fixed.extend([
            ("declare -i PATH", "PATH"),
            ("declare -u PATH", "PATH"),
            ("set -u; declare -a PATH", "PATH"),
            ("declare -n VIRTUAL_ENV=OTHER", "VIRTUAL_ENV"),
            ("declare -n _OLD_VIRTUAL_PATH=OTHER", "_OLD_VIRTUAL_PATH"),
        ]);
    }
    fixed
}

#[test]
fn what_cannot_be_set_is_told_before_anything_happens() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        sandbox.make_env("web");
        sandbox.write_program("envs/preactivate", "#!/bin/sh\necho \"preactivate $1\"\n");
        sandbox.write_hook("envs/predeactivate", "echo left\n");
        for (before, name) in fixed(shell) {
            let told = format!("error: cannot activate an environment: this shell cannot set `{name}`\nhint: ");
            let outcome = run_with(sandbox, shell, "", &format!("{before}\nworkon web; report end"));
            // A number of zsh begins as 0.
            let stdout = outcome.stdout.replace("env=0", "env=");
            let expected = "end: status=1 env= cwd=[ROOT]/home\n";
            assert_eq!(stdout, expected, "{} {before}: {outcome:#?}", shell.name());
            assert!(outcome.stderr.starts_with(&told), "{} {before}: {outcome:#?}", shell.name());
            assert_eq!(outcome.stderr.lines().count(), 2, "{} {before}: {outcome:#?}", shell.name());
        }
        // The environment that is active stays.
        let script = "workon api; typeset -r PATH\nworkon web; report end";
        let outcome = run_with(sandbox, shell, "", script);
        let expected = "preactivate api\nend: status=1 env=[ROOT]/envs/api cwd=[ROOT]/home\n";
        assert_eq!(outcome.stdout, expected, "{}: {outcome:#?}", shell.name());
    });
}

/// What a shell cannot set any more when an environment is active.
fn fixed_later(shell: Shell) -> Vec<(&'static str, &'static str)> {
    let mut fixed = vec![
        ("typeset -r PATH", "PATH"),
        ("typeset -r VIRTUAL_ENV", "VIRTUAL_ENV"),
        ("typeset -r PS1", "PS1"),
        ("typeset -r _OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_PATH"),
        ("set -u; typeset -r PS1", "PS1"),
        ("_OLD_VIRTUAL_PYTHONHOME=/usr; typeset -r PYTHONHOME", "PYTHONHOME"),
        ("PYTHONHOME=; typeset -r PYTHONHOME", "PYTHONHOME"),
    ];
    if shell == Shell::Bash {
        fixed.extend([
            ("declare -i PATH", "PATH"),
            ("declare -u PATH", "PATH"),
            ("declare -i PS1", "PS1"),
            ("declare -n _VENVWRAP_PATH=OTHER", "_VENVWRAP_PATH"),
        ]);
    }
    fixed
}

#[test]
fn an_environment_that_cannot_be_left_stays_as_a_whole() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        for (before, name) in fixed_later(shell) {
            let script = format!(
                "PS1='$ '; workon api; {before}\ndeactivate; report end\n\
                 case $PATH in \"$VIRTUAL_ENV\"/bin:*) echo \"whole $PS1\" ;; esac"
            );
            let outcome = run_with(sandbox, shell, "", &script);
            let expected = "end: status=1 env=[ROOT]/envs/api cwd=[ROOT]/home\nwhole (api) $ \n";
            assert_eq!(outcome.stdout, expected, "{} {before}: {outcome:#?}", shell.name());
            let told = format!("error: cannot leave the environment: this shell cannot set `{name}`\nhint: ");
            assert!(outcome.stderr.starts_with(&told), "{} {before}: {outcome:#?}", shell.name());
            assert_eq!(outcome.stderr.lines().count(), 2, "{} {before}: {outcome:#?}", shell.name());
        }
    });
}

/// What is noted of a shell must not end it where no file may be written.
#[test]
fn a_shell_that_may_write_no_file_survives() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let outcome = run_with(sandbox, shell, "", "ulimit -f 0; workon api; report in; deactivate; report out");
        let expected = "in: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\nout: status=0 env= cwd=[ROOT]/home\n";
        assert_eq!(outcome.stdout, expected, "{} {outcome:#?}", shell.name());
    });
}

#[test]
fn a_restricted_bash_is_told_that_it_is() {
    in_bash_and_zsh(|sandbox, shell| {
        if shell == Shell::Bash {
            sandbox.use_real_program();
            sandbox.make_env("api");
            let outcome = run_with(sandbox, shell, "", "set -r; workon api; report end");
            assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{outcome:#?}");
            assert!(outcome.stderr.contains("\nerror: cannot go on: this shell is restricted\nhint: "), "{outcome:#?}");
        }
    });
}

#[test]
fn what_the_functions_remember_cannot_be_made_readonly_unseen() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        for name in ["env", "note", "temporary", "consent", "leaving", "left", "kept"] {
            let name = format!("__venvwrap_{name}");
            let script = format!("typeset -r {name}\nworkon api; report end");
            let outcome = run_with(sandbox, shell, "", &script);
            let expected = "end: status=1 env= cwd=[ROOT]/home\n";
            assert_eq!(outcome.stdout, expected, "{} {name}: {outcome:#?}", shell.name());
            assert!(outcome.stderr.contains(&format!(": this shell cannot set `{name}`\nhint: ")), "{outcome:#?}");
            assert_eq!(outcome.stderr.lines().count(), 2, "{} {name}: {outcome:#?}", shell.name());
        }
        // A number among them would evaluate what it is given.
        let script = "typeset -i __venvwrap_kept __venvwrap_note __venvwrap_temporary\nworkon api; report in\n\
                      deactivate; report out";
        let outcome = run_with(sandbox, shell, "", script);
        let expected = "in: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\nout: status=0 env= cwd=[ROOT]/home\n";
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), (expected, ""), "{}", shell.name());
    });
}

#[test]
fn a_prompt_that_is_a_number_stays() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    sandbox.make_env("api");
    let outcome =
        run_with(&sandbox, Shell::Bash, "", "declare -i PS1=5\nworkon api; report $PS1\ndeactivate; report $PS1");
    let expected = "5: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n5: status=0 env= cwd=[ROOT]/home\n";
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), (expected, ""));
}

#[test]
fn lists_and_universal_variables_of_fish_change_nothing() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    sandbox.make_env("api");
    for before in [
        "set -gx VIRTUAL_ENV g h",
        "set -U VIRTUAL_ENV /u; set -U _OLD_VIRTUAL_PATH /u; set -U __venvwrap_env /u",
        "set -g __venvwrap_request nonsense; set -U __venvwrap_note /u; set -gx __venvwrap_left a b",
        "set -g --path VIRTUAL_ENV_PROMPT a b; set -U _vw_text /u",
    ] {
        let script = format!("{before}\nworkon api; report in\ndeactivate; report out");
        let outcome = run_with(&sandbox, Shell::Fish, "", &script);
        let is_in = outcome.stdout.starts_with("in: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\nout: status=0 env=");
        assert!(is_in && outcome.stderr.is_empty(), "{before}: {outcome:#?}");
    }
}

#[test]
fn a_failing_workon_ends_a_strict_script_with_its_status() {
    in_bash_and_zsh(|sandbox, shell| {
        let outcome = run_with(sandbox, shell, "", "set -e\nworkon nowhere\necho reached");
        assert_eq!(outcome.stdout, "");
        assert_eq!(outcome.status, Some(4), "{outcome:#?}");
    });
}

#[test]
fn aliases_and_functions_of_the_user_change_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        prepare(sandbox);
        let aliases =
            "alias workon=x cd=x local=x builtin=x eval=x printf=x export=x unset=x exec=x shift=x return=x typeset=x";
        let (before, init) = match shell {
            Shell::Bash => (format!("shopt -s expand_aliases\n{aliases}"), "shopt -u expand_aliases"),
            _ => (
                format!("{aliases}\nalias -g std='| cat' dir='| cat' line='| cat' name='| cat' deactivate='| cat'"),
                "setopt no_aliases",
            ),
        };
        let file = sandbox.write("loader", init_text(shell, &sandbox.path("bin/venvwrap")));
        let file = file.display();
        let shim = lay_shim(sandbox, shell, "bin");
        let loads = [
            format!("\\builtin . '{file}'"),
            format!("\\builtin eval \"$(cat '{file}')\""),
            format!("\\builtin . '{}'", shim.display()),
        ];
        for load in loads {
            let text = format!("{before}\n\\builtin eval \"$LOAD\"\n{init}\n\\builtin eval \"$SCRIPT\"\n");
            let prelude = script_text(sandbox, shell, "", "").lines().take(5).collect::<Vec<_>>().join("\n");
            let mut command = command(sandbox, shell, &format!("{prelude}\n{text}"));
            let output = command.env("LOAD", &load).env("SCRIPT", SCRIPT).output().unwrap();
            Outcome::new(sandbox, &output).prints(&format!("{} {load}", shell.name()), EXPECTED);
        }
    });
}

/// Where aliases are on, they are expanded in a plan, too.
#[test]
fn an_alias_of_what_ends_a_plan_changes_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let on = if shell == Shell::Bash { "shopt -s expand_aliases" } else { "setopt aliases" };
        let script =
            "alias return='echo ALIAS;'\nworkon api; report 1\ntypeset -r PATH\nworkon api 2>/dev/null; report 2";
        run_with(sandbox, shell, on, script).prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n2: status=1 env=[ROOT]/envs/api cwd=[ROOT]/home\n",
        );
    });
}

#[test]
fn aliases_are_on_again_afterwards() {
    in_bash_and_zsh(|sandbox, shell| {
        let (on, shown) = match shell {
            Shell::Bash => ("shopt -s expand_aliases", "shopt -q expand_aliases; echo $?"),
            _ => ("setopt aliases", "[[ -o aliases ]]; echo $?"),
        };
        run_with(sandbox, shell, on, shown).prints(shell.name(), "0\n");
        let off = if shell == Shell::Bash { "shopt -u expand_aliases" } else { "setopt no_aliases" };
        run_with(sandbox, shell, off, shown).prints(shell.name(), "1\n");
    });
}

#[test]
fn loading_is_silent_and_works_in_posix_mode() {
    in_each_shell(|sandbox, shell| {
        crate::support::shells::run(sandbox, shell, "true").prints(shell.name(), "");
    });
    let Some(bash) = find_program("bash") else { return };
    let sandbox = Sandbox::new();
    prepare(&sandbox);
    let text = script_text(&sandbox, Shell::Bash, "", SCRIPT);
    let output = sandbox.command(&bash).args(["--posix", "-c", &text]).output().unwrap();
    Outcome::new(&sandbox, &output).prints("bash --posix", EXPECTED);
}

#[test]
fn the_static_file_finds_the_program() {
    in_each_shell(|sandbox, shell| {
        for directory in ["bin", "share", "share/venvwrap"] {
            let file = lay_shim(sandbox, shell, directory);
            let text = format!("{}\nlsvirtualenv", crate::support::shells::source_line(shell, &file));
            let outcome = Outcome::new(sandbox, &command(sandbox, shell, &text).output().unwrap());
            outcome.prints(&format!("{} {}", shell.name(), file.display()), "");
            assert_eq!(sandbox.take_log(), "__do <lsvirtualenv>\n");
        }
        let elsewhere = lay_shim(sandbox, shell, "home");
        let text = format!("{}\nlsvirtualenv", crate::support::shells::source_line(shell, &elsewhere));
        let mut command = command(sandbox, shell, &text);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        Outcome::new(sandbox, &command.output().unwrap()).prints(shell.name(), "");
        assert_eq!(sandbox.take_log(), "__do <lsvirtualenv>\n");
    });
}

#[test]
fn the_initialize_hook_is_sourced() {
    in_each_shell(|sandbox, shell| {
        sandbox.write_hook("envs/initialize", "echo initialised\n");
        sandbox.write("do/initialize", "printf '%s\\n' \"$here/envs/initialize${1:+.fish}\"\n");
        crate::support::shells::run(sandbox, shell, "true").prints(shell.name(), "initialised\n");
    });
}
