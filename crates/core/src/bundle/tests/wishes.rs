//! What a resolver is asked.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::platform::Platform;
use crate::bundle::target_python::TargetPython;
use crate::bundle::wish::{PartSource, Wish, WishError};
use crate::snapshot::requirements::Requirements;

fn wish(text: &str) -> Wish {
    Wish::of_requirements(&Requirements::parse(text.as_bytes(), Path::new("/p"), "-").unwrap()).unwrap()
}

#[test]
fn lines_are_asked_without_hashes_and_with_options() {
    let wish = wish(
        "--index-url https://u:p@x/simple\n--require-hashes\nA.b[x]>=1 ; os_name == 'nt' --hash=sha256:12\nc @ https://x/c-1-py3-none-any.whl\n",
    );
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    let question = wish.question(python, &platform, &BTreeMap::new());
    assert_eq!(
        question.lines,
        ["--index-url https://u:p@x/simple", "A.b[x]>=1; os_name == \"nt\"", "c @ https://x/c-1-py3-none-any.whl"]
    );
    assert!(!question.is_complete && question.constraints.is_empty());
    assert_eq!(wish.hashes()["a-b"], ["sha256:12"]);
    assert_eq!(wish.parts()[0].to_build(), "A.b[x]>=1; os_name == \"nt\" --hash=sha256:12");
}

#[test]
fn what_must_be_built_is_known_and_asked_for_in_the_version_that_was_built() {
    let mut wish = wish("-e git+https://x/r@1#egg=a\nb @ git+https://x/r@2\n-e /p/c#egg=c\nd==1\n");
    let sources: Vec<_> = wish.to_build().map(|part| (part.key.as_str(), part.source.clone().unwrap())).collect();
    assert_eq!(sources[..2], [("a", PartSource::Repository), ("b", PartSource::Repository)]);
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    wish.add("e");
    wish.add("d");
    let built = BTreeMap::from([("b", "2.0"), ("e", "1")].map(|(name, version)| (name.to_owned(), version.to_owned())));
    let question = wish.question(python, &platform, &built);
    assert!(question.lines.contains(&"b==2.0".to_owned()) && question.lines.contains(&"e==1".to_owned()));
    assert_eq!(question.lines.iter().filter(|line| line.starts_with('d')).count(), 1);
    let unreadable = Requirements::parse(b"a b c\n", Path::new("/p"), "-").unwrap();
    assert!(matches!(Wish::of_requirements(&unreadable), Err(WishError::Line(_))));
}
