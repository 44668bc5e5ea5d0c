//! Several wheels that are installed at once.

use std::path::{Path, PathBuf};

use crate::fs::hex::hex;
use crate::wheel::testing::{ZipEntry, cache_dir, imaginary_interpreter, zip};
use crate::wheel::{LocalError, LocalWheel, Target, install_local};
use sha2::{Digest, Sha256};

const SITE: &str = "lib/python3.12/site-packages";

/// Writes a wheel with these files.
fn wheel(directory: &Path, name: &str, files: &[(String, &str)]) -> LocalWheel {
    let info = format!("{name}-1.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1\n");
    let mut entries: Vec<ZipEntry> = files.iter().map(|(path, content)| ZipEntry::new(path, content)).collect();
    entries.push(ZipEntry::new(&format!("{info}/METADATA"), &metadata));
    entries.push(ZipEntry::new(&format!("{info}/WHEEL"), "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"));
    entries.push(ZipEntry::new(&format!("{info}/RECORD"), ""));
    let (content, file) = (zip(&entries), format!("{name}-1-py3-none-any.whl"));
    let path = directory.join(&file);
    std::fs::write(&path, &content).unwrap();
    LocalWheel { file, sha256: hex(&Sha256::digest(&content)), path, part: None, is_requested: true }
}

fn install(root: &Path, wheels: &[LocalWheel], cache: Option<&Path>) -> Result<PathBuf, LocalError> {
    let interpreter = imaginary_interpreter(12);
    let target = Target { interpreter: &interpreter, root, final_root: Path::new("/final place") };
    std::fs::create_dir_all(root).unwrap();
    let seeded = install_local(wheels, &target, cache.map(cache_dir))?;
    let names: Vec<String> = seeded.distributions.into_iter().map(|(name, _)| name).collect();
    let expected: Vec<&str> = wheels.iter().map(|wheel| wheel.file.split('-').next().unwrap()).collect();
    assert_eq!(names, expected);
    Ok(root.join(SITE))
}

#[test]
fn the_last_wheel_with_a_file_wins_however_long_the_first_takes() {
    let scratch = tempfile::tempdir().unwrap();
    let mut files: Vec<(String, &str)> = (0..500).map(|number| (format!("first/{number}.py"), "x\n")).collect();
    files.push(("shared/a.py".into(), "first\n"));
    files.push(("first-1.data/scripts/tool".into(), "first\n"));
    let other = |name: &str| (format!("{name}-1.data/scripts/tool"), "second\n");
    let wheels = [
        wheel(scratch.path(), "first", &files),
        wheel(scratch.path(), "second", &[("shared/a.py".into(), "second\n"), other("second")]),
        wheel(scratch.path(), "third", &[("third/a.py".into(), "third\n")]),
    ];
    let cache = scratch.path().join("cache");
    for (number, cache) in [None, Some(&*cache), Some(&*cache)].into_iter().enumerate() {
        let site = install(&scratch.path().join(number.to_string()), &wheels, cache).unwrap();
        let read = |name: &str| std::fs::read_to_string(site.join(name)).unwrap();
        assert_eq!((read("shared/a.py"), read("third/a.py")), ("second\n".into(), "third\n".into()));
        assert_eq!(read("../../../bin/tool"), "second\n");
        assert_eq!(std::fs::read_dir(site.join("first")).unwrap().count(), 500);
    }
}

#[test]
fn of_several_damaged_wheels_the_first_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    let mut wheels: Vec<LocalWheel> =
        (0..20).map(|number| wheel(scratch.path(), &format!("n{number}"), &[("a.py".into(), "x")])).collect();
    for number in [3, 4, 19] {
        wheels[number].sha256 = "0".repeat(64);
    }
    let error = install(&scratch.path().join("root"), &wheels, None).unwrap_err();
    assert!(matches!(&error, LocalError::Hash { file, .. } if file == "n3-1-py3-none-any.whl"), "{error}");
    let left = std::fs::read_dir(scratch.path().join("root")).unwrap().count();
    assert_eq!(left, 0, "nothing is installed before all wheels have been checked");
}
