use std::os::unix::fs::symlink;

use super::*;

struct Place {
    _root: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    /// A home directory with a store, which has another name by a link, and an environment that is gone.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let real = root.path().canonicalize().unwrap();
        std::fs::create_dir_all(real.join("home/envs/other")).unwrap();
        symlink("home/envs", real.join("link")).unwrap();
        symlink("home/envs/old/bin", real.join("dead")).unwrap();
        Self { _root: root, root: real }
    }

    fn text(&self, text: &str) -> String {
        text.replace("ROOT", self.root.to_str().unwrap())
    }

    fn with<T>(&self, new: &str, test: impl Fn(&Spelled<'_>) -> T) -> T {
        let store = self.root.join("home/envs");
        let (old, new, home) = (store.join("old"), store.join(new), self.root.join("home"));
        test(&Spelled::new(&old, &new, Some(&home)).unwrap())
    }

    fn rewritten(&self, text: &str) -> Option<String> {
        let found = self.with("new", |spelled| spelled.rewritten(&self.text(text), false));
        found.map(|found| found.replace(self.root.to_str().unwrap(), "ROOT"))
    }
}

#[test]
fn other_spellings_keep_their_form() {
    let place = Place::new();
    for (text, expected) in [
        ("ROOT//home/envs/old/bin/python", "ROOT//home/envs/new/bin/python"),
        ("ROOT/home/./envs/old/", "ROOT/home/./envs/new/"),
        ("ROOT/home/envs//old", "ROOT/home/envs//new"),
        ("ROOT/home/envs/other/../old/bin", "ROOT/home/envs/other/../new/bin"),
        ("ROOT/link/old/bin:/usr/bin:ROOT/link/old", "ROOT/link/new/bin:/usr/bin:ROOT/link/new"),
        ("~/envs/old/bin/python", "~/envs/new/bin/python"),
        ("exec $HOME/envs/old/bin/python", "exec $HOME/envs/new/bin/python"),
        ("PATH=${HOME}/envs/old/bin:${PATH}", "PATH=${HOME}/envs/new/bin:${PATH}"),
        ("-I$HOME/envs/old", "-I$HOME/envs/new"),
        ("ROOT/dead/python", "ROOT/home/envs/new/bin/python"),
        ("cd 'ROOT/link/old'.", "cd 'ROOT/link/new'."),
    ] {
        assert_eq!(place.rewritten(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "ROOT/link/older",
        "ROOT/link/old-2/bin",
        "/mnt/ROOT/link/old",
        "ROOT/link/other/old",
        "~me/envs/old",
        "$$HOME/envs/old",
        "${X}/envs/old",
        "envs/old",
        "/",
        "",
    ] {
        assert_eq!(place.rewritten(text), None, "{text}");
    }
}

#[test]
fn a_new_name_that_goes_on_after_the_old_one_is_written_once() {
    let place = Place::new();
    let once = place.with("old two", |spelled| spelled.rewritten(&place.text("ROOT/link/old/bin"), false)).unwrap();
    assert_eq!(once, place.text("ROOT/link/old two/bin"));
    assert_eq!(place.with("old two", |spelled| spelled.rewritten(&once, false)), None);
}

#[test]
fn what_only_its_reader_understands_is_uncertain() {
    let place = Place::new();
    let is_uncertain = |text: &str| place.with("new", |spelled| spelled.is_uncertain(&place.text(text)));
    for text in
        ["$WORKON_HOME/old/bin", "${X}/old", "../envs/old/bin", "envs/old", "~me/envs/old", "-I$X/old", "-I~/envs/old"]
    {
        assert!(is_uncertain(text), "{text}");
    }
    for text in ["/envs/old", "ROOT/old", "~/envs/old", "${HOME}/a/old", "$X/older", "a/old", "-I/x/envs/old", "old"] {
        assert!(!is_uncertain(text), "{text}");
    }
}

#[test]
fn the_document_around_a_path_stays_as_it_is() {
    let place = Place::new();
    let old = place.text(
        "\u{feff}{\"argv\": [\"\\u002fx\",\n\"ROOT\\/link\\/old\\/bin\"], \"env\": {\"A\": \"ROOT\\/link\\/old:$$\", \"\u{e9}\": 1}}",
    );
    let new = place.with("n\"\u{e9}$w", |spelled| spelled.replaced(old.as_bytes()).unwrap());
    let expected = place.text(
        "\u{feff}{\"argv\": [\"\\u002fx\",\n\"ROOT/link/n\\\"\\u00e9$w/bin\"], \"env\": {\"A\": \"ROOT/link/n\\\"\\u00e9$$w:$$\", \"\u{e9}\": 1}}",
    );
    assert_eq!(String::from_utf8(new).unwrap(), expected);
    for damaged in ["{\"a\\", "\"", "{\"argv\": [\"\\ud800\"]}", "[\"a\\\""] {
        assert_eq!(place.with("new", |spelled| spelled.replaced(damaged.as_bytes())), None, "{damaged}");
    }
}
