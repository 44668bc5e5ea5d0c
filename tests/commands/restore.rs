//! `venvwrap restore`, with uv and with pip.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::index::Index;
use crate::support::program::{answers, create_arguments, names_in, pythons, residue, wait_until};
use crate::support::shells::Outcome;
use crate::support::wheels::{ANY, Wheels};

/// Installs with the environment's pip, unknown to venvwrap.
#[track_caller]
fn pip(wheels: &Wheels, arguments: &[&str]) {
    let mut command = wheels.sandbox.command(&wheels.sandbox.env_path("api").join("bin/python"));
    let output = command.args(["-m", "pip"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
}

/// Files that belong to no package.
const OF_USER: [&str; 4] = ["lib/node_modules/npm/a.js", "lib/libown.so", "include/mine/a.h", "bin/pipeline"];

/// What is done to a file.
type Damage = fn(&Path);

#[test]
fn a_snapshot_comes_back_and_so_does_what_was_there_before() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["alpha==1.0"]);
        let before = wheels.freeze("api");
        assert_eq!(before, "alpha==1.0\nbeta==1.0\n");
        assert_eq!(wheels.call(&["snapshot", "api"]).status, Some(0));
        pip(&wheels, &["install", "-q", "alpha==2.0"]);
        pip(&wheels, &["uninstall", "-qy", "beta"]);
        wheels.sandbox.write("envs/api/bin/postactivate", "echo hi\n");
        wheels.sandbox.write("envs/api/.project", "/somewhere\n");
        for path in OF_USER {
            wheels.sandbox.write(Path::new("envs/api").join(path), "mine\n");
        }
        let script = wheels.sandbox.env_path("api").join("bin/activate");
        let activate = std::fs::read_to_string(&script).unwrap() + "export DB=1\n";
        std::fs::write(&script, &activate).unwrap();

        let dry = wheels.call(&["restore", "api", "--dry-run"]);
        assert_eq!(dry.status, Some(0), "{dry:#?}");
        assert_eq!(dry.stdout, "package  now  then\nalpha    2.0  1.0\nbeta     -    1.0\n", "{dry:#?}");
        let json = wheels.call(&["restore", "api", "--dry-run", "--json"]).stdout;
        for field in ["\"dry_run\": true", "\"changed\": false", "\"a\": \"2.0\"", "\"b\": \"1.0\"", "\"added\""] {
            assert!(json.contains(field), "{field}: {json}");
        }
        let outcome = wheels.call(&["restore", "api"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains("restored `api` from the snapshot `20"), "{outcome:#?}");
        let tool = if wheels.sandbox.path("bin/uv").exists() { "uv" } else { "pip" };
        assert!(outcome.stderr.contains(&format!("` with {tool}: 1 added, 1 changed\n")), "{outcome:#?}");
        assert_eq!(outcome.stdout, "");
        assert_eq!(wheels.freeze("api"), before);
        wheels.assert_runs("api", "alpha-tool", "1.0");
        assert_eq!(std::fs::read_to_string(&script).unwrap(), activate);
        for path in OF_USER.iter().chain(&["bin/postactivate", ".project"]) {
            assert!(wheels.sandbox.env_path("api").join(path).is_file(), "{path}");
        }
        pip(&wheels, &["check"]);
        // Again, to what was there before.
        let back = wheels.call(&["restore", "api", "--json"]);
        assert_eq!(back.status, Some(1), "{back:#?}");
        let problems = "\"problems\": [\n    \"alpha 2.0 requires beta, which is not installed.\"\n  ]";
        assert!(back.stdout.contains("\"changed\": true") && back.stdout.contains(problems), "{back:#?}");
        assert!(back.stderr.contains("warning: alpha 2.0 requires beta, which is not installed."), "{back:#?}");
        assert_eq!(wheels.freeze("api"), "alpha==2.0\n");
        wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
    }
}

/// What was installed is what the metadata says, and the snapshot says the same.
#[test]
fn files_that_were_deleted_or_changed_are_put_back() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let env = wheels.create(&wheels.python, "api", &["alpha==1.0"]);
        let site = env.join("lib").join(&names_in(&env.join("lib"))[0]).join("site-packages");
        assert_eq!(wheels.call(&["snapshot", "api"]).status, Some(0));
        let file = wheels.sandbox.write("projects/prod.txt", "alpha==1.0\nbeta==1.0\n");
        let file = file.to_str().unwrap();
        let delete: Damage = |path| std::fs::remove_file(path).unwrap();
        // The file may also be in uv's cache.
        let change: Damage = |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::write(path, "changed").unwrap();
        };
        let all: [(Damage, &[&str]); 4] =
            [(delete, &[]), (delete, &["--in-place"]), (change, &["1"]), (change, &[file, "--in-place"])];
        for (damage, arguments) in all {
            let words = [&["restore", "api"][..], arguments].concat();
            damage(&site.join("alpha.py"));
            let dry = wheels.call(&[&words[..], &["--dry-run"]].concat());
            assert_eq!((&*dry.stdout, &*dry.stderr), ("", "files of `alpha` would be put back\n"), "{words:?}");
            let outcome = wheels.call(&words);
            assert!(outcome.status == Some(0) && outcome.stderr.contains(": 1 repaired\n"), "{outcome:#?}");
            wheels.assert_runs("api", "alpha-tool", "1.0");
        }
        // pip is in no source, and in every new environment.
        std::fs::remove_file(site.join("pip/__main__.py")).unwrap();
        let dry = wheels.call(&["restore", "api", file, "--dry-run"]);
        assert_eq!((&*dry.stdout, &*dry.stderr), ("", "files of `pip` would be put back\n"));
        let outcome = wheels.call(&["restore", "api", file]);
        assert!(outcome.status == Some(0) && outcome.stderr.contains(": 1 repaired\n"), "{outcome:#?}");
        pip(&wheels, &["--version"]);
        // What was changed in the cache, too, is not put back from there.
        if std::fs::metadata(site.join("alpha.py")).unwrap().nlink() > 1 {
            std::fs::write(site.join("alpha.py"), "changed").unwrap();
            let outcome = wheels.call(&["restore", "api", file]);
            assert!(outcome.stderr.contains("warning: files of `alpha` are still changed"), "{outcome:#?}");
            assert_eq!(outcome.status, Some(1), "{outcome:#?}");
            continue;
        }
        // What is complete is not installed again.
        let whole = wheels.call(&["restore", "api", file]);
        assert!(whole.stderr.contains("has exactly the packages of"), "{whole:#?}");
    }
}

#[test]
fn the_environment_itself_is_changed_when_that_is_asked_for() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let env = wheels.create(&wheels.python, "api", &["beta"]);
        let file = wheels.sandbox.write("projects/it's $(touch PWN)/prod.txt", "Alpha==1.0\n");
        let inode = |path: &std::path::Path| std::os::unix::fs::MetadataExt::ino(&path.metadata().unwrap());
        let before = inode(&env);
        let outcome = wheels.call(&["restore", "api", file.to_str().unwrap(), "--in-place"]);
        assert_eq!(outcome.status, Some(1), "beta is missing: {outcome:#?}");
        assert!(outcome.stderr.contains("warning: alpha 1.0 requires beta, which is not installed."), "{outcome:#?}");
        assert_eq!((wheels.freeze("api").as_str(), inode(&env)), ("alpha==1.0\n", before));
        let again = wheels.call(&["restore", "api", file.to_str().unwrap(), "--in-place"]);
        assert!(again.status == Some(1) && again.stderr.contains("has exactly the packages of"), "{again:#?}");
    }
}

/// What failed in CI does not pass at the second try.
#[test]
fn what_did_not_fit_before_is_told_again() {
    const MISSING: &str = "alpha 1.0 requires beta, which is not installed.";
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("gamma", "1.0", ANY, "", "");
        wheels.create(&wheels.python, "api", &[]);
        let only = wheels.sandbox.write("projects/only.txt", "alpha==1.0\n");
        let more = wheels.sandbox.write("projects/more.txt", "alpha==1.0\ngamma==1.0\n");
        for (file, option) in
            [(&only, &[][..]), (&more, &[]), (&more, &[]), (&more, &["--dry-run"]), (&only, &["--in-place"])]
        {
            let words = [&["restore", "api", file.to_str().unwrap()], option].concat();
            let json = wheels.call(&[&words[..], &["--json", "--dry-run"]].concat());
            let outcome = wheels.call(&words);
            assert_eq!(outcome.status, Some(1), "{words:?}: {outcome:#?}");
            assert_eq!(outcome.stderr.matches(MISSING).count(), 1, "{words:?}: {outcome:#?}");
            // Nothing was to be changed.
            if json.stdout.contains("\"packages\": []") {
                assert_eq!((json.status, json.stdout.matches(MISSING).count()), (Some(1), 1), "{json:#?}");
            }
        }
        let own = wheels.call(&["restore", "api", only.to_str().unwrap(), "--json"]);
        assert!(own.status == Some(1) && own.stdout.contains(MISSING), "{own:#?}");
    }
}

/// What a program that fails writes into a pipe is empty, too.
#[test]
fn a_source_without_packages_is_refused() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    wheels.create(&wheels.python, "api", &["beta"]);
    let contents = ["", "# none\n\n", "--pre\n", "beta==1.0; python_version < '3'\n"];
    for content in contents {
        let file = wheels.sandbox.write("projects/none.txt", content);
        for option in [&[][..], &["--in-place"], &["--dry-run"]] {
            let outcome = wheels.call(&[&["restore", "api", file.to_str().unwrap()], option].concat());
            outcome.fails_with_hint(content, "none.txt` names no packages");
        }
    }
    for source in ["-", "/dev/null"] {
        let mut command = wheels.command(&["restore", "api", source]);
        let outcome = Outcome::new(&wheels.sandbox, &command.stdin(std::process::Stdio::null()).output().unwrap());
        outcome.fails_with_hint(source, &format!("`{source}` names no packages"));
    }
    assert_eq!(wheels.freeze("api"), "beta==1.0\n");
    // A lock says itself that there are none.
    let lock = wheels.sandbox.write("projects/pylock.toml", "lock-version = '1.0'\ncreated-by = 'x'\npackages = []\n");
    let outcome = wheels.call(&["restore", "api", lock.to_str().unwrap()]);
    assert_eq!((outcome.status, wheels.freeze("api").as_str()), (Some(0), ""), "{outcome:#?}");
}

/// `uv venv --relocatable` creates such an environment.
#[test]
fn what_works_in_any_directory_still_does() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let env = wheels.create(&wheels.python, "api", &["alpha==2.0"]);
        let cfg = std::fs::read_to_string(env.join("pyvenv.cfg")).unwrap() + "relocatable = true\n";
        wheels.sandbox.write("envs/api/pyvenv.cfg", cfg);
        // It cannot find its environment.
        std::fs::remove_file(env.join("bin/activate.csh")).unwrap();
        wheels.sandbox.write(wheels.site("api").join("own/m.py"), "");
        let file = wheels.sandbox.write("projects/prod.txt", "alpha==1.0\nbeta==1.0\n");
        assert_eq!(wheels.call(&["restore", "api", file.to_str().unwrap()]).status, Some(0));
        assert!(std::fs::read_to_string(env.join("pyvenv.cfg")).unwrap().contains("relocatable = true\n"));
        assert!(wheels.site("api").join("own/m.py").is_file());
        assert!(!env.join("bin/activate.csh").exists());
        let moved = wheels.sandbox.path("projects/moved");
        std::fs::rename(&env, &moved).unwrap();
        for tool in ["alpha-tool", "pip"] {
            let output = Command::new(moved.join("bin").join(tool)).arg("--version").output().unwrap();
            assert!(output.status.success(), "{tool}: {output:?}");
        }
    }
}

/// An older Python has setuptools, which `freeze` leaves out: no hash of it can be in what it writes.
#[test]
fn what_an_environment_began_with_needs_no_hash() {
    let old = pythons().iter().find(|path| !path.ends_with("pypy3") && answers(path, "(3, 9)", "(3, 12)"));
    let Some(old) = old else { return crate::support::tools::skip("there is no Python before 3.12") };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("setuptools", "44.0", ANY, "", "");
        wheels.create(old, "api", &["beta", "setuptools"]);
        let wheel = wheels.sandbox.path("wheels").join(format!("alpha-2.0-{ANY}.whl"));
        let output = Command::new("sha256sum").arg(wheel).output().unwrap();
        let hash = String::from_utf8(output.stdout).unwrap()[..64].to_owned();
        let file = wheels.sandbox.write("projects/locked.txt", format!("alpha==2.0 --hash=sha256:{hash}\n"));
        // Where the source has packages from, there need be none of it.
        std::fs::remove_file(wheels.sandbox.path("wheels").join(format!("setuptools-44.0-{ANY}.whl"))).unwrap();
        let outcome = wheels.call(&["restore", "api", file.to_str().unwrap()]);
        assert!(outcome.stderr.contains("restored `api` from"), "{outcome:#?}");
        let frozen = wheels.call(&["freeze", "--all", "api"]).stdout;
        assert!(frozen.contains("alpha==2.0\n") && frozen.contains("setuptools==44.0\n"), "{frozen} {outcome:#?}");
    }
}

/// What `freeze` leaves out counts where the source names it.
#[test]
fn a_source_may_name_pip() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["beta"]);
        wheels.add("pip", "99.0", ANY, "", "");
        let file = wheels.sandbox.write("projects/all.txt", "beta==1.0\npip==99\n");
        let file = file.to_str().unwrap();
        let differs = wheels.call(&["diff", "--names-only", "api", file]);
        assert_eq!((differs.stdout.as_str(), differs.status), ("pip\n", Some(1)), "{differs:#?}");
        let frozen = wheels.call(&["freeze", "--all", "api"]);
        let same = wheels.sandbox.write("projects/same.txt", &frozen.stdout);
        assert_eq!(wheels.call(&["diff", "api", same.to_str().unwrap()]).status, Some(0));
        let outcome = wheels.call(&["restore", "api", file]);
        assert!(outcome.status == Some(0) && outcome.stderr.contains(": 1 changed\n"), "{outcome:#?}");
        assert_eq!(wheels.call(&["freeze", "--all", "api"]).stdout, "beta==1.0\npip==99.0\n");
        assert_eq!(wheels.call(&["diff", "api", file]).status, Some(0));
        // Only uv puts it back when it is damaged itself.
        let rest = wheels.sandbox.write("projects/rest.txt", "beta==1.0\n");
        std::fs::remove_file(wheels.site("api").join("pip.py")).unwrap();
        let outcome = wheels.call(&["restore", "api", rest.to_str().unwrap(), "--in-place"]);
        let is_uv = wheels.sandbox.path("bin/uv").exists();
        assert_eq!((outcome.status == Some(0), wheels.site("api").join("pip.py").exists()), (is_uv, is_uv));
        assert!(is_uv || outcome.stderr.contains("hint: pip itself is damaged: "), "{outcome:#?}");
    }
}

/// What is installed already, and stays as it is.
#[test]
fn what_no_index_has_any_more_is_taken_over() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("own", "1.0", ANY, "", "");
        wheels.add("local", "1.0", ANY, "", "");
        wheels.create(&wheels.python, "api", &["alpha==1.0", "own"]);
        let wheel = |name: &str| wheels.sandbox.path("wheels").join(format!("{name}-1.0-{ANY}.whl"));
        let local = wheels.sandbox.path(format!("projects/local-1.0-{ANY}.whl"));
        std::fs::rename(wheel("local"), &local).unwrap();
        pip(&wheels, &["install", "-q", local.to_str().unwrap()]);
        std::fs::remove_file(&local).unwrap();
        let missing = std::fs::read(wheel("own")).unwrap();
        std::fs::remove_file(wheel("own")).unwrap();
        std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap_or_default();
        let before = wheels.freeze("api");
        let source = |text: String| wheels.sandbox.write("projects/prod.txt", text).to_str().unwrap().to_owned();
        let file = source(before.replace("alpha==1.0", "alpha==2.0"));

        let dry = wheels.call(&["restore", "api", &file, "--dry-run"]);
        assert_eq!(dry.stdout, "package  now  then\nalpha    1.0  2.0\n", "{dry:#?}");
        let told = |verb: &str| {
            let names = "`beta`, `local`, `own`";
            format!("not all packages can be installed again: these {verb} taken over as they are installed: {names}\n")
        };
        assert!(dry.stderr.ends_with(&told("would be")), "{dry:#?}");
        let json = wheels.call(&["restore", "api", &file, "--dry-run", "--json"]).stdout;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["carried"], serde_json::json!(["beta", "local", "own"]));

        // What cannot be proven to be the archive that is asked for.
        let hash = |name: &str, version: &str| {
            let wheel = wheels.sandbox.path("wheels").join(format!("{name}-{version}-{ANY}.whl"));
            let output = Command::new("sha256sum").arg(wheel).output().unwrap();
            format!("{name}=={version} --hash=sha256:{}\n", String::from_utf8(output.stdout).unwrap()[..64].to_owned())
        };
        let unproven = format!("own==1.0 --hash=sha256:{}\n", "0".repeat(64));
        let hashed = source(hash("alpha", "2.0") + &hash("beta", "1.0") + &unproven);
        let refused = wheels.call(&["restore", "api", &hashed]);
        let failure = "error: could not restore `api`: could not install the packages\n\
                       hint: these could not be taken over from the environment: `";
        assert!(refused.status == Some(1) && refused.stderr.contains(failure), "{refused:#?}");
        assert!(
            refused.stderr.contains("`own` (its hashes cannot be compared with what is installed)"),
            "{refused:#?}"
        );
        let module = wheels.site("api").join("own.py");
        let text = std::fs::read(&module).unwrap();
        std::fs::remove_file(&module).unwrap();
        std::fs::write(&module, "changed").unwrap();
        let file = source(before.replace("alpha==1.0", "alpha==2.0"));
        let refused = wheels.call(&["restore", "api", &file]);
        assert!(refused.status == Some(1) && refused.stderr.contains(failure), "{refused:#?}");
        assert!(refused.stderr.contains(": `own` (its files were changed); `--in-place`"), "{refused:#?}");
        std::fs::write(&module, text).unwrap();
        assert_eq!(wheels.freeze("api"), before);

        let outcome = wheels.call(&["restore", "api", &file]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains(&told("are")), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), before.replace("alpha==1.0", "alpha==2.0"));
        for tool in ["own", "local", "beta"] {
            wheels.assert_runs("api", &format!("{tool}-tool"), "1.0");
        }
        // Only what came from a file that is gone, once the index has all others.
        std::fs::write(wheel("own"), missing).unwrap();
        let outcome = wheels.call(&["restore", "api", "1"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains("taken over as they are installed: `local`\n"), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), before);
    }
}

#[test]
fn an_environment_in_use_is_left_alone() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    let env = wheels.create(&wheels.python, "api", &["beta"]);
    let file = wheels.sandbox.write("projects/none.txt", "");
    let restore =
        |option: &[&str]| wheels.call(&[&["restore", "api", "--allow-empty", file.to_str().unwrap()], option].concat());
    let mut child = Command::new("cat");
    let mut child = child.env("VIRTUAL_ENV", &env).stdin(std::process::Stdio::piped()).spawn().unwrap();
    let users = format!("`api` is in use by `cat` ({})", child.id());
    restore(&[]).fails_with_hint("in use", &users);
    assert_eq!(wheels.freeze("api"), "beta==1.0\n");
    let outcome = restore(&["--in-place"]);
    assert!(outcome.status == Some(0) && outcome.stderr.contains(&format!("warning: {users}")), "{outcome:#?}");
    wheels.create(&wheels.python, "web", &["beta"]);
    child.stdin.take();
    child.wait().unwrap();
    let mut child = Command::new("cat");
    let mut child =
        child.env("VIRTUAL_ENV", wheels.sandbox.env_path("web")).stdin(std::process::Stdio::piped()).spawn().unwrap();
    let outcome = wheels.call(&["restore", "web", file.to_str().unwrap(), "--force", "--allow-empty"]);
    assert!(outcome.status == Some(0) && !outcome.stderr.contains("in use"), "{outcome:#?}");
    child.stdin.take();
    child.wait().unwrap();
}

#[test]
fn a_failure_leaves_the_old_one() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let env = wheels.create(&wheels.python, "api", &["beta"]);
        let file = wheels.sandbox.write("projects/prod.txt", "alpha==9.0\n");
        let outcome = wheels.call(&["restore", "api", file.to_str().unwrap()]);
        assert_ne!(outcome.status, Some(0));
        assert!(
            outcome.stderr.contains("error: could not restore `api`: could not install the packages"),
            "{outcome:#?}"
        );
        assert_eq!(wheels.freeze("api"), "beta==1.0\n");
        assert!(env.join("bin/beta-tool").is_file());
        wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
    }
}

#[test]
fn without_an_installer_nothing_is_restored() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    assert_eq!(wheels.call(&["create", "--no-pip", "bare"]).status, Some(0));
    let file = wheels.sandbox.write("projects/prod.txt", "beta==1.0\n");
    let outcome = wheels.call(&["restore", "bare", file.to_str().unwrap()]);
    outcome.fails_with_hint("bare", "could not restore `bare`: the environment has no pip, and uv is not on PATH");
    assert_eq!(wheels.freeze("bare"), "");
}

/// uv would refuse it in its own words, and pip is not there to take its place.
#[test]
fn without_pip_nothing_editable_comes_from_a_repository() {
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add_common();
    assert_eq!(wheels.call(&["create", "--no-pip", "bare"]).status, Some(0));
    let file = wheels.sandbox.write("projects/prod.txt", "-e git+file:///nowhere@0123456789#egg=beta\n");
    let outcome = wheels.call(&["restore", "bare", file.to_str().unwrap()]);
    outcome.fails_with_hint("bare", "the environment has no pip, and uv refuses editable packages");
}

#[test]
fn an_index_that_stops_half_way_leaves_the_old_one() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let env = wheels.create(&wheels.python, "api", &["beta"]);
        let file = wheels.sandbox.write("projects/prod.txt", "alpha==1.0\nbeta==1.0\n");
        let python = wheels.python.to_str().unwrap();
        let restore = ["restore", "api", file.to_str().unwrap()];
        for (arguments, cut) in [(&restore[..], "alpha"), (&["upgrade", "api", "-p", python], "beta")] {
            let cut = format!("*{cut}-1.0-{ANY}.whl");
            let index = Index::serve(&wheels.python, &wheels.sandbox.path("wheels"), "", &cut);
            let settings = format!("[global]\nindex-url = http://{}/simple\n", index.host);
            wheels.sandbox.write("home/.config/pip/pip.conf", settings);
            let mut command = wheels.command(arguments);
            // They would ask again and again. Nothing is in the cache of uv.
            let command = command.env("UV_HTTP_RETRIES", "0").env("PIP_RETRIES", "0").env("PIP_RESUME_RETRIES", "0");
            let outcome = Outcome::new(&wheels.sandbox, &command.env("UV_NO_CACHE", "1").output().unwrap());
            // An upgrade takes over from the old one what it cannot get.
            let is_restore = arguments[0] == "restore";
            assert!(!is_restore || outcome.status != Some(0), "{outcome:#?}");
            assert!(!is_restore || outcome.stderr.contains("could not install the packages"), "{outcome:#?}");
            assert_eq!(wheels.freeze("api"), "beta==1.0\n");
            wheels.assert_runs("api", "beta-tool", "1.0");
            assert!(!env.join("bin/alpha-tool").exists());
            wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
        }
    }
}

#[test]
fn hashes_are_checked() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &[]);
        let wheel = wheels.sandbox.path("wheels").join(format!("beta-1.0-{ANY}.whl"));
        let output = Command::new("sha256sum").arg(wheel).output().unwrap();
        let hash = String::from_utf8(output.stdout).unwrap()[..64].to_owned();
        let file = wheels.sandbox.path("projects/locked.txt");
        let file = file.to_str().unwrap();
        wheels.sandbox.write("projects/locked.txt", format!("beta==1.0 --hash=sha256:{}\n", "0".repeat(64)));
        assert_ne!(wheels.call(&["restore", "api", file]).status, Some(0));
        assert_eq!(wheels.freeze("api"), "");
        wheels.sandbox.write("projects/locked.txt", format!("beta==1.0 \\\n    --hash=sha256:{hash}\n"));
        let outcome = wheels.call(&["restore", "api", file]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), "beta==1.0\n");
        // The same as a lock.
        wheels.create(&wheels.python, "other", &[]);
        let lock = format!(
            "lock-version = \"1.0\"\ncreated-by = \"test\"\n[[packages]]\nname = \"beta\"\nversion = \"1.0\"\n\
             wheels = [{{name = \"beta-1.0-{ANY}.whl\", path = \"b.whl\", hashes = {{sha256 = \"{hash}\"}}}}]\n"
        );
        let lock = wheels.sandbox.write("projects/pylock.toml", lock);
        let outcome = wheels.call(&["restore", "other", lock.to_str().unwrap()]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(wheels.freeze("other"), "beta==1.0\n");
        assert_eq!(wheels.call(&["diff", "other", lock.to_str().unwrap()]).status, Some(0));
    }
}

#[test]
fn what_says_nothing_exact_is_refused() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.create(&wheels.python, "api", &[]);
    let refuse = |content: &str, words: &str| {
        let file = wheels.sandbox.write("projects/f.txt", content);
        wheels.call(&["restore", "api", file.to_str().unwrap()]).fails_with_hint(content, words);
    };
    refuse("requests\n", "`requests` names no exact version");
    refuse("requests>=1\n", "`requests>=1` names no exact version");
    refuse("-e ./gone\n", "line 1 of `[ROOT]/projects/f.txt` cannot be restored: the name of `./gone` is unknown");
    refuse("x @ file:///gone/x.whl\n", "`x` comes from `/gone/x.whl`, which does not exist");
    refuse("# python: 3.2.1\nx==1\n", "the packages are for Python 3.2, and `api` has Python 3");
    let project = wheels.sandbox.write("projects/pyproject.toml", "[project]\nname = \"x\"\n");
    for verb in ["restore", "diff"] {
        let outcome = wheels.call(&[verb, "api", project.to_str().unwrap()]);
        outcome.fails_with_hint(verb, "as a lock file: it has no `lock-version`, so it is no `pylock.toml`");
    }
    wheels.call(&["restore", "api"]).fails_with_hint("none", "there is no snapshot");
    wheels.call(&["restore", "api", "nope"]).fails_with_hint("name", "nope");
    assert_eq!(wheels.call(&["snapshot", "api"]).status, Some(0));
    wheels.call(&["restore", "api", "9"]).fails_with_hint("number", "there is no snapshot `9`");
    wheels.call(&["restore", "api", "-oProxyCommand=x:api"]).fails_option();
    wheels.call(&["restore", "api", "--", "-oProxyCommand=x:api"]).fails_with_hint("host", "is not the name of a host");
}

impl crate::support::shells::Outcome {
    #[track_caller]
    fn fails_option(&self) {
        assert_eq!(self.status, Some(2), "{self:#?}");
    }
}

#[test]
fn another_environment_is_a_source_too() {
    let Some(wheels) = Wheels::both().into_iter().next() else { return };
    wheels.add_common();
    wheels.create(&wheels.python, "prod env", &["alpha==1.0"]);
    wheels.create(&wheels.python, "api", &["alpha==2.0"]);
    let outcome = wheels.call(&["restore", "api", "prod env"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(wheels.freeze("api"), wheels.freeze("prod env"));
    assert_eq!(wheels.call(&["diff", "api", "prod env"]).status, Some(0));
    assert_eq!(wheels.call(&["diff", "api@1", "api"]).status, Some(1));
}

/// `pip install -e git+…` puts a project into the environment, and it is removed with that.
#[test]
fn what_is_inside_of_another_environment_is_not_led_to() {
    for wheels in Wheels::both() {
        // pip reads the URL of a remote up to the first blank.
        let directory = tempfile::tempdir().unwrap();
        let repository = wheels.add_project(directory.path().join("repository").to_str().unwrap());
        for words in ["init -q", "add .", "-c user.name=a -c user.email=a@b commit -qm 1"] {
            let mut git = Command::new("git");
            git.arg("-C").arg(&repository).args(words.split(' '));
            assert!(git.output().unwrap().status.success(), "{words}");
        }
        let install = |env: &Path, project: &str| {
            let mut pip = wheels.sandbox.command(&env.join("bin/python"));
            let output = pip.args(["-m", "pip", "install", "-q", "--no-deps", "-e", project]).output().unwrap();
            assert!(output.status.success(), "{output:#?}");
        };
        let prod = wheels.create(&wheels.python, "prod", &[]);
        let api = wheels.create(&wheels.python, "api", &[]);
        install(&prod, &format!("git+file://{}#egg=proj", repository.display()));
        let outcome = wheels.call(&["restore", "api", "prod"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let told = "#egg=proj`: its project is in `[ROOT]/envs/prod`, and would be gone with that\n";
        assert!(outcome.stderr.starts_with("`proj` comes from `git+file:///"), "{outcome:#?}");
        assert!(outcome.stderr.contains("/repository@") && outcome.stderr.contains(told), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), wheels.freeze("prod"));
        let again = wheels.call(&["restore", "api", "prod"]);
        assert!(again.status == Some(0) && again.stderr.contains("exactly the packages"), "{again:#?}");
        assert_eq!(wheels.call(&["remove", "prod"]).status, Some(0));
        let code = "import proj_module; print(proj_module.__file__)";
        let output = Command::new(api.join("bin/python")).args(["-c", code]).output().unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(found.trim(), api.join("src/proj/proj_module.py").to_str().unwrap(), "{}", wheels.freeze("api"));
        let other = wheels.create(&wheels.python, "other", &[]);
        install(&other, wheels.add_project("envs/other/src/proj").to_str().unwrap());
        let snapshot = wheels.call(&["snapshot", "other"]);
        assert_eq!(snapshot.status, Some(0), "{snapshot:#?}");
        wheels.call(&["restore", "api", "other"]).fails_with_hint("inside", "is inside of `[ROOT]/envs/other`");
        wheels.call(&["restore", "api", "other@1"]).fails_with_hint("inside", "is inside of `[ROOT]/envs/other`");
        assert_eq!(wheels.call(&["restore", "other", "other@1"]).status, Some(0), "its own");
    }
}

#[test]
fn what_extras_need_and_a_source_leaves_out_is_told() {
    let Some(wheels) = Wheels::both().into_iter().next() else { return };
    wheels.add_common();
    wheels.add("web", "1.0", ANY, "beta; extra == 'socks'", "");
    wheels.create(&wheels.python, "api", &[]);
    let file = wheels.sandbox.write("projects/prod.txt", "web[socks,nosuch]==1.0\n");
    let file = file.to_str().unwrap();
    let warnings = "warning: `web` 1.0 does not provide the extra `nosuch`\n";
    let lacking = "warning: web[socks] 1.0 requires beta, which is not installed.\n";
    for _ in 0..2 {
        let outcome = wheels.call(&["restore", "api", file]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(outcome.stderr.contains(warnings) && outcome.stderr.contains(lacking), "{outcome:#?}");
    }
    // What stays tells what will be lacking.
    std::fs::write(file, "web[socks,nosuch]==1.0\nalpha==1.0\n").unwrap();
    let foreseen = wheels.call(&["restore", "--dry-run", "api", file]);
    assert!(foreseen.status == Some(1) && foreseen.stdout.contains("alpha"), "{foreseen:#?}");
    assert!(foreseen.stderr.contains(warnings) && foreseen.stderr.contains(lacking), "{foreseen:#?}");
    std::fs::write(file, "web[socks,nosuch]==1.0\n").unwrap();
    let json = wheels.call(&["restore", "api", file, "--json"]);
    assert!(json.status == Some(1) && json.stdout.contains("web[socks] 1.0 requires beta"), "{json:#?}");
    let compared = wheels.call(&["diff", "api", file]);
    assert!(compared.status == Some(1) && compared.stderr == warnings, "{compared:#?}");
    std::fs::write(file, "web[socks]==1.0\nbeta==1.0\n").unwrap();
    let outcome = wheels.call(&["restore", "api", file]);
    assert!(outcome.status == Some(0) && !outcome.stderr.contains("warning"), "{outcome:#?}");
}

/// Nobody can type where a script or a pipe is read.
#[test]
fn an_index_that_wants_a_password_is_told_in_one_line() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    wheels.create(&wheels.python, "api", &["beta"]);
    let index = Index::serve(&wheels.python, &wheels.sandbox.path("wheels"), "me:s3cret", "");
    let settings = format!("[global]\nindex-url = http://{}/simple\nretries = 0\n", index.host);
    wheels.sandbox.write("home/.config/pip/pip.conf", &settings);
    let file = wheels.sandbox.write("projects/prod.txt", "beta==1.0\nalpha==1.0\n");
    let created = create_arguments(&wheels.python, "web", &["--no-setuptools", "-i", "beta"]);
    let created: Vec<_> = created.iter().map(|word| word.to_str().unwrap()).collect();
    let file = file.to_str().unwrap();
    let calls = [
        &["restore", "api", file][..],
        &["restore", "--in-place", "api", file],
        &["freeze", "--hashes", "api"],
        &created,
    ];
    for arguments in calls {
        let outcome = wheels.call(arguments);
        if outcome.stderr.contains(" does not tell hashes") {
            continue;
        }
        assert!(outcome.status == Some(1) && !outcome.stderr.contains("Traceback"), "{arguments:?}: {outcome:#?}");
        let told = format!("ERROR: {} wants a user name\n", index.host);
        assert!(outcome.stderr.contains(&told), "{arguments:?}: {outcome:#?}");
        let error = "pip cannot ask for the user name and password of an index here\nhint: pip takes them from";
        assert!(outcome.stderr.contains(error), "{arguments:?}: {outcome:#?}");
    }
    wheels.sandbox.write("home/.config/pip/pip.conf", settings.replace("http://", "http://me:s3cret@"));
    assert_eq!(wheels.call(&["restore", "api", file]).status, Some(0));
}

/// A chain of upgrades through all Pythons keeps every line.
#[test]
fn upgrades_keep_the_packages() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let mut pythons: Vec<_> = pythons().iter().filter(|path| !path.ends_with("pypy3")).collect();
        pythons.sort_by_key(|path| path.display().to_string());
        pythons.truncate(6);
        let Some((first, rest)) = pythons.split_first() else { return };
        wheels.create(first, "api", &["alpha==1.0"]);
        let before = wheels.freeze("api");
        wheels.sandbox.write("envs/api/bin/postactivate", "echo hi\n");
        let own = names_in(&wheels.sandbox.env_path("api").join("bin"));
        let own = own.iter().filter_map(|name| name.to_str()).rfind(|name| name.starts_with("python3.")).unwrap();
        let own = wheels.sandbox.env_path("api").join("bin").join(own);
        let script = format!("#!/bin/sh\n'''exec' \"{}\" \"$0\" \"$@\"\n' '''\nprint('mine')\n", own.display());
        wheels.sandbox.write_program("envs/api/bin/mine", &script);
        wheels.sandbox.write("envs/api/.env", "A=1\n");
        std::fs::write(wheels.site("api").join("mine.pth"), "/srv/mine\n").unwrap();
        let minor = |wheels: &Wheels| {
            let library = wheels.site("api").parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            library.trim_start_matches("python3.").trim_end_matches('t').parse::<u32>().unwrap()
        };
        let mut old = minor(&wheels);
        for python in rest {
            let outcome = wheels.call(&["upgrade", "api", "-p", python.to_str().unwrap()]);
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            let new = minor(&wheels);
            let verb = if new < old { "downgraded" } else { "upgraded" };
            assert!(outcome.stderr.contains(&format!("{verb} `api` from Python 3.{old}.")), "{outcome:#?}");
            old = new;
            assert_eq!(wheels.freeze("api"), before, "{}", python.display());
            wheels.assert_runs("api", "alpha-tool", "1.0");
            pip(&wheels, &["check"]);
            let libraries = names_in(&wheels.sandbox.env_path("api").join("lib"));
            assert_eq!(libraries.len(), 1, "{libraries:?}");
            assert!(wheels.site("api").join("mine.pth").is_file());
        }
        let output = Command::new(wheels.sandbox.env_path("api").join("bin/mine")).output().unwrap();
        assert_eq!(output.stdout, b"mine\n", "{output:?}");
        assert!(wheels.sandbox.env_path("api").join("bin/postactivate").is_file());
        assert!(wheels.sandbox.env_path("api").join(".env").is_file());
        wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
    }
}

/// Installers record URLs without passwords, and with the values of variables; their own words have both.
#[test]
fn what_comes_from_urls_is_recognised_again_and_carried_where_they_are_dead() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let settings = "[global]\nno-index = true\nfind-links = ~/links\nretries = 0\n";
        wheels.sandbox.write("home/.config/pip/pip.conf", settings);
        wheels.create(&wheels.python, "api", &["beta==1.0"]);
        let index = Index::serve(&wheels.python, &wheels.sandbox.path("wheels"), "me:s3cret", "");
        let alpha = format!("{}/files/alpha-1.0-py3-none-any.whl", index.host);
        for url in [format!("http://me:s3cret@{alpha}"), format!("http://${{WHO}}:${{WORD}}@{alpha}")] {
            let file = wheels.sandbox.write("projects/url.txt", format!("alpha @ {url}\nbeta==1.0\n"));
            let call = |arguments: &[&str]| {
                let mut command = wheels.command(&[arguments, &["api", file.to_str().unwrap()]].concat());
                let output = command.env("WHO", "me").env("WORD", "s3cret").output().unwrap();
                Outcome::new(&wheels.sandbox, &output)
            };
            assert_eq!(call(&["restore"]).status, Some(0), "{url}");
            let diff = call(&["diff"]);
            assert!(diff.status == Some(0) && diff.stdout.is_empty(), "{url}: {diff:#?}");
        }
        let dead = format!("alpha @ http://me:s3cret@{}/files/alpha-3.0-py3-none-any.whl?token=t0ken\n", index.host);
        let dead = wheels.sandbox.write("projects/dead.txt", dead);
        let outcome = wheels.call(&["restore", "api", dead.to_str().unwrap()]);
        assert!(outcome.status == Some(1) && outcome.stderr.contains("token=****"), "{outcome:#?}");
        assert!(!outcome.stderr.contains("t0ken") && !outcome.stderr.contains("s3cret"), "{outcome:#?}");
        drop(index);
        let _ = std::fs::remove_dir_all(wheels.sandbox.path("uv"));
        let other = pythons().iter().find(|python| **python != wheels.python && !python.ends_with("pypy3"));
        let Some(other) = other.and_then(|python| python.to_str()) else { continue };
        let outcome = wheels.call(&["upgrade", "api", "-p", other, "--dry-run"]);
        assert!(outcome.stdout.contains("alpha    -        carry"), "{outcome:#?}");
        let outcome = wheels.call(&["upgrade", "api", "-p", other, "--relax", "alpha"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(wheels.freeze("api").starts_with("alpha=="), "{outcome:#?}");
    }
}

/// Installers repeat what they were told: as a URL, and pip as a path alone where it tries again.
#[test]
fn what_installers_say_of_dead_urls_has_no_secrets_in_a_log() {
    for wheels in Wheels::both() {
        wheels.sandbox.write("home/.config/pip/pip.conf", "[global]\nretries = 1\n");
        wheels.create(&wheels.python, "api", &[]);
        for line in [
            "alpha @ http://me:s3cret@127.0.0.1:9/alpha-1.0-py3-none-any.whl?x=1&token=t0ken",
            "alpha @ http://me%3As3cret@127.0.0.1:9/alpha-1.0.tar.gz?api_key=t0ken",
            "alpha @ git+http://me:s3cret@127.0.0.1:9/r?token=t0ken",
        ] {
            let file = wheels.sandbox.write("projects/dead.txt", format!("{line}\n"));
            let file = file.to_str().unwrap();
            let create = |name, options: &[&str]| create_arguments(&wheels.python, name, options);
            for (arguments, place) in [
                (create("one", &["-i", line]), "one"),
                (create("two", &["-r", file]), "two"),
                (["restore", "api", file].map(Into::into).to_vec(), "api"),
            ] {
                let output = wheels.command(&arguments).env("UV_HTTP_RETRIES", "1").output().unwrap();
                let outcome = Outcome::new(&wheels.sandbox, &output);
                let said = format!("{}{}", outcome.stdout, outcome.stderr);
                assert!(outcome.status != Some(0) && said.contains("127.0.0.1"), "{place}: {outcome:#?}");
                assert!(!said.contains("t0ken") && !said.contains("s3cret"), "{place}: {outcome:#?}");
                if place != "api" {
                    std::fs::remove_dir_all(wheels.sandbox.env_path(place)).unwrap();
                }
            }
        }
    }
}

/// A repository that is gone is found before anything is installed, and what came from it is taken over.
#[test]
fn a_repository_that_is_gone_stops_an_upgrade_before_it_begins() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["alpha==1.0", "beta==1.0"]);
        let site = wheels.site("api");
        let origin = |name: &str| {
            let text = r#"{"url": "http://127.0.0.1:9/r", "vcs_info": {"vcs": "git", "commit_id": "a1b2c3"}}"#;
            std::fs::write(site.join(format!("{name}-1.0.dist-info/direct_url.json")), text).unwrap();
        };
        origin("alpha");
        let other = pythons().iter().find(|python| **python != wheels.python && !python.ends_with("pypy3"));
        let Some(other) = other.and_then(|python| python.to_str()) else { continue };
        let outcome = wheels.call(&["upgrade", "api", "-p", other, "--dry-run"]);
        let is_carried = |line: &str| line.starts_with("alpha ") && line.split_whitespace().any(|word| word == "carry");
        assert!(outcome.status == Some(0) && outcome.stdout.lines().any(is_carried), "{outcome:#?}");
        let compiled = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp30-cp30-linux_x86_64\n";
        std::fs::write(site.join("alpha-1.0.dist-info/WHEEL"), compiled).unwrap();
        let outcome = wheels.call(&["upgrade", "api", "-p", other]);
        let told = "these packages cannot be kept: `alpha` (its URL is dead, or has nothing for this Python)";
        assert!(outcome.status == Some(1) && outcome.stderr.contains(told), "{outcome:#?}");
        assert!(!outcome.stderr.contains("installing `"), "{outcome:#?}");
        // The installer's own reason.
        assert!(outcome.stderr.contains("http://127.0.0.1:9/r"), "{outcome:#?}");
    }
}
