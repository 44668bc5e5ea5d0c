use std::os::unix::fs::symlink;
use std::time::SystemTime;

use super::*;
use crate::fs::private::User as FileUser;
use crate::store::StoreOptions;
use crate::store::copy::Source;
use crate::store::mirror::Kind;

struct Place {
    _directory: tempfile::TempDir,
    root: PathBuf,
    store: Store,
}

/// A store in a directory whose name has a blank, with an environment.
fn place(name: &str) -> Place {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("r t");
    let mut options = StoreOptions::new(root.join("envs"), FileUser::of_this_process(), SystemTime::now);
    options.state_dir = Some(root.join("state"));
    options.kernel_dir = Some(root.join("kernels"));
    let place = Place { _directory: directory, store: Store::open(options), root };
    place.make(name);
    place
}

fn name(text: &str) -> EnvName {
    EnvName::for_existing(text.as_ref()).unwrap()
}

/// Its scripts would go on naming the old path, since what is outside is left alone.
#[test]
fn an_environment_whose_programs_are_elsewhere_keeps_its_name() {
    let place = place("api");
    let elsewhere = place.root.join("elsewhere");
    std::fs::rename(place.env("api").join("bin"), &elsewhere).unwrap();
    symlink(&elsewhere, place.env("api").join("bin")).unwrap();
    assert!(matches!(place.rename("api", "web"), Err(RenameError::Elsewhere(..))));
    assert_eq!(place.entries(), ["api"]);
    // One that stays inside is an environment's own affair.
    std::fs::remove_file(place.env("api").join("bin")).unwrap();
    std::fs::rename(&elsewhere, place.env("api").join("programs")).unwrap();
    symlink("programs", place.env("api").join("bin")).unwrap();
    assert!(place.rename("api", "web").is_ok());
}

impl Place {
    fn env(&self, name: &str) -> PathBuf {
        self.store.home().join(name)
    }

    fn make(&self, name: &str) {
        let env = self.env(name);
        let site = env.join("lib/python3.12/site-packages");
        std::fs::create_dir_all(site.join("tool-1.dist-info")).unwrap();
        std::fs::create_dir_all(env.join("bin")).unwrap();
        std::fs::write(env.join("pyvenv.cfg"), format!("home = /usr/bin\nprompt = {name}\n")).unwrap();
        std::fs::write(env.join("bin/activate"), format!("VIRTUAL_ENV='{}'\nPS1='({name}) '\n", env.display()))
            .unwrap();
        let script = format!("#!/bin/sh\n'''exec' '{}/bin/python' \"$0\" \"$@\"\n' '''\nx\n", env.display());
        std::fs::write(env.join("bin/tool"), &script).unwrap();
        std::fs::write(site.join("tool.pth"), format!("{}/src/tool\n", env.display())).unwrap();
        std::fs::write(site.join("other.py"), "x = 1\n").unwrap();
        let record = format!("../../../bin/tool,sha256=old,{}\nother.py,sha256=old,6\n", script.len());
        std::fs::write(site.join("tool-1.dist-info/RECORD"), record).unwrap();
        symlink(env.join("bin/tool"), env.join("bin/linked")).unwrap();
        symlink("tool", env.join("bin/relative")).unwrap();
    }

    fn rename(&self, old: &str, new: &str) -> Result<Renamed, RenameError> {
        self.store.rename(&name(old), &name(new), &RenameOptions::default())
    }

    fn entries(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.store.home()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Every file and link below the environment that holds a text.
    fn naming(&self, env: &str, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut directories = vec![self.env(env)];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let kind = path.symlink_metadata().unwrap();
                if kind.is_dir() {
                    directories.push(path);
                } else if kind.is_symlink() {
                    found.extend(std::fs::read_link(&path).unwrap().to_string_lossy().contains(text).then_some(path));
                } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text) {
                    found.push(path);
                }
            }
        }
        found
    }
}

#[test]
fn every_path_inside_follows() {
    let place = place("old");
    let before = std::fs::metadata(place.env("old").join("lib/python3.12/site-packages/tool.pth")).unwrap();
    let renamed = place.rename("old", "new env").unwrap();
    assert_eq!(place.entries(), ["new env"]);
    assert!(renamed.stale.is_empty(), "{:?}", renamed.stale);
    assert_eq!(place.naming("new env", "envs/old"), Vec::<PathBuf>::new());
    let env = place.env("new env");
    let read = |path: &str| std::fs::read_to_string(env.join(path)).unwrap();
    assert!(read("pyvenv.cfg").contains("prompt = 'new env'"));
    assert!(read("bin/activate").contains("envs/new env"));
    assert!(read("bin/tool").contains("envs/new env/bin/python"));
    let record = read("lib/python3.12/site-packages/tool-1.dist-info/RECORD");
    let (first, second) = record.split_once('\n').unwrap();
    assert!(!first.contains("sha256=old") && first.starts_with("../../../bin/tool,sha256="), "{record}");
    assert_eq!(second, "other.py,sha256=old,6\n");
    assert_eq!(std::fs::read_link(env.join("bin/linked")).unwrap(), env.join("bin/tool"));
    assert_eq!(std::fs::read_link(env.join("bin/relative")).unwrap(), Path::new("tool"));
    let after = std::fs::metadata(env.join("lib/python3.12/site-packages/tool.pth")).unwrap();
    assert_eq!((after.modified().unwrap(), after.permissions()), (before.modified().unwrap(), before.permissions()));
}

#[test]
fn a_name_that_begins_with_the_other_is_replaced_once() {
    let place = place("api");
    place.rename("api", "api-2").unwrap();
    assert!(place.naming("api-2", "api-2-2").is_empty());
    assert!(!place.naming("api-2", "envs/api-2/").is_empty());
    place.rename("api-2", "api").unwrap();
    assert!(place.naming("api", "api-2").is_empty());
    assert_eq!(place.entries(), ["api"]);
}

#[test]
fn bytecode_that_python_corrects_stays_unless_its_source_changes() {
    let place = place("old");
    let site = "lib/python3.12/site-packages";
    let write = |path: &str, content: &[u8]| {
        let path = place.env("old").join(site).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    };
    let path = place.env("old").join("m.py").into_os_string().into_string().unwrap();
    let bytecode = [&[b'z', u8::try_from(path.len()).unwrap()], path.as_bytes()].concat();
    write("finder.py", format!("MAPPING = {{'m': '{path}'}}\n").as_bytes());
    let changed = ["__pycache__/finder.cpython-312.pyc", "__pycache__/finder.cpython-312.opt-2.pyc"];
    let read = ["__pycache__/other.cpython-312-pytest-8.4.pyc", "bare.pyc"];
    let kept = ["__pycache__/other.cpython-312.pyc", "__pycache__/find.cpython-312.pyc"];
    changed.iter().chain(&read).chain(&kept).for_each(|name| write(name, &bytecode));
    let renamed = place.rename("old", "new").unwrap();
    assert!(renamed.stale.is_empty(), "{:?}", renamed.stale);
    let names = |name: &&str, text: &str| {
        let content = std::fs::read(place.env("new").join(site).join(name)).unwrap();
        String::from_utf8_lossy(&content).contains(text)
    };
    for name in changed.iter().chain(&read).chain(&["finder.py"]) {
        assert!(names(name, "envs/new/m.py") && renamed.rewritten.contains(&Path::new(site).join(name)), "{name}");
    }
    for name in &kept {
        assert!(names(name, "envs/old/m.py") && !renamed.rewritten.contains(&Path::new(site).join(name)), "{name}");
    }
    let count = renamed.files;
    assert_eq!(place.rename("new", "old").unwrap().files, count, "none is counted twice");
}

/// An environment whose path has no blank, whatever the directory of the test is called, with a script.
fn with_script(first_lines: &str) -> Place {
    let place = place("old");
    let root = place.root.with_file_name("plain");
    std::fs::rename(&place.root, &root).unwrap();
    let mut options = StoreOptions::new(root.join("envs"), FileUser::of_this_process(), SystemTime::now);
    options.kernel_dir = Some(root.join("kernels"));
    let place = Place { store: Store::open(options), root, ..place };
    let text = first_lines.replace("ENV", place.env("old").to_str().unwrap());
    std::fs::write(place.env("old").join("bin/tool"), text + "print()\n").unwrap();
    place
}

#[test]
fn a_path_that_is_too_long_for_a_shebang_gets_a_trampoline_and_loses_it_again() {
    let place = with_script("#!ENV/bin/python\n");
    let read = |env: &str| std::fs::read_to_string(place.env(env).join("bin/tool")).unwrap();
    let before = read("old");
    if before.lines().next().unwrap().len() > 120 {
        return;
    }
    let long = "n".repeat(130);
    place.rename("old", &long).unwrap();
    let python = place.env(&long).join("bin/python");
    let trampoline = read(&long);
    assert!(trampoline.starts_with("#!/bin/sh\n'''exec' "), "{trampoline}");
    assert!(trampoline.contains(python.to_str().unwrap()) && trampoline.ends_with("print()\n"), "{trampoline}");
    place.rename(&long, "old").unwrap();
    assert_eq!(read("old"), before);
}

#[test]
fn scripts_that_find_their_environment_themselves_stay_as_they_are() {
    let own = "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n";
    let place = with_script(own);
    let before = std::fs::read(place.env("old").join("bin/tool")).unwrap();
    let renamed = place.rename("old", "new").unwrap();
    assert_eq!(std::fs::read(place.env("new").join("bin/tool")).unwrap(), before);
    assert!(!renamed.rewritten.contains(&PathBuf::from("bin/tool")));
}

#[test]
fn a_file_of_another_user_stays_that_users() {
    use std::os::unix::fs::MetadataExt;
    let place = place("old");
    if std::os::unix::fs::chown(place.env("old").join("bin/tool"), Some(4321), Some(4321)).is_err() {
        return;
    }
    place.rename("old", "new").unwrap();
    let tool = place.env("new").join("bin/tool").metadata().unwrap();
    assert_eq!((tool.uid(), tool.gid()), (4321, 4321));
    assert!(place.naming("new", "envs/old").is_empty());
}

#[test]
fn kernels_of_the_same_title_follow_and_odd_ones_stay() {
    let place = place("old");
    let python = place.env("old").join("bin/python");
    let python = python.to_str().unwrap();
    let write = |id: &str, program: &str| {
        let directory = place.root.join("kernels").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        let text = format!("{{\"argv\": [\"{program}\", \"{python}\"], \"display_name\": \"K\"}}");
        std::fs::write(directory.join("kernel.json"), text).unwrap();
        directory
    };
    let own = [write("one", python), write("two", python)];
    let other = write("env", "/usr/bin/env");
    let outside = place.root.join("outside");
    std::fs::rename(write("linked", python), &outside).unwrap();
    symlink(&outside, place.root.join("kernels/linked")).unwrap();
    std::fs::File::create(write("large", "x").join("kernel.json")).unwrap().set_len(100 << 20).unwrap();
    let renamed = place.rename("old", "new").unwrap();
    assert!(renamed.problems.is_empty(), "{:?}", renamed.problems);
    let names_new = |directory: &Path| {
        std::fs::read_to_string(directory.join("kernel.json")).unwrap().contains("envs/new/bin/python")
    };
    assert!(own.iter().all(|directory| names_new(directory)));
    assert!(names_new(&other) && !names_new(&outside));
}

#[test]
fn kernels_follow_however_they_spell_the_path_or_are_named() {
    let place = place("old");
    let link = place.root.join("link");
    symlink(place.root.join("envs"), &link).unwrap();
    let mut options = StoreOptions::new(link, FileUser::of_this_process(), SystemTime::now);
    options.kernel_dir = Some(place.root.join("kernels"));
    options.user_home = Some(place.root.clone());
    let place = Place { store: Store::open(options), ..place };
    let real = place.root.canonicalize().unwrap();
    let write = |id: &str, python: &str| {
        let directory = place.root.join("kernels").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("kernel.json"), format!("{{\"argv\": [\"{python}\"]}}")).unwrap();
        directory.join("kernel.json")
    };
    let follow = [
        write("slashes", &format!("{}/link//old/bin/python", real.display())),
        write("dot", &format!("{}/link/./old/bin/python", real.display())),
        write("physical", &format!("{}/envs/old/bin/python", real.display())),
        write("escaped", &format!("{}/envs/old/bin/python", real.display()).replace('/', "\\/")),
        write("home", "~/envs/old/bin/python"),
    ];
    write("other", &format!("{}/envs/old-2/bin/python", real.display()));
    let named =
        [write("broken", &format!("\"{}/envs/old\"", real.display())), write("unknown", "$WORKON_HOME/old/bin/python")];
    let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
    let planned = place.store.rename(&name("old"), &name("new"), &options).unwrap();
    let renamed = place.rename("old", "new").unwrap();
    let ids = |kernels: &[Kernel]| kernels.iter().map(|kernel| kernel.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&planned.kernels), ["dot", "escaped", "home", "physical", "slashes"]);
    assert_eq!(ids(&planned.kernels), ids(&renamed.kernels));
    for file in &follow {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("new/bin") && !text.contains("old/bin"), "{text}");
    }
    let is_told = |found: &[PathBuf]| named.iter().all(|file| found.contains(file)) && found.len() == named.len();
    assert!(is_told(&planned.dead) && is_told(&renamed.dead), "{:?}", renamed.dead);
}

#[test]
fn a_file_that_is_shared_with_a_cache_is_not_written_in_its_place() {
    let place = place("old");
    let (cached, file) = (place.root.join("cached"), place.env("old").join("lib/python3.12/site-packages/shared.pth"));
    std::fs::write(&cached, place.env("old").as_os_str().as_encoded_bytes()).unwrap();
    std::fs::hard_link(&cached, file).unwrap();
    place.rename("old", "new").unwrap();
    assert_eq!(std::fs::read(&cached).unwrap(), place.env("old").as_os_str().as_encoded_bytes());
    assert!(place.naming("new", "envs/old").is_empty());
}

#[test]
fn read_only_files_and_directories_follow_and_stay_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = place("old");
    let site = place.env("old").join("lib/python3.12/site-packages");
    let set = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(&site.join("tool.pth"), 0o444);
    set(&site, 0o555);
    place.rename("old", "new").unwrap();
    assert!(place.naming("new", "envs/old").is_empty());
    let site = place.env("new").join("lib/python3.12/site-packages");
    assert_eq!(site.metadata().unwrap().permissions().mode() & 0o777, 0o555);
    assert_eq!(site.join("tool.pth").metadata().unwrap().permissions().mode() & 0o777, 0o444);
    set(&site, 0o755);
}

#[test]
fn a_dry_run_changes_nothing() {
    let place = place("old");
    let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
    let renamed = place.store.rename(&name("old"), &name("new"), &options).unwrap();
    assert!(renamed.rewritten.contains(&"bin/tool".into()) && renamed.files > 5);
    assert_eq!(place.entries(), ["old"]);
    assert!(place.naming("old", "envs/new").is_empty());
}

#[test]
fn names_that_are_taken_missing_or_the_same_are_refused() {
    let place = place("old");
    place.make("other");
    assert!(matches!(place.rename("old", "other"), Err(RenameError::Exists { .. })));
    assert!(matches!(place.rename("old", "old"), Err(RenameError::SameName { .. })));
    assert!(matches!(place.rename("odl", "new"), Err(RenameError::Find(FindError::NotFound { nearest: Some(_), .. }))));
    symlink("/nowhere", place.env("dangling")).unwrap();
    assert!(matches!(place.rename("old", "dangling"), Err(RenameError::Exists { .. })));
    let env = place.env("old");
    let options = RenameOptions { active: Some(&env), ..RenameOptions::default() };
    let refused = place.store.rename(&name("old"), &name("new"), &options);
    assert!(matches!(refused, Err(RenameError::Active { .. })));
    let _lock = place.store.lock(&name("new")).unwrap();
    assert!(matches!(place.rename("old", "new"), Err(RenameError::Operation(OperationError::Lock(_)))));
    assert_eq!(place.entries(), [".venvwrap-op-new", "dangling", "old", "other"]);
}

#[test]
fn a_link_is_renamed_and_its_target_is_untouched() {
    let place = place("real");
    let outside = place.root.join("outside");
    std::fs::rename(place.env("real"), &outside).unwrap();
    symlink(&outside, place.env("linked")).unwrap();
    let before = std::fs::read(outside.join("bin/activate")).unwrap();
    let renamed = place.rename("linked", "other").unwrap();
    assert!(renamed.is_link);
    assert_eq!(std::fs::read_link(place.env("other")).unwrap(), outside);
    assert_eq!(std::fs::read(outside.join("bin/activate")).unwrap(), before);
    assert_eq!(place.entries(), ["other"]);
}

#[test]
fn projects_kernels_and_children_follow() {
    let place = place("old");
    let (project, extra) = (place.root.join("project"), place.root.join("extra"));
    std::fs::create_dir(&project).unwrap();
    std::fs::create_dir(&extra).unwrap();
    place.store.associate(&place.store.environment(name("old")), &project).unwrap();
    place.store.add_directory(&place.store.environment(name("old")), &extra).unwrap();
    let kernel = |id: &str, program: &str| {
        let directory = place.root.join("kernels").join(id);
        std::fs::create_dir_all(&directory).unwrap();
        let text = format!("{{\"argv\": [\"{program}\", \"-m\", \"ipykernel\"],\n \"display_name\": \"K\"}}\n");
        std::fs::write(directory.join("kernel.json"), text).unwrap();
        directory.join("kernel.json")
    };
    let (own, foreign) =
        (kernel("own", &format!("{}/bin/python", place.env("old").display())), kernel("x", "/usr/bin/R"));
    place.make("child");
    let home = place.env("old").join("bin");
    std::fs::write(place.env("child").join("pyvenv.cfg"), format!("home = {}\n", home.display())).unwrap();
    symlink(home.join("python"), place.env("child").join("bin/python")).unwrap();

    let renamed = place.rename("old", "new").unwrap();
    assert!(renamed.problems.is_empty(), "{:?}", renamed.problems);
    let mirror = place.store.mirror().unwrap();
    let found = |directory: &Path| mirror.get(directory).map(|found| (found.env, found.kind));
    assert_eq!(found(&project), Some((place.env("new"), Kind::Project)));
    assert_eq!(found(&extra), Some((place.env("new"), Kind::Extra)));
    let text = std::fs::read_to_string(own).unwrap();
    assert!(text.contains("envs/new/bin/python") && text.contains(",\n \"display_name\""), "{text}");
    assert!(std::fs::read_to_string(foreign).unwrap().contains("/usr/bin/R"));
    assert_eq!(renamed.kernels.len(), 1);
    assert_eq!(renamed.children.len(), 1);
    let new_home = place.env("new").join("bin");
    assert_eq!(std::fs::read_link(place.env("child").join("bin/python")).unwrap(), new_home.join("python"));
    let cfg = place.store.environment(name("child")).cfg().unwrap();
    assert_eq!(cfg.home(), new_home.to_str());
}

#[test]
fn the_snapshots_follow() {
    let place = place("old");
    let history = |name_: &str| place.store.history(&place.store.environment(name(name_))).unwrap();
    let text = |env: &Path| {
        let project = crate::env::direct_url::file_url(&env.join("src/p"));
        format!("# venvwrap-snapshot: 1\n# Editable install (p==1)\n-e {project}\na==1\nb @ file:///e/old/b.whl\n")
    };
    history("old").keep(&text(&place.env("old")), SystemTime::UNIX_EPOCH).unwrap();
    let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
    place.store.rename(&name("old"), &name("new"), &options).unwrap();
    assert_eq!(history("new").list().unwrap(), []);
    place.rename("old", "new").unwrap();
    assert_eq!((history("old").list().unwrap().len(), history("new").list().unwrap().len()), (0, 1));
    // What is inside the environment has moved along.
    assert_eq!(history("new").list().unwrap()[0].read().unwrap(), text(&place.env("new")));
    place.rename("new", "it's new").unwrap();
    assert_eq!(history("it's new").list().unwrap()[0].read().unwrap(), text(&place.env("it's new")));
}

#[test]
fn what_only_a_person_can_rewrite_is_reported() {
    let place = place("old");
    std::fs::write(place.env("old").join("bin/postactivate"), format!("cd {}/src\n", place.env("old").display()))
        .unwrap();
    std::fs::write(place.env("old").join("data.bin"), format!("\0{}\0", place.env("old").display())).unwrap();
    let renamed = place.rename("old", "it's").unwrap();
    let expected = [("bin/postactivate".into(), Stale::Hook), ("data.bin".into(), Stale::Binary)];
    assert_eq!(renamed.stale, expected);
}

#[test]
fn what_is_behind_a_link_out_of_the_environment_is_reported() {
    let place = place("old");
    let old = place.env("old");
    let outside = old.parent().unwrap().join("outside");
    std::fs::create_dir(&outside).unwrap();
    for (name, text) in [
        ("pip", format!("#!{}/bin/python\n", old.display())),
        ("activate", format!("VIRTUAL_ENV='{}'\n", old.display())),
        ("other", "#!/bin/sh\necho\n".into()),
    ] {
        let _ = std::fs::remove_file(old.join("bin").join(name));
        std::fs::write(outside.join(name), text).unwrap();
        symlink(outside.join(name), old.join("bin").join(name)).unwrap();
    }
    std::fs::create_dir_all(old.join("libexec")).unwrap();
    symlink(outside.join("pip"), old.join("libexec/helper")).unwrap();
    std::fs::write(outside.join("tool.conf"), old.as_os_str().as_encoded_bytes()).unwrap();
    std::fs::create_dir_all(old.join("share/doc")).unwrap();
    symlink("../../../outside/tool.conf", old.join("share/doc/tool.conf")).unwrap();
    symlink(&outside, old.join("share/all")).unwrap();
    symlink("../../bin/python", old.join("share/doc/inside")).unwrap();
    let expected = [
        ("bin/pip".into(), Stale::Script),
        ("libexec/helper".into(), Stale::Script),
        ("bin/activate".into(), Stale::Hook),
        ("share/doc/tool.conf".into(), Stale::Text),
    ];
    let mut copied = place.store.copy(&Source::Name("old".into()), &name("copy"), &|_| ()).unwrap().stale;
    copied.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    assert_eq!(copied, expected);
    let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
    assert_eq!(place.store.rename(&name("old"), &name("new"), &options).unwrap().stale, expected);
    assert_eq!(place.rename("old", "new").unwrap().stale, expected);
    assert!(std::fs::read_to_string(outside.join("pip")).unwrap().contains("/old/"), "nothing is written there");
}

/// As uv writes it where the `.venv` of a project leads to the environment.
#[test]
fn a_script_that_leads_to_the_environment_by_a_link_from_elsewhere_runs_it() {
    let place = place("old");
    let venv = place.root.join(".venv");
    symlink(place.env("old"), &venv).unwrap();
    let tool = |name: &str| std::fs::read_to_string(place.env(name).join("bin/tool")).unwrap();
    let by = |env: &Path| format!("#!/bin/sh\n'''exec' '{}/bin/python3' \"$0\" \"$@\"\n' '''\nx\n", env.display());
    let script = by(&venv);
    std::fs::write(place.env("old").join("bin/tool"), &script).unwrap();
    let options = RenameOptions { dry_run: true, ..RenameOptions::default() };
    let renamed = place.store.rename(&name("old"), &name("new"), &options).unwrap();
    assert!(renamed.stale.is_empty() && renamed.rewritten.contains(&"bin/tool".into()), "{renamed:?}");
    assert_eq!(tool("old"), script);
    assert!(place.rename("old", "new").unwrap().stale.is_empty());
    assert_eq!(tool("new"), by(&place.env("new")));
}

#[test]
fn a_new_name_that_goes_on_after_the_old_one_is_no_old_one() {
    let place = place("old");
    let directory = place.root.join("kernels/own");
    std::fs::create_dir_all(&directory).unwrap();
    let text = format!("{{\"argv\": [\"{}/bin/python\"]}}", place.env("old").display());
    std::fs::write(directory.join("kernel.json"), text).unwrap();
    let cfg = place.env("old").join("pyvenv.cfg");
    let with_command = format!("home = /usr/bin\ncommand = python -m venv {}\n", place.env("old").display());
    std::fs::write(cfg, with_command).unwrap();
    let renamed = place.rename("old", "old two").unwrap();
    assert!(renamed.stale.is_empty(), "{:?}", renamed.stale);
    let kernel = std::fs::read_to_string(directory.join("kernel.json")).unwrap();
    assert!(kernel.contains("/envs/old two/bin/python"), "{kernel}");
    let copied = place.store.copy(&Source::Name("old two".into()), &name("old two 3"), &|_| ()).unwrap();
    assert!(copied.stale.is_empty(), "{:?}", copied.stale);
}

#[test]
fn a_temporary_environment_with_a_name_is_one_to_keep() {
    use crate::env::metadata::{self, Metadata, Owner};
    let place = place("tmp-1");
    let noted = Metadata { created: Some(7), temporary: Some(Owner::of(i32::MAX)), ..Metadata::default() };
    std::fs::write(metadata::path(&place.env("tmp-1")), noted.to_toml()).unwrap();
    place.rename("tmp-1", "kept").unwrap();
    let kept = Metadata::read(&place.env("kept"));
    assert_eq!((kept.temporary, kept.created), (None, Some(7)));
}

#[cfg(target_os = "linux")]
#[test]
fn an_environment_in_use_stays_unless_it_is_forced() {
    use std::process::{Command, Stdio};
    let place = place("old");
    let mut child = Command::new("cat");
    let mut child = child.current_dir(place.env("old")).stdin(Stdio::piped()).spawn().unwrap();
    let Err(RenameError::InUse { users, .. }) = place.rename("old", "new") else { panic!() };
    assert_eq!(users[0].pid, i32::try_from(child.id()).unwrap());
    assert_eq!(users[0].program, "cat");
    let options = RenameOptions { force: true, ..RenameOptions::default() };
    let renamed = place.store.rename(&name("old"), &name("new"), &options).unwrap();
    assert_eq!(renamed.users.len(), 1);
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// The state of a rename that was killed after some of its steps.
fn interrupted(place: &Place, done: usize) {
    let (old, new) = (place.env("old"), place.env("new"));
    let working = place.store.home().join(".venvwrap-op-new");
    std::fs::create_dir(&working).unwrap();
    std::fs::create_dir(working.join("kept")).unwrap();
    journal::create_staging(&working).unwrap();
    let rules = Rules::of_copy(&old, &old, &place.store.environment(name("new")));
    let found = survey::survey(&old, &rules, Some(&journal::staged(&working))).unwrap();
    let identity = journal::identity(&old).unwrap();
    let steps = found.steps.clone();
    let note = Journal { old: name("old"), identity, steps: found.steps };
    note.write(&working).unwrap();
    if done > 0 {
        std::fs::rename(&old, &new).unwrap();
    }
    for step in steps.iter().take(done.saturating_sub(1)) {
        std::fs::rename(journal::staged(&working).join(step.content.as_ref().unwrap()), new.join(&step.path)).unwrap();
    }
}

#[test]
fn what_a_crash_interrupted_is_finished_or_never_begun() {
    for done in 0..8 {
        for sweeps in [true, false] {
            let place = place("old");
            let project = place.root.join("project");
            std::fs::create_dir(&project).unwrap();
            place.store.associate(&place.store.environment(name("old")), &project).unwrap();
            let history = |name_: &str| place.store.history(&place.store.environment(name(name_))).unwrap();
            let text = |env: &Path| {
                let project = crate::env::direct_url::file_url(&env.join("src/p"));
                format!(
                    "# venvwrap-snapshot: 1\n# Editable install (p==1)\n-e {project}\na==1\nb @ file:///e/old/b.whl\n"
                )
            };
            history("old").keep(&text(&place.env("old")), SystemTime::UNIX_EPOCH).unwrap();
            symlink("old", place.env("link")).unwrap();
            interrupted(&place, done);
            if sweeps {
                place.store.sweep().unwrap();
            } else {
                place.store.finish_interrupted(&name("new"));
            }
            let expected = if done == 0 { "old" } else { "new" };
            let mut entries = [expected, "link"];
            entries.sort_unstable();
            assert_eq!(place.entries(), entries, "{done}");
            assert_eq!(std::fs::read_link(place.env("link")).unwrap(), Path::new(expected), "{done}");
            if done > 0 {
                assert!(place.naming("new", "envs/old").is_empty(), "{done}");
            } else {
                assert!(place.naming("old", "envs/new").is_empty(), "{done}");
            }
            assert_eq!(place.store.mirror().unwrap().get(&project).unwrap().env, place.env(expected), "{done}");
            assert_eq!(history(expected).list().unwrap().len(), 1, "{done}");
        }
    }
}

#[test]
fn a_step_that_the_system_refuses_undoes_the_others() {
    let place = place("old");
    let (old, new) = (place.env("old"), place.env("new"));
    let before = place.naming("old", "envs/old");
    let working = place.store.home().join(".venvwrap-op-new");
    std::fs::create_dir(&working).unwrap();
    journal::create_staging(&working).unwrap();
    let rules = Rules::of_copy(&old, &old, &place.store.environment(name("new")));
    let found = survey::survey(&old, &rules, Some(&journal::staged(&working))).unwrap();
    let last = found.steps.last().unwrap().path.clone();
    let note = Journal { old: name("old"), identity: journal::identity(&old).unwrap(), steps: found.steps };
    // A directory has taken the place of the last file.
    std::fs::remove_file(old.join(&last)).unwrap();
    std::fs::create_dir_all(old.join(&last).join("full")).unwrap();
    note.carry_out(&working, &old, &new, false).unwrap_err();
    std::fs::remove_dir(&working).unwrap();
    assert_eq!(place.entries(), ["old"]);
    assert!(old.join(&last).join("full").is_dir());
    let after: Vec<_> = before.iter().filter(|path| !path.ends_with(&last)).cloned().collect();
    assert_eq!(place.naming("old", "envs/old"), after);
}

/// Links in the store in every spelling, and what they are to be once `old` is `new`.
const LINKS: [(&str, &str, &str); 9] = [
    ("relative", "old", "new"),
    ("dotted", "./old", "./new"),
    ("up", "../envs/old", "../envs/new"),
    ("absolute", "ROOT/envs/old", "ROOT/envs/new"),
    ("by a link", "ROOT/alias/old", "ROOT/alias/new"),
    ("inside", "old/bin/python", "new/bin/python"),
    (".hidden", "old", "new"),
    ("chain", "relative", "relative"),
    ("other", "old-2", "old-2"),
];

impl Place {
    fn link_all(&self) {
        symlink("envs", self.root.join("alias")).unwrap();
        for (entry, target, _) in LINKS {
            symlink(self.spelt(target), self.env(entry)).unwrap();
        }
        symlink(self.env("old"), self.root.join("elsewhere")).unwrap();
        symlink(self.root.join("elsewhere"), self.env("roundabout")).unwrap();
    }

    fn spelt(&self, target: &str) -> PathBuf {
        target.replace("ROOT", self.root.to_str().unwrap()).into()
    }

    fn assert_links(&self, is_new: bool) {
        for (entry, before, after) in LINKS {
            let expected = self.spelt(if is_new { after } else { before });
            assert_eq!(std::fs::read_link(self.env(entry)).unwrap(), expected, "{entry}");
        }
    }
}

#[test]
fn links_in_the_store_follow_and_those_elsewhere_are_reported() {
    let place = place("old");
    place.link_all();
    let following = [".hidden", "absolute", "by a link", "dotted", "inside", "relative", "up"];
    let elsewhere = [place.root.canonicalize().unwrap().join("elsewhere")];
    let elsewhere_as_spelt = [place.root.join("elsewhere")];
    for dry_run in [true, false] {
        let options = RenameOptions { dry_run, ..RenameOptions::default() };
        let renamed = place.store.rename(&name("old"), &name("new"), &options).unwrap();
        assert_eq!(renamed.links, following, "{dry_run}");
        assert!(renamed.dead == elsewhere || renamed.dead == elsewhere_as_spelt, "{:?}", renamed.dead);
        assert!(renamed.problems.is_empty(), "{:?}", renamed.problems);
        place.assert_links(!dry_run);
    }
    assert!(place.env("chain").join("bin/activate").exists());
    place.rename("new", "old").unwrap();
    place.assert_links(false);
}

#[test]
fn links_to_a_link_follow_it_also_after_a_crash() {
    let place = place("env");
    symlink("env", place.env("old")).unwrap();
    symlink("old", place.env("b")).unwrap();
    place.rename("old", "new").unwrap();
    assert_eq!(std::fs::read_link(place.env("b")).unwrap(), Path::new("new"));
    place.store.crash_in_rename(&name("new"), &name("old"));
    assert!(!place.env("b").exists());
    place.store.sweep().unwrap();
    assert_eq!(std::fs::read_link(place.env("b")).unwrap(), Path::new("old"));
    assert_eq!(std::fs::read_link(place.env("old")).unwrap(), Path::new("env"));
    assert_eq!(place.entries(), ["b", "env", "old"]);
}

#[test]
fn a_link_that_another_process_changes_is_left_to_it() {
    let place = place("old");
    symlink("old", place.env("b")).unwrap();
    let lock = place.store.lock(&name("b")).unwrap();
    let renamed = place.rename("old", "new").unwrap();
    assert_eq!(renamed.problems.len(), 1, "{:?}", renamed.problems);
    assert_eq!(std::fs::read_link(place.env("b")).unwrap(), Path::new("old"));
    drop(lock);
}
