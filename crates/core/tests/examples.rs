//! The examples do what the program does, with nothing but this crate: the mirror of associations stays true.
#![expect(dead_code, reason = "each example is a program of its own, whose `main` is not called here")]

use std::ffi::OsString;
use std::path::Path;
use std::time::SystemTime;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::private::User;
use venvwrap_core::store::mirror::Tree;
use venvwrap_core::store::{Store, StoreOptions};

#[path = "../examples/associate.rs"]
mod associate;
#[path = "../examples/create.rs"]
mod create;
#[path = "../examples/list.rs"]
mod list;
#[path = "../examples/remove.rs"]
mod remove;

fn words(words: &[&dyn AsRef<std::ffi::OsStr>]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_os_string()).collect()
}

fn listed(home: &Path) -> String {
    let mut output = Vec::new();
    list::run(&words(&[&home]), &mut output).unwrap();
    String::from_utf8(output).unwrap()
}

#[test]
fn an_environment_is_created_associated_listed_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let home = root.path().join("it's my envs");
    let project = root.path().join("src/$(touch PWN) web");
    let mirror = Tree::new(&home.with_extension("state"), SystemTime::now);

    create::run(&words(&[&home, &"a b"])).unwrap();
    assert_eq!(listed(&home), "a b\tok\t\n");
    assert!(create::run(&words(&[&home, &"a b"])).is_err(), "nothing is replaced");

    associate::run(&words(&[&home, &"a b", &project])).unwrap();
    assert_eq!(listed(&home), format!("a b\tok\t{}\n", project.display()));
    assert_eq!(mirror.get(&project).unwrap().env, home.join("a b"));

    let other = root.path().join("src/other");
    associate::run(&words(&[&home, &"a b", &other])).unwrap();
    assert_eq!(mirror.get(&project), None, "the old project is no longer mirrored");
    assert_eq!(mirror.get(&other).unwrap().env, home.join("a b"));

    // A directory that was added next to the project is forgotten with the environment, too.
    let options = StoreOptions::new(home.clone(), User::of_this_process(), SystemTime::now);
    let store = Store::open(StoreOptions { state_dir: Some(home.with_extension("state")), ..options });
    let environment = store.environment(EnvName::for_new("a b".as_ref()).unwrap());
    store.add_directory(&environment, root.path()).unwrap();

    remove::run(&words(&[&home, &"a b/"])).unwrap();
    assert_eq!(listed(&home), "");
    assert!(mirror.list().is_empty());
    assert!(std::fs::read_dir(&home).unwrap().next().is_none(), "nothing is left");
    assert!(project.is_dir() && other.is_dir(), "projects stay");
    assert!(remove::run(&words(&[&home, &"a b"])).is_err());
}
