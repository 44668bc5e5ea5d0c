//! Odd names come back from the Tab key as they are, and are never taken for code.

use venvwrap_core::shell::Shell;

use super::terminal::Terminal;
use crate::support::program::call;
use crate::support::shells::{in_bash_and_zsh, in_each_shell};

/// What zsh needs in the start-up file.
pub(super) fn completion_system(shell: Shell) -> &'static str {
    match shell {
        Shell::Zsh => "autoload -Uz compinit; compinit -u -D",
        Shell::Bash | Shell::Fish => "",
    }
}

const NAMES: [&str; 18] = [
    "alpha", "a b", "it's", "do$lar", "x@1", "k=v", "un é", "st*r", "dirclash", "#hash", "par(en)", "b\\s", "q\"q",
    "bang!x", "semi;c", "-dash", " lead", "trail ",
];

/// What is typed before Tab, and the name that the command must get.
const CASES: [(&str, &str); 31] = [
    ("al", "alpha"),
    (r"a\ ", "a b"),
    ("'a ", "a b"),
    ("\"a ", "a b"),
    ("it", "it's"),
    (r"it\'", "it's"),
    ("\"it", "it's"),
    ("do", "do$lar"),
    ("'do", "do$lar"),
    ("\"do", "do$lar"),
    (r"do\$l", "do$lar"),
    ("x", "x@1"),
    ("x@", "x@1"),
    ("k", "k=v"),
    ("k=", "k=v"),
    ("'k=", "k=v"),
    ("un", "un é"),
    ("st", "st*r"),
    ("dirc", "dirclash"),
    (r"\#h", "#hash"),
    ("par", "par(en)"),
    (r"b\\", "b\\s"),
    ("q", "q\"q"),
    ("'q", "q\"q"),
    ("ban", "bang!x"),
    ("'ban", "bang!x"),
    ("sem", "semi;c"),
    (r"\ ", " lead"),
    ("' l", " lead"),
    ("tr", "trail "),
    ("'tr", "trail "),
];

#[test]
fn odd_names_come_back_as_they_are() {
    in_each_shell(|sandbox, shell| {
        for name in NAMES {
            sandbox.make_env(name);
        }
        std::fs::create_dir(sandbox.path("home/dirclash")).unwrap();
        let mut terminal = Terminal::open(sandbox, shell, completion_system(shell));
        for (typed, name) in CASES {
            let arguments = terminal.arguments(&format!("workon {typed}\t"));
            assert_eq!(arguments, [name], "{}: {typed}", shell.name());
        }
        // By itself, the word would be an option.
        assert_eq!(terminal.arguments("workon ./\t"), ["./-dash"], "{}", shell.name());
        assert_eq!(terminal.arguments("workon -- -d\t"), ["--", "-dash"], "{}", shell.name());
        // A file has that path first.
        assert_eq!(terminal.arguments("venvwrap diff ./-\t"), ["diff", "./-dash"], "{}", shell.name());
        assert_eq!(terminal.arguments("venvwrap bundle -- -d\t"), ["bundle", "--", "-dash"], "{}", shell.name());
        assert_eq!(call(sandbox, &["diff", "./-dash", "./-dash"]).status, Some(0));
        assert_eq!(call(sandbox, &["path", "./-dash"]).succeeds("path"), "[ROOT]/envs/-dash\n");
    });
}

#[test]
fn names_are_never_evaluated() {
    const PAYLOADS: [&str; 12] = [
        "$(touch pwned)",
        "`touch pwned`",
        ";touch pwned",
        "x'$(touch pwned)'y",
        "a\"$(touch pwned)\"",
        "${x:=$(touch pwned)}",
        "(touch pwned)",
        "a[$(touch pwned)]",
        "e:b:$(touch pwned)",
        "*",
        "~root",
        "{c,d}",
    ];
    in_each_shell(|sandbox, shell| {
        for name in PAYLOADS {
            sandbox.make_env(name);
        }
        // What the names would match, if one were taken for a pattern.
        for file in ["one", "two"] {
            sandbox.write(format!("home/{file}"), "");
        }
        for name in ["ctl\nb", "ctl\x1b[31m", "ctl\tx"] {
            sandbox.make_env(name);
        }
        let mut terminal = Terminal::open(sandbox, shell, completion_system(shell));
        for (typed, name) in [
            (r"\$\(", PAYLOADS[0]),
            ("'`", PAYLOADS[1]),
            (r"\;", PAYLOADS[2]),
            ("x", PAYLOADS[3]),
            ("a\\\"", PAYLOADS[4]),
            ("'${", PAYLOADS[5]),
            (r"\(", PAYLOADS[6]),
            (r"a\[", PAYLOADS[7]),
            ("e", PAYLOADS[8]),
            (r"\*", "*"),
            ("'*", "*"),
            (r"\~", "~root"),
            (r"\{", "{c,d}"),
        ] {
            assert_eq!(terminal.arguments(&format!("workon {typed}\t")), [name], "{}: {typed}", shell.name());
        }
        for command in ["workon", "rmvirtualenv", "venvwrap show", "venvwrap run"] {
            // Twice, for the list; then the line is thrown away.
            terminal.enter(&format!("{command} \t\t\x15"));
        }
        assert_eq!(terminal.arguments("workon ct\t"), ["ct"], "{}: control characters", shell.name());
        assert!(!sandbox.path("home/pwned").exists(), "{}", shell.name());
    });
}

/// It also runs in the `$(` of a function that completes: what it prints there is neither a candidate nor code. The same
/// goes for what bash traces to standard output.
#[test]
fn what_a_trap_of_debug_prints_is_no_part_of_what_tab_reads() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("alpha");
        sandbox.make_env("alphabet");
        sandbox.use_real_program();
        let files = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
        let system = completion_system(shell);
        let (alone, traps) = match shell {
            Shell::Zsh => (
                format!("path=(~/../bin $path); fpath=('{}' $fpath)\n{system}", files.display()),
                &["trap 'print touch \\$HOME/pwned' DEBUG", "TRAPDEBUG() { print -r -- 'touch $HOME/pwned'; }"][..],
            ),
            _ => (
                format!("PATH=~/../bin:$PATH; . '{}/venvwrap.bash'", files.display()),
                &[
                    "shopt -s extdebug; trap 'echo touch \\$HOME/pwned' DEBUG",
                    "set -T; trap 'echo \"$BASH_COMMAND\"' DEBUG",
                    "BASH_XTRACEFD=1; set -x",
                ][..],
            ),
        };
        for trap in traps {
            for is_alone in [false, true] {
                let mut terminal = if is_alone {
                    Terminal::load(sandbox, shell, &alone)
                } else {
                    Terminal::open(sandbox, shell, system)
                };
                terminal.enter(trap);
                for _ in 0..2 {
                    let arguments = terminal.arguments("workon alphab\t");
                    let place = format!("{} {trap} {is_alone}", shell.name());
                    assert!(matches!(&arguments[..], [one] if one.ends_with("\nalphabet")), "{place}: {arguments:?}");
                    assert!(!sandbox.path("home/pwned").exists(), "{place}");
                }
            }
        }
    });
}
