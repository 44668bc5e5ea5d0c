//! What locks and pip offer, and what is chosen.

use std::path::Path;

use crate::bundle::offer::{MissingReason, Offer, OfferError, Place, of_lock};
use crate::bundle::platform::Platform;
use crate::bundle::target_python::TargetPython;
use crate::bundle::{FromIndex, Selection, of_report};

const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn offers(python: &str, platform: &str, packages: &str) -> Result<Vec<Offer>, OfferError> {
    let (python, platform) = (TargetPython::parse(python).unwrap(), Platform::parse(platform).unwrap());
    let text = format!("lock-version = \"1.0\"\n{packages}").replace("HASH", HASH);
    of_lock(&text, Path::new("/locks"), &python.markers(&platform))
}

/// The file that is chosen of the only package, or why there is none.
fn chosen(python: &str, platform: &str, files: &[&str]) -> Result<String, MissingReason> {
    let wheel = |file: &&str| format!("{{url = \"https://x/{file}\", hashes = {{sha256 = \"HASH\"}}}}");
    let wheels: Vec<_> = files.iter().map(wheel).collect();
    let package = format!("[[packages]]\nname = \"a\"\nversion = \"1.0\"\nwheels = [{}]\n", wheels.join(", "));
    choose(python, platform, &offers(python, platform, &package).unwrap()[0])
}

fn choose(python: &str, platform: &str, offer: &Offer) -> Result<String, MissingReason> {
    let tags = TargetPython::parse(python).unwrap().tags(&Platform::parse(platform).unwrap());
    offer.choose(&tags, platform).map(|(_, remote)| remote.file.clone()).map_err(|missing| missing.reason)
}

#[test]
fn the_best_wheel_of_the_target_is_chosen() {
    let all = [
        "a-1.0-py3-none-any.whl",
        "a-1.0-cp310-cp310-win_amd64.whl",
        "a-1.0-cp37-abi3-win_amd64.whl",
        "a-1.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "a-1.0-cp313-abi3-manylinux_2_28_x86_64.whl",
        "a-1.0-cp312-cp312-musllinux_1_2_x86_64.whl",
        "a-1.0-cp313-cp313t-manylinux_2_28_x86_64.whl",
    ];
    for (python, platform, expected) in [
        ("3.10", "windows-x86_64", 1),
        ("3.12", "windows-x86_64", 2),
        ("3.12", "linux-x86_64", 4),
        ("3.12", "linux-x86_64-glibc2.27", 3),
        ("3.12", "linux-x86_64-glibc2.16", 0),
        ("3.14", "linux-x86_64", 5),
        ("3.12", "linux-x86_64-musl", 6),
        ("3.13t", "linux-x86_64", 7),
        ("3.13t", "linux-aarch64", 0),
        ("pypy3.10", "linux-x86_64", 0),
    ] {
        assert_eq!(chosen(python, platform, &all).unwrap(), all[expected], "{python} {platform}");
    }
    let other = MissingReason::NotFor("linux-aarch64".into());
    assert_eq!(chosen("3.12", "linux-aarch64", &all[3..]), Err(other));
}

#[test]
fn a_file_of_another_package_or_version_is_never_chosen() {
    for file in ["b-1.0-py3-none-any.whl", "a-2.0-py3-none-any.whl", "a-1.0.tar.gz", "..%2Fa-1.0-py3-none-any.whl"] {
        assert_eq!(chosen("3.12", "linux-x86_64", &[file]), Err(MissingReason::NoFiles), "{file}");
    }
    assert_eq!(chosen("3.12", "linux-x86_64", &["A-1-py3-none-any.whl?x=1#y"]).unwrap(), "A-1-py3-none-any.whl");
}

#[test]
fn local_versions_and_passwords_are_in_urls() {
    let text = "[[packages]]\nname = \"A_b\"\n\
        archive = {url = \"https://u:p@x/a_b-1.0%2Bcu118-py3-none-any.whl#sha256=1\", hashes = {sha256 = \"HASH\"}}\n";
    let found = &offers("3.12", "linux-x86_64", text).unwrap()[0];
    assert_eq!((found.key.as_str(), found.version.as_deref()), ("a-b", Some("1.0+cu118")));
    assert_eq!(choose("3.12", "linux-x86_64", found).unwrap(), "a_b-1.0+cu118-py3-none-any.whl");
    let path = "[[packages]]\nname = \"a\"\nversion = \"1\"\n\
        wheels = [{path = \"w/a-1-py3-none-any.whl\", hashes = {sha256 = \"HASH\"}}]\n";
    let found = offers("3.12", "linux-x86_64", path).unwrap();
    let tags = ["py3-none-any".to_owned()];
    let (_, remote) = found[0].choose(&tags, "x").unwrap();
    assert_eq!(remote.place, Place::Path("/locks/w/a-1-py3-none-any.whl".into()));
}

#[test]
fn what_has_no_wheel_says_why() {
    let why = |package: &str| {
        let found =
            offers("3.12", "linux-x86_64", &format!("[[packages]]\nname = \"a\"\nversion = \"1\"\n{package}\n"));
        choose("3.12", "linux-x86_64", &found.unwrap()[0]).unwrap_err()
    };
    assert_eq!(why("sdist = {url = \"https://x/a-1.tar.gz\", hashes = {sha256 = \"1\"}}"), MissingReason::OnlySource);
    assert_eq!(why("archive = {url = \"https://x/a-1.zip\", hashes = {sha256 = \"1\"}}"), MissingReason::OnlySource);
    assert_eq!(why("vcs = {type = \"git\", url = \"https://x/r\"}"), MissingReason::Repository);
    assert_eq!(why("directory = {path = \".\"}"), MissingReason::Project);
    assert_eq!(why(""), MissingReason::NoFiles);
    assert_eq!(why("wheels = [{url = \"https://x/a-1-py3-none-any.whl\"}]"), MissingReason::NoHash);
    assert_eq!(
        why("wheels = [{url = \"https://x/a-1-py3-none-any.whl\", hashes = {sha256 = \"../x\"}}]"),
        MissingReason::NoHash
    );
}

#[test]
fn a_wrong_hash_is_no_missing_wheel() {
    let other = "f".repeat(64);
    let windows = "{url = \"https://x/a-1-cp312-cp312-win_amd64.whl\", hashes = {sha256 = \"OTHER\"}}";
    let any = "{url = \"https://x/a-1-py3-none-any.whl\", hashes = {sha256 = \"HASH\"}}";
    let kept = |rest: &str, platform: &str, hashes: &[String]| {
        let text = format!("[[packages]]\nname = \"a\"\nversion = \"1\"\n{rest}\n").replace("OTHER", &other);
        let mut found = offers("3.12", platform, &text).unwrap();
        found[0].keep(hashes);
        choose("3.12", platform, &found[0])
    };
    let (right, wrong) = (format!("sha256:{}", HASH.to_uppercase()), format!("sha256:{}", "0".repeat(64)));
    let sdist = "sdist = {url = \"https://x/a-1.tar.gz\", hashes = {sha256 = \"1\"}}\n";
    let both = format!("wheels = [{any}, {windows}]");
    for rest in [format!("wheels = [{any}]"), format!("{sdist}wheels = [{any}]"), both.clone()] {
        assert!(kept(&rest, "linux-x86_64", std::slice::from_ref(&right)).is_ok(), "{rest}");
        for hashes in [vec![wrong.clone()], vec![format!("sha512:{}", "0".repeat(128))], vec![format!("md5:{HASH}")]] {
            assert_eq!(kept(&rest, "linux-x86_64", &hashes), Err(MissingReason::OtherHash), "{rest} {hashes:?}");
        }
    }
    // That of another system is the right one.
    assert_eq!(kept(&both, "linux-x86_64", &[format!("sha256:{other}")]), Err(MissingReason::OtherHash));
    let only = format!("wheels = [{windows}]");
    assert_eq!(
        kept(&only, "linux-x86_64", &[format!("sha256:{other}")]),
        Err(MissingReason::NotFor("linux-x86_64".into()))
    );
    let not_for = kept(&only, "linux-x86_64", &[wrong]);
    assert_eq!(not_for, Err(MissingReason::NoFiles), "of no use with the right hash either");
}

#[test]
fn only_what_is_for_the_target_is_offered() {
    let lock = "requires-python = \">=3.10.4\"\n\
        [[packages]]\nname = \"a\"\nversion = \"1\"\nmarker = \"python_version < '3.11'\"\n\
        [[packages]]\nname = \"a\"\nversion = \"2\"\nmarker = \"python_version >= '3.11'\"\n\
        [[packages]]\nname = \"colorama\"\nversion = \"1\"\nmarker = \"sys_platform == 'win32'\"\n";
    let names = |python: &str, platform: &str| -> Vec<String> {
        let found = offers(python, platform, lock).unwrap();
        found.iter().map(|offer| format!("{}{}", offer.key, offer.version.clone().unwrap_or_default())).collect()
    };
    assert_eq!(names("3.10", "windows-x86_64"), ["a1", "colorama1"]);
    assert_eq!(names("3.12", "linux-x86_64"), ["a2"]);
    assert!(matches!(offers("3.9", "linux-x86_64", lock), Err(OfferError::OtherPython { .. })));
    let elsewhere = format!("environments = [\"sys_platform == 'darwin'\"]\n{lock}");
    assert!(matches!(offers("3.12", "linux-x86_64", &elsewhere), Err(OfferError::NotFor(_))));
    let marker = "python_version < '3.11'\"\n";
    let of_package = lock.replacen(marker, &format!("{marker}requires-python = \"<3.10\"\n"), 1);
    assert_eq!(offers("3.12", "linux-x86_64", &of_package).unwrap().len(), 1, "it is not for that");
    let told = offers("3.10", "linux-x86_64", &of_package).unwrap_err().to_string();
    assert_eq!(told, "`a` is for Python <3.10, not for 3.10");
    let marker = "marker = \"'dev' in dependency_groups and python_version < '3.11'\"";
    let grouped = lock.replace("marker = \"sys_platform == 'win32'\"", marker);
    for (groups, count) in [("default-groups = ['dev']", 2), ("dependency-groups = ['dev']", 1)] {
        assert_eq!(offers("3.10", "linux-x86_64", &format!("{groups}\n{grouped}")).unwrap().len(), count, "{groups}");
    }
    let twice = lock.replace(">= '3.11'", ">= '3.1'");
    assert!(matches!(offers("3.10", "linux-x86_64", &twice), Err(OfferError::Twice(_))));
    assert!(matches!(offers("3.12", "linux-x86_64", "x"), Err(OfferError::Lock(_))));
}

#[test]
fn what_pip_answers_is_read() {
    let item =
        |info: &str| format!("{{\"download_info\":{info},\"metadata\":{{\"name\":\"A.b\",\"version\":\"1.0\"}}}}");
    let read = |info: &str| of_report(&format!("{{\"install\":[{}]}}", item(info)).replace("HASH", HASH)).unwrap();
    let tags = ["py3-none-any".to_owned()];
    for hash in ["\"hash\":\"sha256=HASH\"", "\"hashes\":{\"sha256\":\"HASH\"}"] {
        let found = read(&format!("{{\"url\":\"https://x/A.b-1.0-py3-none-any.whl\",\"archive_info\":{{{hash}}}}}"));
        assert_eq!(found[0].choose(&tags, "x").unwrap().1.sha256, HASH);
    }
    let directory = read("{\"url\":\"file:///p\",\"dir_info\":{}}");
    assert_eq!(directory[0].choose(&tags, "x").unwrap_err().reason, MissingReason::Project);
    assert!(of_report("{}").is_err() && of_report("pip").is_err());
}

#[test]
fn sizes_that_no_disk_has_are_a_number() {
    let package = |name: &str| {
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"1\"\nwheels = [{{url = \"https://x/{name}-1-py3-none-any.whl\", \
             size = {}, hashes = {{sha256 = \"HASH\"}}}}]\n",
            i64::MAX
        )
    };
    let offers = offers("3.12", "linux-x86_64", &["a", "b", "c"].map(package).concat()).unwrap();
    let (python, platform) = (TargetPython::parse("3.12").unwrap(), Platform::parse("linux-x86_64").unwrap());
    let request = FromIndex { name: "x", python, targets: vec![(platform, offers)], requested: None, pip: None };
    assert_eq!(Selection::new(&request).unwrap().size(), Some(u64::MAX));
}

#[test]
fn any_lock_and_report_is_read_or_refused() {
    let markers = TargetPython::parse("3.12").unwrap().markers(&Platform::parse("linux-x86_64").unwrap());
    let lock = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\nmarker = \"os_name == 'nt'\"\n\
        wheels = [{name = \"a-1-py3-none-any.whl\", url = \"https://x/a\", size = 3, hashes = {sha256 = \"12\"}}]\n";
    let report = "{\"install\":[{\"download_info\":{\"url\":\"https://x/a-1-py3-none-any.whl\",\"archive_info\":{}},\
        \"metadata\":{\"name\":\"a\",\"version\":\"1\"}}]}";
    crate::mutation::check_mutations(&[lock, report], |input| {
        let text = String::from_utf8_lossy(input);
        let found = of_lock(&text, Path::new("/"), &markers).unwrap_or_default();
        for offer in found.iter().chain(&of_report(&text).unwrap_or_default()) {
            let _ = offer.choose(&["py3-none-any".to_owned()], "x");
        }
    });
}
