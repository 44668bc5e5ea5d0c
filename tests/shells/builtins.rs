//! Aliases and functions of the user that have the names of builtins.

use std::path::Path;

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, command, in_bash_and_zsh, in_each_shell, run_with};

const NAMES: [&str; 17] = [
    "[", "test", "cd", "echo", "printf", "local", "read", "shift", "source", "type", "declare", "typeset", "trap",
    "true", "exec", ".", "exit",
];

/// What the activate scripts use as well, which are for any `sh`; `eval` only those for zsh.
const OF_SCRIPTS: [&str; 5] = [":", "export", "set", "unset", "eval"];

/// Those that fish lets a function have; its own functions use `source`.
const OF_FISH: [&str; 8] = ["cd", "contains", "count", "echo", "math", "printf", "random", "realpath"];

/// Words of the language itself: no function can have their names, but an alias can.
const KEYWORDS: [&str; 20] = [
    "!", "[[", "]]", "{", "}", "if", "then", "elif", "else", "fi", "case", "in", "esac", "while", "until", "for", "do",
    "done", "function", "time",
];

/// Aliases over all of them, and over what takes names for builtins.
fn aliases(shell: Shell, names: &[&str]) -> String {
    let define = |name: &&str| format!("\\builtin alias -- '{name}=called {name}'\n");
    let others = match shell {
        Shell::Bash => "\\builtin shopt -s expand_aliases\n",
        _ => {
            "\\builtin alias -g -- script='| called' bin='| called' '-f=| called' shell='| called' 2='| called' \
             1='| called' test='| called' aliases='| called' unset='| called' /dev/null='| called'\n"
        }
    };
    names.iter().map(define).chain([others.to_string()]).collect()
}

fn functions(shell: Shell, names: &[&str]) -> String {
    let define = |name: &&str| match shell {
        Shell::Bash => format!("function {name} {{ builtin echo 'called: {name}' >&2; builtin return 99; }}\n"),
        Shell::Zsh => format!("function '{name}' {{ builtin echo 'called: {name}' >&2; builtin return 99; }}\n"),
        Shell::Fish => format!("function {name}; builtin echo 'called: {name}' >&2; return 99; end\n"),
    };
    names.iter().map(define).collect()
}

const SCRIPT: &str = "workon api; builtin echo \"workon $?\"\ncdvirtualenv bin; builtin echo \"cdvirtualenv $?\"\n\
    cdsitepackages; builtin echo \"cdsitepackages $?\"\nlsvirtualenv -b\n\
    virtualenvwrapper_verify_workon_home; builtin echo \"helper $?\"\ndeactivate; builtin echo \"deactivate $?\"\n\
    mktmpenv --no-pip >/dev/null 2>&1; builtin echo \"mktmpenv $?\"\n";

/// What says that hooks and scripts have been sourced, not functions called in their place.
const SOURCED: &str = "builtin test -n \"$VIRTUAL_ENV\"; builtin echo \"hook $hook $?\"\n";

const EXPECTED: &str = "workon 0\ncdvirtualenv 0\ncdsitepackages 0\napi\nhelper 0\ndeactivate 0\nmktmpenv 0\n";

/// A store with an environment of this program.
fn lay_out(sandbox: &Sandbox) {
    sandbox.use_real_program();
    let env = sandbox.make_own_env("api");
    std::fs::create_dir_all(env.join("lib/python3.11/site-packages")).unwrap();
    sandbox.write("envs/initialize", "\\builtin true\n");
    sandbox.write("envs/postactivate", "hook=sourced\n");
    sandbox.write("envs/postactivate.fish", "set -g hook sourced\n");
}

#[test]
fn functions_over_builtins_are_not_called() {
    in_each_shell(|sandbox, shell| {
        lay_out(sandbox);
        let names = match shell {
            Shell::Fish => OF_FISH.to_vec(),
            Shell::Zsh => NAMES.to_vec(),
            Shell::Bash => [&NAMES[..], &["eval"]].concat(),
        };
        let (script, expected) = match shell {
            Shell::Fish => (
                SCRIPT.replace("$?", "$status").replace("virtualenvwrapper_verify_workon_home; ", ""),
                EXPECTED.to_owned(),
            ),
            _ => (SCRIPT.to_owned(), EXPECTED.to_owned()),
        };
        let functions = functions(shell, &names);
        let status = if shell == Shell::Fish { "$status" } else { "$?" };
        let script = format!("{functions}{script}workon api\n{}", SOURCED.replace("$?", status));
        let outcome = run_with(sandbox, shell, "", &script);
        assert!(!outcome.stderr.contains("called: "), "{}: {outcome:#?}", shell.name());
        // At its end the shell removes the temporary environment, and says so.
        let is_as_expected = outcome.stdout.starts_with(&expected) && outcome.stdout.ends_with("\nhook sourced 0\n");
        assert!(is_as_expected, "{}: {outcome:#?}", shell.name());
    });
}

/// The ways to load the functions under virtualenvwrapper's names.
fn entry_points(sandbox: &Sandbox, shell: Shell) -> Vec<String> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
    let alone = sandbox.path("bin/virtualenvwrapper.sh");
    std::fs::copy(files.join("virtualenvwrapper.sh"), &alone).unwrap();
    let paths = [files.join("virtualenvwrapper.sh"), files.join("virtualenvwrapper_lazy.sh"), alone];
    let mut loads: Vec<_> = paths.map(|path| format!("\\builtin . '{}'", path.display())).into();
    loads.push(format!("\\builtin eval \"$(venvwrap init --virtualenvwrapper {})\"", shell.name()));
    loads
}

#[test]
fn no_alias_and_no_function_changes_what_the_entry_points_load() {
    in_bash_and_zsh(|sandbox, shell| {
        lay_out(sandbox);
        let names = [&NAMES[..], &OF_SCRIPTS].concat();
        let aliases = aliases(shell, &[&names[..], &KEYWORDS, &["builtin", "return"]].concat());
        let remove = format!(
            "\\builtin unset -f -- {}\n",
            names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(" ")
        );
        for load in entry_points(sandbox, shell) {
            for (before, after) in [(&aliases, "\\builtin unalias -a\n"), (&functions(shell, &names), &remove)] {
                let path = sandbox.path("bin");
                // One word for the shell, so that nothing of it is read before the aliases are gone.
                let text =
                    format!("PATH='{}':$PATH\n{before}{load}\n{after}\\builtin eval \"$SCRIPT\"\n", path.display());
                let output = command(sandbox, shell, &text).env("SCRIPT", SCRIPT).output().unwrap();
                let outcome = Outcome::new(sandbox, &output);
                assert!(outcome.stdout.starts_with(EXPECTED), "{} {load}\n{before}: {outcome:#?}", shell.name());
                assert_eq!(outcome.stderr, "", "{} {load}\n{before}", shell.name());
            }
        }
    });
}

/// bash looks for aliases in a plan, and in what is between `$(` and `)`, when it gets there; zsh in a whole plan.
#[test]
fn an_alias_over_a_keyword_changes_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        lay_out(sandbox);
        let names = [&NAMES[..], &OF_SCRIPTS, &KEYWORDS, &["builtin", "return"]].concat();
        let script = "\\workon api; \\builtin 'echo' \"workon $? $hook\"\n\\cdvirtualenv 'bin'; \\builtin 'echo' \"cd $?\"\n\
            \\virtualenvwrapper_verify_workon_home; \\builtin 'echo' \"helper $?\"\n\
            \\virtualenvwrapper_initialize; \\builtin 'echo' \"initialize $?\"\n\
            \\deactivate; \\builtin 'echo' \"deactivate $?\"\n\
            \\mktmpenv --no-pip >&- 2>&-; \\builtin 'echo' \"mktmpenv $?\"\n\\deactivate >&- 2>&-\n";
        let expected = "workon 0 sourced\ncd 0\nhelper 0\ninitialize 0\ndeactivate 0\nmktmpenv 0\n";
        // One word for the shell, so that no word of the test is an alias before it is run.
        for options in ["", "set -u\n", "set -e\n"] {
            let aliases = format!("{options}{}", aliases(shell, &names));
            let outcome =
                run_with(sandbox, shell, "", &format!("{aliases}\\builtin eval '{}'", script.replace('\'', "'\\''")));
            assert!(outcome.stdout.starts_with(expected), "{} {options}: {outcome:#?}", shell.name());
            assert!(!outcome.stderr.contains("called"), "{} {options}: {outcome:#?}", shell.name());
        }
    });
}

/// A number would take a path for a calculation, which ends a script; what stands for another variable would change that.
#[test]
fn attributes_of_its_own_variables_change_nothing() {
    in_bash_and_zsh(|sandbox, shell| {
        lay_out(sandbox);
        let names = "bin aliases read protocol request dir lazy given env note temporary consent leaving left kept \
                     entry_aliases lazy_aliases shell script own shared rest on follow_tree follow_own follow_root \
                     follow_pwd follow_seen follow_told follow_pending follow_busy follow_link follow_real";
        let declare = |attribute: &str| {
            let one = |name: &str| match attribute {
                "-n" => format!("\\builtin declare -n __venvwrap_{name}=target_{name}\n"),
                _ => format!("\\builtin typeset {attribute} __venvwrap_{name}\n"),
            };
            names.split_whitespace().map(one).collect::<String>()
        };
        let attributes = match shell {
            Shell::Bash => vec!["-i", "-n", "-u", "-l", "-a", "-A", "-x"],
            _ => vec!["-i", "-F", "-u", "-l", "-a", "-A", "-U", "-x"],
        };
        let mut loads = entry_points(sandbox, shell);
        loads.push(format!("\\builtin eval \"$(venvwrap init --auto {})\"", shell.name()));
        for load in loads {
            for attribute in &attributes {
                let before = declare(attribute);
                let text = format!("PATH='{}':$PATH\n{before}{load}\n{SCRIPT}", sandbox.path("bin").display());
                let output = command(sandbox, shell, &text).output().unwrap();
                let outcome = Outcome::new(sandbox, &output);
                let what = format!("{} {attribute} {load}", shell.name());
                assert!(outcome.stdout.starts_with(EXPECTED), "{what}: {outcome:#?}");
                assert_eq!(outcome.stderr, "", "{what}");
            }
        }
    });
}
