//! Bytecode that is made in advance.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::fs::private::User;
use crate::python::Interpreter;
use crate::wheel::testing::{cache_dir, only, real_interpreter, seed_pip, wheel_entries, write_wheel};
use crate::wheel::{BytecodeError, Compiled, Seeded, compile_pending};

fn seed_into(scratch: &Path, name: &str, interpreter: &Interpreter) -> Seeded {
    let root = scratch.join(name);
    std::fs::create_dir(&root).unwrap();
    seed_pip(&only(scratch), interpreter, &root, &root, Some(&scratch.join("cache"))).unwrap()
}

#[test]
fn bytecode_is_made_once_and_then_linked() {
    let Some(interpreter) = real_interpreter() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let scratch = scratch.path();
    write_wheel(scratch, &wheel_entries());
    let pending = seed_into(scratch, "one", interpreter).bytecode_missing;
    assert_eq!(pending.len(), 1);

    let compile = || compile_pending(cache_dir(&scratch.join("cache")), &pending[0].sha256, interpreter).unwrap();
    assert_eq!((compile(), compile()), (Compiled::Now, Compiled::Before));
    assert!(seed_into(scratch, "two", interpreter).bytecode_missing.is_empty());
    let site = scratch.join("two/lib").join(interpreter.lib_dir_name()).join("site-packages");
    let mut files = std::fs::read_dir(site.join("pip/__pycache__")).unwrap();
    let bytecode = files.next().unwrap().unwrap();
    let is_root = User::of_this_process().uid == 0;
    assert_eq!(bytecode.metadata().unwrap().nlink(), if is_root { 1 } else { 2 });
    // No place where it was made is remembered in it.
    let content = std::fs::read(bytecode.path()).unwrap();
    assert!(memchr::memmem::find(&content, scratch.to_str().unwrap().as_bytes()).is_none());
    assert!(memchr::memmem::find(&content, b"pip/__init__.py").is_some());

    let name = bytecode.path().strip_prefix(&site).unwrap().to_path_buf();
    let entry = std::fs::read_dir(scratch.join("cache/v1/wheels")).unwrap().next().unwrap().unwrap().path();
    let trees = std::fs::read_dir(&entry).unwrap().map(|tree| tree.unwrap().path());
    let cached = trees.map(|tree| tree.join("site").join(&name)).find(|path| path.exists()).unwrap();
    std::fs::write(cached, "damaged").unwrap();
    assert_eq!(seed_into(scratch, "three", interpreter).bytecode_missing.len(), 1);
    assert_eq!(compile(), Compiled::Now);
    assert!(seed_into(scratch, "four", interpreter).bytecode_missing.is_empty());
}

#[test]
fn a_compiler_of_another_kind_is_not_believed() {
    let Some(interpreter) = real_interpreter() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let scratch = scratch.path();
    write_wheel(scratch, &wheel_entries());
    let other = Interpreter { magic: interpreter.magic ^ 1, ..interpreter.clone() };
    let pending = seed_into(scratch, "one", &other).bytecode_missing;
    compile_pending(cache_dir(&scratch.join("cache")), &pending[0].sha256, &other).unwrap();
    seed_into(scratch, "two", &other);
    let site = scratch.join("two/lib").join(interpreter.lib_dir_name()).join("site-packages");
    assert!(!site.join("pip/__pycache__").exists());
}

#[test]
fn what_is_not_cached_is_not_compiled() {
    let scratch = tempfile::tempdir().unwrap();
    let interpreter = crate::wheel::testing::imaginary_interpreter(12);
    crate::wheel::cache::Cache::open(cache_dir(&scratch.path().join("cache"))).unwrap();
    for sha256 in ["a".repeat(64), "../../etc".into(), String::new()] {
        let result = compile_pending(cache_dir(&scratch.path().join("cache")), &sha256, &interpreter);
        assert!(matches!(result, Err(BytecodeError::NotCached(_))), "{sha256}");
    }
}

#[test]
fn a_missing_interpreter_is_an_error_that_names_it() {
    let scratch = tempfile::tempdir().unwrap();
    let interpreter = crate::wheel::testing::imaginary_interpreter(12);
    write_wheel(scratch.path(), &wheel_entries());
    let pending = seed_into(scratch.path(), "one", &interpreter).bytecode_missing;
    let error =
        compile_pending(cache_dir(&scratch.path().join("cache")), &pending[0].sha256, &interpreter).unwrap_err();
    assert_eq!(error.to_string(), "could not run `/nowhere/bin/python3`");
}
