//! What a resolver is asked.

use std::collections::BTreeMap;
use std::path::Path;

use crate::bundle::platform::Platform;
use crate::bundle::target_python::TargetPython;
use crate::bundle::wish::{Part, PartSource, Wish, WishError};
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::snapshot::borrowed::borrowed;
use crate::snapshot::packages::Packages;
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
    assert!(wish.hashes(python, &platform).is_empty());
    assert_eq!(wish.parts()[0].to_build(), "A.b[x]>=1; os_name == \"nt\" --hash=sha256:12");
}

#[test]
fn the_hashes_that_all_lines_for_a_target_allow_are_demanded() {
    let wish = wish(
        "a==1 ; python_version < '3.12' --hash=sha256:1\na==2 ; python_version >= '3.12' --hash=sha256:2\n\
         b==1 --hash=sha256:3 --hash=sha256:4\nb==1.0 --hash=sha256:5 --hash=sha256:4\nb\nc\n",
    );
    let platform = Platform::parse("linux-x86_64").unwrap();
    for (python, of_a) in [("3.11", "sha256:1"), ("3.12", "sha256:2")] {
        let hashes = wish.hashes(TargetPython::parse(python).unwrap(), &platform);
        assert_eq!(hashes["a"], [of_a]);
        assert_eq!(hashes["b"], ["sha256:4"]);
        assert_eq!(hashes.len(), 2);
    }
}

#[test]
fn what_is_borrowed_comes_along_without_having_been_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let home = root.path().join("base/bin");
    let cfg = format!("home = {}\nversion = 3.12.1\ninclude-system-site-packages = true\n", home.display());
    write("env/pyvenv.cfg", &cfg);
    let site = "lib/python3.12/site-packages";
    for (place, name, needs) in
        [("env", "own", "shared"), ("base", "shared", "deeper"), ("base", "deeper", "x"), ("base", "other", "x")]
    {
        let info = format!("{place}/{site}/{name}-1.dist-info");
        write(&format!("{info}/METADATA"), &format!("Name: {name}\nVersion: 1\nRequires-Dist: {needs}\n"));
        write(&format!("{info}/REQUESTED"), "");
    }
    let environment = Environment::new(EnvName::for_existing("env".as_ref()).unwrap(), root.path().join("env"));
    let packages = Packages::read(&environment, None).unwrap();
    let borrowed = borrowed(&packages);
    let keys: Vec<_> = borrowed.iter().map(|found| found.key.as_str()).collect();
    assert_eq!(keys, ["deeper", "shared"]);
    let wish = |borrowed| Wish::of_environment(&packages.installed, &packages.python, borrowed).unwrap();
    let keys = |wish: &Wish| wish.parts().iter().map(|part| part.key.clone()).collect::<Vec<_>>();
    assert_eq!(
        (keys(&wish(&[])), keys(&wish(&borrowed))),
        (vec!["own".into()], vec!["deeper".to_owned(), "own".into(), "shared".into()])
    );
    let wish = wish(&borrowed);
    assert_eq!(wish.requested().unwrap().into_iter().collect::<Vec<_>>(), ["own"]);
    let other = Platform::parse("windows-x86_64").unwrap();
    let question = wish.question(TargetPython::parse("3.12").unwrap(), &other, &BTreeMap::new());
    assert_eq!(question.lines, ["own==1"]);
    assert_eq!(question.constraints, ["deeper==1", "own==1", "shared==1"]);
}

#[test]
fn what_must_be_built_is_known_and_asked_for_by_the_wheel_that_was_built() {
    let mut wish = wish("-e git+https://x/r@1#egg=a\nb[y] @ git+https://x/r@2\n-e /p/c#egg=c\nd==1\n");
    let sources: Vec<_> = wish.to_build().map(|part| (part.key.as_str(), part.source.clone().unwrap())).collect();
    assert_eq!(sources[..2], [("a", PartSource::Repository), ("b", PartSource::Repository)]);
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    wish.add("e");
    wish.add("d");
    let built = ["b", "e"].map(|name| (name.to_owned(), format!("file:///w/{name}.whl")));
    let question = wish.question(python, &platform, &BTreeMap::from(built));
    // By its name, an index could be asked.
    for line in ["b[y] @ file:///w/b.whl", "e @ file:///w/e.whl"] {
        assert!(question.lines.contains(&line.to_owned()), "{line}: {:?}", question.lines);
    }
    assert_eq!(question.lines.iter().filter(|line| line.starts_with('d')).count(), 1);
    let unreadable = Requirements::parse(b"a b c\n", Path::new("/p"), "-").unwrap();
    assert!(matches!(Wish::of_requirements(&unreadable), Err(WishError::Line(_))));
}

#[test]
fn an_editable_project_is_never_asked_for_by_its_name() {
    // As a snapshot writes it, with the version that is installed.
    let wish = wish("-e git+https://x/r@1#egg=a\n# Editable install (b==1.0)\n-e file:///p/it%27s\n-e /p/c[z]#egg=c\n");
    let lines: Vec<_> = wish.to_build().map(Part::to_build).collect();
    assert_eq!(lines[..2], ["a @ git+https://x/r@1#egg=a", "b @ file:///p/it%27s"]);
    assert!(lines.iter().all(|line| line.contains(" @ ")), "{lines:?}");
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    assert_eq!(wish.question(python, &platform, &BTreeMap::new()).lines, lines);
}

#[test]
fn what_is_in_the_line_of_an_option_that_is_left_out_is_not_lost() {
    let wish = wish("--require-hashes --index-url https://x\na\n");
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    let question = wish.question(python, &platform, &BTreeMap::new());
    assert!(question.lines.contains(&"--require-hashes --index-url https://x".to_owned()), "{:?}", question.lines);
}
