//! The locks of `venvwrap freeze --format pylock` are what the `packaging` library in pip takes for valid.

use super::fixture::pips;
use crate::support::program::pythons;
use crate::support::tools::skip;
use crate::support::wheels::Wheels;

/// Reads a lock strictly, and prints the packages.
const CODE: &str = "import sys, tomllib\nsys.path.insert(0, sys.argv[1])\n\
    from pip._vendor.packaging.pylock import Pylock\n\
    lock = Pylock.from_dict(tomllib.load(open(sys.argv[2], 'rb')))\n\
    print(*(f'{package.name}=={package.version}' for package in lock.packages))\n";

#[test]
fn locks_are_valid() {
    let pip = pips().into_iter().find(|pip| pip.join("pip/_vendor/packaging/pylock.py").is_file());
    let python = pythons().iter().find(|python| {
        let output = std::process::Command::new(python).args(["-c", "import tomllib"]).output().unwrap();
        output.status.success()
    });
    let (Some(pip), Some(python), Some(wheels)) = (pip, python, Wheels::new("uv")) else {
        skip("there is no pip with `packaging.pylock`, no Python with `tomllib`, or no uv");
        return;
    };
    wheels.add_common();
    wheels.create(&wheels.python, "api", &["alpha==1.0"]);
    let site = wheels.site("api");
    for (name, url) in [
        (
            "vcs",
            r#"{"url": "https://x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab"}, "subdirectory": "s"}"#,
        ),
        ("archived", r#"{"url": "https://x.example/a.zip", "archive_info": {"hashes": {"sha256": "00"}}}"#),
        ("edited", r#"{"url": "file:///srv/edited", "dir_info": {"editable": true}}"#),
        ("placed", r#"{"url": "file:///srv/placed", "dir_info": {}}"#),
    ] {
        let info = site.join(format!("{name}-1.0.dist-info"));
        wheels.sandbox.write(info.join("METADATA"), format!("Name: {name}\nVersion: 1.0\n"));
        wheels.sandbox.write(info.join("direct_url.json"), url);
    }
    for options in [&[][..], &["--this-platform"]] {
        let file = wheels.sandbox.path("projects/pylock.toml");
        let arguments = [&["freeze", "--format", "pylock", "-o", file.to_str().unwrap()], options, &["api"]].concat();
        let outcome = wheels.call(&arguments);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let output = std::process::Command::new(python).args(["-c", CODE]).arg(&pip).arg(&file).output().unwrap();
        let found = String::from_utf8_lossy(&output.stdout);
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = "alpha==1.0 archived==1.0 beta==1.0 edited==None placed==None vcs==1.0";
        assert_eq!(found.trim(), expected, "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(wheels.call(&["diff", "api", file.to_str().unwrap()]).stdout, "", "{text}");
    }
}
