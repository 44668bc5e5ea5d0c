//! `venvwrap pack`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::{call, create, names_in, program, python, residue};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

/// Unpacks an archive as everybody can.
#[track_caller]
fn untar(archive: &Path, directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    let status = Command::new("tar").arg("xzf").arg(archive).arg("-C").arg(directory).status().unwrap();
    assert!(status.success(), "{}", archive.display());
}

/// Runs a program, and returns what it printed.
#[track_caller]
fn output_of(sandbox: &Sandbox, path: &Path, arguments: &[&str]) -> String {
    let output =
        sandbox.command(path).args(arguments).output().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(output.status.success(), "{} {output:?}", path.display());
    String::from_utf8(output.stdout).unwrap().trim_end().to_string()
}

/// Runs the program in a directory, with the arguments.
fn pack(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["pack"], arguments].concat());
    Outcome::new(sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
}

/// Environments whose archive is made, and whose original is gone.
fn packed(sandbox: &Sandbox, name: &str, options: &[&str]) -> Option<PathBuf> {
    let environment = create(sandbox, &python()?, name);
    let outcome = pack(sandbox, &[options, &["-o", "packed.tar.gz", "--", name]].concat());
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    fs::rename(environment, sandbox.path("gone")).unwrap();
    Some(sandbox.path("home/packed.tar.gz"))
}

/// As for `freeze`: most people have one in their project.
#[test]
fn an_environment_may_be_named_by_its_directory() {
    let sandbox = Sandbox::new();
    fs::create_dir_all(sandbox.path("home/p")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path("home/p")).output().unwrap())
    };
    let made = run(&["venv", "--no-seed", ".venv"]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    for arguments in [
        &["pack", "./.venv"][..],
        &["bundle", "--from-installed", "--no-pip", "./.venv"],
        &["bundle", "--no-pip", "./.venv"],
        &["dockerfile", "./.venv"],
        &["show", "./.venv"],
    ] {
        let outcome = run(arguments);
        assert_eq!(outcome.status, Some(0), "{arguments:?}: {outcome:#?}");
    }
    assert!(sandbox.path("home/p/.venv.tar.gz").is_file(), "{:?}", names_in(&sandbox.path("home/p")));
    for arguments in [&["send", "./.venv", "nowhere"][..], &["package", "--deb", "--dest", "x", "./.venv"]] {
        let outcome = run(arguments);
        assert!(!outcome.stderr.contains("not the name of an environment"), "{arguments:?}: {outcome:#?}");
    }
    for arguments in [&["pack", "./nope"][..], &["pack", ".venv"], &["send", "./nope", "h:/x"]] {
        let outcome = run(arguments);
        outcome.fails_with_hint(arguments[1], "");
    }
}

/// What is elsewhere would stay behind, and the archive would be no environment.
#[test]
fn an_environment_that_is_partly_elsewhere_is_not_packed() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    let environment = create(&sandbox, &python, "api");
    let library = fs::read_dir(environment.join("lib")).unwrap().next().unwrap().unwrap().path();
    for place in [environment.join("bin"), environment.join("lib"), library.join("site-packages")] {
        let outside = sandbox.path("outside");
        fs::rename(&place, &outside).unwrap();
        std::os::unix::fs::symlink(&outside, &place).unwrap();
        for arguments in [&["pack", "api", "-o", "x.tar.gz"][..], &["copy", "api", "new"], &["rename", "api", "new"]] {
            let outcome = call(&sandbox, arguments);
            let place = place.strip_prefix(sandbox.path("")).unwrap();
            let words = format!("`[ROOT]/{}` is a link that leads out of the environment", place.display());
            assert!(outcome.status != Some(0) && outcome.stderr.contains(&words), "{arguments:?}: {outcome:?}");
            let hint = "put the directory that it leads to in the place of the link first";
            assert!(outcome.stderr.contains(hint), "{arguments:?}: {outcome:?}");
        }
        assert!(!sandbox.path("home/x.tar.gz").exists() && !sandbox.env_path("new").exists());
        fs::remove_file(&place).unwrap();
        fs::rename(&outside, &place).unwrap();
    }
    assert_eq!(call(&sandbox, &["pack", "api", "-o", "x.tar.gz"]).status, Some(0), "whole again");
}

#[test]
fn an_environment_works_wherever_it_is_unpacked() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    for place in ["plain", "a b", "it's \"$(touch PWN)\" `x` é"] {
        let place = sandbox.path("projects").join(place);
        untar(&archive, &place);
        let prefix = output_of(&sandbox, &place.join("bin/python"), &["-c", "import sys; print(sys.prefix)"]);
        assert_eq!(Path::new(&prefix), place);
        let pip = output_of(&sandbox, &place.join("bin/pip"), &["--version"]);
        assert!(pip.contains(place.to_str().unwrap()), "{pip}");
        let link = place.with_extension("link");
        std::os::unix::fs::symlink(place.join("bin/pip"), &link).unwrap();
        assert_eq!(output_of(&sandbox, &link, &["--version"]), pip, "also by a link to it");
        assert!(!sandbox.path("home/PWN").exists());
    }
}

#[test]
fn every_shell_activates_what_was_unpacked() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    let place = sandbox.path("projects/it's a !b $(touch PWN)");
    untar(&archive, &place);
    let posix =
        ". \"$1/bin/activate\" && printf '%s\\n' \"$VIRTUAL_ENV\" && deactivate && printf '<%s>' \"${VIRTUAL_ENV-}\"";
    let relative = "cd \"$1/bin\" && . ./activate && printf '%s\\n' \"$VIRTUAL_ENV\" && deactivate && printf '<>'";
    let expected = format!("{}\n<>", place.display());
    let run = |shell: &str, arguments: &[&str]| -> Option<Output> {
        let shell = find_program(shell)?;
        Some(sandbox.command(&shell).args(arguments).arg(&place).output().unwrap())
    };
    let prints = |shell: &str, arguments: &[&str]| {
        let Some(output) = run(shell, arguments) else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected, "{shell} {output:?}");
    };
    for (shell, options) in [("bash", &["-uc"][..]), ("zsh", &["-fuc"])] {
        prints(shell, &[options, &[posix, "-"]].concat());
        prints(shell, &[options, &[relative, "-"]].concat());
    }
    let fish = "source $argv[1]/bin/activate.fish; and echo $VIRTUAL_ENV; and deactivate; and echo \"<$VIRTUAL_ENV>\"";
    prints("fish", &["-c", fish]);
    // These cannot tell where they are before it is written down.
    let Some(output) = run("dash", &["-c", posix, "-"]) else { return };
    assert!(String::from_utf8_lossy(&output.stderr).contains("bin/venvwrap-fix"), "{output:?}");
    let python = fs::read_link(place.join("bin/python")).unwrap();
    for _ in 0..2 {
        output_of(&sandbox, &place.join("bin/venvwrap-fix"), &[python.to_str().unwrap()]);
    }
    for shell in ["dash", "mksh", "ksh", "bash", "zsh"] {
        prints(shell, &["-c", posix, "-"]);
    }
    let Some(tcsh) = find_program("tcsh") else { return };
    let mut command = sandbox.command(&tcsh);
    // An alias is known from the next line on.
    let lines = "source bin/activate.csh\necho $VIRTUAL_ENV:q\ndeactivate\necho \"<$?VIRTUAL_ENV>\"\n";
    command.arg("-f").arg(sandbox.write("home/lines.csh", lines));
    let output = command.current_dir(&place).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{}\n<0>\n", place.display()), "{output:?}");
    assert!(!sandbox.path("home/PWN").exists());
}

#[test]
fn the_fixing_script_finds_or_refuses_a_python() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    let place = sandbox.path("projects/a b");
    untar(&archive, &place);
    let base = fs::read_link(place.join("bin/python")).unwrap();
    fs::remove_file(place.join("bin/python")).unwrap();
    symlink("/gone/python", place.join("bin/python")).unwrap();
    let fix = |path: &str, arguments: &[&OsStr]| {
        let mut command = sandbox.command(&place.join("bin/venvwrap-fix"));
        command.env("PATH", path).args(arguments).output().unwrap()
    };
    sandbox.write_program("other/python9.9", "#!/bin/sh\nprintf '9.9\\ncpython\\n-\\n/x/python\\n'\n");
    let other = sandbox.path("other/python9.9");
    let refused = fix("/usr/bin:/bin", &[other.as_os_str()]);
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is 9.9, not"), "{refused:?}");
    sandbox.write_program("tools/sed", "#!/bin/sh\nexec /bin/sed \"$@\"\n");
    let nothing = fix(sandbox.path("tools").to_str().unwrap(), &[]);
    assert_eq!(nothing.status.code(), Some(3), "{nothing:?}");
    assert_eq!(fs::read_link(place.join("bin/python")).unwrap(), Path::new("/gone/python"), "nothing has changed");
    // A Python of the current directory is none on PATH.
    let decoy = sandbox.write_program("decoy/python", "#!/bin/sh\n: >PWN\n");
    for minor in 8..20 {
        symlink(&decoy, decoy.with_file_name(format!("python3.{minor}"))).unwrap();
    }
    let mut command = sandbox.command(&place.join("bin/venvwrap-fix"));
    command.env("PATH", format!(":.:../decoy:{}", sandbox.path("tools").display())).current_dir(sandbox.path("decoy"));
    let nothing = command.output().unwrap();
    assert!(nothing.status.code() == Some(3) && !sandbox.path("decoy/PWN").exists(), "{nothing:?}");
    let path = format!("{}:/usr/bin:/bin", base.parent().unwrap().display());
    let cfg = place.join("pyvenv.cfg");
    let version = fs::read_to_string(&cfg).unwrap().lines().find(|line| line.starts_with("version")).map(str::to_owned);
    fs::write(&cfg, "home = /gone\nversion = 3.0.99\nversion_info = 3.0.99.final.0\nprompt = x\n").unwrap();
    let fixed = fix(&path, &[]);
    assert_eq!(fixed.status.code(), Some(0), "{fixed:?}");
    // Another patch release than that of the machine where it was packed.
    let text = fs::read_to_string(&cfg).unwrap();
    assert!(version.is_none_or(|version| text.contains(&format!("\n{version}\n"))), "{text}");
    assert!(!text.contains("3.0.99") && text.contains(".final.0\nprompt = x\n"), "{text}");
    let prefix = output_of(&sandbox, &place.join("bin/python"), &["-c", "import sys; print(sys.prefix)"]);
    assert_eq!(Path::new(&prefix), place);
    assert!(residue(&place).is_empty(), "{:?}", residue(&place));
}

/// As `python3 -m venv` makes it, with and without `--copies`, and as it comes out of a zip file.
#[test]
fn every_name_of_the_interpreter_leads_to_the_base() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let make = |name: &str, options: &[&str]| {
        let place = sandbox.env_path(name);
        let words = [&["-m", "venv", "--without-pip"], options, &[place.to_str().unwrap()]].concat();
        output_of(&sandbox, &python, &words);
        // It is called by the name that the interpreter was called by.
        fs::write(place.join("bin/tool"), format!("#!{}/bin/python3\nprint('tool')\n", place.display())).unwrap();
        fs::set_permissions(place.join("bin/tool"), fs::Permissions::from_mode(0o755)).unwrap();
        let bin = place.join("bin");
        if options.is_empty() {
            fs::remove_file(bin.join("python")).unwrap();
            fs::remove_file(bin.join("python3")).unwrap();
            symlink("python3", bin.join("python")).unwrap();
            symlink(&python, bin.join("python3")).unwrap();
        }
    };
    make("links", &[]);
    make("copies", &["--copies"]);
    let names = |place: &Path| -> Vec<_> {
        let names = names_in(&place.join("bin"));
        names
            .into_iter()
            .filter(|name| name.as_bytes().starts_with(b"python"))
            .map(|name| place.join("bin").join(name))
            .collect()
    };
    for name in ["links", "copies"] {
        let place = sandbox.path(format!("projects/{name}"));
        assert_eq!(pack(&sandbox, &[name, "-o", "a.tar.gz"]).status, Some(0));
        untar(&sandbox.path("home/a.tar.gz"), &place);
        for path in names(&place) {
            let target = fs::read_link(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(target.is_absolute(), path.ends_with("python"), "{} -> {}", path.display(), target.display());
        }
        // What archives have that others made, or an older venvwrap.
        for path in names(&place).iter().filter(|path| !path.ends_with("python")) {
            fs::remove_file(path).unwrap();
            if name == "links" {
                symlink("/gone/python3", path).unwrap();
            } else {
                fs::write(path, b"\x7fELF of another machine").unwrap();
            }
        }
        for file in ["pyvenv.cfg", "bin/activate", "bin/activate.csh"] {
            fs::set_permissions(place.join(file), fs::Permissions::from_mode(0o644)).unwrap();
        }
        let mut command = sandbox.command(Path::new("/bin/sh"));
        command.args(["-c", "umask 077; exec \"$0\" \"$1\""]).arg(place.join("bin/venvwrap-fix")).arg(&python);
        assert_eq!(command.status().unwrap().code(), Some(0));
        assert_eq!(output_of(&sandbox, &place.join("bin/tool"), &[]), "tool");
        for path in names(&place) {
            let prefix = output_of(&sandbox, &path, &["-c", "import ssl, sys; print(sys.prefix)"]);
            assert_eq!(Path::new(&prefix), place, "{}", path.display());
        }
        for file in ["pyvenv.cfg", "bin/activate", "bin/activate.csh"] {
            let mode = fs::metadata(place.join(file)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o644, "{file} can be read by those who could read it");
        }
        assert!(residue(&place).is_empty(), "{:?}", residue(&place));
        // Nobody runs the script there.
        let fixed = sandbox.path(format!("projects/fixed {name}"));
        assert_eq!(pack(&sandbox, &[name, "-o", "b.tar.gz", "--dest", fixed.to_str().unwrap()]).status, Some(0));
        untar(&sandbox.path("home/b.tar.gz"), &fixed);
        for path in names(&fixed) {
            assert_eq!(fs::read_link(&path).unwrap().is_absolute(), path.ends_with("python"), "{}", path.display());
        }
    }
}

/// Somebody has put them there, and no other command takes them for the interpreter.
#[test]
fn what_is_only_called_like_an_interpreter_stays() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "api");
    let names = ["python2", "pythond", "python3.99"];
    for name in names {
        sandbox.write_program(format!("envs/api/bin/{name}"), "#!/bin/sh\necho own\n");
    }
    let place = sandbox.path("projects/api");
    for options in [&[][..], &["--dest", place.to_str().unwrap()]] {
        assert_eq!(pack(&sandbox, &[&["api", "-o", "a.tar.gz"], options].concat()).status, Some(0));
        untar(&sandbox.path("home/a.tar.gz"), &place);
        if options.is_empty() {
            // A wrapper that came later.
            fs::remove_file(place.join("bin/python3")).unwrap();
            sandbox.write_program("projects/api/bin/python3", "#!/bin/sh\necho own\n");
            output_of(&sandbox, &place.join("bin/venvwrap-fix"), &[python.to_str().unwrap()]);
            assert_eq!(output_of(&sandbox, &place.join("bin/python3"), &[]), "own");
            call(&sandbox, &["unpack", sandbox.path("home/a.tar.gz").to_str().unwrap(), "new"]).succeeds("unpack");
        }
        for name in names {
            assert_eq!(output_of(&sandbox, &place.join("bin").join(name), &[]), "own", "{name}");
            assert_eq!(output_of(&sandbox, &sandbox.env_path("new/bin").join(name), &[]), "own", "{name}");
        }
        fs::remove_dir_all(&place).unwrap();
    }
}

/// A script in the place of the interpreter is somebody's wrapper, whichever of its names it has.
#[test]
fn a_wrapper_of_the_interpreter_stays() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for name in ["python3", "python"] {
        let own = format!("of-{name}");
        let environment = create(&sandbox, &python, &own);
        let library = names_in(&environment.join("lib")).remove(0);
        let wrapper = format!("#!/bin/sh\n# own\nexec \"${{0%/*}}/{}\" \"$@\"\n", library.to_str().unwrap());
        fs::remove_file(environment.join("bin").join(name)).unwrap();
        sandbox.write_program(environment.join("bin").join(name), &wrapper);
        let assert_stays = |place: &Path| {
            let path = place.join("bin").join(name);
            assert_eq!(fs::read_to_string(&path).unwrap(), wrapper, "{}", place.display());
            for name in ["python", "python3", library.to_str().unwrap()] {
                let path = place.join("bin").join(name);
                let prefix = output_of(&sandbox, &path, &["-c", "import sys; print(sys.prefix)"]);
                assert_eq!(Path::new(&prefix), place, "{}", path.display());
            }
        };
        let place = sandbox.path(format!("projects/{name}"));
        let fixed = sandbox.path(format!("projects/fixed-{name}"));
        for (place, options) in [(&place, &[][..]), (&fixed, &["--dest", fixed.to_str().unwrap()])] {
            let words = [&[own.as_str(), "-o", "a.tar.gz"], options].concat();
            assert_eq!(pack(&sandbox, &words).status, Some(0));
            untar(&sandbox.path("home/a.tar.gz"), place);
            assert_stays(place);
        }
        output_of(&sandbox, &place.join("bin/venvwrap-fix"), &[python.to_str().unwrap()]);
        assert_stays(&place);
        let plain = sandbox.path("home/plain.tar");
        let tar = Command::new("tar").arg("cf").arg(&plain).arg("-C").arg(&environment).arg(".").status();
        assert!(tar.unwrap().success());
        for (archive, new) in [(sandbox.path("home/a.tar.gz"), "packed"), (plain, "plain")] {
            let new = format!("{new}-{name}");
            call(&sandbox, &["unpack", archive.to_str().unwrap(), &new]).succeeds("unpack");
            assert_stays(&sandbox.env_path(new));
        }
    }
}

/// What `virtualenv --always-copy` puts next to its copy of an interpreter is of no use to a link to another one.
#[test]
fn the_library_of_a_copied_interpreter_stays_behind() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for (options, is_packed) in [(&["--copies"][..], false), (&[], true)] {
        let environment = sandbox.env_path("api");
        let words = [&["-m", "venv", "--without-pip"], options, &[environment.to_str().unwrap()]].concat();
        output_of(&sandbox, &python, &words);
        for name in ["libpython3.12.so.1.0", "libother.so"] {
            sandbox.write(environment.join("lib").join(name), "\u{7f}ELF GLIBC_2.99");
        }
        for (number, options) in [&[][..], &["--dest", "/opt/api"]].iter().enumerate() {
            let place = sandbox.path(format!("projects/{is_packed} {number}"));
            assert_eq!(pack(&sandbox, &[&["api", "-o", "a.tar.gz"], *options].concat()).status, Some(0));
            untar(&sandbox.path("home/a.tar.gz"), &place);
            assert_eq!(place.join("lib/libpython3.12.so.1.0").exists(), is_packed, "{options:?}");
            assert!(place.join("lib/libother.so").exists());
        }
        fs::remove_dir_all(environment).unwrap();
    }
}

/// Where the environment goes, a link to another interpreter takes the place of the copy. For a fixed place nobody makes
/// one.
#[test]
fn a_copied_interpreter_that_is_replaced_needs_nothing() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    fs::remove_file(environment.join("bin/python")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_venvwrap"), environment.join("bin/python")).unwrap();
    // Of a Python that is nowhere.
    fs::rename(environment.join("lib/python3.11"), environment.join("lib/python3.99")).unwrap();
    let cfg = "home = /nowhere/bin\nversion = 3.99.2\ninclude-system-site-packages = false\n";
    sandbox.write("envs/api/pyvenv.cfg", cfg);
    for (options, needs) in [(&[][..], false), (&["--dest", "/opt/api"], true)] {
        let outcome = pack(&sandbox, &[&["api", "--json", "-o", "a.tar"], options].concat());
        let manifest: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let program = fs::read(env!("CARGO_BIN_EXE_venvwrap")).unwrap();
        let is_of_glibc = program.windows(6).any(|part| part == b"GLIBC_");
        assert_eq!(manifest["glibc"].is_string(), needs && is_of_glibc, "{options:?} {manifest}");
    }
}

/// What is only shown of the base Python is not on the other machine, unless a bundle brings it along.
#[test]
fn packages_of_the_base_python_are_told_or_bundled() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let base = sandbox.path("base");
    let add = |site: &Path, name: &str, needs: &str| {
        let info = site.join(format!("{name}-1.dist-info"));
        sandbox.write(info.join("WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        sandbox.write(info.join("RECORD"), format!("{name}-1.dist-info/WHEEL,,\n{name}-1.dist-info/METADATA,,\n"));
        sandbox.write(info.join("METADATA"), format!("Name: {name}\nVersion: 1\nRequires-Dist: {needs}\n"));
    };
    let _ = fs::remove_file(environment.join("bin/python"));
    symlink(sandbox.write_program("base/bin/python3.11", "#!/bin/sh\n"), environment.join("bin/python")).unwrap();
    let of_base = base.join("lib/python3.11/site-packages");
    add(&environment.join("lib/python3.11/site-packages"), "own", "shared\nRequires-Dist: foreign");
    add(&of_base, "shared", "deeper");
    add(&of_base, "deeper", "nothing ; python_version < '3'");
    add(&of_base, "other", "x");
    add(&of_base, "foreign", "x");
    fs::remove_file(of_base.join("foreign-1.dist-info/RECORD")).unwrap();
    let cfg = format!("home = {}/bin\nversion = 3.11.2\ninclude-system-site-packages = ", base.display());
    for (shown, words) in [("true", true), ("false", false)] {
        fs::write(environment.join("pyvenv.cfg"), format!("{cfg}{shown}\n")).unwrap();
        let bundle = &["bundle", "--from-installed", "--no-pip", "--dir", "-o"][..];
        let call = |arguments: &[&str]| {
            let output = program(&sandbox, arguments).current_dir(sandbox.path("home")).output().unwrap();
            Outcome::new(&sandbox, &output)
        };
        let told = "warning: these packages of the base Python of `api` are needed, and are left out:\n  ";
        for arguments in [&["pack", "api", "-o", "a.tar.gz"][..], &[bundle, &["local", "--local", "api"]].concat()] {
            let outcome = call(arguments);
            let all = format!(
                "{told}deeper\n  foreign\n  shared\nhint: `uv pip install --no-deps --python '[ROOT]/envs/api/bin/python' deeper==1 foreign==1 shared==1` \
                 installs them into the environment\n"
            );
            assert_eq!(outcome.stderr.contains(&all), words, "{arguments:?} {outcome:?}");
        }
        let outcome = call(&[bundle, &["all", "api"]].concat());
        // Nobody knows which files it has.
        assert_eq!(outcome.stderr.contains(&format!("{told}foreign\n")), words, "{outcome:?}");
        let (with, without) = (["deeper", "own", "shared"], ["own"]);
        for (name, expected) in [("all", if words { &with[..] } else { &without }), ("local", &without)] {
            let wheels = names_in(&sandbox.path(format!("home/{name}/wheels"))).into_iter();
            let found: Vec<_> =
                wheels.map(|file| file.to_str().unwrap().split_once('-').unwrap().0.to_owned()).collect();
            assert_eq!(found, expected, "{name}");
            fs::remove_dir_all(sandbox.path(format!("home/{name}"))).unwrap();
        }
    }
}

#[test]
fn every_name_of_pypy_leads_to_the_base() {
    let Some(python) = find_program("pypy3") else { return };
    let sandbox = Sandbox::new();
    let environment = sandbox.env_path("api");
    output_of(&sandbox, &python, &["-m", "venv", "--without-pip", environment.to_str().unwrap()]);
    assert_eq!(pack(&sandbox, &["api", "-o", "a.tar.gz"]).status, Some(0));
    let place = sandbox.path("projects/a b");
    untar(&sandbox.path("home/a.tar.gz"), &place);
    let bin = place.join("bin");
    let names = names_in(&bin).into_iter().filter(|name| name.as_bytes().starts_with(b"py"));
    let names: Vec<_> = names.map(|name| bin.join(name)).collect();
    assert!(names.len() > 3 && names.iter().any(|name| name.ends_with("pypy3")), "{names:?}");
    for path in &names {
        fs::remove_file(path).unwrap();
        symlink("/gone/pypy3", path).unwrap();
    }
    output_of(&sandbox, &place.join("bin/venvwrap-fix"), &[python.to_str().unwrap()]);
    for path in &names {
        assert_eq!(fs::read_link(path).unwrap().is_absolute(), path.ends_with("python"), "{}", path.display());
        let prefix = output_of(&sandbox, path, &["-c", "import ssl, sys; print(sys.prefix)"]);
        assert_eq!(Path::new(&prefix), place, "{}", path.display());
    }
}

/// Another user than root cannot write into a copy of them without more.
#[test]
fn the_fixing_script_rewrites_files_that_are_read_only() {
    let is_root = rustix::process::geteuid().is_root();
    let Some(setpriv) = find_program("setpriv").filter(|_| is_root).or_else(|| (!is_root).then(|| "".into())) else {
        return skip("setpriv is not there");
    };
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    let files = [("pyvenv.cfg", 0o444), ("bin/activate", 0o555), ("bin/activate.csh", 0o400)];
    for shell in ["sh", "dash", "bash", "mksh", "ksh", "zsh"].iter().filter_map(|shell| find_program(shell)) {
        let place = sandbox.path(format!("projects/{}", shell.file_name().unwrap().display()));
        untar(&archive, &place);
        let base = fs::read_link(place.join("bin/python")).unwrap();
        fs::remove_file(place.join("bin/python")).unwrap();
        for (file, mode) in files {
            fs::set_permissions(place.join(file), fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut command = if is_root {
            // Root without its rights over the files of all.
            let mut command = sandbox.command(&setpriv);
            command.args(["--inh-caps=-all", "--bounding-set=-all"]).arg(&shell);
            command
        } else {
            sandbox.command(&shell)
        };
        let output = command.arg(place.join("bin/venvwrap-fix")).arg(&base).output().unwrap();
        assert!(output.status.success(), "{shell:?} {output:?}");
        let text = |file: &str| fs::read_to_string(place.join(file)).unwrap();
        assert!(text("pyvenv.cfg").contains(&format!("home = {}\n", base.parent().unwrap().display())), "{shell:?}");
        for script in ["bin/activate", "bin/activate.csh"] {
            assert!(text(script).contains(place.to_str().unwrap()), "{shell:?} {script}");
        }
        for (file, mode) in files {
            let found = fs::metadata(place.join(file)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{shell:?} {file}");
        }
        assert!(residue(&place).is_empty(), "{shell:?} {:?}", residue(&place));
    }
}

/// However it ends.
#[test]
fn the_fixing_script_leaves_no_file_half_written() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    let place = sandbox.path("projects/place");
    untar(&archive, &place);
    let base = fs::read_link(place.join("bin/python")).unwrap();
    // Its first call fails for the copy, which is there by then.
    sandbox.write_program("first/chmod", "#!/bin/sh\nexit 1\n");
    for shell in ["sh", "dash", "bash", "mksh", "ksh", "zsh"].iter().filter_map(|shell| find_program(shell)) {
        let mut command = sandbox.command(&shell);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("first").display()));
        let output = command.arg(place.join("bin/venvwrap-fix")).arg(&base).output().unwrap();
        assert!(!output.status.success(), "{shell:?} {output:?}");
        assert!(residue(&place).is_empty(), "{shell:?} {:?}", residue(&place));
    }
}

#[test]
fn the_fixing_script_changes_no_other_environment() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api", &[]) else { return };
    let place = sandbox.path("projects/a b");
    untar(&archive, &place);
    let (link, script) = (place.join("bin/python"), place.join("bin/venvwrap-fix"));
    let base = fs::read_link(&link).unwrap();
    let other = sandbox.path("projects/other");
    sandbox.write("projects/other/pyvenv.cfg", "home = /precious\n");
    sandbox.write("projects/other/bin/python", "precious");
    symlink(&script, other.join("bin/first")).unwrap();
    symlink("first", other.join("bin/fixapi")).unwrap();
    symlink(place.join("bin"), other.join("tools")).unwrap();
    fs::copy(&script, other.join("bin/venvwrap-fix")).unwrap();
    let is_whole = || {
        let file = fs::read_to_string(other.join("bin/python")).unwrap();
        let cfg = fs::read_to_string(other.join("pyvenv.cfg")).unwrap();
        file == "precious" && cfg == "home = /precious\n" && residue(&other).is_empty()
    };
    let path = format!("{}:/usr/bin:/bin", other.join("bin").display());
    let run = |shell: &Path, directory: &Path, words: &[&OsStr]| {
        let mut command = sandbox.command(shell);
        command.args(words).arg(&base).env("PATH", &path).current_dir(directory).output().unwrap()
    };
    let shells = ["dash", "bash", "mksh", "ksh", "zsh"].iter().filter_map(|shell| find_program(shell));
    for shell in shells {
        let shell = shell.as_path();
        // By links, by its name in its directory, and on PATH, where bash and ksh look for it.
        for (directory, word) in [(&other, "bin/fixapi"), (&other, "tools/venvwrap-fix"), (&place, "bin/venvwrap-fix")]
        {
            fs::remove_file(&link).unwrap();
            symlink("/gone/python", &link).unwrap();
            let fixed = run(shell, directory, &[word.as_ref()]);
            assert_eq!(fixed.status.code(), Some(0), "{shell:?} {word} {fixed:?}");
            assert_eq!(fs::read_link(&link).unwrap(), base.canonicalize().unwrap(), "{shell:?} {word}");
            assert!(is_whole(), "{shell:?} {word}");
        }
        let fixed = run(shell, &place.join("bin"), &["venvwrap-fix".as_ref()]);
        assert_eq!(fixed.status.code(), Some(0), "{shell:?} {fixed:?}");
        run(shell, &other.join("tools"), &["fixapi".as_ref()]);
        for (directory, word) in [(&other, "bin/venvwrap-fix"), (&place, "venvwrap-fix")] {
            let refused = run(shell, directory, &[word.as_ref()]);
            assert!(!refused.status.success() && is_whole(), "{shell:?} {word} {refused:?}");
        }
        let refused = run(shell, &place, &["bin/venvwrap-fix".as_ref(), base.as_os_str()]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    }
    fs::remove_file(place.join("pyvenv.cfg")).unwrap();
    let refused = run("/bin/sh".as_ref(), &place, &["bin/venvwrap-fix".as_ref()]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is in no environment"), "{refused:?}");
    assert!(is_whole() && residue(&place).is_empty());
}

#[test]
fn a_fixed_environment_needs_nothing_at_its_destination() {
    let sandbox = Sandbox::new();
    let place = sandbox.path("projects/de st");
    let Some(archive) = packed(&sandbox, "api", &["--dest", place.to_str().unwrap()]) else { return };
    untar(&archive, &place);
    assert!(!place.join("bin/venvwrap-fix").exists());
    let pip = output_of(&sandbox, &place.join("bin/pip"), &["--version"]);
    assert!(pip.contains(place.to_str().unwrap()), "{pip}");
    let text = fs::read_to_string(place.join("bin/activate")).unwrap();
    assert!(text.contains(place.to_str().unwrap()) && !text.contains(sandbox.env_path("api").to_str().unwrap()));
}

#[test]
fn a_python_comes_along() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    let environment = create(&sandbox, &python, "api");
    let outcome = pack(&sandbox, &["api", "--with-python", "-o", "packed.tgz"]);
    if outcome.stderr.contains("cannot be packed") {
        return;
    }
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    fs::rename(environment, sandbox.path("gone")).unwrap();
    let place = sandbox.path("projects/a b");
    untar(&sandbox.path("home/packed.tgz"), &place);
    let prefixes = "import sys, json, ssl; print(sys.prefix, sys.base_prefix, sep='\\n')";
    let prefix = output_of(&sandbox, &place.join("bin/python"), &["-c", prefixes]);
    assert_eq!(prefix, format!("{0}\n{0}", place.display()));
    let pip = output_of(&sandbox, &place.join("bin/pip"), &["--version"]);
    assert!(pip.contains(place.to_str().unwrap()), "{pip}");
    // All that applications import is there, if the base has it.
    let modules = "import importlib.util; print([name for name in ('tkinter', 'ensurepip', 'lib2to3', 'venv') \
        if importlib.util.find_spec(name)])";
    let found = output_of(&sandbox, &place.join("bin/python"), &["-c", modules]);
    assert_eq!(found, output_of(&sandbox, &python, &["-c", modules]));
    let unpacked = call(&sandbox, &["unpack", sandbox.path("home/packed.tgz").to_str().unwrap(), "again"]);
    unpacked.succeeds("unpack");
    let again = sandbox.env_path("again");
    let pip = output_of(&sandbox, &again.join("bin/pip"), &["--version"]);
    assert!(pip.contains(again.to_str().unwrap()), "{pip}");
}

#[test]
fn two_archives_of_one_environment_are_the_same() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    create(&sandbox, &python, "api");
    for format in ["tar.gz", "tar.zst", "tar", "zip"] {
        let read = |name: &str| {
            let file = format!("{name}.{format}");
            let outcome = pack(&sandbox, &["api", "--no-bytecode", "-o", &file]);
            assert_eq!(outcome.status, Some(0), "{outcome:?}");
            fs::read(sandbox.path("home").join(file)).unwrap()
        };
        assert!(read("one") == read("two"), "{format}");
    }
    let mut command = program(&sandbox, &["pack", "api", "-o", "-"]);
    let output = command.env("SOURCE_DATE_EPOCH", "1000000000").output().unwrap();
    fs::write(sandbox.path("home/epoch.tar.gz"), &output.stdout).unwrap();
    let listed =
        Command::new("tar").arg("tzvf").arg(sandbox.path("home/epoch.tar.gz")).env("TZ", "UTC").output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.lines().count() > 100 && listed.lines().all(|line| line.contains(" 2001-09-09 ")), "{listed}");
    assert!(!listed.contains(".pyc"));
}

#[test]
fn secrets_and_editables_stay_behind() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    let site = environment.join("lib/python3.11/site-packages");
    sandbox.write("envs/api/.env", "TOKEN=hidden\n");
    sandbox.write("envs/api/pip.conf", "[global]\nindex-url = https://me:hidden@example.org\n");
    let info = "envs/api/lib/python3.11/site-packages/direct-1.dist-info";
    sandbox.write(format!("{info}/METADATA"), "Name: direct\nVersion: 1\n");
    let url = "{\"url\": \"https://me:hidden@example.org/x.whl\", \"archive_info\": {}}";
    sandbox.write(format!("{info}/direct_url.json"), url);
    let outcome = pack(&sandbox, &["api", "-o", "a.tar.gz"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("these hold passwords and were left out:"), "{outcome:?}");
    let place = sandbox.path("unpacked");
    untar(&sandbox.path("home/a.tar.gz"), &place);
    let found = Command::new("grep").args(["-r", "hidden"]).arg(&place).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    assert_eq!(pack(&sandbox, &["api", "-o", "a.tar.gz", "--with-secrets"]).status, Some(0));
    // Nobody else may read what nobody else can read in the environment.
    let mode = |file: &str| fs::metadata(sandbox.path("home").join(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("a.tar.gz"), 0o600);
    let others = [".env", "pip.conf"];
    let excluded = |file: &str, more: &[&str]| {
        let all = [&others[..], more].concat();
        let options: Vec<_> = all.iter().flat_map(|name| ["--exclude", name]).collect();
        assert_eq!(pack(&sandbox, &[&["api", "-o", file, "--with-secrets"], &options[..]].concat()).status, Some(0));
        mode(file)
    };
    assert_eq!(excluded("url.tar.gz", &[]), 0o600, "a password in an address");
    assert_ne!(excluded("none.tar.gz", &["direct_url.json"]), 0o600);
    untar(&sandbox.path("home/a.tar.gz"), &sandbox.path("all"));
    assert_eq!(fs::read_to_string(sandbox.path("all/.env")).unwrap(), "TOKEN=hidden\n");

    let info = "envs/api/lib/python3.11/site-packages/mine-1.dist-info";
    sandbox.write(format!("{info}/METADATA"), "Name: mine\nVersion: 1\n");
    let project = sandbox.path("projects/mine");
    fs::create_dir_all(&project).unwrap();
    let url = format!("{{\"url\": \"file://{}\", \"dir_info\": {{\"editable\": true}}}}", project.display());
    sandbox.write(format!("{info}/direct_url.json"), url.replace("venvwrap test", "venvwrap%20test"));
    sandbox.write(format!("{info}/RECORD"), "mine.pth,,\nmine-1.dist-info/RECORD,,\nmine-1.dist-info/METADATA,,\n");
    fs::write(site.join("mine.pth"), format!("{}\n", project.display())).unwrap();
    pack(&sandbox, &["api", "-o", "b.tar.gz"]).fails_with_hint("editable", "`mine` is installed as editable");
    assert!(!sandbox.path("home/b.tar.gz").exists());
    let outcome = pack(&sandbox, &["api", "-o", "b.tar.gz", "--editable", "skip"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    untar(&sandbox.path("home/b.tar.gz"), &sandbox.path("without"));
    assert!(!sandbox.path("without/lib/python3.11/site-packages/mine.pth").exists());
    assert!(!sandbox.path("without/lib/python3.11/site-packages/mine-1.dist-info").exists());
}

/// A stand-in for pip, which would ask an index for what it builds with.
const PIP: &str = "#!/bin/sh\nwhile [ \"$1\" != --target ]; do shift; done\nmkdir -p \"$2/mine\" \"$2/bin\" && \
    cp \"$4/mine.py\" \"$2/mine/__init__.py\" && printf '#!/bin/sh\\n' >\"$2/bin/mine\"\n";

#[test]
fn editables_can_be_built_and_packed() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    sandbox.write_program("envs/api/bin/python", PIP);
    let project = sandbox.path("projects/mine");
    sandbox.write("projects/mine/mine.py", "VALUE = 1\n");
    let info = "envs/api/lib/python3.11/site-packages/mine-1.dist-info";
    sandbox.write(format!("{info}/METADATA"), "Name: mine\nVersion: 1\n");
    let url = format!("{{\"url\":\"file://{}\",\"dir_info\":{{\"editable\":true}}}}", project.display());
    sandbox.write(format!("{info}/direct_url.json"), url.replace(' ', "%20"));
    sandbox.write(format!("{info}/RECORD"), "mine.pth,,\nmine-1.dist-info/RECORD,,\n");
    fs::write(environment.join("lib/python3.11/site-packages/mine.pth"), format!("{}\n", project.display())).unwrap();
    let outcome = pack(&sandbox, &["api", "-o", "a.tar.gz", "--editable", "copy"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let place = sandbox.path("unpacked");
    untar(&sandbox.path("home/a.tar.gz"), &place);
    let site = place.join("lib/python3.11/site-packages");
    assert!(!site.join("mine.pth").exists());
    assert_eq!(fs::read_to_string(site.join("mine/__init__.py")).unwrap(), "VALUE = 1\n");
    assert!(place.join("bin/mine").is_file());
    assert_eq!(names_in(&sandbox.path("envs")), ["api"]);
    sandbox.write_program("envs/api/bin/python", "#!/bin/sh\nexit 1\n");
    pack(&sandbox, &["api", "-o", "b.tar.gz", "--editable", "copy"]).fails_with_hint("pip", "could not pack `api`");
    assert_eq!(names_in(&sandbox.path("envs")), ["api"]);
}

#[test]
fn what_does_not_belong_into_an_archive_is_left_out() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    sandbox.write("envs/api/share/data/big.bin", "x");
    sandbox.write("envs/api/share/data/small.txt", "x");
    sandbox.write("envs/api/.venvwrap-users", "x");
    sandbox.write("envs/api/lib/python3.11/site-packages/__pycache__/m.cpython-311.pyc", "x");
    sandbox.write("outside", "precious");
    symlink(sandbox.path("outside"), environment.join("share/link")).unwrap();
    symlink(environment.join("share/data"), environment.join("share/inside")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(environment.join("socket")).unwrap();
    let output = sandbox.path("home/a.tar.gz");
    let outcome = pack(&sandbox, &["api", "-o", "a.tar.gz", "--no-bytecode", "--exclude", "*.bin"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(outcome.stderr.contains("[ROOT]/envs/api/share/link"), "{outcome:?}");
    assert!(outcome.stderr.contains("[ROOT]/envs/api/socket"), "{outcome:?}");
    let place = sandbox.path("unpacked");
    untar(&output, &place);
    assert_eq!(names_in(&place.join("share")), ["data", "inside"]);
    assert_eq!(fs::read_link(place.join("share/inside")).unwrap(), Path::new("data"));
    assert_eq!(names_in(&place.join("share/data")), ["small.txt"]);
    assert!(
        !place.join("lib/python3.11/site-packages/__pycache__").exists() && !place.join(".venvwrap-users").exists()
    );
}

/// What zip cannot hold is left out, and what it can is not changed.
#[test]
fn names_in_a_zip_are_those_of_the_environment() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let kept = ["data/a:b", "data/x\\y", "data/é", "data/c:/d:e"];
    let odd = [&b"odd\xFF/inner\xFF"[..], b"data/\xFF", "data/é:b".as_bytes()];
    for name in kept.iter().map(|name| name.as_bytes()).chain(odd) {
        sandbox.write(Path::new("envs/api").join(OsStr::from_bytes(name)), name);
    }
    // Of links to directories, only the one that every environment has stays behind without a word.
    std::os::unix::fs::symlink("data", sandbox.env_path("api").join("shared")).unwrap();
    std::os::unix::fs::symlink("lib", sandbox.env_path("api").join("lib64")).ok();
    let outcome = pack(&sandbox, &["api", "-o", "a.zip"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let warned = "warning: these have names that the archive cannot hold, and were left out:";
    assert!(outcome.stderr.contains(warned), "{outcome:?}");
    let links =
        "warning: these are mounted, or neither files nor directories, and were left out:\n  [ROOT]/envs/api/shared\n";
    assert!(outcome.stderr.contains(links), "{outcome:?}");
    assert_eq!(outcome.stderr.matches("[ROOT]/envs/api/").count(), 4, "{outcome:?}");
    call(&sandbox, &["unpack", sandbox.path("home/a.zip").to_str().unwrap(), "new"]).succeeds("unpack");
    for name in kept {
        assert_eq!(fs::read(sandbox.env_path("new").join(name)).unwrap(), name.as_bytes(), "{name}");
    }
    assert!(!sandbox.env_path("new/b").exists() && names_in(&sandbox.env_path("new/data")).len() == 4);
}

#[test]
fn a_directory_gets_a_file_with_the_usual_name() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    fs::create_dir(sandbox.path("home/out")).unwrap();
    for (options, file) in [
        (&["-o", "out"][..], "api.tar.gz"),
        (&["-o", "out/", "--format", "zip"], "api.zip"),
        (&["-o", "out/a.bin", "--format", "tar"], "a.bin"),
    ] {
        assert_eq!(pack(&sandbox, &[&["api"], options].concat()).status, Some(0), "{options:?}");
        assert!(sandbox.path("home/out").join(file).is_file(), "{options:?}");
    }
    // The largest time that each format can hold.
    let mut command = program(&sandbox, &["pack", "api", "-o", "a.zip"]);
    assert!(command.env("SOURCE_DATE_EPOCH", "4294967295").output().unwrap().status.success());
}

#[test]
fn a_failure_leaves_the_old_archive() {
    let sandbox = Sandbox::new();
    let environment = sandbox.make_env("api");
    sandbox.write("home/a.tar", "old");
    for (options, words) in
        [(&["-o", "a.rar"][..], "could not tell the format"), (&["-o", "missing/a.tar"], "could not create")]
    {
        pack(&sandbox, &[&["api"], options].concat()).fails("format", words);
    }
    for format in ["tar.gz", "tar.zst", "zip"] {
        pack(&sandbox, &["api", "-o", "a.tar", "--format", format]).fails_with_hint(format, "promises another format");
    }
    pack(&sandbox, &["api", "-o", "none/"]).fails_with_hint("slash", "there is no directory `[ROOT]/home/none`");
    for (time, words) in [
        ("4294967296", "after February 2106"),
        ("99999999999999999999999", "after February 2106"),
        ("-1", "not a number"),
        ("+5", "not a number"),
        ("1.5", "not a number"),
        (" 1", "not a number"),
    ] {
        let output =
            program(&sandbox, &["pack", "api", "-o", "a.tar"]).env("SOURCE_DATE_EPOCH", time).output().unwrap();
        Outcome::new(&sandbox, &output).fails_with_hint(time, words);
    }
    let inside = environment.join("a.tar");
    pack(&sandbox, &["api", "-o", inside.to_str().unwrap()]).fails_with_hint("itself", "inside the environment");
    pack(&sandbox, &["api", "--dest", "/a:b"]).fails("colon", "contains a colon");
    pack(&sandbox, &["api", "--dest", "/usr"]).fails_with_hint("shared", "`/usr` is a directory that packages share");
    assert_eq!(pack(&sandbox, &["api", "--level", "10"]).status, Some(2));
    assert_eq!(pack(&sandbox, &["api", "--dest", "/x", "--with-python"]).status, Some(2));
    let active = program(&sandbox, &["pack", "--level", "0"]).env("VIRTUAL_ENV", "/nowhere/web").output().unwrap();
    Outcome::new(&sandbox, &active).fails_with_hint("active", "the active environment `/nowhere/web` no longer exists");
    pack(&sandbox, &["nothing"]).fails_with_hint("missing", "no environment is named `nothing`");

    fs::write(environment.join("large"), vec![b'x'; 4 << 20]).unwrap();
    // A limit on the size of files refuses a write like a full disk, or kills when the signal is not ignored.
    for before in ["trap '' XFSZ; ulimit -f 1000", "ulimit -f 1000"] {
        let mut command = sandbox.command(Path::new("/bin/sh"));
        command.args(["-c", &format!("{before}\nexec \"$0\" pack api -o a.tar"), env!("CARGO_BIN_EXE_venvwrap")]);
        let output = command.output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert_eq!(fs::read_to_string(sandbox.path("home/a.tar")).unwrap(), "old");
    }
    assert_eq!(pack(&sandbox, &["api", "-o", "a.tar"]).status, Some(0));
    assert!(residue(&sandbox.path("home")).is_empty(), "the next one removes what was left");

    let closed = sandbox.path("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    if !rustix::process::geteuid().is_root() {
        pack(&sandbox, &["api", "-o", closed.join("a.tar").to_str().unwrap()]).fails("closed", "could not create");
    }
}
