//! Scripts that are damaged in one way each.

use super::*;
use crate::env::BIN;
use crate::env::name::EnvName;

const VENV: [&str; 4] = ["activate", "activate.fish", "activate.csh", "Activate.ps1"];
const ALL: [&str; 6] = ["activate", "activate.fish", "activate.csh", "activate.ps1", "activate.nu", "activate_this.py"];

/// An environment with these lines in `pyvenv.cfg` and these scripts.
fn environment(root: &Path, cfg: &str, names: &[&str]) -> Environment {
    let env = root.join("api");
    let _ = fs::remove_tree(&env);
    std::fs::create_dir_all(env.join(BIN)).unwrap();
    std::fs::write(env.join("pyvenv.cfg"), format!("home = /bin\nversion = 3.12.1\n{cfg}")).unwrap();
    let values = Activation { env: &env, prompt: "api" };
    for name in names {
        let script = activate::script_of_file(Path::new(name));
        std::fs::write(env.join(BIN).join(name), activate::render(script, &values).unwrap()).unwrap();
    }
    Environment::new(EnvName::for_new("api".as_ref()).unwrap(), env)
}

fn words(environment: &Environment) -> Vec<String> {
    let words = damaged(environment).into_iter();
    words.map(|(name, damage)| format!("{} {}", name.display(), damage.lack().unwrap_or("elsewhere"))).collect()
}

#[test]
fn only_what_the_creator_writes_is_missed() {
    let root = tempfile::tempdir().unwrap();
    let of_virtualenv = "virtualenv = 20.26.1\n";
    let of_venv = "command = /usr/bin/python3 -m venv /e/api\n";
    for (cfg, there, expected) in [
        ("", &VENV[..], &[][..]),
        ("", &VENV[..1], &[]),
        ("", &VENV[..2], &[]),
        ("", &VENV[..3], &[]),
        ("", &["activate", "Activate.ps1"], &["activate.csh", "activate.fish"]),
        ("", &VENV[1..], &["activate"]),
        ("", &[], &["activate"]),
        ("uv = 0.9\n", &ALL, &[]),
        ("uv = 0.9\n", &ALL[..4], &["activate.nu", "activate_this.py"]),
        ("uv = 0.9\nrelocatable = true\n", &[ALL[0], ALL[1], ALL[3], ALL[4], ALL[5]], &[]),
        (of_venv, &VENV[..3], &["Activate.ps1"]),
        (of_venv, &VENV[..1], &["Activate.ps1", "activate.csh", "activate.fish"]),
        (of_venv, &VENV, &[]),
        (of_virtualenv, &ALL[1..], &["activate"]),
        // Who chooses some with `--activators` misses none.
        (of_virtualenv, &ALL[..3], &[]),
        (of_virtualenv, &ALL[..5], &[]),
        (of_virtualenv, &[ALL[0], ALL[1], ALL[3], ALL[5]], &[]),
        ("venvwrap = 0.1\n", &ALL[..4], &[]),
        ("venvwrap = 0.1\n", &[ALL[0], ALL[1], ALL[3], ALL[5]], &[]),
        ("venvwrap = 0.1\n", &ALL[1..], &["activate"]),
        ("venvwrap = 0.1\n", &[ALL[1], ALL[2], ALL[3], ALL[5]], &["activate"]),
        ("venvwrap = 0.1\n", &ALL[2..], &[]),
        (of_virtualenv, &ALL[1..2], &[]),
        // Nothing is there, not even an interpreter.
        (of_virtualenv, &[], &["activate"]),
    ] {
        let environment = environment(root.path(), cfg, there);
        let expected: Vec<_> = expected.iter().map(|name| format!("{name} missing")).collect();
        assert_eq!(words(&environment), expected, "{cfg}: {there:?}");
    }
    let environment = environment(root.path(), "", &[]);
    std::fs::remove_file(environment.path().join("pyvenv.cfg")).unwrap();
    assert_eq!(damaged(&environment), [], "nobody knows who has made it");
}

/// It has a script of PowerShell since Python 3.8, and notes its command since 3.11: before, its scripts tell.
#[test]
fn what_venv_of_a_python_writes_is_missed() {
    let Some(python) = crate::test_shells::Shell::find("python3") else { return };
    let root = tempfile::tempdir().unwrap();
    let env = root.path().join("it's");
    let made = python.command().args(["-m", "venv", "--without-pip"]).arg(&env).status().unwrap();
    assert!(made.success());
    let environment = Environment::new(EnvName::for_new("it's".as_ref()).unwrap(), env);
    assert_eq!(damaged(&environment), []);
    std::fs::remove_file(environment.bin().join("Activate.ps1")).unwrap();
    let text = std::fs::read(environment.activate_script()).unwrap();
    let is_known = activate::known::recognise(&text, Dialect::Posix).is_some();
    for (cfg, is_missed) in [
        ("version = 3.12.1\ncommand = /usr/bin/python3 -m venv --without-pip /e/api\n", true),
        ("version = 3.10.1\n", is_known),
        ("version = 3.7.1\n", false),
    ] {
        std::fs::write(environment.path().join("pyvenv.cfg"), format!("home = /bin\n{cfg}")).unwrap();
        let expected: &[&str] = if is_missed { &["Activate.ps1 missing"] } else { &[] };
        assert_eq!(words(&environment), expected, "{cfg}");
    }
}

#[test]
fn empty_and_cut_scripts_are_found() {
    let root = tempfile::tempdir().unwrap();
    let environment = environment(root.path(), "venvwrap = 0.1\n", &ALL);
    assert_eq!(damaged(&environment), []);
    for name in ALL {
        let script = environment.bin().join(name);
        let text = std::fs::read(&script).unwrap();
        for empty in [&b""[..], b"\n", b"\0\0", b"# only a comment\n"] {
            std::fs::write(&script, empty).unwrap();
            assert_eq!(words(&environment), [format!("{name} empty")]);
        }
        // The first lines are comments.
        for length in (text.len() / 2..text.len()).step_by(97) {
            std::fs::write(&script, &text[..length]).unwrap();
            assert_eq!(words(&environment), [format!("{name} cut off")], "{length}");
        }
        std::fs::remove_file(&script).unwrap();
        std::os::unix::fs::symlink("nowhere", &script).unwrap();
        assert_eq!(words(&environment), [format!("{name} missing")]);
        std::fs::remove_file(&script).unwrap();
        // What the user adds is no damage.
        std::fs::write(&script, [&text[..], b"# mine"].concat()).unwrap();
        assert_eq!(words(&environment), [""; 0]);
    }
}

#[test]
fn scripts_of_other_tools_end_with_what_all_end_with() {
    let root = tempfile::tempdir().unwrap();
    let environment = environment(root.path(), "", &VENV);
    let env = environment.path().display();
    for (name, text) in [
        (
            "activate",
            format!(
                "# This file must be used with x\ndeactivate () {{\n hash -r\n}}\n\
                 VIRTUAL_ENV='{env}'\nexport VIRTUAL_ENV\nhash -r 2> /dev/null\n"
            ),
        ),
        (
            "activate.fish",
            format!(
                "# This file must be used with x\nset -e _OLD_FISH_PROMPT_OVERRIDE\nset -gx VIRTUAL_ENV '{env}'\n\
                 if test -z x\n set -gx _OLD_FISH_PROMPT_OVERRIDE \"$VIRTUAL_ENV\"\nend\n"
            ),
        ),
        (
            "activate.csh",
            format!(
                "# This file must be used with x\nalias deactivate 'rehash'\nsetenv VIRTUAL_ENV '{env}'\n\nrehash\n"
            ),
        ),
    ] {
        let script = environment.bin().join(name);
        let write = |text: &str| std::fs::write(&script, text).unwrap();
        write(&text);
        assert_eq!(words(&environment), [""; 0], "{name}");
        write(&format!("{text}# mine\n"));
        assert_eq!(words(&environment), [""; 0], "{name}");
        for length in (40..text.len() - 60).step_by(7) {
            write(&text[..length]);
            assert_eq!(words(&environment).len(), 1, "{name}: {}", &text[..length]);
        }
        // Nobody but the user knows how their own ends. The path is whole, however long it is.
        let last = text.trim_end().rfind('\n').unwrap();
        write(&text[..last].replace("# This file", "#"));
        assert_eq!(words(&environment), [""; 0], "{name}");
        write(&text);
    }
}

#[test]
fn scripts_of_every_shell_may_be_for_another_path() {
    let root = tempfile::tempdir().unwrap();
    let environment = environment(root.path(), "venvwrap = 0.1\n", &ALL);
    let here = environment.path().to_str().unwrap();
    for (name, line) in [
        ("activate.nu", "    let virtual_env = r#'PATH'#"),
        ("activate.nu", "    const virtual_env = 'PATH'"),
        ("activate.nu", "let virtual-env = \"PATH\""),
        ("activate.xsh", "        self.embedded_virtual_env = 'PATH'"),
        ("activate.xsh", "$VIRTUAL_ENV = r\"PATH\""),
        ("activate.bat", "@set \"VIRTUAL_ENV=PATH\""),
        ("activate.bat", "@for %%i in (\"PATH\") do @set \"VIRTUAL_ENV=%%~fi\""),
        ("activate.bat", "set VIRTUAL_ENV=PATH\r"),
        ("activate_this.py", "_enter(_text(b'PATH'), _text(b'api'))"),
        ("activate_this.py", "_base = _text(b'PATH')"),
    ] {
        let script = environment.bin().join(name);
        let write = |path: &str| std::fs::write(&script, format!("x\n{}\ny\n", line.replace("PATH", path))).unwrap();
        write(here);
        assert_eq!(damaged(&environment), [], "{line}");
        write("/nowhere/old one");
        assert_eq!(damaged(&environment), [(name.into(), Damage::Elsewhere("/nowhere/old one".into()))], "{line}");
        for unknown in ["$here", "/it\\'s", "/a'b/c", "/a\\x20b", "relative"] {
            write(unknown);
            assert_eq!(damaged(&environment), [], "{line}: {unknown}");
        }
        write(here);
    }
    // A path that those languages quote each in its own way.
    let quoted = Environment::new(EnvName::for_new("it's".as_ref()).unwrap(), root.path().join("it's"));
    std::fs::create_dir_all(quoted.bin()).unwrap();
    for (name, line) in
        [("activate.xsh", "$VIRTUAL_ENV = r\"/old\"\n"), ("activate.bat", "@set \"VIRTUAL_ENV=/old\"\n")]
    {
        std::fs::write(quoted.bin().join(name), line).unwrap();
        assert_eq!(damaged(&quoted), [(name.into(), Damage::Stale("/old".into()))]);
        std::fs::remove_file(quoted.bin().join(name)).unwrap();
    }
    let script = environment.bin().join("activate_this.py");
    std::fs::write(script, "base = os.path.dirname(bin_dir)\nos.environ[\"VIRTUAL_ENV\"] = base\n").unwrap();
    assert_eq!(damaged(&environment), []);
}

#[test]
fn any_text_is_read() {
    let texts = ["let virtual_env = r#'/a'#\n", "_enter(_text(b'/\\xe9'))\n", "set VIRTUAL_ENV=/\n=/"];
    crate::mutation::check_mutations(&texts, |input| drop(named(input)));
}

#[test]
fn what_activates_no_environment_is_no_script_of_one() {
    for (text, is_one) in [
        ("NODE_VIRTUAL_ENV=x\n", false),
        ("echo mine\n", false),
        ("export VIRTUAL_ENV=x\n", true),
        ("VIRTUAL_ENV=x\n", true),
        ("cd x && . real/activate\n", true),
    ] {
        assert_eq!(is_foreign(text.as_bytes()), !is_one, "{text}");
    }
}
