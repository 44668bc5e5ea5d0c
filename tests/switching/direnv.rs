//! direnv next to venvwrap: what it puts back is the PATH of another environment.

use venvwrap_core::shell::Shell;

use super::interactive::interact_with;
use crate::support::associations::associate;
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;

/// What direnv's hook does: it notes variables, reads the `.envrc`, and puts back later what that has changed.
const HOOK_SH: &str = "_direnv_hook() { set -- $?; local dir=; [ -f \"$PWD/.envrc\" ] && dir=$PWD; \
    if [ \"$dir\" != \"${loaded-}\" ]; then \
    [ -z \"${loaded-}\" ] || { export PATH=\"$noted\"; [ -z \"${env+x}\" ] || export VIRTUAL_ENV=\"$env\"; }; \
    unset env; loaded=$dir; export DIRENV_DIFF=$dir; noted=$PATH; [ -z \"$dir\" ] || { dir=${VIRTUAL_ENV-}; . ./.envrc; \
    [ \"$dir\" = \"${VIRTUAL_ENV-}\" ] || env=$dir; }; fi; return $1; }; ";
const BASH: &str = "PROMPT_COMMAND=\"_direnv_hook${PROMPT_COMMAND:+;$PROMPT_COMMAND}\"";
const ZSH: &str = "typeset -ag precmd_functions chpwd_functions; \
    precmd_functions=(_direnv_hook ${precmd_functions[@]}); chpwd_functions=(_direnv_hook ${chpwd_functions[@]})";
const FISH: &str = "function __direnv_export_eval --on-event fish_prompt; set -l dir; test -f $PWD/.envrc; \
    and set dir $PWD; if test \"$dir\" != \"$loaded\"; if test -n \"$loaded\"; set -gx PATH $noted; \
    set -q env; and set -gx VIRTUAL_ENV $env; end; set -e env; set -g loaded $dir; set -gx DIRENV_DIFF $dir; set -g noted $PATH; \
    if test -n \"$dir\"; set -l before \"$VIRTUAL_ENV\"; source .envrc; \
    test \"$before\" = \"$VIRTUAL_ENV\"; or set -g env $before; end; end; end";

/// Shows the active environment, and whose `bin` are on PATH.
const ON_SH: &str = "on() { local PATH=\"$PATH:/usr/bin:/bin\"; printf 'on: %s %s\\n' \"${VIRTUAL_ENV##*/}\" \"$(printf '%s:' \"$PATH\" | tr : '\\n' | \
    sed -n 's|.*/envs/\\(.*\\)/bin$|\\1|p' | sort -u | tr '\\n' ' ')\"; }";
const ON_FISH: &str = "function on; set -l a (string replace -r '.*/' '' -- \"$VIRTUAL_ENV\"); \
    set -l b (string replace -rf '.*/envs/(.*)/bin$' '$1' -- $PATH | sort -u); \
    printf 'on: %s %s \\n' \"$a\" \"$b\"; end";

fn place(sandbox: &Sandbox) {
    sandbox.use_real_program();
    for (name, project) in [("api", "p"), ("other", "q")] {
        sandbox.make_env(name);
        associate(sandbox, name, &sandbox.path(format!("projects/{project}")));
    }
}

fn hook(shell: Shell) -> String {
    match shell {
        Shell::Bash => format!("{HOOK_SH}{BASH}"),
        Shell::Zsh => format!("{HOOK_SH}{ZSH}"),
        Shell::Fish => FISH.into(),
    }
}

/// Runs lines with the hook loaded before or after venvwrap, and returns what `on` has shown.
fn shown(sandbox: &Sandbox, shell: Shell, is_first: bool, envrc: &str, lines: &[&str]) -> Vec<String> {
    sandbox.write("projects/p/.envrc", envrc);
    let on = if shell == Shell::Fish { ON_FISH } else { ON_SH };
    let (mut before, mut script) = (format!("{on}\n"), String::new());
    if is_first { &mut before } else { &mut script }.push_str(&(hook(shell) + "\n"));
    if lines.iter().any(|line| line.starts_with("workon")) {
        before.push_str(if shell == Shell::Fish { "set -g VENVWRAP_AUTO 0\n" } else { "VENVWRAP_AUTO=0\n" });
    }
    let outcome = interact_with(sandbox, shell, &before, &(script + &lines.join("\non\n") + "\non"));
    assert!(
        !outcome.stderr.contains("error:") && !outcome.stderr.contains(": __venvwrap"),
        "{}: {outcome:#?}",
        shell.name()
    );
    let shown = outcome.stdout.lines().filter_map(|line| line.strip_prefix("on: "));
    shown.map(|line| line.trim().to_owned()).collect()
}

/// Changes PATH as `PATH_add` does.
fn adds(shell: Shell, directory: &str) -> String {
    match shell {
        Shell::Fish => format!("set -gx PATH \"{directory}\" $PATH"),
        _ => format!("export PATH=\"{directory}:$PATH\""),
    }
}

#[test]
fn path_has_the_active_environment_whatever_direnv_puts_back() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let envrc = adds(shell, "$PWD/bin");
        let cd = |name: &str| format!("cd ~/../projects/{name}");
        let (p, q) = (cd("p"), cd("q"));
        for is_first in [true, false] {
            let lines = [&*p, &q, &p, "cd ~", &q, "cd ~", &p, &p, "deactivate", &q, "cd ~"];
            let found = shown(sandbox, shell, is_first, &envrc, &lines);
            let expected = ["api api", "other other", "api api", "", "other other", "", "api api", "api api"];
            let (first, rest) = found.split_at(8.min(found.len()));
            assert_eq!(first, expected, "{} {is_first}", shell.name());
            assert_eq!(rest, ["", "other other", ""], "{} {is_first}", shell.name());
            let lines =
                ["workon other", "workon api", "workon other", "deactivate", "workon api", "cd ~", "deactivate"];
            let found = shown(sandbox, shell, is_first, &envrc, &lines);
            let expected = ["other other", "api api", "other other", "", "api api", "api api", ""];
            assert_eq!(found, expected, "{} {is_first}", shell.name());
        }
    });
}

/// The recipe in the documentation.
#[test]
fn an_environment_that_an_envrc_names_is_left_with_its_directory() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let api = sandbox.env_path("api").to_str().unwrap().to_owned();
        let set = if shell == Shell::Fish { "set -gx VIRTUAL_ENV " } else { "export VIRTUAL_ENV=" };
        let envrc = format!("{set}\"{api}\"\n{}", adds(shell, &format!("{api}/bin")));
        let lines = ["cd ~/../projects/p", "cd ~/../projects/q", "cd ~"];
        assert_eq!(shown(sandbox, shell, false, &envrc, &lines)[1..], ["other other", ""], "{}", shell.name());
    });
}

/// Shows the name in the prompt.
const NAME_SH: &str = "name() { case ${PS1-} in '('*) set -- \"${PS1%%)*}\"; printf 'on: name %s\\n' \"${1#?}\" ;; \
    *) printf 'on: name\\n' ;; esac; }";
const NAME_FISH: &str = "function fish_prompt; builtin echo; end; function name; \
    set -l found (fish_prompt | string match -r '\\(([a-z]+)\\)'); printf 'on: name %s\\n' \"$found[2]\"; end";

/// The end of the script for fish that `python -m venv` writes.
const PROMPT_FISH: &str = "\nfunctions -e _old_fish_prompt\nfunctions -c fish_prompt _old_fish_prompt\n\
    function fish_prompt\necho '(NAME) '\nend\nset -gx _OLD_FISH_PROMPT_OVERRIDE $VIRTUAL_ENV\n";

/// A `DIRENV_DIFF` in which PATH alone has changed.
const DIFF_OF_PATH: &str = "eJyrVipQsqpWCnAM8VCyUtJPysxTqtVRykMWS7SCCNcCABB-DGc=";

#[test]
fn what_direnv_puts_back_is_not_the_environment_of_another_time() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        sandbox.make_env("third");
        for name in ["other", "third"] {
            let script = sandbox.env_path(name).join("bin/activate.fish");
            let text = std::fs::read_to_string(&script).unwrap() + &PROMPT_FISH.replace("NAME", name);
            std::fs::write(&script, text).unwrap();
        }
        let api = sandbox.env_path("api").to_str().unwrap().to_owned();
        let set = if shell == Shell::Fish { ["set -gx", " "] } else { ["export", "="] };
        let [export, is] = set;
        let envrc = format!("{export} VIRTUAL_ENV{is}\"{api}\"\n{}", adds(shell, &format!("{api}/bin")));
        sandbox.write("projects/q/.envrc", format!("{export} DIRENV_DIFF{is}{DIFF_OF_PATH}"));
        let name = if shell == Shell::Fish { NAME_FISH } else { NAME_SH };
        let (other, third) = ("workon --no-cd other", "workon --no-cd third");
        let (p, q) = ("cd ~/../projects/p", "cd ~/../projects/q");
        let walks: [&[(&str, &str)]; 5] = [
            // The .envrc wins where it is, and the prompt does not name the other one.
            &[
                (other, "other other"),
                (p, "api api"),
                ("name", "name"),
                ("cd ~", "other other"),
                ("name", "name other"),
            ],
            &[(other, "other other"), (p, "api api"), ("deactivate", ""), ("cd ~", "")],
            &[
                (other, "other other"),
                (p, "api api"),
                ("deactivate", ""),
                (third, "third third"),
                ("cd ~", "third third"),
            ],
            &[
                (p, "api api"),
                (third, "third third"),
                ("cd ~", "third third"),
                ("name", "name third"),
                ("deactivate", ""),
            ],
            // Another .envrc, which does not speak of environments.
            &[(other, "other other"), (p, "api api"), ("deactivate", ""), (q, ""), (p, "api api"), (q, "")],
        ];
        for is_first in [true, false] {
            for walk in walks {
                let lines: Vec<_> = [name].into_iter().chain(walk.iter().map(|(line, _)| *line)).collect();
                let found = shown(sandbox, shell, is_first, &envrc, &lines);
                let mut rest = found[1..].iter();
                for (line, expected) in walk {
                    let shows = rest.next().map(String::as_str);
                    if *line == "name" {
                        rest.next();
                    }
                    assert_eq!(shows, Some(*expected), "{} {is_first} {line}: {found:#?}", shell.name());
                }
            }
        }
    });
}

#[test]
fn what_a_person_puts_on_path_stays_there() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let add = adds(shell, sandbox.env_path("api/bin").to_str().unwrap());
        let lines = ["workon api", "workon other", &add, "true"];
        let found = shown(sandbox, shell, true, "", &lines);
        let expected = ["api api", "other other", "other api other", "other api other"];
        assert_eq!(found, expected, "{}", shell.name());
        // What was there all the time is not taken away with the environment.
        let found = shown(sandbox, shell, true, "", &[&*add, "workon api", "workon other", "deactivate"]);
        assert_eq!(found, ["api", "api api", "other api other", "api"], "{}", shell.name());
    });
}

#[test]
fn what_an_envrc_adds_stays_although_it_was_left_before() {
    in_each_shell(|sandbox, shell| {
        place(sandbox);
        let envrc = adds(shell, sandbox.env_path("api/bin").to_str().unwrap());
        sandbox.write("projects/q/.envrc", "");
        let lines = ["workon --no-cd api", "deactivate", "cd ~/../projects/q", "cd ~/../projects/p", "cd ~"];
        for is_first in [true, false] {
            let found = shown(sandbox, shell, is_first, &envrc, &lines);
            assert_eq!(found, ["api api", "", "", "api", ""], "{} {is_first}", shell.name());
        }
    });
}

/// What bash-preexec does, which atuin and iTerm2 bring: its last function at the prompt arms it for the next command.
const PREEXEC: &str = r#"__bp_precmd_invoke_cmd() { :; }
__bp_interactive_mode() { __bp_mode=on; }
__bp_invoke() {
    [[ -n ${__bp_mode-} ]] || return 0
    __bp_mode=
    case $'\n'${PROMPT_COMMAND[*]//[; ]/$'\n'}$'\n' in *$'\n'"$1"$'\n'*) return 0 ;; esac
    printf 'preexec: %s\n' "$1"
}
PROMPT_COMMAND=__bp_precmd_invoke_cmd${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
"#;

#[test]
fn bash_preexec_sees_each_command_after_an_environment_was_entered() {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Bash {
            return;
        }
        place(sandbox);
        for last in ["PROMPT_COMMAND+=$'\n'__bp_interactive_mode", "PROMPT_COMMAND+=(__bp_interactive_mode)"] {
            let set_up = format!(
                "VENVWRAP_AUTO=0\n{HOOK_SH}{BASH}\n{PREEXEC}{last}\ntrap '__bp_invoke \"$BASH_COMMAND\"' DEBUG"
            );
            let lines = ["echo one", "workon api", "echo two", "cd ~/../projects/p", "echo three"];
            let outcome = interact_with(sandbox, shell, "", &format!("{set_up}\n{}", lines.join("\n")));
            let seen: Vec<_> = outcome.stdout.lines().filter_map(|line| line.strip_prefix("preexec: ")).collect();
            assert_eq!(seen, lines, "{last}: {outcome:#?}");
        }
    });
}

/// What VS Code and old versions of starship do: a function at the prompt arms a DEBUG trap for the next command, which is
/// the user's if nothing else comes after it.
const TRAP: &str = r#"armed=
seen() { [[ -n $armed ]] || return 0; armed=; printf 'preexec: %s\n' "$1"; }
at_prompt() { back "$?"; eval "$kept"; armed=on; }
back() { return "$1"; }
kept=${PROMPT_COMMAND-}
PROMPT_COMMAND=at_prompt
trap 'seen "$BASH_COMMAND"' DEBUG
"#;

#[test]
fn a_debug_trap_sees_the_commands_of_the_user_alone() {
    in_each_shell(|sandbox, shell| {
        if shell != Shell::Bash {
            return;
        }
        place(sandbox);
        let direnv = format!("{HOOK_SH}{BASH}\n");
        let lines = ["echo one", "workon api", "false", "echo \"st=$?\"", "workon other", "echo two", "deactivate"];
        let state = "printf '%s\\n' \"at: ${PROMPT_COMMAND[*]//$'\\n'/;}\"; declare -f _direnv_hook | grep -c __venvwrap_settle";
        for (before, after) in [(format!("{TRAP}{direnv}"), ""), (direnv.clone(), TRAP), (TRAP.into(), &*direnv)] {
            let script = format!("VENVWRAP_AUTO=0\n{after}\n{}\n{state}\nworkon api\n{state}", lines.join("\n"));
            let outcome = interact_with(sandbox, shell, &before, &script);
            let all: Vec<_> = outcome.stdout.lines().collect();
            let seen: Vec<_> = all.iter().filter_map(|line| line.strip_prefix("preexec: ")).collect();
            let first = seen.iter().position(|line| *line == lines[0]).unwrap_or_default();
            assert_eq!(seen[first..first + lines.len()], lines, "{outcome:#?}");
            assert!(all.contains(&"st=1"), "{outcome:#?}");
            let at: Vec<_> = all.iter().filter(|line| line.starts_with("at: ")).collect();
            assert!(at.len() == 2 && at[0] == at[1], "it does not grow: {outcome:#?}");
            assert_eq!(all.iter().filter(|line| **line == "1").count(), 2, "{outcome:#?}");
        }
        // Who calls direnv in another way, and a start-up file that is read again.
        let renamed = direnv.replace("_direnv_hook", "run_direnv");
        sandbox.write("projects/p/.envrc", adds(shell, "$PWD/bin"));
        for (hook, again) in [(&renamed, ""), (&direnv, &*direnv)] {
            let script =
                format!("VENVWRAP_AUTO=0\nworkon other\n{again}workon --no-cd api\ncd ~/../projects/p\ncd ~\non");
            let outcome = interact_with(sandbox, shell, &format!("{ON_SH}\n{hook}"), &script);
            assert!(outcome.stdout.ends_with("on: api api \n"), "{hook}: {outcome:#?}");
        }
    });
}
