use super::*;
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::shell::activate::{Activation, render};
use crate::test_shells::{HOSTILE, Shell};

/// The shells of the Bourne family, and what each is asked to evaluate.
const POSIX: [(&str, Syntax); 6] = [
    ("bash", Syntax::Bash),
    ("zsh", Syntax::Zsh),
    ("dash", Syntax::Sh),
    ("bash", Syntax::Sh),
    ("ksh", Syntax::Sh),
    ("mksh", Syntax::Sh),
];

/// A script as another tool may write it, whose `deactivate` has no other name.
const OTHER: &str = "deactivate() {\n    unset VIRTUAL_ENV\n    \
    if [ ! \"${1-}\" = nondestructive ]; then unset -f deactivate; fi\n}\n\
    deactivate nondestructive\nVIRTUAL_ENV=/other\nexport VIRTUAL_ENV\n";

struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    /// An environment with venvwrap's scripts.
    fn make(&self, name: &str) -> Environment {
        let environment = Environment::new(EnvName::for_existing(name.as_ref()).unwrap(), self.root.path().join(name));
        std::fs::create_dir_all(environment.bin()).unwrap();
        for (script, file) in
            [(Script::Posix, "activate"), (Script::Fish, "activate.fish"), (Script::Csh, "activate.csh")]
        {
            let text = render(script, &Activation { env: environment.path(), prompt: name }).unwrap();
            std::fs::write(environment.bin().join(file), text).unwrap();
        }
        environment
    }
}

fn script(syntax: Syntax, environment: &Environment) -> std::path::PathBuf {
    environment.bin().join(match syntax {
        Syntax::Fish => "activate.fish",
        Syntax::Csh => "activate.csh",
        _ => "activate",
    })
}

fn line(syntax: Syntax, environment: &Environment, leaves: bool, variables: &[(&str, &str)]) -> String {
    let variables: Vec<_> = variables.iter().map(|(name, value)| (name.to_string(), value.into())).collect();
    let script = script(syntax, environment);
    let is_own = !std::fs::read_to_string(&script).unwrap().contains("/other");
    let evaluated = Evaluated {
        script: &script,
        applied: None,
        is_own,
        hide_prompt: false,
        leaves,
        left_behind: &left_behind(),
        variables: &variables,
    };
    String::from_utf8(text(syntax, &evaluated).unwrap()).unwrap()
}

/// What every environment here leaves behind where a shell has only inherited it.
fn left_behind() -> BTreeSet<String> {
    ["LEFT_1", "LEFT_2"].map(String::from).into()
}

#[test]
fn what_was_only_inherited_is_unset() {
    let place = Place::new();
    let (a, b) = (place.make("a"), place.make("b"));
    let show = "sh -c 'echo \"${VIRTUAL_ENV##*/}.${LEFT_1-none}.${LEFT_2-none}\"'\n";
    let others = [("fish", Syntax::Fish), ("tcsh", Syntax::Csh)];
    for (program, syntax) in POSIX.into_iter().chain(others) {
        let Some(shell) = Shell::find(program) else { continue };
        let second = line(syntax, &b, true, &[("LEFT_2", "2")]);
        let strict = if matches!(syntax, Syntax::Fish | Syntax::Csh) { "" } else { "set -eu\n" };
        let printed = |script: &str, variables: &[(&str, &str)]| {
            let mut command = shell.command();
            command.args([if program == "tcsh" { "-fc" } else { "-c" }, script]);
            let output = command.envs(variables.iter().copied()).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
        };
        let script = format!("{strict}{second}{show}deactivate\n{show}");
        let active = a.path().to_str().unwrap();
        let variables = [("VIRTUAL_ENV", active), ("LEFT_1", "prod"), ("LEFT_2", "prod")];
        assert_eq!(printed(&script, &variables), "b.none.2\n.none.none\n", "{program} {syntax:?}");
        // One that this shell has entered gives its variables back itself.
        let first = line(syntax, &a, false, &[("LEFT_1", "1"), ("LEFT_2", "1")]);
        let script = format!("{strict}{first}{second}{show}deactivate\n{show}");
        let variables = [("LEFT_1", "old"), ("LEFT_2", "old")];
        assert_eq!(printed(&script, &variables), "b.old.2\n.old.old\n", "{program} {syntax:?}");
    }
}

#[test]
fn variables_become_what_they_were_in_every_shell_of_the_family() {
    let place = Place::new();
    let (a, b) = (place.make("a"), place.make("b"));
    for (program, syntax) in POSIX {
        let Some(shell) = Shell::find(program) else { continue };
        let first = line(syntax, &a, false, &[("A", "1"), ("B", "it's\n$(touch PWN)"), ("C", "")]);
        let second = line(syntax, &b, true, &[("A", "2"), ("D", "4")]);
        let none = line(syntax, &b, true, &[]);
        let script = format!(
            "set -eu\n\
             show() {{ printf '%s.' \"$1\" \"${{A-none}}\" \"${{B-none}}\" \"${{C-none}}\" \"${{D-none}}\"\n\
             sh -c 'printf \"%s \" \"${{A-none}}\" \"${{B-none}}\" \"${{C-none}}\"; echo \"${{VIRTUAL_ENV-none}}\"'; }}\n\
             export A=before; B=private; unset C\n\
             {first}show 1\ndeactivate\nshow 2\n\
             {first}{second}show 3\n{second}show 4\ndeactivate\nshow 5\n\
             {first}{none}show 6\ndeactivate\nshow 7\n\
             set | grep -c '^_V[E]NVWRAP' || :\n"
        );
        let printed = String::from_utf8(shell.run_script(&[], script.as_bytes())).unwrap();
        let outside = "before.private.none.none.before none none none";
        let (a, b) = (a.path().display(), b.path().display());
        let value = "it's\n$(touch PWN)";
        let expected = format!(
            "1.1.{value}..none.1 {value}  {a}\n2.{outside}\n3.2.private.none.4.2 none none {b}\n\
             4.2.private.none.4.2 none none {b}\n5.{outside}\n\
             6.before.private.none.none.before none none {b}\n7.{outside}\n0\n"
        );
        assert_eq!(printed, expected, "{program} {syntax:?}");
    }
}

#[test]
fn a_script_of_another_tool_is_left_in_the_same_way_where_functions_can_be_copied() {
    let place = Place::new();
    let (a, b) = (place.make("a"), place.make("b"));
    std::fs::write(a.activate_script(), OTHER).unwrap();
    for (program, syntax) in POSIX {
        let Some(shell) = Shell::find(program) else { continue };
        let first = line(syntax, &a, false, &[("A", "1")]);
        let none = line(syntax, &b, true, &[]);
        let script = format!(
            "set -eu\nA=before\n{first}echo \"$A $VIRTUAL_ENV\"\ndeactivate\necho \"$A ${{VIRTUAL_ENV-none}}\"\n\
             {first}{none}echo \"$A\"\n"
        );
        let printed = String::from_utf8(shell.run_script(&[], script.as_bytes())).unwrap();
        let left = if program == "dash" { "1" } else { "before" };
        assert_eq!(printed, format!("1 /other\n{left} none\nbefore\n"), "{program} {syntax:?}");
    }
}

#[test]
fn variables_become_what_they_were_in_fish() {
    let place = Place::new();
    let (a, b) = (place.make("a"), place.make("b"));
    let Some(shell) = Shell::find("fish") else { return };
    let first = line(Syntax::Fish, &a, false, &[("A", "1"), ("B", "it's\n$(touch PWN)"), ("C", "")]);
    let second = line(Syntax::Fish, &b, true, &[("A", "2")]);
    let none = line(Syntax::Fish, &b, true, &[]);
    let show = "function show; sh -c 'printf \"%s.\" \"${A-none}\" \"${B-none}\" \"${C-none}\"; echo'; end\n";
    let script = format!(
        "{show}set -gx A before; set -g B private other\n{first}show\ndeactivate\nshow; echo $B\n\
         {first}{second}show\ndeactivate\nshow\n{first}{none}show; set -q VIRTUAL_ENV; echo $status\ndeactivate\nshow\n\
         echo $B; set -n | string match -r '^_V[E]NVWRAP.*'; functions -an | string match -r '_v[e]nvwrap.*'; true\n"
    );
    let printed = String::from_utf8(shell.run_script(&["--no-config"], script.as_bytes())).unwrap();
    let outside = "before.none.none.\n";
    assert_eq!(
        printed,
        format!(
            "1.it's\n$(touch PWN)..\n{outside}private other\n2.none.none.\n{outside}{outside}0\n{outside}private other\n"
        )
    );
}

#[test]
fn variables_become_what_they_were_in_csh() {
    let place = Place::new();
    let (a, b) = (place.make("a"), place.make("b"));
    let Some(shell) = Shell::find("tcsh") else { return };
    let first = line(Syntax::Csh, &a, false, &[("A", "1"), ("B", "it's !x $(touch PWN)")]);
    let second = line(Syntax::Csh, &b, true, &[("A", "2")]);
    let show = "sh -c 'printf \"%s.\" \"${A-none}\" \"${B-none}\" \"${VIRTUAL_ENV-none}\"; echo'\n";
    let script = format!("setenv A 'be fore'\n{first}{show}deactivate\n{show}{first}{second}{show}deactivate\n{show}");
    let printed = String::from_utf8(shell.run_script(&["-f"], script.as_bytes())).unwrap();
    let (a, b) = (a.path().display(), b.path().display());
    let outside = "be fore.none.none.\n";
    assert_eq!(printed, format!("1.it's !x $(touch PWN).{a}.\n{outside}2.none.{b}.\n{outside}"));
}

#[test]
fn no_value_is_taken_for_code() {
    let place = Place::new();
    let environment = place.make("a");
    for (program, syntax) in POSIX.into_iter().chain([("fish", Syntax::Fish)]) {
        let Some(shell) = Shell::find(program) else { continue };
        let mut script = String::new();
        let mut expected = String::new();
        for value in HOSTILE {
            script += &line(syntax, &environment, false, &[("A", value)]);
            script += "printf '%s\\n' \"$A\"\n";
            script += &line(syntax, &environment, true, &[("A", "2")]);
            script += "deactivate\n";
            expected.extend([*value, "\n"]);
        }
        // What is there before is a value as well.
        let shown = if syntax == Syntax::Fish { "set -gx A $B\n" } else { "A=\"$B\"\n" };
        script += shown;
        script += &line(syntax, &environment, false, &[("A", "1")]);
        script += "deactivate\nprintf '%s\\n' \"$A\"\ntest -e PWN; echo $?\n"
            .replace(
                "$?",
                match syntax {
                    Syntax::Fish => "$status",
                    _ => "$?",
                },
            )
            .as_str();
        let hostile = HOSTILE.concat();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("script");
        std::fs::write(&file, script).unwrap();
        let mut command = shell.command();
        command.arg(&file).current_dir(directory.path()).env("B", &hostile).env("HOME", directory.path());
        let output = command.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed, format!("{expected}{hostile}\n1\n"), "{program}");
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let place = Place::new();
    let environment = place.make("a");
    let script = script(Syntax::Csh, &environment);
    let variables = [("A".to_string(), OsString::from("two\nlines"))];
    let evaluated = Evaluated {
        script: &script,
        applied: None,
        is_own: true,
        hide_prompt: false,
        leaves: false,
        left_behind: &BTreeSet::new(),
        variables: &variables,
    };
    assert_eq!(text(Syntax::Csh, &evaluated), Err(Unwritable::Variable("A".into())));
    let script = Path::new(OsStr::from_bytes(b"/a\xff"));
    assert_eq!(text(Syntax::PowerShell, &Evaluated { script, ..evaluated }), Err(Unwritable::Script));
}

#[test]
fn without_variables_it_is_one_command() {
    let place = Place::new();
    let environment = place.make("a");
    let path = environment.activate_script();
    assert_eq!(line(Syntax::Sh, &environment, false, &[]), format!(". '{}'\n", path.display()));
}
