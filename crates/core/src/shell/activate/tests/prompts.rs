//! Prompts that a shell draws: they show the name, and nothing in it runs.

use std::io::Write;
use std::process::Stdio;

use super::*;

/// What the drawn prompt must be: the name as it is, but for the one character that zsh cannot draw.
fn shown(name: &str, shell: &str) -> String {
    let name = if shell == "zsh" { name.replace('`', "'") } else { name.to_owned() };
    format!("({name}) > ")
}

#[test]
fn bash_shows_the_name() {
    let Some(bash) = Shell::find("bash") else { return };
    // `@P` came with bash 4.4; older ones are covered by the interactive test.
    let script = r#"PS1='> '; . "$E/bin/activate"; for i in 1 2; do printf '%s\n' "${PS1@P}"; done"#;
    for name in HOSTILE {
        let fixture = Fixture::new("env", name);
        let line = shown(name, "bash");
        assert_eq!(fixture.run(&bash, &["--norc"], script), format!("{line}\n{line}\n"));
    }
}

#[test]
fn zsh_shows_the_name_with_and_without_its_options() {
    let Some(zsh) = Shell::find("zsh") else { return };
    for option in ["no_prompt_subst", "prompt_subst", "prompt_bang", "prompt_subst prompt_bang"] {
        for before in [true, false] {
            // The option may also change after the script was sourced.
            let (first, then) = if before { (option, option) } else { ("no_prompt_subst", option) };
            let script = format!(
                "setopt {first}; PS1='> '; . \"$E/bin/activate\"; setopt {then}\n\
                 for i in 1 2; do print -rP -- \"$PS1\"; done"
            );
            for name in HOSTILE {
                let fixture = Fixture::new("env", name);
                let line = shown(name, "zsh");
                assert_eq!(fixture.run(&zsh, &["-f"], &script), format!("{line}\n{line}\n"), "{option}");
            }
        }
    }
}

#[test]
fn fish_shows_the_name_and_keeps_the_status() {
    let Some(fish) = Shell::find("fish") else { return };
    let script = r#"function fish_prompt; echo -n "$status $pipestatus> "; end
        source "$E/bin/activate.fish"
        for i in 1 2; false | true; fish_prompt; echo; end"#;
    for name in HOSTILE {
        let fixture = Fixture::new("env", name);
        let drawn = fixture.run(&fish, &["--no-config"], script).replace("\u{1b}(B\u{1b}[m", "");
        let line = format!("({name}) 0 1 0> \n");
        assert_eq!(drawn, line.repeat(2));
    }
}

#[test]
fn interactive_shells_show_the_name_and_run_nothing() {
    for (shell, arguments, script) in [
        ("bash", &["--norc", "-i"][..], "activate"),
        ("bash", &["--norc", "--posix", "-i"], "activate"),
        ("zsh", &["-f", "-i"], "activate"),
        ("zsh", &["-f", "-i", "-o", "prompt_subst"], "activate"),
        ("dash", &["-i"], "activate"),
        ("ksh", &["-i"], "activate"),
        ("mksh", &["-i"], "activate"),
        ("tcsh", &["-f", "-i"], "activate.csh"),
    ] {
        let Some(found) = Shell::find(shell) else { continue };
        for name in HOSTILE {
            let fixture = Fixture::new("env", name);
            let verb = if shell == "tcsh" { "source" } else { "." };
            let input = format!("{verb} \"$E/bin/{script}\"\n:\n:\necho drawn=$VIRTUAL_ENV\nexit 0\n");
            let mut command = found.command();
            command.args(arguments).env("E", &fixture.env).current_dir(fixture.directory.path());
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(said.contains(&format!("drawn={}", fixture.env.display())), "{shell} {name}: {said}");
            fixture.assert_nothing_ran();
            // A zsh without a terminal draws none, and ksh removes quotes; where `!` is the number of the command, the
            // name has that instead.
            let different = ["zsh", "ksh"].contains(&shell) || (shell == "mksh" && name.contains('!'));
            if !different {
                assert!(said.contains(&format!("({name}) ")), "{shell} {name}: {said}");
            }
        }
    }
}
