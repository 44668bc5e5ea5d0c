//! Archives and bundles.

use super::place::Place;

/// A path that shells and other programs would take for something else.
const HOSTILE: &str = "it's a \"b\" $(touch /PWN) é";

#[test]
fn an_environment_runs_from_each_kind_of_archive_and_from_a_bundle() {
    let Some(place) = Place::new() else { return };
    place.call(&["pack", "api", "-o", "relocatable.tar.gz"]);
    place.call(&["pack", "api", "--dest", "/opt/it is here", "-o", "fixed.tar.gz"]);
    place.call(&["pack", "api", "--with-python", "-o", "python.tar.gz"]);
    place.call(&["bundle", "--from-installed", "api"]);
    place.sandbox.write("home/place", HOSTILE);

    let relocatable = "place=/srv/$(cat /carried/place)
        mkdir -p \"$place\" && tar xzf /carried/relocatable.tar.gz -C \"$place\"
        \"$place/bin/compiled-tool\" && \"$place/bin/venvwrap-fix\"
        (. \"$place/bin/activate\" && compiled-tool) && test ! -e /PWN";
    let expected = format!("42 /srv/{HOSTILE}\n").repeat(2);
    assert_eq!(place.inside(relocatable), expected, "relocatable");

    let fixed = "mkdir '/opt/it is here' && tar xzf /carried/fixed.tar.gz -C '/opt/it is here'
        '/opt/it is here/bin/compiled-tool'";
    assert_eq!(place.inside(fixed), "42 /opt/it is here\n", "fixed");

    let with_python = "rm -rf /usr/bin/python3* /usr/lib/python3* /usr/local/bin/python3*
        if command -v python3; then exit 1; fi
        place=/srv/$(cat /carried/place)
        mkdir -p \"$place\" && tar xzf /carried/python.tar.gz -C \"$place\"
        \"$place/bin/compiled-tool\" && \"$place/bin/venvwrap-fix\" && \"$place/bin/venvwrap-fix\" --check
        (. \"$place/bin/activate\" && compiled-tool && python -c 'import ssl, sqlite3')";
    assert_eq!(place.inside(with_python), expected, "with Python");

    let bundle = "cd /srv && tar xf /carried/api.bundle.tar && sh api/install.sh /srv/new /usr/bin/python3 >&2
        /srv/new/bin/compiled-tool";
    assert_eq!(place.inside(bundle), "42 /srv/new\n", "bundle");
}

#[test]
fn all_environments_come_back_from_a_backup() {
    let Some(place) = Place::new() else { return };
    let page = include_str!("../../docs/backup.md");
    let mut blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let (save, bring_back) = (blocks.next().unwrap(), blocks.next().unwrap());
    let hostile = "it's a !b é";
    // The lines of the page, with another directory for the archives and the program that is tested.
    let script = |lines: &str| {
        format!(
            "set -eu\nvenvwrap() {{ '{}' \"$@\"; }}\n{}",
            env!("CARGO_BIN_EXE_venvwrap"),
            lines.replace("/backup", "backup")
        )
    };
    place.call(&["create", "-p", "/usr/bin/python3", "--no-seed", hostile]);
    place.call(&["copy", "api", "b c"]);
    let shell = |lines: &str| {
        let mut command = place.sandbox.command("/bin/sh".as_ref());
        super::place::succeed(command.args(["-c", &script(lines)]))
    };
    std::fs::create_dir(place.sandbox.path("home/backup")).unwrap();
    shell(save);
    for (number, name) in ["api", "b c", hostile].iter().enumerate() {
        std::fs::rename(place.sandbox.env_path(name), place.sandbox.path(format!("gone{number}"))).unwrap();
    }
    shell(bring_back);
    for name in ["api", "b c"] {
        let tool = place.sandbox.env_path(name).join("bin/compiled-tool");
        let printed = super::place::succeed(&mut place.sandbox.command(&tool));
        assert_eq!(printed, format!("42 {}\n", place.sandbox.env_path(name).display()));
    }
    assert!(place.sandbox.env_path(hostile).join("pyvenv.cfg").is_file());
}
