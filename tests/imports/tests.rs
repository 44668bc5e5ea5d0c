//! The test of the tree can fail.

use std::collections::BTreeMap;

use super::{circles, imports, source, upwards};

fn faults(files: &[(&str, &str)]) -> Vec<String> {
    let sources: BTreeMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), source::code(text))).collect();
    let imports = imports(&sources, "lib.rs");
    [upwards(&imports, "lib.rs", &["low", "high"]), circles(&imports)].concat()
}

#[test]
fn an_import_upwards_is_seen() {
    let root = ("lib.rs", "pub mod high;\npub mod low;\n");
    let high = ("high.rs", "use crate::low::Thing;\n");
    assert_eq!(faults(&[root, high, ("low.rs", "pub struct Thing;\n")]), Vec::<String>::new());
    for import in ["use crate::high::Thing;", "use super::high::{self, Thing};", "fn f() { crate::high::f() }"] {
        let faults = faults(&[root, ("high.rs", ""), ("low.rs", import)]);
        assert!(faults[0].contains("low.rs:1") && faults[0].contains("`low` is below `high`"), "{import}: {faults:?}");
    }
    let other = faults(&[("lib.rs", "mod other;\nmod low;\n"), ("other.rs", "use crate::low;"), ("low.rs", "")]);
    assert_eq!(other, ["  `other` has no place in the order of tests/imports"]);
}

#[test]
fn a_circle_is_seen_through_re_exports() {
    let root = ("lib.rs", "pub mod low;\n");
    let a = ("low/a.rs", "use super::B;\npub struct A;\n");
    let b = ("low/b.rs", "pub struct B(super::a::A);\n");
    let re_exports = ("low/mod.rs", "mod a;\nmod b;\npub use a::A;\npub use self::b::{\n    B,\n};\n");
    let found = faults(&[root, re_exports, a, b]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("low/a.rs:1 imports `super::B` of low/b.rs"), "{found:?}");
    assert_eq!(faults(&[root, re_exports, a, ("low/b.rs", "pub struct B;\n")]), Vec::<String>::new());
}

#[test]
fn a_module_that_uses_its_child_is_not_used_by_it() {
    let root = ("lib.rs", "pub mod low;\n");
    let child = ("low/child.rs", "use super::Base;\npub struct Child(Base);\n");
    for used in ["use child::Child;\n", "fn f() { child::f() }\n", "pub use child::Child;\nstruct Outer(Child);\n"] {
        let module = format!("mod child;\n{used}pub struct Base;\n");
        assert_eq!(faults(&[root, ("low/mod.rs", &module), child]).len(), 1, "{used}");
    }
    let only = "mod child;\npub use child::Child;\npub struct Base;\n";
    assert_eq!(faults(&[root, ("low/mod.rs", only), child]), Vec::<String>::new());
}

#[test]
fn comments_and_tests_do_not_count() {
    let root = ("lib.rs", "pub mod high;\npub mod low;\n");
    let low = "// use crate::high;\n/// [`crate::high`]\n#[cfg(test)]\nmod tests {\n    use crate::high;\n}\n";
    assert_eq!(faults(&[root, ("high.rs", ""), ("low.rs", low)]), Vec::<String>::new());
    let after = format!("{low}use crate::high;\n");
    assert_eq!(faults(&[root, ("high.rs", ""), ("low.rs", &after)]).len(), 1);
}
