//! `venvwrap copy`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::associations::{associate, place, program, projects};
use crate::support::sandbox::Sandbox;
use crate::support::tools::find_program;

fn venvwrap(sandbox: &Sandbox) -> Command {
    sandbox.command(Path::new(env!("CARGO_BIN_EXE_venvwrap")))
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = venvwrap(sandbox).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| sandbox.normalise(&String::from_utf8_lossy(bytes));
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

/// An environment whose interpreter is there, without packages.
fn make_env(sandbox: &Sandbox, name: &str) -> PathBuf {
    let environment = sandbox.make_bare_env(name);
    for program in ["python", "python3", "python3.11"] {
        std::os::unix::fs::symlink("/bin/sh", environment.join("bin").join(program)).unwrap();
    }
    environment
}

/// Runs the program under `sh` after some other commands.
fn run_under(sandbox: &Sandbox, before: &str, arguments: &[&str]) -> Output {
    let mut command = sandbox.command(Path::new("/bin/sh"));
    command.args(["-c", &format!("{before}\nexec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_venvwrap")]);
    command.args(arguments).output().unwrap()
}

fn store_entries(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path("envs")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_program_that_would_run_another_environment_is_a_failure() {
    let sandbox = Sandbox::new();
    let other = make_env(&sandbox, "other");
    make_env(&sandbox, "old");
    sandbox.write_program("envs/old/bin/tool", &format!("#!{}/bin/node\n", sandbox.env_path("old").display()));
    let (_, errors, status) = run(&sandbox, &["copy", "old", "new"]);
    assert_eq!(status, Some(1), "{errors}");
    assert!(errors.contains("environment: `bin/tool` in `[ROOT]/envs/new`"), "{errors}");
    sandbox.write_program(
        "envs/old/bin/tool",
        &format!("#!/bin/sh\n'''exec' '{}/bin/python' \"$0\" \"$@\"\n' '''\n", other.display()),
    );
    let (_, errors, status) = run(&sandbox, &["copy", "old", "again"]);
    assert_eq!(status, Some(1), "{errors}");
    assert!(errors.contains("environment: `bin/tool` in `[ROOT]/envs/again`"), "{errors}");
}

#[test]
fn a_full_disk_leaves_the_source_and_no_half_copy() {
    let sandbox = Sandbox::new();
    let old = make_env(&sandbox, "old");
    let large = vec![b'x'; 4 << 20];
    fs::write(old.join("large"), &large).unwrap();
    // A limit on the size of files refuses a write like a full disk, whether or not the signal is ignored.
    for before in ["trap '' XFSZ; ulimit -f 1000", "ulimit -f 1000"] {
        let refused = run_under(&sandbox, before, &["copy", "old", "new"]);
        let errors = sandbox.normalise(&String::from_utf8_lossy(&refused.stderr));
        assert_eq!(refused.status.code(), Some(1), "{before}: {errors}");
        assert!(errors.contains("could not write `[ROOT]/envs/new/large`"), "{before}: {errors}");
        assert_eq!(store_entries(&sandbox), ["old"]);
        assert!(fs::read(old.join("large")).unwrap() == large);
    }
    let (_, errors, status) = run(&sandbox, &["copy", "old", "new"]);
    assert_eq!((errors.as_str(), status), ("", Some(0)), "the next one succeeds");
    assert_eq!(store_entries(&sandbox), ["new", "old"]);
}

/// Writes a small project with a program that tells where it runs.
fn write_project(sandbox: &Sandbox, directory: &str) {
    sandbox.write(
        format!("{directory}/pyproject.toml"),
        "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n\
         [project]\nname = \"where\"\nversion = \"1\"\n[project.scripts]\nwhere = \"where:main\"\n\
         [tool.setuptools.packages.find]\nwhere = [\"code\"]\n",
    );
    let code = "import sys\ndef main():\n    print(sys.prefix)\n    print(__file__)\n";
    sandbox.write(format!("{directory}/code/where/__init__.py"), code);
}

/// Installs into an environment from the package index; `None` when that is not possible here.
fn make_real_env(sandbox: &Sandbox) -> Option<PathBuf> {
    let python = find_program("python3")?;
    let environment = sandbox.env_path("old");
    let made = venvwrap(sandbox).args(["create", "old", "-p"]).arg(&python).output().unwrap();
    write_project(sandbox, "envs/old/src/where");
    let mut pip = sandbox.command(&environment.join("bin/python"));
    pip.args(["-m", "pip", "--disable-pip-version-check", "--retries", "0", "install", "--quiet"]);
    for name in ["https_proxy", "http_proxy", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE"] {
        pip.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    pip.args(["jmespath", "black", "-e"]).arg(environment.join("src/where"));
    let is_ready = made.status.success() && pip.output().is_ok_and(|output| output.status.success());
    if !is_ready {
        eprintln!("skipped: no package index within reach");
    }
    is_ready.then_some(environment)
}

#[test]
fn a_real_environment_works_without_its_source() {
    let sandbox = Sandbox::new();
    let Some(old) = make_real_env(&sandbox) else { return };
    let (_, errors, status) = run(&sandbox, &["copy", "old", "new env"]);
    assert_eq!(status, Some(0), "{errors}");
    let new = sandbox.env_path("new env");
    for spelling in [old.to_str().unwrap().to_owned(), old.to_str().unwrap().replace(' ', "%20")] {
        let mut grep = sandbox.command(Path::new("grep"));
        let found = grep.args(["-rlaF", &spelling]).arg(&new).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "", "{spelling}");
    }
    fs::remove_dir_all(&old).unwrap();

    let output = |program: &str, arguments: &[&str]| {
        let output = sandbox.command(&new.join("bin").join(program)).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let where_it_is = format!("{0}\n{0}/src/where/code/where/__init__.py\n", new.display());
    assert_eq!(output("where", &[]), where_it_is);
    assert!(output("pip", &["--version"]).contains(new.to_str().unwrap()));
    assert!(output("black", &["--version"]).contains("black"));
    assert!(output("jp.py", &["--help"]).contains("usage"));
    output("pip", &["check"]);
    output("pip", &["uninstall", "--yes", "black", "where"]);
    assert!(!new.join("bin/black").exists() && !new.join("bin/where").exists());
    for entry in fs::read_dir(new.join("bin")).unwrap() {
        let path = entry.unwrap().path();
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
        let head: String = text.lines().take(2).collect();
        assert!(!head.starts_with("#!") || head.contains(new.to_str().unwrap()), "{}: {head}", path.display());
    }
}

#[test]
fn what_names_the_source_is_told_in_one_line() {
    let sandbox = Sandbox::new();
    let source = make_env(&sandbox, "old");
    for file in ["one.bin", "two.bin"] {
        fs::write(source.join(file), [b"\0", source.as_os_str().as_encoded_bytes(), b"\0"].concat()).unwrap();
    }
    let (_, errors, status) = run(&sandbox, &["copy", "old", "new"]);
    assert_eq!(
        errors,
        "warning: these binary files still contain the path of the source: `one.bin`, `two.bin` in `[ROOT]/envs/new`\n"
    );
    assert_eq!(status, Some(0));
}

#[test]
fn a_copy_takes_nothing_from_the_original() {
    let sandbox = place();
    let project = sandbox.path("projects/api");
    associate(&sandbox, "api", &project);
    program(&sandbox, &["project", "set", "--add", "api", "../projects/worktree"]);
    let both = ["[ROOT]/projects/api api", "[ROOT]/projects/worktree api"];
    // Its name is the first of those that name the project.
    program(&sandbox, &["copy", "api", "a"]);
    assert_eq!(projects(&sandbox), both);
    program(&sandbox, &["remove", "a"]);
    assert_eq!(projects(&sandbox), both);
    program(&sandbox, &["copy", "api", "a"]);
    program(&sandbox, &["remove", "api"]);
    assert_eq!(projects(&sandbox), ["[ROOT]/projects/api a"]);
}
