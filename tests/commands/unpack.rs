//! `venvwrap unpack`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::program::{assert_works, call, create, names_in, program, python, pythons, residue, wait_until};
use crate::support::sandbox::Sandbox;
use crate::support::tools::{find_program, skip, unshare};

/// Packs a new environment, and puts it away.
fn packed(sandbox: &Sandbox, name: &str) -> Option<PathBuf> {
    let environment = create(sandbox, &python()?, name);
    let archive = sandbox.path("home/packed.tar.gz");
    let outcome = call(sandbox, &["pack", "-o", archive.to_str().unwrap(), "--", name]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    fs::rename(environment, sandbox.path("gone")).unwrap();
    Some(archive)
}

/// No file names the path that the environment had.
#[track_caller]
fn assert_forgotten(place: &Path, old: &Path) {
    let found = Command::new("grep").args(["-rlF", old.to_str().unwrap()]).arg(place).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

#[test]
fn an_environment_comes_back_under_any_name() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let archive = archive.to_str().unwrap();
    let outcome = call(&sandbox, &["unpack", archive]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), "unpacked `api`\n"), "{outcome:?}");
    assert_works(&sandbox.env_path("api"));
    for name in ["a b", "it's", "é"] {
        call(&sandbox, &["unpack", archive, name]).succeeds(name);
        let environment = sandbox.env_path(name);
        assert_works(&environment);
        assert_forgotten(&environment, &sandbox.env_path("api/"));
        let pip = sandbox.command(&environment.join("bin/pip")).arg("--version").output().unwrap();
        assert!(String::from_utf8_lossy(&pip.stdout).contains(environment.to_str().unwrap()), "{pip:?}");
        let hash = sandbox.command(&environment.join("bin/pip")).arg("check").output().unwrap();
        assert!(hash.status.success(), "{hash:?}");
    }
    let elsewhere = sandbox.path("projects/else where/.venv");
    call(&sandbox, &["unpack", archive, "--to", elsewhere.to_str().unwrap()]).succeeds("--to");
    assert_works(&elsewhere);
    assert!(residue(&sandbox.path("")).is_empty(), "{:?}", residue(&sandbox.path("")));
}

/// Where another Python of the same version is first on PATH, backup and back on one machine changes nothing.
#[test]
fn the_same_patch_release_comes_before_the_first_on_path() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let plain = sandbox.path("home/plain.tgz");
    let mut tar = Command::new("tar");
    tar.arg("czf").arg(&plain).arg("-C").arg(sandbox.path("")).arg("gone");
    assert!(tar.status().unwrap().success());
    let base = fs::read_link(sandbox.path("gone/bin/python")).unwrap();
    let own = cfg_version(&sandbox.path("gone"));
    let minor = own.rsplit_once('.').unwrap().0;
    let other = format!("{minor}.99");
    let fake = format!("#!/bin/sh\n'{}' \"$@\" | sed 's/\"micro\":[0-9]*/\"micro\":99/'\n", base.display());
    let first = sandbox.write_program(format!("first/python{minor}"), &fake);
    let unpack = |archive: &Path, path: &[&Path], arguments: &[&str]| {
        let archive = archive.to_str().unwrap();
        let name = format!("new{}", names_in(&sandbox.path("envs")).len());
        let mut command = program(&sandbox, &[&["unpack", archive, &name], arguments].concat());
        let output = command.env("PATH", std::env::join_paths(path).unwrap()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        cfg_version(&sandbox.env_path(name))
    };
    let (bin, own_bin, other_bin) = (Path::new("/bin"), base.parent().unwrap(), first.parent().unwrap());
    for archive in [&archive, &plain] {
        assert_eq!(unpack(archive, &[other_bin, own_bin, bin], &[]), own);
        let asked = unpack(archive, &[other_bin, own_bin, bin], &["-p", first.to_str().unwrap()]);
        assert_eq!(asked, other, "what is asked for");
    }
}

/// It may be anybody's: neither a path nor the name of a command in it is one that the user has named.
#[test]
fn what_an_archive_says_of_its_python_is_not_run() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let own = cfg_version(&sandbox.path("gone"));
    let library = format!("lib/python{}", own.rsplit_once('.').unwrap().0);
    let evil = sandbox.write_program("bin/evil", "#!/bin/sh\ntouch \"$HOME/was-run\"\n");
    sandbox.write_program("home/x/evil", "#!/bin/sh\ntouch \"$HOME/was-run\"\n");
    let tree = sandbox.path("tree");
    fs::create_dir(&tree).unwrap();
    let tar = |words: &[&str], archive: &Path| {
        let output = Command::new("tar").arg(words[0]).arg(archive).arg("-C").arg(&tree).args(&words[1..]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    tar(&["xzf"], &archive);
    let manifest = tree.join(&library).join("venvwrap-pack.json");
    let sound = fs::read_to_string(&manifest).unwrap();
    let own_line = format!("\"version\": \"{own}\"");
    assert!(sound.contains(&own_line), "{sound}");
    let (manifest_name, site) = (format!("{library}/venvwrap-pack.json"), format!("{library}/site-packages"));
    for (n, version) in [evil.to_str().unwrap(), "x/evil", "~/x/evil", "./x/evil", "evil", ">=3"].iter().enumerate() {
        fs::write(&manifest, sound.replacen(&own_line, &format!("\"version\": \"{version}\""), 1)).unwrap();
        let file = sandbox.path("home/changed.tar.gz");
        tar(&["czf", &manifest_name, "pyvenv.cfg", "bin", &site], &file);
        call(&sandbox, &["unpack", file.to_str().unwrap(), &format!("new{n}")]).succeeds(version);
        assert!(!sandbox.path("home/was-run").exists(), "{version}");
        assert_works(&sandbox.env_path(format!("new{n}")));
    }
    // The name of the library directory may be anything, too.
    let odd = format!("{library}evil");
    fs::rename(tree.join(&library), tree.join(&odd)).unwrap();
    sandbox
        .write_program(format!("bin/{}evil", own.rsplit_once('.').unwrap().0), "#!/bin/sh\ntouch \"$HOME/was-run\"\n");
    let file = sandbox.path("home/changed.tar.gz");
    tar(&["czf", "pyvenv.cfg", "bin", &odd], &file);
    call(&sandbox, &["unpack", file.to_str().unwrap(), "odd"]).fails("odd", "without `lib/pythonX.Y/site-packages`");
    assert!(!sandbox.path("home/was-run").exists() && !sandbox.env_path("odd").exists());
}

/// The version in `pyvenv.cfg`, to the patch release.
fn cfg_version(environment: &Path) -> String {
    let text = fs::read_to_string(environment.join("pyvenv.cfg")).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once(" = "));
    let mut versions = lines.filter(|(name, _)| ["version", "version_info"].contains(name));
    versions.next().unwrap().1.split('.').take(3).collect::<Vec<_>>().join(".")
}

#[test]
fn archives_of_tar_and_of_venv_pack_are_repaired() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    let environment = create(&sandbox, &python, "api");
    let archive = sandbox.path("home/plain.tgz");
    let tar = |arguments: &[&str]| {
        let status = Command::new("tar").arg("czf").arg(&archive).arg("-C").args(arguments).status().unwrap();
        assert!(status.success());
    };
    let (home, file) = (sandbox.path("envs"), archive.to_str().unwrap());
    tar(&[home.to_str().unwrap(), "api"]);
    call(&sandbox, &["unpack", file, "from tar"]).succeeds("tar");
    tar(&[environment.to_str().unwrap(), "."]);
    call(&sandbox, &["unpack", file, "from inside"]).succeeds("tar of what is inside");
    for name in ["from tar", "from inside"] {
        assert_works(&sandbox.env_path(name));
        assert_forgotten(&sandbox.env_path(name), &sandbox.env_path("api/"));
    }
    // venv-pack makes scripts look for a Python on PATH, and activation scripts that find themselves.
    let pip = environment.join("bin/pip");
    let text = fs::read_to_string(&pip).unwrap();
    let body = text.split_once("' '''\n").map_or(text.as_str(), |(_, body)| body);
    let body = body.strip_prefix("#!").map_or(body, |rest| rest.split_once('\n').unwrap().1);
    fs::write(&pip, format!("#!/usr/bin/env python\n{body}")).unwrap();
    fs::write(environment.join("bin/activate"), "VIRTUAL_ENV=$(cd \"$(dirname \"$BASH_SOURCE\")/..\" && pwd)\n")
        .unwrap();
    tar(&[environment.to_str().unwrap(), "."]);
    call(&sandbox, &["unpack", file, "venv-pack"]).succeeds("venv-pack");
    assert_works(&sandbox.env_path("venv-pack"));
    let pip = sandbox.command(&sandbox.env_path("venv-pack/bin/pip")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&pip.stdout).contains("venv-pack"), "{pip:?}");
}

#[test]
fn an_archive_of_conda_pack_becomes_an_environment() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    create(&sandbox, &python, "plain");
    let (tree, archive) = (sandbox.path("projects/conda"), sandbox.path("home/it's.tar"));
    fs::create_dir_all(&tree).unwrap();
    let file = archive.to_str().unwrap();
    let packed = call(&sandbox, &["pack", "plain", "--with-python", "--no-bytecode", "-o", file]);
    if packed.stderr.contains("cannot be packed") {
        return;
    }
    let tar = |arguments: &[&str]| {
        let status = Command::new("tar").args(arguments).arg(&archive).arg("-C").arg(&tree).args(["."]).status();
        assert!(status.unwrap().success());
    };
    let status = Command::new("tar").arg("xf").arg(&archive).arg("-C").arg(&tree).status().unwrap();
    assert!(status.success());
    // As conda-pack makes it: with a list of what names the path, and without what it is made from.
    let library = fs::read_dir(tree.join("lib")).unwrap().map(|entry| entry.unwrap().path());
    let library = library.filter(|path| path.join("venvwrap-pack.json").exists()).collect::<Vec<_>>();
    fs::remove_file(library[0].join("venvwrap-pack.json")).unwrap();
    let old = format!("/opt/_h_env{}", "_placehold".repeat(20));
    let record = |file, mode| format!("('{file}', '{old}', '{mode}')");
    let records = [record("bin/where", "text"), record("lib/data.so", "binary")].join(",\n");
    fs::create_dir(tree.join("conda-meta")).unwrap();
    fs::write(tree.join("conda-meta/history"), "").unwrap();
    fs::write(tree.join("bin/conda-unpack"), format!("import os\n\n_prefix_records = [\n{records}\n]\n")).unwrap();
    fs::write(tree.join("bin/where"), format!("#!{old}/bin/python\nimport sys\nprint(sys.prefix == '{old}')\n"))
        .unwrap();
    fs::set_permissions(tree.join("bin/where"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(tree.join("lib/data.so"), format!("\0{old}/x\0")).unwrap();
    tar(&["cf"]);

    for name in ["conda", "it's a b"] {
        call(&sandbox, &["unpack", file, name]).succeeds(name);
        let path = sandbox.env_path(name);
        let said = sandbox.command(&path.join("bin/where")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout), "True\n", "{said:?}");
        assert!(fs::read_to_string(path.join("lib/data.so")).unwrap().contains(path.to_str().unwrap()));
        assert!(call(&sandbox, &["list"]).stdout.contains("ok"));
        assert!(call(&sandbox, &["freeze", "--all", name]).stdout.contains("pip=="));
        let refused = "is an environment of conda";
        call(&sandbox, &["rename", name, "other"]).fails_with_hint("rename", refused);
        call(&sandbox, &["copy", name, "other"]).fails_with_hint("copy", refused);
        call(&sandbox, &["pack", name, "-o", file]).fails_with_hint("pack", refused);
        call(&sandbox, &["upgrade", name, "--offline"]).fails_with_hint("upgrade", "has its Python inside");
        call(&sandbox, &["remove", name]).succeeds("remove");
    }
    let chosen = call(&sandbox, &["unpack", file, "new", "-p", python.to_str().unwrap()]);
    chosen.fails_with_hint("-p", "has its Python inside");
    let deep = sandbox.path(format!("projects/{}", "d".repeat(220)));
    let refused = call(&sandbox, &["unpack", file, "--to", deep.to_str().unwrap()]);
    refused.fails_with_hint("no room", "have room for 211");
    assert!(!deep.exists());
    assert!(residue(&sandbox.path("")).is_empty(), "{:?}", residue(&sandbox.path("")));
}

#[test]
fn zip_is_read_as_it_was_written() {
    let sandbox = Sandbox::new();
    let Some(python) = python() else { return };
    let environment = create(&sandbox, &python, "api");
    let archive = sandbox.path("home/it's $(packed).zip");
    let file = archive.to_str().unwrap();
    assert_eq!(call(&sandbox, &["pack", "api", "-o", file]).status, Some(0));
    call(&sandbox, &["unpack", file, "ours"]).succeeds("ours");
    assert_works(&sandbox.env_path("ours"));
    assert_forgotten(&sandbox.env_path("ours"), &environment.join(""));
    // By another program, which knows nothing of environments.
    let by_python = sandbox.path("home/by-python.zip");
    let mut zip = Command::new(&python);
    zip.args(["-m", "zipfile", "-c"]).arg(&by_python).arg("api").current_dir(sandbox.path("envs"));
    assert!(zip.status().unwrap().success());
    call(&sandbox, &["unpack", by_python.to_str().unwrap(), "theirs"]).succeeds("by Python");
    assert_works(&sandbox.env_path("theirs"));
    let whole = fs::read(&archive).unwrap();
    fs::write(&archive, &whole[..whole.len() / 2]).unwrap();
    call(&sandbox, &["unpack", file, "new"]).fails_with_hint("cut off", "it is damaged");
    assert!(!sandbox.env_path("new").exists());
}

#[test]
fn zstandard_is_read_and_written_as_tar_does() {
    let sandbox = Sandbox::new();
    let (Some(python), Some(_)) = (python(), find_program("zstd")) else { return };
    let environment = create(&sandbox, &python, "api");
    let archive = sandbox.path("home/packed.tar.zst");
    let file = archive.to_str().unwrap();
    let outcome = call(&sandbox, &["pack", "api", "-o", file]);
    assert!(outcome.status == Some(0) && !outcome.stderr.contains("Spark"), "{outcome:?}");
    let place = sandbox.path("projects/by tar");
    fs::create_dir_all(&place).unwrap();
    let status = Command::new("tar").args(["--zstd", "-xf", file, "-C"]).arg(&place).status().unwrap();
    assert!(status.success());
    let pip = sandbox.command(&place.join("bin/pip")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&pip.stdout).contains(place.to_str().unwrap()), "{pip:?}");

    call(&sandbox, &["unpack", file, "ours"]).succeeds("ours");
    let by_tar = sandbox.path("home/by-tar.tzst");
    let mut tar = Command::new("tar");
    tar.env("ZSTD_CLEVEL", "19").args(["--zstd", "-cf"]).arg(&by_tar).arg("-C").arg(sandbox.path("envs")).arg("api");
    assert!(tar.status().unwrap().success());
    call(&sandbox, &["unpack", by_tar.to_str().unwrap(), "of tar"]).succeeds("tar --zstd");
    assert_eq!(call(&sandbox, &["unpack", by_tar.to_str().unwrap()]).stderr, "unpacked `by-tar`\n");
    for name in ["ours", "of tar", "by-tar"] {
        assert_works(&sandbox.env_path(name));
        assert_forgotten(&sandbox.env_path(name), &environment.join(""));
    }
    let whole = fs::read(&archive).unwrap();
    for damaged in
        [&whole[..whole.len() / 2], &[&whole[..whole.len() - 4], b"xxxx"].concat(), &[&whole[..], b"x"].concat()]
    {
        fs::write(&archive, damaged).unwrap();
        for options in [&["new"][..], &["--verify-only"]] {
            let outcome = call(&sandbox, &[&["unpack", file], options].concat());
            outcome.fails_with_hint("damaged", "it is damaged");
        }
    }
    assert!(!sandbox.env_path("new").exists());
}

/// Neither is damaged, but one cannot be checked, and one takes far more memory than others.
#[test]
fn what_others_compress_is_judged_truly() {
    let sandbox = Sandbox::new();
    let (Some(python), Some(zstd)) = (python(), find_program("zstd")) else { return };
    create(&sandbox, &python, "api");
    let tar = sandbox.path("home/api.tar");
    assert_eq!(call(&sandbox, &["pack", "api", "-o", tar.to_str().unwrap()]).status, Some(0));
    let compressed = |name: &str, options: &[&str]| {
        let file = sandbox.path("home").join(name);
        let mut command = Command::new(&zstd);
        command.args(["-q", "-c"]).args(options).stdin(fs::File::open(&tar).unwrap());
        assert!(command.stdout(fs::File::create(&file).unwrap()).status().unwrap().success());
        file.to_str().unwrap().to_owned()
    };
    let remark = "has no checksum: changed bytes are found only in files with a hash in `RECORD`";
    let (checked, unchecked) = (compressed("a.tar.zst", &[]), compressed("b.tar.zst", &["--no-check"]));
    for (file, is_told, is_told_at_once) in
        [(checked.as_str(), false, false), (&unchecked, true, true), (tar.to_str().unwrap(), true, false)]
    {
        let verified = call(&sandbox, &["unpack", file, "--verify-only"]);
        assert!(verified.status == Some(0) && verified.stderr.contains(remark) == is_told, "{file}: {verified:?}");
        let verified = call(&sandbox, &["unpack", file, "--verify-only", "--json"]);
        assert!(verified.stdout.contains(&format!("\"checksum\": {}", !is_told)), "{file}: {verified:?}");
        let name = format!("new{}", names_in(&sandbox.path("envs")).len());
        let unpacked = call(&sandbox, &["unpack", file, &name]);
        assert!(unpacked.status == Some(0) && unpacked.stderr.contains(remark) == is_told_at_once, "{unpacked:?}");
    }
    // One changed byte of a file of a package: found by the checksum, or by its recorded hash.
    let damaged = |file: &str| {
        let mut content = fs::read(file).unwrap();
        let at = content.windows(20).position(|part| part == b"from typing import L").unwrap();
        content[at] ^= 1;
        let path = sandbox.path("home/damaged.tar");
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let file = damaged(tar.to_str().unwrap());
    let verified = call(&sandbox, &["unpack", &file, "--verify-only"]);
    let told = "in `[ROOT]/home/damaged.tar` is not what `RECORD` of pip ";
    assert!(verified.status == Some(1) && verified.stderr.contains(told), "{verified:?}");
    let unpacked = call(&sandbox, &["unpack", &file, "damaged"]);
    assert!(unpacked.status == Some(0) && unpacked.stderr.contains(told), "{unpacked:?}");
    let wide = compressed("c.tar.zst", &["--long=27"]);
    for arguments in [&["unpack", wide.as_str(), "wide"][..], &["diff", "api", &wide]] {
        let outcome = call(&sandbox, arguments);
        outcome.fails_with_hint("wide", "it needs a window of 128 MB, and venvwrap reads up to 32 MB");
        assert!(outcome.stderr.contains("decompress it first, with `zstd -dk --long=27 FILE`"), "{outcome:?}");
    }
}

/// Its scripts would be the user's own, and nobody could tell any more who has written them.
#[test]
fn what_others_could_have_written_is_not_unpacked() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let link = sandbox.path("home/link.tar.gz");
    std::os::unix::fs::symlink(&archive, &link).unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let shared = sandbox.path("shared");
    fs::create_dir(&shared).unwrap();
    fs::copy(&archive, shared.join("x.tar.gz")).unwrap();
    mode(&shared, 0o777);
    mode(&archive, 0o666);
    for (file, open) in [(&archive, &archive), (&link, &archive), (&shared.join("x.tar.gz"), &shared)] {
        let outcome = call(&sandbox, &["unpack", file.to_str().unwrap(), "mine"]);
        let shown = |path: &Path| path.display().to_string().replace(sandbox.path("").to_str().unwrap(), "[ROOT]/");
        let words = format!("it is not safe to unpack `{}`: `{}` is writable by other users", shown(file), shown(open));
        assert!(outcome.status == Some(1) && outcome.stderr.contains(&words), "{outcome:?}");
        assert!(outcome.stderr.contains("chmod go-w"), "{outcome:?}");
        assert!(!sandbox.env_path("mine").exists());
        let outcome = call(&sandbox, &["unpack", "--verify-only", file.to_str().unwrap()]);
        assert_eq!(outcome.status, Some(0), "nothing is written: {outcome:?}");
    }
    assert_eq!(call(&sandbox, &["allow", "--shared", archive.to_str().unwrap()]).status, Some(0), "a file, too");
    call(&sandbox, &["unpack", link.to_str().unwrap(), "mine"]).succeeds("accepted");
    // In a sticky directory such as /tmp, nobody else can replace what is the user's.
    mode(&shared, 0o1777);
    call(&sandbox, &["unpack", shared.join("x.tar.gz").to_str().unwrap(), "sticky"]).succeeds("sticky");
    if std::os::unix::fs::chown(shared.join("x.tar.gz"), Some(65533), None).is_ok() {
        let outcome = call(&sandbox, &["unpack", shared.join("x.tar.gz").to_str().unwrap(), "other"]);
        let why = "what is used in `[ROOT]/shared`, where others can write, belongs to another user";
        assert!(outcome.stderr.contains(why), "{outcome:?}");
        assert!(!sandbox.env_path("other").exists());
    }
}

/// As after `sudo`: all of the way belongs to another user. The line of the hint is enough, and accepts only the file.
#[test]
fn an_archive_of_another_user_is_accepted_with_the_line_of_the_hint() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let home = sandbox.path("their home");
    let file = home.join("down loads/x.tar.gz");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::copy(&archive, &file).unwrap();
    let give = |path: &Path, user| std::os::unix::fs::chown(path, Some(user), Some(user));
    if give(&file, 65533).and(give(file.parent().unwrap(), 65533)).and(give(&home, 65533)).is_err() {
        return skip("root alone can be two users");
    }
    let unpack = |name: &str| call(&sandbox, &["unpack", file.to_str().unwrap(), name]);
    let refused = unpack("mine");
    let line = refused.stderr.split('`').find(|part| part.starts_with("venvwrap allow")).unwrap_or_default();
    assert_eq!(line, "venvwrap allow --shared '[ROOT]/their home/down loads/x.tar.gz'", "{refused:?}");
    let line = line.replace("[ROOT]/", sandbox.path("").to_str().unwrap());
    let mut typed = sandbox.command(Path::new("/bin/sh"));
    typed.args(["-c", &format!("PATH='{}':$PATH; {line}", sandbox.path("bin").display())]);
    let output = typed.output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    unpack("mine").succeeds("accepted");
    // Somebody else could swap it, or the whole world.
    give(&home, 65532).unwrap();
    assert!(unpack("other").stderr.contains("`[ROOT]/their home` belongs to another user"));
    give(&home, 65533).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o1777)).unwrap();
    assert!(unpack("other").stderr.contains("what is used in `[ROOT]/their home`, where others can write, belongs to"));
    assert!(!sandbox.env_path("other").exists());
}

#[test]
fn what_cannot_be_unpacked_leaves_nothing() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let file = archive.to_str().unwrap();
    let before = names_in(&sandbox.path("envs"));
    if let Some(other) = pythons().iter().find(|other| Some(*other) != python().as_ref()) {
        let other = other.to_str().unwrap();
        call(&sandbox, &["unpack", file, "new", "-p", other]).fails_with_hint("python", "the packages are for Python");
    }
    call(&sandbox, &["unpack", "missing.tgz"]).fails("missing", "could not read");
    call(&sandbox, &["unpack", "/bin/sh"]).fails_with_hint("program", "is not an archive");
    call(&sandbox, &["unpack", file, "a/b"]).fails("name", "a/b");
    let full = sandbox.path("projects");
    sandbox.write("projects/file", "precious");
    call(&sandbox, &["unpack", file, "--to", full.to_str().unwrap()]).fails_with_hint("full", "already exists");

    let whole = fs::read(&archive).unwrap();
    for at in [whole.len() / 3, whole.len() / 2, whole.len() - 6] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&archive, &damaged).unwrap();
        call(&sandbox, &["unpack", file, "new"]).fails_with_hint("damaged", "it is damaged");
        call(&sandbox, &["unpack", file, "--verify-only"]).fails_with_hint("damaged", "it is damaged");
        fs::write(&archive, &whole[..at]).unwrap();
        call(&sandbox, &["unpack", file, "new"]).fails_with_hint("cut off", "it is damaged");
    }
    assert_eq!(names_in(&sandbox.path("envs")), before);
    fs::write(&archive, &whole).unwrap();
    let verified = call(&sandbox, &["unpack", file, "--verify-only"]);
    assert_eq!(verified.status, Some(0), "{verified:?}");
    assert_eq!(names_in(&sandbox.path("envs")), before, "verifying writes nothing");

    call(&sandbox, &["unpack", file, "new"]).succeeds("new");
    call(&sandbox, &["unpack", file, "new"]).fails_with_hint("again", "already exists");
    assert_works(&sandbox.env_path("new"));
}

#[test]
fn a_full_disk_and_a_killed_process_leave_nothing() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    for before in ["trap '' XFSZ; ulimit -f 100", "ulimit -f 100"] {
        let mut command = sandbox.command(Path::new("/bin/sh"));
        command.args(["-c", &format!("{before}\nexec \"$0\" unpack \"$1\" new"), env!("CARGO_BIN_EXE_venvwrap")]);
        let output = command.arg(&archive).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert!(!sandbox.env_path("new").exists());
    }
    call(&sandbox, &["unpack", archive.to_str().unwrap(), "new"]).succeeds("the next one");
    assert_works(&sandbox.env_path("new"));
    wait_until("what was left is gone", || names_in(&sandbox.path("envs")) == ["new"]);
}

#[test]
fn the_mask_of_the_user_counts() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    for (mask, expected) in [("077", 0o700), ("022", 0o755), ("002", 0o755)] {
        let mut command = sandbox.command(Path::new("/bin/sh"));
        let script = format!("umask {mask}\nexec \"$0\" unpack \"$1\" m{mask}");
        let output = command.args(["-c", &script, env!("CARGO_BIN_EXE_venvwrap")]).arg(&archive).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let path = sandbox.env_path(format!("m{mask}"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        for directory in ["", "bin", "lib", "bin/pip"] {
            assert_eq!(mode(&path.join(directory)), expected, "{mask} {directory}");
        }
        assert_eq!(mode(&path.join("bin/activate")), expected & 0o644, "{mask}");
        assert_works(&path);
    }
}

#[test]
fn of_several_with_one_name_one_succeeds() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let start = |_| {
        let mut command = program(&sandbox, &["unpack", archive.to_str().unwrap(), "new"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = (0..4).map(start).collect();
    let succeeded = running.into_iter().filter_map(|mut child| child.wait().unwrap().success().then_some(())).count();
    assert_eq!(succeeded, 1);
    assert_works(&sandbox.env_path("new"));
    wait_until("what was left is gone", || names_in(&sandbox.path("envs")) == ["new"]);
}

#[test]
fn a_read_only_store_is_told() {
    let sandbox = Sandbox::new();
    let Some(archive) = packed(&sandbox, "api") else { return };
    let Some(mut command) = unshare() else { return };
    let script =
        "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 99; exec \"$2\" unpack \"$3\" new";
    let plain = program(&sandbox, &["unpack"]);
    command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["sh", "-c", script, "-"]).arg(sandbox.path("envs")).arg(env!("CARGO_BIN_EXE_venvwrap")).arg(&archive);
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("is mounted read-only"), "{errors}");
}
