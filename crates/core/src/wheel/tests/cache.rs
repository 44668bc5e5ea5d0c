//! A cache that is damaged, foreign, read-only or missing.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::fs::private::User;
use crate::wheel::testing::{cache_dir, imaginary_interpreter, only, seed_pip, wheel_entries, write_wheel};
use crate::wheel::{CacheDir, LinkMode, Project, SeedError, SeedRequest, Seeded, Target, WheelError, seed};

const SITE: &str = "lib/python3.12/site-packages";

struct Bench {
    scratch: tempfile::TempDir,
    count: std::cell::Cell<u32>,
}

impl Bench {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        write_wheel(&scratch.path().join("wheels"), &wheel_entries());
        Self { scratch, count: 0.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Seeds a new environment and returns its directory.
    fn seed(&self) -> PathBuf {
        let root = self.fresh();
        self.try_seed(&root).unwrap();
        root
    }

    fn fresh(&self) -> PathBuf {
        self.count.set(self.count.get() + 1);
        let root = self.path(&format!("env{}", self.count.get()));
        std::fs::create_dir(&root).unwrap();
        root
    }

    fn try_seed(&self, root: &Path) -> Result<Seeded, SeedError> {
        let cache = self.path("cache/venvwrap");
        seed_pip(&only(&self.path("wheels")), &imaginary_interpreter(12), root, root, Some(&cache))
    }

    fn entry(&self) -> PathBuf {
        let mut entries = std::fs::read_dir(self.path("cache/venvwrap/v1/wheels")).unwrap();
        entries.next().unwrap().unwrap().path()
    }

    fn entries(&self) -> usize {
        std::fs::read_dir(self.path("cache/venvwrap/v1/wheels")).unwrap().count()
    }
}

fn inode(path: &Path) -> u64 {
    std::fs::symlink_metadata(path).unwrap().ino()
}

fn is_root() -> bool {
    User::of_this_process().uid == 0
}

#[test]
fn code_is_shared_except_by_root_and_everything_else_is_not() {
    let bench = Bench::new();
    let (one, two) = (bench.seed().join(SITE), bench.seed().join(SITE));
    let is_shared = inode(&one.join("pip/__init__.py")) == inode(&two.join("pip/__init__.py"));
    assert_eq!(is_shared, !is_root());
    for file in ["pip/sub/data.pem", "pip-99.1.dist-info/RECORD", "pip-99.1.dist-info/METADATA"] {
        assert_ne!(inode(&one.join(file)), inode(&two.join(file)), "{file}");
    }
    assert_eq!(bench.entries(), 1);
}

#[test]
fn an_edited_or_lost_file_is_replaced() {
    let bench = Bench::new();
    bench.seed();
    let file = bench.entry().join("site/pip/__init__.py");
    let edits: [&dyn Fn(); 4] = [
        &|| std::fs::write(&file, "import evil, of another length\n").unwrap(),
        &|| std::fs::remove_file(&file).unwrap(),
        &|| {
            std::fs::remove_file(&file).unwrap();
            symlink("/etc/passwd", &file).unwrap();
        },
        // The same length at another time.
        &|| {
            let content = std::fs::read(&file).unwrap();
            std::fs::write(&file, vec![b'#'; content.len()]).unwrap();
        },
    ];
    for edit in edits {
        edit();
        let installed = bench.seed().join(SITE).join("pip/__init__.py");
        assert_eq!(std::fs::read_to_string(&installed).unwrap(), "def main():\n    print('ran')\n");
        assert_eq!(bench.entries(), 1);
    }
}

#[test]
fn who_wants_no_shared_files_gets_none() {
    let bench = Bench::new();
    for link_mode in [LinkMode::Copy, LinkMode::Clone] {
        let cache = bench.path("cache/venvwrap");
        let root = bench.fresh();
        let target = Target { interpreter: &imaginary_interpreter(12), root: &root, final_root: &root };
        let cache = CacheDir { link_mode, ..cache_dir(&cache) };
        let request = SeedRequest { project: Project::Pip, version: None };
        seed(&[request], &only(&bench.path("wheels")), &target, Some(cache), &mut |_| ()).unwrap();
        let code = std::fs::metadata(root.join(SITE).join("pip/__init__.py")).unwrap();
        assert_eq!((code.nlink(), code.mtime(), code.mode() & 0o7777), (1, 1_714_979_290, 0o644), "{link_mode:?}");
    }
}

/// What the end of a provisioning script does to one environment, and what it did before the cache was looked at.
#[test]
fn a_file_that_was_given_away_or_opened_is_replaced() {
    let bench = Bench::new();
    bench.seed();
    let code = || bench.entry().join("site/pip/__init__.py");
    let set_mode = |mode| std::fs::set_permissions(code(), std::fs::Permissions::from_mode(mode)).unwrap();
    let mut changes: Vec<Box<dyn Fn()>> = vec![
        Box::new(|| set_mode(0o666)),
        Box::new(|| set_mode(0o664)),
        Box::new(|| set_mode(0o755)),
        Box::new(|| set_mode(0o4644)),
    ];
    if is_root() {
        changes.push(Box::new(|| std::os::unix::fs::chown(code(), Some(1234), None).unwrap()));
        changes.push(Box::new(|| std::os::unix::fs::chown(code(), None, Some(1234)).unwrap()));
        changes.push(Box::new(|| std::fs::hard_link(code(), bench.path("second name")).unwrap()));
    }
    for (number, change) in changes.iter().enumerate() {
        let before = inode(&code());
        change();
        let installed = std::fs::metadata(bench.seed().join(SITE).join("pip/__init__.py")).unwrap();
        let cached = std::fs::metadata(code()).unwrap();
        let user = User::of_this_process();
        for found in [installed, cached] {
            assert_eq!((found.uid(), found.gid(), found.mode() & 0o7777), (user.uid, user.gid, 0o644), "{number}");
        }
        assert_ne!(inode(&code()), before, "{number}");
        assert_eq!(bench.entries(), 1);
    }
}

#[test]
fn what_root_gives_away_reaches_no_other_environment() {
    if !is_root() {
        return;
    }
    let bench = Bench::new();
    let (web, admin) = (bench.seed(), bench.seed());
    for file in ["pip/__init__.py", "pip/sub/data.pem", "pip-99.1.dist-info/METADATA"] {
        std::os::unix::fs::chown(web.join(SITE).join(file), Some(1234), Some(1234)).unwrap();
    }
    std::fs::write(web.join(SITE).join("pip/__init__.py"), "import evil\n").unwrap();
    for root in [admin, bench.seed()] {
        for file in ["pip/__init__.py", "pip/sub/data.pem", "pip-99.1.dist-info/METADATA"] {
            let found = std::fs::metadata(root.join(SITE).join(file)).unwrap();
            assert_eq!((found.uid(), found.gid(), found.nlink()), (0, 0, 1), "{file}");
        }
        assert!(!std::fs::read_to_string(root.join(SITE).join("pip/__init__.py")).unwrap().contains("evil"));
    }
}

#[test]
fn a_hostile_manifest_is_not_obeyed() {
    let bench = Bench::new();
    bench.seed();
    let manifest = bench.entry().join("manifest");
    let sound = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(bench.entry().join("evil.py"), "").unwrap();
    for hostile in
        [sound.replace(" pip/__init__.py", " ../evil.pyxxxxx"), String::new(), sound[..sound.len() / 2].into()]
    {
        std::fs::write(&manifest, hostile).unwrap();
        let root = bench.seed();
        assert!(root.join(SITE).join("pip/__init__.py").exists());
        assert!(!root.join("lib/python3.12/evil.pyxxxxx").exists());
        assert_eq!(std::fs::read_to_string(&manifest).unwrap(), sound);
    }
}

#[test]
fn a_cache_that_others_could_write_is_not_used() {
    let bench = Bench::new();
    let cache = bench.path("cache/venvwrap");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).unwrap();
    let root = bench.seed();
    assert!(root.join("bin/pip3.12").exists());
    assert!(!cache.join("v1/wheels").exists());
}

#[test]
fn a_cache_that_is_a_link_is_not_used() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.path("cache")).unwrap();
    std::fs::create_dir(bench.path("elsewhere")).unwrap();
    symlink(bench.path("elsewhere"), bench.path("cache/venvwrap")).unwrap();
    assert!(bench.seed().join("bin/pip").exists());
    assert_eq!(std::fs::read_dir(bench.path("elsewhere")).unwrap().count(), 0);
}

#[test]
fn without_a_usable_cache_the_wheel_is_unpacked_in_place() {
    let bench = Bench::new();
    std::fs::write(bench.path("cache"), "a file where the cache should be").unwrap();
    let root = bench.fresh();
    let seeded = bench.try_seed(&root).unwrap();
    assert_eq!(seeded.distributions, [("pip".to_owned(), "99.1".to_owned())]);
    assert!(seeded.bytecode_missing.is_empty());
    let names: Vec<_> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(std::fs::metadata(root.join(SITE).join("pip/__init__.py")).unwrap().nlink(), 1);
}

#[test]
fn a_lock_that_cannot_be_taken_does_not_stop_seeding() {
    let bench = Bench::new();
    bench.seed();
    crate::fs::remove_tree(&bench.entry()).unwrap();
    std::fs::remove_file(bench.path("cache/venvwrap/v1/lock")).unwrap();
    std::fs::write(bench.path("precious"), "precious").unwrap();
    symlink(bench.path("precious"), bench.path("cache/venvwrap/v1/lock")).unwrap();
    assert!(bench.seed().join("bin/pip").exists());
    assert_eq!(bench.entries(), 0);
    assert_eq!(std::fs::read_to_string(bench.path("precious")).unwrap(), "precious");
}

#[test]
fn what_an_interrupted_process_left_is_removed() {
    let bench = Bench::new();
    let wheels = bench.path("cache/venvwrap/v1/wheels");
    bench.seed();
    let left = wheels.join(".venvwrap-tmp-1-1");
    std::fs::rename(bench.entry(), &left).unwrap();
    bench.seed();
    assert!(!left.exists());
    assert_eq!(bench.entries(), 1);
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test should say so")]
fn a_cache_on_another_file_system_is_copied_from() {
    let bench = Bench::new();
    let device = |path: &Path| std::fs::metadata(path).map(|data| data.dev()).ok();
    let other = Path::new("/dev/shm");
    if device(other).is_none() || device(other) == device(bench.scratch.path()) {
        eprintln!("skipped: there is no second file system");
        return;
    }
    let cache = tempfile::tempdir_in(other).unwrap();
    let root = bench.fresh();
    let sources = only(&bench.path("wheels"));
    seed_pip(&sources, &imaginary_interpreter(12), &root, &root, Some(&cache.path().join("c"))).unwrap();
    assert!(cache.path().join("c/v1/index").exists());
    let code = std::fs::metadata(root.join(SITE).join("pip/__init__.py")).unwrap();
    assert_eq!((code.nlink(), code.mtime(), code.mode() & 0o777), (1, 1_714_979_290, 0o644));
}

#[test]
fn two_wheels_of_one_name_are_two_entries() {
    let bench = Bench::new();
    bench.seed();
    let mut entries = wheel_entries();
    entries.push(crate::wheel::testing::ZipEntry::new("pip/more.py", ""));
    write_wheel(&bench.path("wheels"), &entries);
    assert!(bench.seed().join(SITE).join("pip/more.py").exists());
    assert_eq!(bench.entries(), 2);
}

#[test]
fn a_damaged_wheel_is_reported() {
    let bench = Bench::new();
    std::fs::write(bench.path("wheels").join(crate::wheel::testing::WHEEL_NAME), "not a wheel").unwrap();
    let error = bench.try_seed(&bench.fresh()).unwrap_err();
    assert_eq!(error.to_string(), "no wheel of `pip` for Python 3.12.1 was found");
    assert!(matches!(error, SeedError::NotFound { refused: Some(WheelError::Unsound { .. }), .. }));
}

#[test]
fn many_processes_fill_one_cache() {
    let bench = Bench::new();
    let roots: Vec<PathBuf> = (0..8).map(|_| bench.fresh()).collect();
    let (wheels, cache) = (only(&bench.path("wheels")), bench.path("cache/venvwrap"));
    std::thread::scope(|scope| {
        for root in &roots {
            let (wheels, cache) = (&wheels, &cache);
            scope.spawn(move || seed_pip(wheels, &imaginary_interpreter(12), root, root, Some(cache)).unwrap());
        }
    });
    let inodes: std::collections::HashSet<u64> =
        roots.iter().map(|root| inode(&root.join(SITE).join("pip/__init__.py"))).collect();
    assert_eq!(inodes.len(), if is_root() { roots.len() } else { 1 });
    assert_eq!(bench.entries(), 1);
}
