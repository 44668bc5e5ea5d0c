//! What uv's variables, its configuration files and its store of passwords say about servers.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::index::Credentials;
use super::installer_options::InstallerContext;
use crate::config::variables::{UV, XDG_CONFIG_DIRS, XDG_CONFIG_HOME, XDG_DATA_HOME};
use crate::fs::read_limited;

/// The largest file that is read.
const MAX_FILE: u64 = 1 << 20;

/// Learns who the user is at which server, what counts most last; returns whether `keyring` is to be asked.
pub(super) fn learn(context: &InstallerContext<'_>, found: &mut Credentials) -> bool {
    let place = Place { context };
    for one in place.stored() {
        let text = |key: &str| one.get(key).and_then(Value::as_str);
        if let (Some(service), Some(user), Some(password)) = (text("service"), text("username"), text("password")) {
            found.add(service, user, password);
        }
    }
    let mut provider = None;
    for table in place.files().iter().rev().filter_map(|file| table(file)) {
        // Settings for `uv pip` alone count more than those for all commands.
        let for_pip = table.get("pip").and_then(Value::as_table);
        for section in std::iter::once(&table).chain(for_pip) {
            place.learn_of(section, found);
            provider = section.get("keyring-provider").and_then(Value::as_str).map(str::to_owned).or(provider);
        }
    }
    for option in ["find-links", "extra-index-url", "index-url", "index", "default-index"] {
        let value = place.option(option).unwrap_or_default();
        value.split([' ', ',']).filter(|word| !word.is_empty()).for_each(|word| place.learn_index(word, found));
    }
    place.option("keyring-provider").or(provider).is_some_and(|provider| provider == "subprocess")
}

/// Returns the setting by which uv would install into another place than the environment, if the user has one.
pub(super) fn elsewhere(context: &InstallerContext<'_>) -> Option<&'static str> {
    let tables = Place { context }.files().into_iter().filter_map(|file| table(&file));
    let for_pip = tables.filter_map(|table| table.get("pip").and_then(Value::as_table).cloned());
    for_pip.into_iter().find_map(|table| {
        let known = [("target", "pip.target"), ("prefix", "pip.prefix")];
        known.into_iter().find(|(key, _)| table.contains_key(*key)).map(|(_, name)| name)
    })
}

/// Returns whether the user's own files name an index for uv, which no option and no variable takes back.
pub(super) fn has_index(context: &InstallerContext<'_>) -> bool {
    let names_one =
        |table: &Table| ["index", "index-url", "extra-index-url"].iter().any(|key| table.contains_key(*key));
    let mut tables = Place { context }.files().into_iter().filter_map(|file| table(&file));
    tables.any(|table| names_one(&table) || table.get("pip").and_then(Value::as_table).is_some_and(names_one))
}

struct Place<'a> {
    context: &'a InstallerContext<'a>,
}

impl Place<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.context.lookup)(name).and_then(|value| value.into_string().ok()).filter(|text| !text.is_empty())
    }

    fn option(&self, option: &str) -> Option<String> {
        self.text(&UV.variable(option))
    }

    /// A directory by its variable, or below the home directory.
    fn directory(&self, variable: &str, usual: &str) -> Option<PathBuf> {
        let named = self.text(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| self.context.home.map(|home| home.join(usual))).map(|directory| directory.join("uv"))
    }

    /// What `uv auth login` has stored.
    fn stored(&self) -> Vec<Table> {
        let usual =
            || self.directory(XDG_DATA_HOME.name, ".local/share").map(|directory| directory.join("credentials"));
        let directory = self.option("credentials-dir").map(PathBuf::from).or_else(usual);
        let table = directory.and_then(|directory| table(&directory.join("credentials.toml")));
        tables(table.as_ref().and_then(|table| table.get("credential"))).cloned().collect()
    }

    /// The configuration files, the most important first. Those of the project around the current directory do not count:
    /// whoever wrote them has not been asked for anything.
    fn files(&self) -> Vec<PathBuf> {
        if self.option("no-config").is_some_and(|value| super::pip_settings::is_true(&value)) {
            return Vec::new();
        }
        if let Some(file) = self.option("config-file") {
            return vec![crate::fs::absolute(self.context.current_dir, Path::new(&file))];
        }
        let own = self.directory(XDG_CONFIG_HOME.name, ".config").map(|directory| directory.join("uv.toml"));
        let mut files: Vec<PathBuf> = own.into_iter().collect();
        let shared = self.text(XDG_CONFIG_DIRS.name).unwrap_or_else(|| "/etc/xdg".into());
        let system = shared.split(':').chain(["/etc"]).map(|directory| Path::new(directory).join("uv/uv.toml"));
        files.extend(system.into_iter().find(|file| file.is_file()));
        files
    }

    fn learn_of(&self, section: &Table, found: &mut Credentials) {
        for key in ["find-links", "extra-index-url", "index-url"] {
            strings(section.get(key)).for_each(|address| found.add_address(address));
        }
        for index in tables(section.get("index")) {
            let text = |key: &str| index.get(key).and_then(Value::as_str);
            if let Some(address) = text("url") {
                self.learn_named(text("name"), address, found);
            }
        }
    }

    /// Learns of an index that may have a name: `internal=https://…`.
    fn learn_index(&self, word: &str, found: &mut Credentials) {
        match word.split_once('=').filter(|(name, _)| !name.contains(':')) {
            Some((name, address)) => self.learn_named(Some(name), address, found),
            None => found.add_address(word),
        }
    }

    /// The user and password at an index with a name can be in variables.
    fn learn_named(&self, name: Option<&str>, address: &str, found: &mut Credentials) {
        found.add_address(address);
        let Some(name) = name else { return };
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let [user, password] = ["username", "password"].map(|what| self.option(&format!("index-{name}-{what}")));
        if user.is_some() || password.is_some() {
            found.add(address, &user.unwrap_or_default(), &password.unwrap_or_default());
        }
    }
}

/// What a file says to uv.
fn table(file: &Path) -> Option<Table> {
    let content = read_limited(file, MAX_FILE).ok()?;
    std::str::from_utf8(&content).ok()?.parse().ok()
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let several = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    value.and_then(Value::as_str).into_iter().chain(several.iter().filter_map(Value::as_str))
}

fn tables(value: Option<&Value>) -> impl Iterator<Item = &Table> {
    value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_table)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// Who the user is at an address, where these files are in the home directory, with these variables.
    fn user(files: &[(&str, &str)], variables: &[(&str, &str)], address: &str) -> (Option<String>, bool) {
        let home = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let here = home.path().join("src/deep");
        std::fs::create_dir_all(&here).unwrap();
        let lookup = |name: &str| {
            let value = variables.iter().find(|(known, _)| *known == name)?.1;
            Some(OsString::from(value.replace('~', home.path().to_str().unwrap())))
        };
        let context = InstallerContext {
            names: &Vec::new,
            lookup: &lookup,
            options_in: &|_| crate::wheel::file_options::FileOptions::default(),
            home: Some(home.path()),
            env: home.path(),
            current_dir: &here,
        };
        let mut found = Credentials::default();
        let is_asked = learn(&context, &mut found);
        let decoded = |header: String| {
            String::from_utf8(STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap()).unwrap()
        };
        (found.for_address(address).1.map(decoded), is_asked)
    }

    #[test]
    fn whatever_tells_uv_tells_the_downloader() {
        const FILE: &str = "[[index]]\nname = \"my-own.one\"\nurl = \"https://i.example/simple\"\n";
        const NAMED: [(&str, &str); 2] = [("UV_INDEX_MY_OWN_ONE_USERNAME", "a"), ("UV_INDEX_MY_OWN_ONE_PASSWORD", "b")];
        const FOR_PIP: &str =
            "[pip]\nextra-index-url = [\"https://a:b@i.example/x\"]\nkeyring-provider = \"subprocess\"";
        let with = |path: &'static str, content: &'static str| vec![(path, content)];
        let plain = "index-url = \"https://a:b@i.example/simple\"\n";
        let store =
            "[[credential]]\nservice = \"https://i.example/\"\nusername = \"a\"\nscheme = \"basic\"\npassword = \"b\"";
        for (files, variables) in [
            (with(".config/uv/uv.toml", plain), &[][..]),
            (with("c/uv/uv.toml", plain), &[("XDG_CONFIG_HOME", "~/c")]),
            (with("s/uv/uv.toml", plain), &[("XDG_CONFIG_DIRS", "~/r:~/s")]),
            (with("other.toml", plain), &[("UV_CONFIG_FILE", "../../other.toml")]),
            (with(".config/uv/uv.toml", FILE), &NAMED),
            (with(".config/uv/uv.toml", FOR_PIP), &[]),
            (with(".local/share/uv/credentials/credentials.toml", store), &[]),
            (with("d/credentials.toml", store), &[("UV_CREDENTIALS_DIR", "~/d")]),
            (vec![], &[("UV_INDEX", "https://x.example own=https://a:b@i.example/simple")]),
            (vec![], &[("UV_INDEX_URL", "https://a:b@i.example/simple?x=y")]),
        ] {
            let (found, is_asked) = user(&files, variables, "https://i.example/simple/p/");
            assert_eq!(found.as_deref(), Some("a:b"), "{files:?} {variables:?}");
            assert_eq!(is_asked, files.iter().any(|(_, content)| *content == FOR_PIP));
            assert_eq!(user(&files, variables, "https://j.example/simple/").0, None);
        }
        assert_eq!(user(&[("src/uv.toml", plain)], &[], "https://i.example/").0, None, "of whoever wrote it");
        let files = [(".config/uv/uv.toml", plain), ("s/uv/uv.toml", "index-url = 3\n[[index]]\nurl = 1\n[pip]\n")];
        let shared = [("XDG_CONFIG_DIRS", "~/s")];
        assert_eq!(user(&files, &shared, "https://i.example/").0.as_deref(), Some("a:b"));
        assert_eq!(user(&files, &[("UV_NO_CONFIG", "1")], "https://i.example/").0, None);
        assert_eq!(
            user(&[(".config/uv/uv.toml", "[[[")], &[("UV_KEYRING_PROVIDER", "subprocess")], "https://i.example/"),
            (None, true)
        );
    }
}
