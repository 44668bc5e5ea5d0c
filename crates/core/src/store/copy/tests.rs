//! Copies of small trees that are no more than they must be to count as environments.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::*;
use std::path::Path;

use crate::env::metadata::{self, Metadata};
use crate::fs::private::User;
use crate::store::{Store, StoreOptions};

struct Tree {
    directory: tempfile::TempDir,
    store: Store,
    source: PathBuf,
}

/// A store with an environment `old`.
fn tree() -> Tree {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().canonicalize().unwrap().join("en vs");
    let source = home.join("old");
    std::fs::create_dir_all(source.join("bin")).unwrap();
    std::fs::create_dir_all(source.join("lib/python3.12/site-packages/__pycache__")).unwrap();
    symlink("/bin/sh", source.join("bin/python")).unwrap();
    symlink("python", source.join("bin/python3")).unwrap();
    symlink("python", source.join("bin/python3.12")).unwrap();
    let tree = Tree { directory, store: store_at(home), source };
    tree.write("pyvenv.cfg", "home = /usr/bin\nprompt = old\n");
    tree.write("bin/activate", format!("VIRTUAL_ENV='{}'\nPS1=\"(old) $PS1\"\n", tree.source.display()));
    tree
}

/// A store whose clock stands still.
fn store_at(home: PathBuf) -> Store {
    Store::open(StoreOptions::new(home, User::of_this_process(), || SystemTime::UNIX_EPOCH + Duration::from_secs(7)))
}

impl Tree {
    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.source.join(path), content).unwrap();
    }

    fn copy(&self, target: &str) -> Result<Copied, CopyError> {
        self.copy_of(&Source::Name("old".into()), target)
    }

    fn copy_of(&self, source: &Source, target: &str) -> Result<Copied, CopyError> {
        self.store.copy(source, &EnvName::for_new(OsStr::new(target)).unwrap(), &|_| {})
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.store.home().join(path)).unwrap()
    }

    fn entries(&self) -> Vec<OsString> {
        let entries = std::fs::read_dir(self.store.home()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_copy_names_itself_and_keeps_times_and_modes() {
    let tree = tree();
    tree.write("tool", format!("{}/x", tree.source.display()));
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_001, 500_000_000);
    let tool = tree.source.join("tool");
    std::fs::File::options().write(true).open(&tool).unwrap().set_modified(time).unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o751)).unwrap();
    tree.write(metadata::FILE_NAME, "created = 1\nrequested-python = '3.12'\n[temporary]\npid = 1\n");

    let copied = tree.copy("new").unwrap();

    assert_eq!((copied.files, copied.rewritten), (3, 3));
    assert_eq!((copied.stale, copied.skipped, copied.regenerated), (vec![], vec![], vec![]));
    assert_eq!(copied.health, Health::Ok);
    let home = tree.store.home().display().to_string();
    assert_eq!(tree.read("new/tool"), format!("{home}/new/x"));
    assert_eq!(tree.read("new/pyvenv.cfg"), "home = /usr/bin\nprompt = 'new'\n");
    assert_eq!(tree.read("new/bin/activate"), format!("VIRTUAL_ENV='{home}/new'\nPS1=\"(new) $PS1\"\n"));
    let found = std::fs::metadata(tree.store.home().join("new/tool")).unwrap();
    assert_eq!((found.modified().unwrap(), found.permissions().mode() & 0o777), (time, 0o751));
    let noted = Metadata::read(&tree.store.home().join("new"));
    assert_eq!((noted.created, noted.temporary, noted.requested_python), (Some(7), None, Some("3.12".into())));
    assert_eq!(tree.entries(), ["new", "old"]);
}

#[test]
fn links_are_mapped_and_never_followed() {
    let tree = tree();
    let outside = tree.directory.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret"), "x").unwrap();
    symlink(&outside, tree.source.join("share")).unwrap();
    symlink(tree.source.join("bin"), tree.source.join("local")).unwrap();
    symlink("lib", tree.source.join("lib64")).unwrap();
    symlink("../old/bin", tree.source.join("round")).unwrap();
    let copied = tree.copy("new").unwrap();
    let target = |name: &str| std::fs::read_link(copied.environment.path().join(name)).unwrap();
    assert_eq!(target("share"), outside);
    assert_eq!(target("local"), copied.environment.path().join("bin"));
    assert_eq!(target("lib64"), Path::new("lib"));
    assert_eq!(target("round"), Path::new("../new/bin"));
    assert_eq!(target("bin/python"), Path::new("/bin/sh"));
}

#[test]
fn what_is_no_file_is_left_out_and_told() {
    let tree = tree();
    crate::test_fifo::make(&tree.source.join("pipe"));
    let copied = tree.copy("new").unwrap();
    assert_eq!(copied.skipped, [PathBuf::from("pipe")]);
    assert!(!copied.environment.path().join("pipe").exists());
}

#[test]
fn an_environment_outside_is_known_by_all_its_paths() {
    let tree = tree();
    let outside = tree.directory.path().canonicalize().unwrap().join("outside");
    std::fs::rename(&tree.source, &outside).unwrap();
    let link = tree.directory.path().canonicalize().unwrap().join("link");
    symlink(&outside, &link).unwrap();
    let text = format!("{} {} {}\n", outside.display(), link.display(), tree.source.display());
    std::fs::write(outside.join("paths"), text).unwrap();
    let copied = tree.copy_of(&Source::Path(link), "new").unwrap();
    let new = copied.environment.path().display();
    assert_eq!(tree.read("new/paths"), format!("{new} {new} {new}\n"));
}

#[test]
fn a_path_above_others_in_a_script_is_not_taken_for_the_environment() {
    let tree = tree();
    for value in ["/usr", "/usr/bin", tree.store.home().to_str().unwrap()] {
        tree.write("bin/activate", format!("VIRTUAL_ENV='{value}'\n"));
        let copied = tree.copy("new").unwrap();
        assert_eq!(tree.read("new/bin/activate"), format!("VIRTUAL_ENV='{value}'\n"));
        crate::fs::remove_tree(copied.environment.path()).unwrap();
    }
}

#[test]
fn bytecode_that_cannot_be_patched_is_made_anew_by_python() {
    let tree = tree();
    let site = "lib/python3.12/site-packages";
    tree.write(&format!("{site}/m.py"), "x = 1\n");
    let inner = format!("see {}/x", tree.source.display());
    let content = [&[b'z', u8::try_from(inner.len()).unwrap()], inner.as_bytes()].concat();
    tree.write(&format!("{site}/__pycache__/m.cpython-312.pyc"), &content);
    tree.write(&format!("{site}/__pycache__/gone.cpython-312.pyc"), &content);
    let copied = tree.copy("new").unwrap();
    let cache = copied.environment.path().join(site).join("__pycache__");
    assert!(!cache.join("m.cpython-312.pyc").exists());
    // Without a source nobody could make it again.
    assert!(cache.join("gone.cpython-312.pyc").exists());
    assert_eq!(copied.stale, [(Path::new(site).join("__pycache__/gone.cpython-312.pyc"), Stale::Binary)]);
}

#[test]
fn a_large_file_is_looked_through_to_its_end() {
    let tree = tree();
    let mut content = vec![0_u8; (16 << 20) + 100];
    tree.write("plain", &content);
    let path = tree.source.join("x").into_os_string().into_encoded_bytes();
    // At the end; and where one piece ends and the next begins, however long what they share is.
    for (number, start) in
        [(16 << 20) - 3].into_iter().chain((1 << 20) - path.len()..(1 << 20) + path.len() * 2).enumerate()
    {
        content[start..start + path.len()].copy_from_slice(&path);
        if number % 16 == 0 {
            tree.write("naming", &content);
            let name = format!("new-{number}");
            let copied = tree.copy(&name).unwrap();
            assert_eq!(copied.stale, [(PathBuf::from("naming"), Stale::Binary)], "{start}");
            assert!(std::fs::read(copied.environment.path().join("naming")).unwrap() == content);
        }
        content[start..start + path.len()].fill(0);
    }
}

#[test]
fn a_broken_environment_is_copied_and_said_to_be_broken() {
    let tree = tree();
    std::fs::remove_file(tree.source.join("bin/python")).unwrap();
    symlink("/nowhere/python3", tree.source.join("bin/python")).unwrap();
    let copied = tree.copy("new").unwrap();
    assert_eq!(copied.health, Health::DanglingInterpreter { target: "/nowhere/python3".into() });
    assert_eq!(std::fs::read_link(copied.environment.python()).unwrap(), Path::new("/nowhere/python3"));
}

#[test]
fn refusals_leave_nothing_behind() {
    let tree = tree();
    std::fs::create_dir(tree.store.home().join("notes")).unwrap();
    symlink("/nowhere", tree.store.home().join("dangling")).unwrap();
    for taken in ["old", "notes", "dangling"] {
        assert!(matches!(tree.copy(taken), Err(CopyError::Exists { .. })), "{taken}");
    }
    let missing = Source::Path("/nowhere/env".into());
    assert!(matches!(tree.copy_of(&missing, "new"), Err(CopyError::Missing { .. })));
    let notes = Source::Path(tree.store.home().join("notes"));
    assert!(matches!(tree.copy_of(&notes, "new"), Err(CopyError::Source(FindError::NotAnEnvironment { .. }))));
    let unknown = Source::Name("unknown".into());
    assert!(matches!(tree.copy_of(&unknown, "new"), Err(CopyError::Source(FindError::NotFound { .. }))));
    assert_eq!(tree.entries(), ["dangling", "notes", "old"]);
}

/// The copy would share what is outside with its source: an installation into one would change the other.
#[test]
fn an_environment_that_is_partly_elsewhere_is_not_copied() {
    let tree = tree();
    for part in ["bin", "lib"] {
        let (place, outside) = (tree.source.join(part), tree.store.home().join("../outside"));
        std::fs::rename(&place, &outside).unwrap();
        symlink(&outside, &place).unwrap();
        let error = tree.copy("new").unwrap_err();
        assert!(matches!(&error, CopyError::Elsewhere(Elsewhere::Link { link, .. }) if *link == place), "{error:?}");
        assert_eq!(tree.entries(), ["old"]);
        std::fs::remove_file(&place).unwrap();
        std::fs::rename(&outside, &place).unwrap();
    }
    tree.copy("new").unwrap();
}

#[test]
fn an_environment_that_holds_the_store_cannot_be_copied_into_it() {
    let tree = tree();
    let inner = Store::at(tree.source.join("inner"));
    let name = EnvName::for_new(OsStr::new("new")).unwrap();
    let copy = || inner.copy(&Source::Path(tree.source.clone()), &name, &|_| {});
    assert!(matches!(copy(), Err(CopyError::IntoItself { .. })));
    assert!(!inner.home().exists());
    std::fs::create_dir(inner.home()).unwrap();
    assert!(matches!(copy(), Err(CopyError::IntoItself { .. })));
}

#[test]
fn what_conda_has_made_is_said_to_be_its_own() {
    let tree = tree();
    let (inside, outside) = (tree.store.home().join("cenv"), tree.directory.path().join("conda"));
    let name = EnvName::for_new(OsStr::new("new")).unwrap();
    for directory in [&inside, &outside] {
        std::fs::create_dir_all(directory.join("conda-meta")).unwrap();
    }
    for source in [Source::Name("cenv".into()), Source::Path(outside)] {
        let copied = tree.store.copy(&source, &name, &|_| {});
        assert!(matches!(copied, Err(CopyError::Conda { .. })), "{source:?}");
    }
}

#[test]
fn progress_is_told_in_bytes() {
    let tree = tree();
    tree.write("lib/large", vec![b'x'; 300_000]);
    let told = AtomicU64::new(0);
    let name = EnvName::for_new(OsStr::new("new")).unwrap();
    let progress = |bytes| {
        told.fetch_add(bytes, Ordering::Relaxed);
    };
    tree.store.copy(&Source::Name("old".into()), &name, &progress).unwrap();
    let sizes =
        ["lib/large", "pyvenv.cfg", "bin/activate"].map(|file| tree.source.join(file).metadata().unwrap().len());
    assert_eq!(told.into_inner(), sizes.iter().sum::<u64>());
}

#[test]
fn hard_links_within_stay_links_and_those_to_elsewhere_become_copies() {
    let tree = tree();
    tree.write("lib/data", vec![1; 5000]);
    tree.write("lib/named", format!("{}\n", tree.source.display()));
    let outside = tree.directory.path().join("outside");
    std::fs::write(&outside, "keep").unwrap();
    for (old, new) in [("lib/data", "bin/data"), ("lib/named", "named"), ("lib/named", "lib/python3.12/named")] {
        std::fs::hard_link(tree.source.join(old), tree.source.join(new)).unwrap();
    }
    std::fs::hard_link(&outside, tree.source.join("shared")).unwrap();

    let copied = tree.copy("new").unwrap();

    let copy = tree.store.home().join("new");
    let file = |path: &str| std::fs::metadata(copy.join(path)).unwrap();
    assert_eq!(file("lib/data").ino(), file("bin/data").ino());
    for path in ["named", "lib/python3.12/named"] {
        assert_eq!(file("lib/named").ino(), file(path).ino());
    }
    assert_eq!(tree.read("new/named"), format!("{}\n", copy.display()));
    assert_eq!((file("shared").nlink(), file("lib/data").nlink(), file("named").nlink()), (1, 2, 3));
    assert_eq!((copied.files, copied.rewritten), (8, 5));
    assert_eq!(std::fs::read(&outside).unwrap(), b"keep");
}

#[test]
fn sparse_files_stay_sparse() {
    let tree = tree();
    // Streamed, held in memory, and rewritten because it names the source.
    for (name, size, content) in [
        ("large", 1_u64 << 31, "x".to_string()),
        ("small", 8 << 20, "x".into()),
        ("named", 8 << 20, format!("{}\n", tree.source.display())),
    ] {
        let file = std::fs::File::create(tree.source.join(name)).unwrap();
        file.set_len(size).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, content.as_bytes(), 1 << 20).unwrap();
    }
    tree.copy("new").unwrap();
    for (name, size) in [("large", 1_u64 << 31), ("small", 8 << 20)] {
        let found = std::fs::metadata(tree.store.home().join("new").join(name)).unwrap();
        assert_eq!(found.len(), size);
        assert!(found.blocks() * 512 < 1 << 20, "{name}: {}", found.blocks());
    }
    assert!(std::fs::metadata(tree.store.home().join("new/named")).unwrap().blocks() * 512 < 1 << 20);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_mounted_in_the_source_is_left_out_and_named() {
    use crate::test_mounts::{bind, in_mount_namespace};
    if !in_mount_namespace("store::copy::tests::what_is_mounted_in_the_source_is_left_out_and_named") {
        return;
    }
    let tree = tree();
    let outside = tree.directory.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("file"), "not ours").unwrap();
    std::fs::create_dir(tree.source.join("mnt")).unwrap();
    tree.write("file", "");
    bind(&outside, &tree.source.join("mnt"));
    bind(&outside.join("file"), &tree.source.join("file"));
    let copied = tree.copy("new").unwrap();
    assert_eq!(copied.skipped, [Path::new("file"), Path::new("mnt")]);
    assert!(!tree.store.home().join("new/file").exists() && !tree.store.home().join("new/mnt").exists());
}

/// As uv writes them where the `.venv` of a project leads to the environment, and who names the store by a link.
#[test]
fn scripts_that_lead_to_the_source_by_a_link_from_elsewhere_run_the_copy() {
    let tree = tree();
    let root = tree.directory.path();
    symlink(&tree.source, root.join(".venv")).unwrap();
    symlink(tree.store.home(), root.join("store")).unwrap();
    let [venv, by_store] = [".venv", "store/old"].map(|way| root.join(way).display().to_string());
    let home = tree.store.home().display().to_string();
    let lines = |python: &str| format!("#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\nbody\n");
    tree.write("bin/tool", format!("#!{venv}/bin/python3\nprint('{venv}/x')\n"));
    tree.write("bin/detour", lines(&format!("{by_store}/bin/python")));
    tree.write("bin/env", format!("#!/usr/bin/env -S {venv}/bin/python -u\nx\n"));
    tree.write("bin/other", "#!/usr/bin/python3\nx\n");
    let copied = tree.copy("new").unwrap();
    assert_eq!(copied.stale, []);
    let tool = lines(&format!("{home}/new/bin/python3")).replace("body", &format!("print('{venv}/x')"));
    assert_eq!(tree.read("new/bin/tool"), tool);
    assert_eq!(tree.read("new/bin/detour"), lines(&format!("{home}/new/bin/python")));
    assert!(tree.read("new/bin/env").contains(&format!("'{home}/new/bin/python' '-u'")));
    assert_eq!(tree.read("new/bin/other"), "#!/usr/bin/python3\nx\n");
}
