//! The script in a bundle where something else goes wrong than the bundle.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{install_script, installed, succeed};
use crate::support::program::names_in;
use crate::support::wheels::Wheels;

/// Compares the hashes in all lists of files: directory.
const HASHES: &str = r"
import base64, csv, hashlib, pathlib, sys
count = 0
for record in pathlib.Path(sys.argv[1]).glob('lib/*/site-packages/*.dist-info/RECORD'):
    for name, digest, size in csv.reader(record.open()):
        if digest:
            content = (record.parent.parent / name).read_bytes()
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip('=')
            assert (digest, size) == ('sha256=' + found, str(len(content))), name
            count += '/bin/' in name
assert count > 3, count
";

/// Makes a bundle, and a Python that first runs some lines of shell.
fn prepare(lines: &str) -> Option<(Wheels, PathBuf)> {
    let mut wheels = Wheels::new("pip")?;
    installed(&wheels, "api");
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "api"]);
    let script = format!("#!/bin/sh\n{lines}\nexec {} \"$@\"\n", wheels.python.display());
    wheels.python = wheels.sandbox.write_program("home/wrapped", &script);
    Some((wheels, Path::new("new").to_path_buf()))
}

fn run(wheels: &Wheels, directory: &Path, has_uv: bool) -> (Output, String) {
    let bundle = wheels.sandbox.path("home/api.bundle");
    let output = install_script(wheels, "dash", &bundle, directory.to_str().unwrap(), has_uv);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, words)
}

#[test]
fn what_another_run_has_begun_is_left_alone() {
    // The other one is there first, after this one has looked.
    let Some((wheels, new)) =
        prepare("case $3 in *hashlib*) mkdir \"$HOME/new\" && echo other >\"$HOME/new/x\" ;; esac")
    else {
        return;
    };
    let (output, words) = run(&wheels, &new, false);
    assert!(output.status.code() == Some(1) && words.contains("/new already exists\n"), "{words}");
    assert_eq!(std::fs::read_to_string(wheels.sandbox.path("home/new/x")).unwrap(), "other\n");
    assert!(!wheels.sandbox.path("home/new/pyvenv.cfg").exists());
}

#[test]
fn packages_go_into_an_environment_or_nowhere() {
    // Something takes its configuration away: its Python is the base now.
    let lines = "case $3 in venv) \"$REAL\" \"$@\" && exec rm \"$HOME/new/pyvenv.cfg\" ;; esac";
    let Some((mut wheels, new)) = prepare("") else { return };
    let real = std::fs::read_to_string(&wheels.python).unwrap();
    let real = real.split("exec ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let script = format!("#!/bin/sh\nREAL={real}\n{lines}\nexec {real} \"$@\"\n");
    wheels.python = wheels.sandbox.write_program("home/wrapped", &script);
    let (output, words) = run(&wheels, &new, false);
    assert!(output.status.code() == Some(1) && words.contains("is not an environment"), "{words}");
    assert!(!wheels.sandbox.path("home/new").exists());
}

#[test]
fn a_package_is_named_only_where_a_module_is_missing() {
    let Some((wheels, _)) = prepare("") else { return };
    wheels.sandbox.write("home/file", "");
    let (output, words) = run(&wheels, Path::new("file/new"), false);
    assert!(output.status.code() == Some(1) && words.contains("file/new cannot be created"), "{words}");
    assert!(!words.contains("install the package"), "{words}");
    let Some((wheels, new)) = prepare("case \"$*\" in *'import venv'* | *'-m venv'*) exit 1 ;; esac") else { return };
    let (output, words) = run(&wheels, &new, false);
    assert!(output.status.code() == Some(1) && words.contains("install the package python3."), "{words}");
    assert!(!wheels.sandbox.path("home/new").exists());
}

#[test]
fn a_uv_that_does_not_run_is_passed_over() {
    let Some((wheels, new)) = prepare("") else { return };
    wheels.sandbox.write_program("bin/uv", "#!/bin/sh\nexit 1\n");
    let (output, words) = run(&wheels, &new, true);
    assert!(output.status.success(), "{words}");
    assert!(wheels.sandbox.path("home/new/bin/alpha-tool").is_file());
}

/// As that of a service, whose home does not exist.
#[test]
fn a_cache_that_uv_cannot_write_is_not_needed() {
    let (Some((wheels, new)), Some(uv)) = (prepare(""), crate::support::tools::uv()) else { return };
    std::os::unix::fs::symlink(uv, wheels.sandbox.path("bin/uv")).unwrap();
    wheels.sandbox.write("uv-of-script", "no directory");
    let (output, words) = run(&wheels, &new, true);
    assert!(output.status.success() && words.is_empty(), "{words}");
    assert!(wheels.sandbox.path("home/new/bin/alpha-tool").is_file() && !wheels.sandbox.path("home/new/.tmp").exists());
    // What is wrong with the bundle is told once.
    let list = wheels.sandbox.path("home/api.bundle/requirements.txt");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace("alpha==", "no-alpha==")).unwrap();
    super::run_python(&wheels, super::SUMS, &[wheels.sandbox.path("home/api.bundle").to_str().unwrap()]);
    let (output, words) = run(&wheels, Path::new("other"), true);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.matches("no-alpha was not found").count() == 1 && words.ends_with("the packages\n"), "{words}");
    assert!(!wheels.sandbox.path("home/other").exists());
}

#[test]
fn a_link_to_the_script_installs_its_own_bundle() {
    let Some((wheels, new)) = prepare("") else { return };
    let sandbox = &wheels.sandbox;
    sandbox.write("home/other/bundle.json", "{}");
    std::os::unix::fs::symlink("../api.bundle/install.sh", sandbox.path("home/other/install.sh")).unwrap();
    let output = install_script(&wheels, "dash", &sandbox.path("home/other"), new.to_str().unwrap(), false);
    assert!(output.status.success(), "{output:?}");
    assert!(sandbox.path("home/new/bin/alpha-tool").is_file());
}

/// Where the scripts of pip, and the activation scripts of older Pythons, would run it or not work.
#[test]
fn a_name_that_shells_would_run_is_refused() {
    let Some((wheels, _)) = prepare("") else { return };
    let (home, uv) = (wheels.sandbox.path("home"), crate::support::tools::uv());
    if let Some(uv) = &uv {
        std::os::unix::fs::symlink(uv, wheels.sandbox.path("bin/uv")).unwrap();
    }
    let before = names_in(&home);
    for name in ["a$(touch PWN)b", "`touch PWN`", "a $HOME", "a\"b c", "a\\b", "a\tb", "a\nb", "a\n", "x\u{7f}"] {
        for has_uv in [false, uv.is_some()] {
            let (output, words) = run(&wheels, &Path::new("parent").join(name), has_uv);
            assert!(output.status.code() == Some(1) && words.contains("name another directory"), "{name}: {words}");
            assert!(words.lines().count() == 1 && names_in(&home) == before, "{name}: {words}");
        }
    }
}

#[test]
fn scripts_work_in_a_directory_of_any_other_name() {
    let Some((wheels, _)) = prepare("") else { return };
    let long = format!("{};touch PWN;&(x)", "long".repeat(30));
    for name in ["a'b c", "it's", "a  b*", "'''exec' a", &long, &long.replace(' ', "")] {
        let directory = wheels.sandbox.path("projects").join(name);
        let (output, words) = run(&wheels, &directory, false);
        assert!(output.status.success(), "{name}: {words}");
        super::assert_rich(&directory);
        let output = Command::new(directory.join("bin/rich-script")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), directory.to_str().unwrap(), "{output:?}");
        // The lists of files have the hashes of the scripts as they are.
        super::run_python(&wheels, HASHES, &[directory.to_str().unwrap()]);
    }
    assert!(!wheels.sandbox.path("home/PWN").exists() && !Path::new("PWN").exists());
}

#[test]
fn what_is_missing_is_named() {
    let Some((wheels, new)) = prepare("") else { return };
    std::fs::remove_file(wheels.sandbox.path("home/api.bundle/wheels/alpha-1.0-py3-none-any.whl")).unwrap();
    let (output, words) = run(&wheels, &new, false);
    assert!(output.status.code() == Some(1) && words.lines().count() == 1, "{words}");
    assert!(words.starts_with("install.sh: wheels/alpha-1.0-py3-none-any.whl cannot be read"), "{words}");
    let outcome = super::call(&wheels, &["create", "--from", "api.bundle", "new"]);
    outcome.fails_with_hint("missing", "`wheels/alpha-1.0-py3-none-any.whl` is missing in `");
}

/// In one line, with the reason.
#[test]
fn what_is_no_python_or_no_place_is_told() {
    let Some((wheels, new)) = prepare("") else { return };
    let script = wheels.sandbox.path("home/api.bundle/install.sh");
    for (directory, python, words) in [
        (new.as_path(), Path::new("/usr/bin/true"), "install.sh: /usr/bin/true is no Python\n"),
        (new.as_path(), Path::new("/bin/echo"), "install.sh: /bin/echo is no Python\n"),
        (Path::new("/proc/x"), &wheels.python, "install.sh: /proc/x cannot be created: No such file or directory\n"),
        (
            Path::new("/proc/x/y"),
            &wheels.python,
            "install.sh: /proc/x/y cannot be created: No such file or directory\n",
        ),
    ] {
        let mut command = Command::new("/bin/sh");
        let output = command.arg(&script).args([directory, python]).env("LC_ALL", "C").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), told.as_str()), (Some(1), words));
    }
    assert!(!new.exists());
}

#[test]
fn an_option_is_no_directory() {
    let Some((wheels, _)) = prepare("") else { return };
    for (word, status) in [("--help", 0), ("-h", 0), ("--target=x", 2), ("", 2)] {
        let (output, words) = run(&wheels, Path::new(word), false);
        assert_eq!(output.status.code(), Some(status), "{word}: {words}");
        let told = [output.stdout, output.stderr].concat();
        assert_eq!(String::from_utf8_lossy(&told), "usage: sh install.sh DIRECTORY [PYTHON]\n", "{word}");
    }
    // Python makes no environment in such a directory, which is no reason to print the usage and succeed.
    for name in ["app:-h", "app:--help"] {
        let directory = wheels.sandbox.path(format!("projects/{name}"));
        let (output, words) = run(&wheels, &directory, false);
        assert_eq!(output.status.code(), Some(1), "{name}: {words}");
        assert!(output.stdout.is_empty() && words.contains("could not create an environment in"), "{name}: {words}");
    }
}

#[test]
fn a_bundle_that_was_cut_or_added_to_is_told_so() {
    let Some((wheels, _)) = prepare("") else { return };
    succeed(&wheels, &["bundle", "--from-installed", "api"]);
    let archive = wheels.sandbox.path("home/api.bundle.tar");
    let whole = std::fs::read(&archive).unwrap();
    for length in [whole.len() / 2, whole.len() - 1024] {
        std::fs::write(&archive, &whole[..length]).unwrap();
        let outcome = super::call(&wheels, &["create", "--from", "api.bundle.tar", "new"]);
        outcome.fails_with_hint("cut", "it is damaged: it ends too early");
        assert!(outcome.stderr.contains("copy it again"), "{outcome:?}");
    }
    wheels.sandbox.write("home/api.bundle/wheels/evil-1-py3-none-any.whl", "x");
    let outcome = super::call(&wheels, &["create", "--from", "api.bundle", "new"]);
    outcome.fails_with_hint("added", "is not listed in its `SHA256SUMS`");
}
