//! `venvwrap venv`.

use std::path::{Path, PathBuf};

use crate::support::program::{assert_works, call, names_in, program, python, residue, wait_until};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{unshare, virtualenv};

fn venv(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let python = python().unwrap();
    let mut command = program(sandbox, &["venv", "--no-setuptools", "-p", python.to_str().unwrap()]);
    Outcome::new(sandbox, &command.args(arguments).current_dir(sandbox.path("home")).output().unwrap())
}

#[test]
fn an_environment_is_made_anywhere_and_registered_as_nothing() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for (arguments, path) in [(&[][..], ".venv"), (&["a b/c"], "a b/c"), (&["--prompt", "x", "it's"], "it's")] {
        std::fs::create_dir_all(sandbox.path("home/a b")).unwrap();
        venv(&sandbox, arguments).succeeds(path);
        assert_works(&sandbox.path("home").join(path));
    }
    // Again: it is kept, or replaced.
    assert_eq!(venv(&sandbox, &[".venv"]).status, Some(0));
    venv(&sandbox, &["--clear", ".venv"]).succeeds("--clear");
    assert_works(&sandbox.path("home/.venv"));
    assert_eq!(residue(&sandbox.path("home")), Vec::<std::path::PathBuf>::new());
    let listed = Outcome::new(&sandbox, &program(&sandbox, &["list", "-b"]).output().unwrap());
    assert_eq!(listed.stdout, "");
}

#[test]
fn what_was_made_can_be_had_as_json() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let outcome = venv(&sandbox, &["--json", "a/web"]);
    outcome.succeeds("--json");
    let value: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&value["name"], &value["health"]), (&"web".into(), &"ok".into()), "{value}");
    assert_eq!(value["path"], "[ROOT]/home/a/web", "{value}");
    let failed = venv(&sandbox, &["--json", "a/web/pyvenv.cfg/x"]);
    assert_eq!((failed.status, failed.stdout.as_str()), (Some(1), ""), "{failed:#?}");
}

/// `mkdir x; cd x; virtualenv .`: the shell stays in a directory that exists.
#[test]
fn an_empty_directory_is_filled_in_its_place() {
    use std::os::unix::fs::MetadataExt;
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let directory = sandbox.path("home/it's here");
    std::fs::create_dir(&directory).unwrap();
    let before = std::fs::metadata(&directory).unwrap().ino();
    let mut command = program(&sandbox, &["venv", "--no-setuptools", "-p", python.to_str().unwrap(), "."]);
    Outcome::new(&sandbox, &command.current_dir(&directory).output().unwrap()).succeeds(".");
    assert_works(&directory);
    assert_eq!(std::fs::metadata(&directory).unwrap().ino(), before);
    assert_eq!(residue(&sandbox.path("home")), Vec::<PathBuf>::new());
}

/// Its directory is gone then, and nothing else says so.
#[test]
fn a_shell_in_a_directory_that_was_replaced_is_told_how_to_go_on() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("home/a b/web")).unwrap();
    let said = |directory: &str, words: &[&str]| {
        let common = ["--no-seed", "-q", "-p", python.to_str().unwrap()];
        let mut command = program(&sandbox, &[words, &common].concat());
        Outcome::new(&sandbox, &command.current_dir(sandbox.path(directory)).output().unwrap()).stderr
    };
    let warning = |there: &str| {
        format!(
            "warning: the current directory belongs to the environment that was replaced; `cd '[ROOT]/{there}'` leads into \
             the new one\n"
        )
    };
    assert_eq!(said("home/a b/web", &["venv", "."]), "");
    assert_eq!(said("home/a b/web", &["venv", "."]).lines().filter(|line| line.starts_with("warning")).count(), 0);
    assert_eq!(said("home/a b/web", &["venv", "--clear", "."]), warning("home/a b/web"));
    assert_eq!(said("home/a b/web/bin", &["venv", "--clear", ".."]), warning("home/a b/web/bin"));
    assert_eq!(said("home/a b", &["venv", "--clear", "web"]), "");
    said("home", &["create", "api"]);
    std::fs::create_dir(sandbox.env_path("api/mine")).unwrap();
    let cleared = said("envs/api/mine", &["create", "--clear", "api"]);
    assert!(cleared.ends_with(&warning("envs/api")), "{cleared}");
}

#[test]
fn messages_name_the_directory_and_not_the_store() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("home/file", "");
    std::fs::create_dir(sandbox.path("home/real")).unwrap();
    std::os::unix::fs::symlink("real", sandbox.path("home/link")).unwrap();
    std::os::unix::fs::symlink("nowhere", sandbox.path("home/broken")).unwrap();
    for (directory, words) in [
        ("file/below", "`[ROOT]/home/file` is not a directory"),
        ("file/below/that", "`[ROOT]/home/file` is not a directory"),
        ("broken/below", "`[ROOT]/home/broken` is not a directory"),
        ("link", "`[ROOT]/home/link` is a symlink"),
        ("broken", "`[ROOT]/home/broken` is a symlink"),
        ("a:b", "contains a colon"),
        ("real/a:b/c", "contains a colon"),
    ] {
        let outcome = venv(&sandbox, &["--no-seed", directory]);
        outcome.fails_with_hint(directory, words);
        assert!(!outcome.stderr.contains("WORKON_HOME") && !outcome.stderr.contains("rmvirtualenv"), "{outcome:#?}");
    }
    assert!(std::fs::read_dir(sandbox.path("home/real")).unwrap().next().is_none());
}

#[test]
fn what_is_no_environment_is_left_alone() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("home/full", "precious");
    venv(&sandbox, &["full"]).fails_with_hint("a file", "exists and is not an environment");
    assert_eq!(std::fs::read(sandbox.path("home/full")).unwrap(), b"precious");
    assert_ne!(venv(&sandbox, &["/"]).status, Some(0));
    // A `pyvenv.cfg` makes no environment of the home directory that may be cleared, nor of one above it.
    for file in ["home/pyvenv.cfg", "pyvenv.cfg"] {
        let path = sandbox.write(file, "home = /usr/bin\n").parent().unwrap().to_path_buf();
        let path = path.to_str().unwrap();
        venv(&sandbox, &["--clear", path]).fails_with_hint(path, "it holds `");
    }
    assert_eq!(std::fs::read(sandbox.path("home/full")).unwrap(), b"precious");
}

#[test]
fn a_directory_with_other_files_becomes_an_environment_and_keeps_them() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let read = |file: &str| std::fs::read_to_string(sandbox.path(file)).unwrap();
    let files =
        ["setup.py", ".gitignore", "bin/tool", "lib/part.c", "include/part.h"].map(|file| format!("home/web/{file}"));
    for file in &files {
        sandbox.write(file, "#!/gone/bin/python\nprecious");
    }
    let is_there = |name: &str| sandbox.path("home/web").join(name).symlink_metadata().is_ok();
    let made = venv(&sandbox, &["web"]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    assert!(!made.stderr.contains("renewed"), "{made:#?}");
    assert_works(&sandbox.path("home/web"));
    // Neither git nor a backup may leave out what is there.
    assert!(is_there("bin/python") && is_there("bin/activate") && is_there("pyvenv.cfg") && !is_there("CACHEDIR.TAG"));
    for file in &files {
        assert_eq!(read(file), "#!/gone/bin/python\nprecious", "{file}");
    }
    // Nothing replaces the whole directory.
    let hint = "held other files before it became an environment";
    venv(&sandbox, &["--clear", "--no-seed", "web"]).fails_with_hint("web", hint);
    call(&sandbox, &["upgrade", "--yes", "-p", "3", "../home/web"]).fails_with_hint("web", hint);
    for file in &files {
        assert_eq!(read(file), "#!/gone/bin/python\nprecious", "{file}");
    }
    // The hint removes nothing of the user's, neither what was there nor what came later.
    let library = names_in(&sandbox.path("home/web/lib")).into_iter().find(|name| name != "part.c").unwrap();
    let refused = || venv(&sandbox, &["--clear", "--no-seed", "web"]).stderr;
    assert!(refused().contains("rm -r"), "{}", refused());
    let mine = format!("lib/{}/site-packages/mine.py", library.display());
    sandbox.write(format!("home/web/{mine}"), "precious");
    assert!(refused().contains(&format!("mv -i '{mine}' DIRECTORY`")) && !refused().contains("rm -r"), "{}", refused());
    std::fs::remove_file(sandbox.path("home/web").join(mine)).unwrap();
    // A failure leaves nothing.
    sandbox.write("home/none/bin/tool", "precious");
    let none = venv(&sandbox, &["--no-download", "--pip", "9.9.9", "none"]);
    assert_eq!(none.status, Some(1), "{none:#?}");
    let names = |directory: &str| names_in(&sandbox.path("home").join(directory));
    assert_eq!((names("none"), names("none/bin")), (vec!["bin".into()], vec!["tool".into()]));
    // What has the name of a part of it is never replaced, nor is the home directory filled.
    let [library] = &names("web/lib").into_iter().filter(|name| name != "part.c").collect::<Vec<_>>()[..] else {
        panic!("one library is there")
    };
    let packages = format!("lib/{}/site-packages", library.display());
    for (directory, file) in [
        ("python", "bin/python"),
        ("script", "bin/activate.fish"),
        ("seed", "bin/pip"),
        ("note", "venvwrap.toml"),
        ("package", "PACKAGES/pip/__init__.py"),
        ("record", "PACKAGES/pip-9.0.dist-info/METADATA"),
        ("conda", "conda-meta/history"),
        ("prefix", "lib/python3.9/site.py"),
        ("other", "lib/pypy3.11x/site.py"),
        ("python itself", "LIBRARY/os.py"),
        ("headers", "include"),
    ] {
        let file = &file.replace("PACKAGES", &packages).replace("LIBRARY", packages.trim_end_matches("/site-packages"));
        sandbox.write(format!("home/{directory}/{file}"), "precious");
        let refused = venv(&sandbox, &[directory]);
        refused.fails_with_hint(directory, "exists and is not an environment");
        assert!(refused.stderr.contains(&format!("/home/{directory}/")) || directory == "conda", "{refused:#?}");
        let left = std::fs::read_dir(sandbox.path(format!("home/{directory}"))).unwrap().count();
        assert_eq!((left, read(&format!("home/{directory}/{file}"))), (1, "precious".into()), "{directory}");
    }
    // Packages of this Python become the environment's, as with virtualenv.
    sandbox.write(format!("home/installed/{packages}/pipdream.py"), "print('precious')");
    assert_eq!(venv(&sandbox, &["installed"]).status, Some(0));
    assert_works(&sandbox.path("home/installed"));
    let mut python = std::process::Command::new(sandbox.path("home/installed/bin/python"));
    assert_eq!(python.args(["-m", "pipdream"]).output().unwrap().stdout, b"precious\n");
    venv(&sandbox, &["--no-seed", "."]).fails_with_hint("home", "exists and is not an environment");
    venv(&sandbox, &["--clear", "--no-seed", "python"]).fails_with_hint("clear", "exists and is not an environment");
}

/// Also where nothing notes that there are other files, and where the environment is another tool's.
#[test]
fn what_is_not_the_environments_is_never_deleted() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let precious = |file: &str| sandbox.write(format!("home/{file}"), "precious");
    let is_there = |file: &str| sandbox.path(format!("home/{file}")).exists();
    // Something to activate makes no environment, nor does any `pyvenv.cfg`.
    for (name, mark) in [("node", "bin/activate"), ("cfg", "pyvenv.cfg"), ("conda", "bin/activate")] {
        precious(&format!("{name}/{mark}"));
        precious(&format!("{name}/src/x.py"));
        if name == "conda" {
            precious("conda/conda-meta/history");
        }
        for options in [&["--no-seed", name][..], &["--no-seed", "--clear", name]] {
            let refused = venv(&sandbox, options);
            assert!(refused.status == Some(1) && !refused.stderr.contains("--clear"), "{refused:#?}");
        }
        let doctor = call(&sandbox, &["doctor", &format!("../home/{name}")]);
        assert!(!(doctor.stdout.clone() + &doctor.stderr).contains("--clear"), "{doctor:#?}");
        assert!(is_there(&format!("{name}/src/x.py")) && is_there(&format!("{name}/{mark}")));
    }
    // One that another tool has made in a project, which an upgrade does not hide from git and backups.
    precious("web/x.py");
    assert_eq!(venv(&sandbox, &["--no-seed", "web"]).status, Some(0));
    std::fs::remove_file(sandbox.path("home/web/venvwrap.toml")).unwrap();
    venv(&sandbox, &["--no-seed", "--clear", "web"]).fails_with_hint("web", "holds `x.py`, which is not");
    let upgraded = call(&sandbox, &["upgrade", "--yes", "-p", python.to_str().unwrap(), "../home/web"]);
    assert_eq!(upgraded.status, Some(0), "{upgraded:#?}");
    assert!(is_there("web/x.py") && !is_there("web/CACHEDIR.TAG") && !is_there("web/.gitignore"));
    // Renewed, it is judged by what is there.
    std::fs::remove_file(sandbox.path("home/web/venvwrap.toml")).unwrap();
    let renewed = venv(&sandbox, &["--no-seed", "web"]);
    assert!(renewed.status == Some(0) && !renewed.stderr.contains("packages were kept"), "{renewed:#?}");
    venv(&sandbox, &["--no-seed", "--clear", "web"]).fails_with_hint("web", "holds `x.py`, which is not");
    // A script that activates nothing is no reason to keep it.
    let script = sandbox.write("home/web/bin/activate", "echo mine\n");
    assert_eq!(venv(&sandbox, &["--no-seed", "web"]).status, Some(0));
    assert!(std::fs::read_to_string(&script).unwrap().contains("VIRTUAL_ENV=") && is_there("web/bin/activate.old"));
    std::fs::remove_file(sandbox.path("home/web/bin/activate.old")).unwrap();
    // The hint is a command that leads to a new one.
    let refused = venv(&sandbox, &["--no-seed", "--clear", "web"]);
    refused.fails_with_hint("web", "holds `x.py`, which is not");
    let hint = refused.stderr.split_once("hint: `").unwrap().1;
    let root = sandbox.path("home").parent().unwrap().display().to_string();
    let command = hint.split_once("` removes").unwrap().0.replace("[ROOT]", &root);
    let removed = std::process::Command::new("sh").args(["-c", &command]).status().unwrap();
    assert!(removed.success() && is_there("web/x.py") && !is_there("web/bin") && !is_there("web/pyvenv.cfg"));
    let again = venv(&sandbox, &["--no-seed", "web"]);
    assert!(again.status == Some(0) && !again.stderr.contains("renewed"), "{again:#?}");
    venv(&sandbox, &["--no-seed", "--clear", "web"]).fails_with_hint("again", "held other files before");
    assert!(is_there("web/x.py"));
}

/// At any depth, and with a checkout whose commits may be nowhere else.
#[test]
fn what_nobody_has_recorded_is_not_deleted_with_an_environment() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let is_there = |file: &str| sandbox.path(format!("home/web/{file}")).exists();
    assert_eq!(venv(&sandbox, &["web"]).status, Some(0));
    let library = names_in(&sandbox.path("home/web/lib")).remove(0);
    let module = format!("lib/{}/site-packages/user.py", library.display());
    for (file, named) in [
        ("src/proj/.git/config", "src/proj"),
        ("share/keyrings/login.keyring", "share/keyrings"),
        ("bin/mytool", "bin/mytool"),
        ("local/settings.py", "local/settings.py"),
        (&module, &module),
    ] {
        sandbox.write(format!("home/web/{file}"), "precious");
        let refused = venv(&sandbox, &["--no-seed", "--clear", "web"]);
        refused.fails_with_hint(file, &format!("holds `{named}`, which is not the environment's"));
        assert!(is_there(file) && is_there("bin/pip"), "{file}");
        // The hint keeps it.
        let hint = refused.stderr.split_once("hint: `").unwrap().1.split('`').next().unwrap().to_owned();
        assert!(!hint.contains("rm ") || !hint.contains(&format!("'{named}'")), "{hint}");
        std::fs::remove_dir_all(sandbox.path("home/web").join(named))
            .or_else(|_| std::fs::remove_file(sandbox.path("home/web").join(named)))
            .unwrap();
    }
    assert_eq!(venv(&sandbox, &["--no-seed", "--clear", "web"]).status, Some(0));
    assert!(!is_there("bin/pip"));
}

/// Nor where it is in the store, nor through a link from there.
#[test]
fn nothing_replaces_a_directory_of_other_files_and_no_hint_says_so() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let store = sandbox.env_path("");
    let file = sandbox.write("envs/web/file", "precious");
    let made = venv(&sandbox, &["--no-seed", store.join("web").to_str().unwrap()]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    let refusal = "held other files before it became an environment";
    let python = python.to_str().unwrap();
    call(&sandbox, &["create", "-p", python, "--clear", "--no-seed", "web"]).fails_with_hint("--clear", refusal);
    call(&sandbox, &["upgrade", "--yes", "-p", python, "web"]).fails_with_hint("upgrade", refusal);
    sandbox.write("empty.txt", "");
    let restored = call(&sandbox, &["restore", "--allow-empty", "web", sandbox.path("empty.txt").to_str().unwrap()]);
    restored.fails_with_hint("restore", refusal);
    // One of another Python is kept, too, and nothing that is refused is named as the way out.
    sandbox.write("home/web/file", "precious");
    assert_eq!(venv(&sandbox, &["--no-seed", "web"]).status, Some(0));
    for (root, library) in [("envs/web", "python3.4t"), ("home/web", "pypy3.4")] {
        let lib = sandbox.path(root).join("lib");
        let own = names_in(&lib).remove(0);
        std::fs::rename(lib.join(&own), lib.join(library)).unwrap();
        let outcome = if root == "home/web" {
            venv(&sandbox, &["--no-seed", "web"])
        } else {
            call(&sandbox, &["create", "-p", python, "--no-seed", "web"])
        };
        let version = own.to_string_lossy().replace("python", "");
        let other = format!("exists and is for Python {}, not {version}", library.replace("python", ""));
        outcome.fails_with_hint(root, &other);
        assert!(outcome.stderr.contains(&format!("{other}\n")), "{outcome:#?}");
        assert!(!outcome.stderr.contains("--clear") && !outcome.stderr.contains("upgrade"), "{outcome:#?}");
    }
    assert_eq!(call(&sandbox, &["adopt", sandbox.path("home/web").to_str().unwrap(), "adopted"]).status, Some(0));
    call(&sandbox, &["upgrade", "--yes", "-p", python, "adopted"]).fails_with_hint("adopted", refusal);
    assert_eq!(std::fs::read(file).unwrap(), b"precious");
}

#[test]
fn directories_of_the_program_do_not_become_environments() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let store = sandbox.env_path("");
    let is_free = || std::fs::read_dir(&store).is_ok_and(|mut names| names.next().is_none());
    let path = |below: &str| sandbox.path(below).to_str().unwrap().to_owned();
    std::fs::create_dir_all(&store).unwrap();
    let state = path("home/.local/state/venvwrap");
    let trash = path("envs/.venvwrap-trash/1/web");
    for (place, words) in [
        (path("envs"), "is WORKON_HOME, which holds environments and cannot be one"),
        (path("home/../envs"), "is WORKON_HOME, which holds environments and cannot be one"),
        (path(""), "holds WORKON_HOME, `[ROOT]/envs`"),
        ("/".into(), "holds WORKON_HOME, `[ROOT]/envs`"),
        ("/usr".into(), "is a directory of the system"),
        ("/etc".into(), "is a directory of the system"),
        ("/var".into(), "is a directory of the system"),
        (state, "is for files of venvwrap"),
        (trash, "is for files of venvwrap"),
    ] {
        for options in [&["--no-seed"][..], &["--no-seed", "--clear"]] {
            venv(&sandbox, &[options, &[place.as_str()]].concat()).fails_with_hint(&place, words);
        }
        assert!(is_free(), "{place}");
    }
    // Nor is an archive unpacked there.
    assert_eq!(venv(&sandbox, &["--no-seed", "web"]).status, Some(0));
    assert_eq!(call(&sandbox, &["pack", &path("home/web"), "-o", &path("web.tar.gz")]).status, Some(0));
    let unpacked = call(&sandbox, &["unpack", &path("web.tar.gz"), "--to", &path("envs")]);
    unpacked.fails_with_hint("unpack", "is WORKON_HOME");
    std::fs::remove_dir(&store).unwrap();
    venv(&sandbox, &["--no-seed", &path("envs")]).fails_with_hint("missing", "is WORKON_HOME");
    // One above the store that is an environment already is renewed, and never replaced.
    std::fs::create_dir_all(sandbox.path("home/web/envs/api")).unwrap();
    let python = python().unwrap();
    let above = |words: &[&str]| {
        let mut command = program(&sandbox, &[words, &["-p", python.to_str().unwrap(), &path("home/web")]].concat());
        Outcome::new(&sandbox, &command.env("WORKON_HOME", sandbox.path("home/web/envs")).output().unwrap())
    };
    assert_eq!(above(&["venv", "--no-seed"]).status, Some(0));
    above(&["venv", "--no-seed", "--clear"]).fails_with_hint("--clear", "it holds `[ROOT]/home/web/envs`");
    above(&["upgrade", "--yes"]).fails_with_hint("upgrade", "it holds `[ROOT]/home/web/envs`");
    assert!(sandbox.path("home/web/envs/api").is_dir());
}

#[test]
fn what_somebody_has_put_in_the_place_of_pip_is_kept() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    assert_eq!(venv(&sandbox, &["--no-seed", "web"]).status, Some(0));
    sandbox.write("home/web/bin/pip", "#!/bin/sh\necho mine\n");
    let renewed = venv(&sandbox, &["web"]);
    assert!(renewed.status == Some(0) && renewed.stderr.contains("bin/pip.old"), "{renewed:#?}");
    assert_eq!(std::fs::read_to_string(sandbox.path("home/web/bin/pip.old")).unwrap(), "#!/bin/sh\necho mine\n");
    // What an installer has generated is none of a person's.
    std::fs::remove_file(sandbox.path("home/web/bin/pip.old")).unwrap();
    let site = names_in(&sandbox.path("home/web/lib")).remove(0);
    let site = sandbox.path("home/web/lib").join(site).join("site-packages");
    for info in names_in(&site).into_iter().filter(|name| name.to_string_lossy().ends_with(".dist-info")) {
        std::fs::remove_dir_all(site.join(info)).unwrap();
    }
    assert_eq!(venv(&sandbox, &["web"]).status, Some(0));
    assert!(!sandbox.path("home/web/bin/pip.old").exists());
}

/// Each of virtualenv's own options is known, with what its help shows for a value.
#[test]
fn every_option_of_virtualenv_works_or_is_refused_with_a_reason() {
    let (Some(_), Some(virtualenv)) = (python(), virtualenv()) else { return };
    let help = Outcome::new(&Sandbox::new(), &std::process::Command::new(virtualenv).arg("--help").output().unwrap());
    let lines = help.stdout.lines().filter(|line| line.starts_with("  -"));
    let mut seen = 0;
    for spec in lines.flat_map(|line| line.trim().split("  ").next().unwrap().split(", ")) {
        let (option, metavar) = spec.split_once(' ').map_or((spec, None), |(option, value)| (option, Some(value)));
        let value = metavar.map(|metavar| match option {
            "--discovery" | "--creator" => "builtin",
            "--seeder" => "app-data",
            "--pip" | "--setuptools" => "bundle",
            "-p" | "--python" | "--try-first-with" => "python3",
            "--activators" => "bash,python",
            _ => metavar.split([' ', ']']).next().unwrap(),
        });
        // The last asks an index.
        if ["-h", "--help", "--version", "--download"].contains(&option) {
            continue;
        }
        seen += 1;
        let sandbox = Sandbox::new();
        // The cache of all tests is not to be emptied.
        let words: Vec<_> = ["made", "--app-data", "cache", option].into_iter().chain(value).collect();
        let outcome = venv(&sandbox, &words);
        let has_pip = !["--no-seed", "--without-pip", "--no-pip", "--activators"].contains(&option);
        if outcome.status == Some(0) && has_pip {
            assert_works(&sandbox.path("home/made"));
        } else if outcome.status == Some(0) {
            assert!(sandbox.path("home/made/bin/python").exists());
        } else {
            outcome.fails_with_hint(option, &format!("`{option}` is not supported: "));
            assert!(!sandbox.path("home/made").exists(), "{option}");
        }
        assert_eq!(
            outcome.status,
            Some(if ["--upgrade-embed-wheels", "--symlink-app-data"].contains(&option) { 2 } else { 0 }),
            "{option}: {outcome:#?}"
        );
    }
    assert!(seen > 30, "{seen} options in {help:#?}");
}

#[test]
fn values_that_venvwrap_cannot_follow_are_refused() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for options in [
        &["--seeder", "pip"][..],
        &["--seeder=$(touch PWN)"],
        &["--creator", "mine"],
        &["--creator", "x-posix"],
        &["--creator", "cpython3-win"],
        &["--creator="],
        &["--upgrade", "--clear"],
        &["--discovery", "pyenv"],
        &["--activators", "bash,xonsh"],
        &["--activators", "batch"],
        &["--activators", "tcsh"],
        &["--no-such-option"],
    ] {
        for verb in [&["venv", "made"][..], &["create", "made"], &["__do", "mkvirtualenv", "made"]] {
            let outcome = call(&sandbox, &[verb, options].concat());
            assert!(matches!(outcome.status, Some(1 | 2)) && outcome.stderr.starts_with("error: "), "{outcome:#?}");
        }
    }
    let redirect = call(&sandbox, &["create", "--venv-redirect", "made"]);
    redirect.fails_with_hint("--venv-redirect", "is not supported: the environment is in the store");
    assert!(!sandbox.path("home/made").exists() && !sandbox.env_path("made").exists());
    assert!(!sandbox.path("home/PWN").exists());
    // An unset variable is no directory.
    for empty in ["", " ", "\t"] {
        let outcome = venv(&sandbox, &["--clear", empty]);
        assert!(outcome.status == Some(2) && outcome.stderr.starts_with("error: "), "{outcome:#?}");
    }
}

/// As virtualenv: it prints that the value is none, and does not use it.
#[test]
fn a_value_that_is_neither_true_nor_false_is_not_used() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    assert_eq!(venv(&sandbox, &["made"]).status, Some(0));
    sandbox.write("home/made/share/jupyter/lab/staging/mine", "");
    let with = |name: &str, value: &str| {
        let python = python().unwrap();
        let mut command = program(&sandbox, &["venv", "--no-setuptools", "-p", python.to_str().unwrap(), "made"]);
        command.current_dir(sandbox.path("home")).env(name, value);
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    for (name, value) in [("VIRTUALENV_CLEAR", "maybe"), ("VIRTUALENV_CLEAR", "y"), ("VIRTUALENV_COPIES", "2")] {
        let outcome = with(name, value);
        let warning = format!("warning: `{name}` is not used: `{value}` is neither true nor false\n");
        assert!(outcome.stderr.starts_with(&warning), "{outcome:#?}");
        assert!(sandbox.path("home/made/share/jupyter/lab/staging/mine").exists(), "{name}={value} has emptied it");
    }
    with("VIRTUALENV_CLEAR", "Yes").succeeds("true");
    assert!(!sandbox.path("home/made/share/jupyter/lab/staging/mine").exists());
}

#[test]
fn an_empty_list_of_activators_writes_none() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let scripts = |name: &str| {
        let found = names_in(&sandbox.path(format!("home/{name}/bin")));
        found.into_iter().filter(|name| name.to_string_lossy().to_lowercase().starts_with("activate")).count()
    };
    for (name, list, expected) in [("none", "", 0), ("comma", ",", 0), ("one", "bash,", 1)] {
        let outcome = venv(&sandbox, &["--activators", list, name]);
        assert_eq!((outcome.status, scripts(name)), (Some(0), expected), "{outcome:#?}");
    }
    let stored = call(&sandbox, &["create", "--activators", "", "made"]);
    stored.fails_with_hint("stored", "`--activators ''` is not supported: an environment in the store is there to be");
    assert!(!sandbox.env_path("made").exists());
}

#[test]
fn nothing_is_made_in_a_directory_that_is_gone() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    let gone = sandbox.path("home/gone");
    std::fs::create_dir(&gone).unwrap();
    let call_there = |words: &str| {
        let script = format!("cd {gone:?} && rmdir {gone:?} && exec \"$0\" {words}");
        let program = program(&sandbox, &["x"]).get_program().to_owned();
        let mut command = sandbox.command("/bin/sh".as_ref());
        command.args(["-c", &script]).arg(program).env("PWD", &gone);
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    let run = |place: &str| call_there(&format!("venv {place:?}"));
    sandbox.make_env("api");
    let archive = sandbox.path("home/api.tar.gz");
    let packed = call(&sandbox, &["pack", "api", "-o", archive.to_str().unwrap()]);
    assert_eq!(packed.status, Some(0), "{packed:#?}");
    let archive = format!("{archive:?}");
    let relative = [
        "venv made".to_owned(),
        "unpack made.tar.gz".to_owned(),
        format!("unpack {archive} --to made"),
        "pack api".to_owned(),
    ];
    for words in &relative {
        call_there(words).fails_with_hint(words, "the current directory no longer exists");
        assert!(!gone.exists(), "{words}");
        std::fs::create_dir(&gone).unwrap();
    }
    let elsewhere = run(sandbox.path("home/made").to_str().unwrap());
    assert_eq!(elsewhere.status, Some(0), "{elsewhere:#?}");
}

#[test]
fn options_that_work_do_what_they_do_in_virtualenv() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let made = sandbox.path("home/made");
    let again = |options: &[&str]| {
        let outcome = venv(&sandbox, &[&["--clear", "made"], options].concat());
        assert_eq!(outcome.status, Some(0), "{options:?}: {outcome:#?}");
        assert!(made.join("bin/python").exists() && made.join("bin/activate").exists());
    };
    again(&["-p", "9.99", "-p", "no-such-command"]);
    again(&["--system-site", "--always"]);
    assert!(std::fs::read_to_string(made.join("pyvenv.cfg")).unwrap().contains("include-system-site-packages = true"));
    assert!(!made.join("bin/python").is_symlink());
    again(&["--pip", "none"]);
    assert!(!made.join("bin/pip").exists());
    std::fs::create_dir_all(sandbox.path("home/wheels a")).unwrap();
    again(&["--extra-search-dir", "wheels a", "nowhere", "-q", "--extra-search-dir=x"]);
    again(&["--try-first-with", python.to_str().unwrap(), "--try-first-with", "/nowhere/python"]);
    again(&["--app-data", "a cache"]);
    assert!(sandbox.path("home/a cache/v1/interp").is_dir());
    sandbox.write("home/a cache/v1/interp/mark", "");
    sandbox.write("home/a cache/mine", "");
    again(&["--app-data", "a cache", "--reset-app-data"]);
    assert!(!sandbox.path("home/a cache/v1/interp/mark").exists() && sandbox.path("home/a cache/mine").exists());
    again(&["--app-data", "no cache", "--read-only-app-data"]);
    assert!(!sandbox.path("home/no cache").exists());
    again(&[]);
    assert!(!sandbox.path("home/.venv").exists());
    again(&["--venv-redirect"]);
    assert_eq!(std::fs::read_to_string(sandbox.path("home/.venv")).unwrap(), "./made\n");
    std::fs::remove_file(sandbox.path("home/.venv")).unwrap();
    sandbox.write("home/.venv/precious", "");
    let outcome = venv(&sandbox, &["--venv-redirect", "made"]);
    assert!(outcome.status == Some(0) && outcome.stderr.contains("warning: `.venv` was not written"), "{outcome:#?}");
    assert!(sandbox.path("home/.venv/precious").exists());
}

/// What a killed call has left is removed by the next one in the same directory, and nothing else there.
#[test]
fn what_a_killed_call_left_goes_with_the_next() {
    if python().is_none() {
        return;
    }
    let sandbox = Sandbox::new();
    for left in [".venvwrap-trash-1-2/removed/bin/x", ".venvwrap-op-other/new/bin/x"] {
        sandbox.write(Path::new("home").join(left), "");
    }
    for kept in ["src/.venvwrap-tmp-1", ".venvwrap-trash/20200101T000000-1/api/pyvenv.cfg", "tmp-venvwrap-1/precious"] {
        sandbox.write(Path::new("home").join(kept), "");
    }
    assert_eq!(venv(&sandbox, &["--no-seed", "made"]).status, Some(0));
    wait_until("both are gone", || {
        ["trash-1-2", "op-other"].iter().all(|left| !sandbox.path(format!("home/.venvwrap-{left}")).exists())
    });
    for kept in ["src/.venvwrap-tmp-1", ".venvwrap-trash/20200101T000000-1/api/pyvenv.cfg", "tmp-venvwrap-1/precious"] {
        assert!(sandbox.path(Path::new("home").join(kept)).exists(), "{kept}");
    }
}

/// A directory that somebody has made for this user, and a volume of a container.
#[test]
fn an_empty_directory_needs_nothing_around_it() {
    let (Some(python), Some(mut command)) = (python(), unshare()) else { return };
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("place/volume")).unwrap();
    let script = "cd \"$1\" && mount --bind . . && cd \"$1\" && mount -t tmpfs none volume && \
        mount -o remount,bind,ro . || exit 99\n\
        \"$2\" venv --no-setuptools -p \"$3\" volume && \"$2\" venv -p \"$3\" volume && volume/bin/python -m pip --version >/dev/null || exit\n\
        ls -A . volume >\"$4\"\n";
    let plain = program(&sandbox, &["venv"]);
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["sh", "-c", script, "-"]).arg(sandbox.path("place")).arg(plain.get_program()).arg(python);
    command.arg(sandbox.path("list"));
    let outcome = Outcome::new(&sandbox, &command.output().unwrap());
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    let list = std::fs::read_to_string(sandbox.path("list")).unwrap();
    assert!(!list.contains(".venvwrap"), "{list}");
}

#[test]
fn a_path_that_no_shell_can_name_needs_another_directory() {
    let sandbox = Sandbox::new();
    for path in ["new\nline", "a:b", "a\u{1}b"] {
        let outcome = call(&sandbox, &["venv", path]);
        assert!(
            outcome.status == Some(1) && outcome.stderr.ends_with("\nhint: choose another directory\n"),
            "{outcome:#?}"
        );
    }
}

/// Scripts that call `python -m venv` and give these.
#[test]
fn options_of_venv_do_what_they_do_there() {
    let Some(_) = python() else { return };
    let sandbox = Sandbox::new();
    assert_eq!(venv(&sandbox, &["made", "--without-pip", "--without-scm-ignore-files"]).status, Some(0));
    assert!(!sandbox.path("home/made/.gitignore").exists());
    std::fs::remove_file(sandbox.path("home/made/bin/activate")).unwrap();
    let renewed = venv(&sandbox, &["--upgrade", "made", "--without-pip"]);
    assert!(renewed.status == Some(0) && renewed.stderr.starts_with("renewed `made` for Python "), "{renewed:#?}");
    assert!(sandbox.path("home/made/bin/activate").exists());
    for creator in ["venv", "cpython3-posix", "pypy3-posix"] {
        assert_eq!(venv(&sandbox, &["made", "--no-seed", "--creator", creator]).status, Some(0), "{creator}");
    }
    // It asks an index, and nobody answers.
    let mut offline = program(&sandbox, &["venv", "other", "--upgrade-deps"]);
    let offline = offline.env("PIP_INDEX_URL", "http://127.0.0.1:9/simple").current_dir(sandbox.path("home"));
    let offline = Outcome::new(&sandbox, &offline.output().unwrap());
    assert!(offline.status == Some(1) && offline.stderr.contains("127.0.0.1"), "{offline:#?}");
}
