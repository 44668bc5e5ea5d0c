//! pip's settings in pip's own words, and what uv and pip are told because of them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::variables::{PIP, PIP_CONFIG_FILE};

struct Place {
    scratch: tempfile::TempDir,
    variables: HashMap<String, String>,
}

impl Place {
    /// A home of its own, and none of this machine's files.
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let nowhere = scratch.path().join("nowhere").to_str().unwrap().to_owned();
        let variables = HashMap::from([("XDG_CONFIG_DIRS".into(), nowhere)]);
        std::fs::create_dir(scratch.path().join("env")).unwrap();
        Self { scratch, variables }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.scratch.path().join(relative)
    }

    fn file(self, path: &str, content: &str) -> Self {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn user(self, content: &str) -> Self {
        self.file(".config/pip/pip.conf", content)
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    fn with<T>(&self, act: impl FnOnce(&InstallerContext<'_>) -> T) -> T {
        let lookup = |name: &str| self.variables.get(name).map(OsString::from);
        let names = || self.variables.keys().map(OsString::from).collect();
        let (env, home, current_dir) = (self.path("env"), Some(self.scratch.path()), &self.path("here"));
        act(&InstallerContext { names: &names, lookup: &lookup, options_in: &options_in, home, env: &env, current_dir })
    }

    fn uv(&self) -> InstallerOptions {
        self.with(uv).unwrap()
    }

    fn pip(&self) -> Vec<String> {
        words(&self.with(pip))
    }
}

/// The options of a file, as far as they begin a line.
fn options_in(file: &std::path::Path) -> FileOptions {
    let Ok(text) = std::fs::read_to_string(file) else { return partial() };
    let lines = text.lines().filter(|line| line.starts_with('-')).map(str::to_owned).collect();
    FileOptions { lines, ..FileOptions::default() }
}

fn partial() -> FileOptions {
    FileOptions { is_partial: true, ..FileOptions::default() }
}

fn uv(context: &InstallerContext<'_>) -> Result<InstallerOptions, NoOptions> {
    for_uv_in(&[], context, &FileOptions::default())
}

fn pip(context: &InstallerContext<'_>) -> InstallerOptions {
    for_pip_in(&[], context).unwrap()
}

fn words(options: &InstallerOptions) -> Vec<String> {
    options.arguments.iter().map(|word| word.to_str().unwrap().to_owned()).collect()
}

fn value<'a>(options: &'a InstallerOptions, name: &str) -> Option<&'a str> {
    options.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap())
}

#[test]
fn without_settings_uv_is_told_nothing() {
    let options = Place::new().uv();
    assert!(options.arguments.is_empty() && options.variables.is_empty(), "{options:?}");
}

#[test]
fn the_index_of_every_place_reaches_uv() {
    let company = "[global]\nindex-url = https://u:p@company.example/simple\n";
    for place in [
        Place::new().user(company),
        Place::new().file(".pip/pip.conf", company),
        Place::new().file("env/pip.conf", company),
        Place::new().file("xdg/pip/pip.conf", company),
        Place::new().file("named", company),
        Place::new().user("[install]\n--index_url: https://u:p@company.example/simple\n"),
        Place::new().variable("PIP_INDEX_URL", "https://u:p@company.example/simple"),
        Place::new().user("[global]\npypi-url = https://u:p@company.example/simple\n"),
    ] {
        let (xdg, named) = (place.path("xdg"), place.path("named"));
        let place = if xdg.exists() { place.variable("XDG_CONFIG_DIRS", xdg.to_str().unwrap()) } else { place };
        let place = if named.exists() { place.variable("PIP_CONFIG_FILE", named.to_str().unwrap()) } else { place };
        let options = place.uv();
        assert_eq!(value(&options, "UV_INDEX_URL"), Some("https://u:p@company.example/simple"));
        // A password must not be among the arguments.
        assert!(options.arguments.is_empty(), "{options:?}");
    }
}

#[test]
fn a_section_for_the_command_counts_more_than_a_later_file() {
    let place = Place::new()
        .file(".pip/pip.conf", "[install]\nindex-url = https://install.example\n")
        .user("[global]\nindex-url = https://global.example\n[download]\nindex-url = https://no.example\n");
    assert_eq!(value(&place.uv(), "UV_INDEX_URL"), Some("https://install.example"));
    // A named file takes the place of the user's.
    let place = place.file("named", "[global]\ntimeout = 3\n");
    let named = place.path("named");
    let options = place.variable("PIP_CONFIG_FILE", named.to_str().unwrap()).uv();
    assert_eq!((value(&options, "UV_INDEX_URL"), value(&options, "UV_HTTP_TIMEOUT")), (None, Some("3")));
}

#[test]
fn of_several_indexes_the_best_wins_and_of_equals_the_first() {
    let options =
        Place::new().user("[global]\nindex-url = https://a\nextra-index-url =\n  https://b\n  https://c\n").uv();
    assert_eq!(value(&options, "UV_EXTRA_INDEX_URL"), Some("https://a https://b"));
    assert_eq!(value(&options, "UV_INDEX_URL"), Some("https://c"));
    assert_eq!(value(&options, "UV_INDEX_STRATEGY"), Some("unsafe-best-match"));
    let only_extra = Place::new().variable("PIP_EXTRA_INDEX_URL", "https://b https://c").uv();
    assert_eq!(value(&only_extra, "UV_EXTRA_INDEX_URL"), Some("https://b https://c"));
    assert_eq!(value(&only_extra, "UV_INDEX_URL"), None);
}

#[test]
fn what_uv_was_told_itself_stays() {
    let place = Place::new().variable("PIP_INDEX_URL", "https://a").variable("PIP_EXTRA_INDEX_URL", "https://b");
    let own_default = place.variable("UV_DEFAULT_INDEX", "https://own");
    let options = own_default.uv();
    assert_eq!((value(&options, "UV_INDEX_URL"), value(&options, "UV_EXTRA_INDEX_URL")), (None, Some("https://b")));
    let options = own_default.variable("UV_DEFAULT_INDEX", "").variable("UV_EXTRA_INDEX_URL", "https://own").uv();
    assert_eq!((value(&options, "UV_INDEX_URL"), value(&options, "UV_EXTRA_INDEX_URL")), (Some("https://a"), None));
}

#[test]
fn local_places_and_no_index() {
    let place = Place::new().file("here/wheels/x", "").file("w/x", "");
    let (wheels, own) = (place.path("here/wheels"), place.path("w"));
    let links = format!("wheels ~/w nowhere file://{} https://l.example/x", own.display());
    let options = place.variable("PIP_FIND_LINKS", &links).variable("PIP_NO_INDEX", "yes").uv();
    let expected = format!("{},{},{},https://l.example/x", wheels.display(), own.display(), own.display());
    assert_eq!(value(&options, "UV_FIND_LINKS"), Some(expected.as_str()));
    assert_eq!(words(&options), ["--no-index"]);
    let comma = Place::new().variable("PIP_FIND_LINKS", "https://l.example/a,b");
    assert_eq!(comma.with(uv), Err(NotForUv { key: "find-links" }.into()));
}

#[test]
fn connections() {
    let place = Place::new().file("ca.pem", "").file("c.pem", "").file("r.pem", "");
    let (client, requests) = (place.path("c.pem"), place.path("r.pem"));
    let place = place
        .user(&format!(
            "[global]\ntrusted-host = a.example b.example:8080\ncert = ~/ca.pem\nclient-cert = {}\nproxy = http://p\n",
            client.display()
        ))
        .variable("PIP_DEFAULT_TIMEOUT", "2.5")
        .variable("PIP_RETRIES", "0x7");
    let options = place.uv();
    assert_eq!(words(&options), ["--allow-insecure-host=a.example", "--allow-insecure-host=b.example:8080"]);
    assert!(value(&options, "SSL_CERT_FILE").unwrap().ends_with("/ca.pem"));
    assert!(!value(&options, "SSL_CERT_FILE").unwrap().contains('~'));
    assert_eq!(value(&options, "SSL_CLIENT_CERT"), client.to_str());
    assert_eq!((value(&options, "HTTPS_PROXY"), value(&options, "http_proxy")), (Some("http://p"), Some("http://p")));
    assert!(options.removed.contains(&"no_proxy".to_owned()));
    assert_eq!((value(&options, "UV_HTTP_TIMEOUT"), value(&options, "UV_HTTP_RETRIES")), (Some("3"), Some("7")));
    let options = Place::new().variable("REQUESTS_CA_BUNDLE", requests.to_str().unwrap()).uv();
    assert_eq!(value(&options, "SSL_CERT_FILE"), requests.to_str());
}

#[test]
fn certificates_that_uv_would_pass_over_are_left_to_pip() {
    for (name, key) in [("PIP_CERT", "cert"), ("PIP_CLIENT_CERT", "client-cert"), ("CURL_CA_BUNDLE", "CURL_CA_BUNDLE")]
    {
        for place in ["/nowhere/at/all.pem", "/"] {
            assert_eq!(Place::new().variable(name, place).with(uv), Err(NotForUv { key }.into()), "{name}={place}");
        }
    }
}

#[test]
fn which_packages() {
    let options = Place::new()
        .user("[install]\nconstraint = a.txt\n  b.txt\nno-binary = a\nonly-binary = x,y\npre = true\nno-deps = 1\n")
        .variable("PIP_REQUIRE_HASHES", "1")
        .variable("PIP_NO_BINARY", "B_b,x")
        .variable("PIP_UPLOADED_PRIOR_TO", "2026-01-01T00:00:00Z")
        .uv();
    let expected = "--constraint=a.txt --constraint=b.txt --no-binary=a --no-binary=b-b --no-binary=x --only-binary=y \
        --exclude-newer=2026-01-01T00:00:00Z --prerelease=allow --no-deps --require-hashes";
    assert_eq!(words(&options).join(" "), expected);
}

#[test]
fn what_uv_does_not_know_is_left_to_pip() {
    for (key, value) in [
        ("keyring-provider", "import"),
        ("prefer-binary", "1"),
        ("requirement", "base.txt"),
        ("no-build-isolation", "0"),
        ("use-deprecated", "legacy-resolver"),
        ("use-feature", "truststore no-such"),
        ("index-url", "https://a\n  https://b"),
        ("no-binary", "a b"),
        ("uploaded-prior-to", "2026-01-01"),
        ("upgrade", "on"),
        ("group", "dev"),
        ("requirements-from-script", "x.py"),
        ("only-deps", "1"),
        ("no-proxy-env", "1"),
        ("no-require-hashes", "1"),
        ("find-links", "~other/wheels"),
        ("cert", "~other/ca.pem"),
    ] {
        let place = Place::new().user(&format!("[global]\n{key} = {value}\n"));
        let left = Err(NotForUv { key }.into());
        assert_eq!(place.with(uv), left);
        assert_eq!(Place::new().variable(&PIP.variable(key), value).with(uv), left);
    }
    assert!(Place::new().variable("PIP_PREFER_BINARY", "0").with(uv).is_ok());
    assert_eq!(
        value(&Place::new().variable("PIP_KEYRING_PROVIDER", "subprocess").uv(), "UV_KEYRING_PROVIDER"),
        Some("subprocess")
    );
}

#[test]
fn no_setting_decides_where_packages_go() {
    let names = [
        "PIP_USER",
        "PIP_no_user",
        "PIP_TARGET",
        "PIP_Prefix",
        "PIP_ROOT",
        "PIP_REQUIRE-VIRTUALENV",
        "PIP_PYTHON",
        "PIP_DRY_RUN",
    ];
    let place = names.iter().fold(Place::new(), |place, name| place.variable(name, "nonsense"));
    assert!(place.pip().is_empty());
    let removed = place.with(pip).removed;
    assert!(names.iter().all(|name| removed.iter().any(|removed| removed == name)), "{removed:?}");
    assert_eq!(Place::new().user("[install]\nno-user = yes\n").pip(), ["--no-user"]);
    assert_eq!(Place::new().user("[install]\nuser = yes\n").pip(), ["--no-user"]);
    assert_eq!(Place::new().user("[global]\ntarget = /t\nroot = /r\n").pip(), ["--target", "", "--root", "/"]);
    let place = Place::new().file("env/pip.conf", "[global]\nprefix = /p\n");
    assert_eq!(place.pip(), ["--prefix", place.path("env").to_str().unwrap()]);
    assert!(Place::new().user("[install]\nuser = yes\ntarget = /t\n").uv().arguments.is_empty());
}

#[test]
fn settings_count_as_they_do_for_pip() {
    for content in [
        "[global]\n    index-url = https://a\n    timeout = 3\n",
        "[global]\n# c\n\n\ttimeout = 3\n\tindex-url = https://a\n",
        "[global]\nindex-url = https://a\n[install]\nindex-url =\n",
        "[DEFAULT]\nindex-url = https://a\n[global]\ntimeout=4\n",
        "[global] ; c\nindex-url = https://a\n",
        "[:env:]\nindex-url = https://a\n",
        "[global]\nindex-url = https://b\npypi-url = https://a\n",
    ] {
        let options = Place::new().user(content).uv();
        assert_eq!(value(&options, "UV_INDEX_URL"), Some("https://a"), "{content:?}");
    }
    let variable = Place::new().variable("PIP_Index_Url", "https://a").variable("PIP_INDEX_URL", "").uv();
    assert_eq!(value(&variable, "UV_INDEX_URL"), Some("https://a"));
    // An empty variable takes back what a file says there.
    let empty = Place::new().user("[:env:]\nindex-url = https://b\n").variable("PIP_INDEX_URL", "").uv();
    assert_eq!(value(&empty, "UV_INDEX_URL"), None);
    let relative = Place::new().file("here/p.conf", "[global]\nno-index = 1\n").variable("PIP_CONFIG_FILE", "p.conf");
    assert_eq!(words(&relative.uv()), ["--no-index"]);
}

#[test]
fn what_pip_would_refuse_nobody_does() {
    for content in ["index-url = https://a\n", "[global]\nno-index = maybe\n", "[global]\nfoo\n", "\u{feff}[global]\n"]
    {
        let refusal = Place::new().user(content).with(uv).unwrap_err();
        assert!(matches!(refusal, NoOptions::Refused(_)), "{content:?}: {refusal}");
        assert!(refusal.to_string().contains("pip.conf`"), "{refusal}");
    }
    let variable = Place::new().variable("PIP_NO_INDEX", "maybe");
    assert!(matches!(variable.with(uv), Err(NoOptions::Refused(_))));
    assert!(variable.with(|context| for_pip_in(&[], context)).is_err());
}

#[test]
fn a_file_that_only_pip_can_read_is_left_to_it() {
    let place = Place::new();
    let pipe = place.path("pipe");
    crate::test_fifo::make(&pipe);
    let place = place.variable("PIP_CONFIG_FILE", pipe.to_str().unwrap());
    assert_eq!(place.with(uv), Err(NotForUv { key: "PIP_CONFIG_FILE" }.into()));
    assert!(place.pip().is_empty());
}

#[test]
fn a_value_never_becomes_an_option() {
    let options = Place::new().variable("PIP_CONSTRAINT", "--target=/t").variable("PIP_TRUSTED_HOST", "-x").uv();
    assert_eq!(words(&options), ["--allow-insecure-host=-x", "--constraint=--target=/t"]);
    assert!(options.arguments.iter().all(|word| Path::new(word) != Path::new("--target=/t")));
}

/// Older versions of pip read such a file, newer ones do not: the environment's pip knows.
#[test]
fn a_file_in_a_relative_directory_is_left_to_pip() {
    for name in ["XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"] {
        let place = Place::new().file("here/rel/pip/pip.conf", "[global]\nindex-url = https://a\n");
        assert!(place.with(uv).is_ok());
        let place = place.variable(name, "rel");
        assert_eq!(place.with(uv), Err(NotForUv { key: PIP_CONFIG_FILE.name }.into()), "{name}");
        assert!(place.variable("PIP_CONFIG_FILE", "/dev/null").with(uv).is_ok());
    }
}

/// What no option of uv takes back is pip's to do.
#[test]
fn an_index_of_a_file_does_not_meet_one_in_the_configuration_of_uv() {
    let of = |lines: &[&str], content: &str| {
        let file = FileOptions { lines: lines.iter().map(ToString::to_string).collect(), ..FileOptions::default() };
        Place::new().file(".config/uv/uv.toml", content).with(|context| for_uv_in(&[], context, &file))
    };
    let index = ["--index-url https://r"];
    for content in
        ["[[index]]\nurl = 'https://u'\n", "index-url = 'https://u'\n", "[pip]\nextra-index-url = ['https://u']\n"]
    {
        assert_eq!(of(&index, content), Err(NotForUv { key: "--index-url" }.into()), "{content}");
        for lines in [&[][..], &["--no-index"], &["--extra-index-url https://x"]] {
            assert!(of(lines, content).is_ok(), "{lines:?} {content}");
        }
    }
    assert!(of(&index, "native-tls = true\n[pip]\nstrict = true\n").is_ok());
}

#[test]
fn the_options_of_constraints_count_as_those_of_requirements() {
    let place = |content: &str| {
        let place = Place::new().user("[global]\nindex-url = https://conf\nextra-index-url = https://more\n");
        place.file("here/c.txt", content).variable("PIP_CONSTRAINT", "c.txt")
    };
    let options = place("--index-url https://c\n--extra-index-url=https://d\n--trusted-host h\nsix<2\n").uv();
    assert_eq!(value(&options, "UV_INDEX_URL"), Some("https://d"), "the last one is asked last");
    assert_eq!(value(&options, "UV_EXTRA_INDEX_URL"), Some("https://c"), "what was known before is forgotten");
    assert_eq!(words(&options), ["--allow-insecure-host=h", "--constraint=c.txt"]);
    assert!(words(&place("--no-index\n").uv()).contains(&"--no-index".to_owned()));
    let hashes = place("--require-hashes\n").user("[install]\nconstraint = c.txt\n").uv();
    assert!(words(&hashes).contains(&"--require-hashes".to_owned()));
    // uv reads these itself.
    assert_eq!(words(&place("-f /x\n--no-binary six\n").uv()), ["--constraint=c.txt"]);
    for content in ["--pre\n", "--prefer-binary\n", "-i a -f b\n", "-i https://a\n-i https://b\n"] {
        assert!(matches!(place(content).with(uv), Err(NoOptions::NotForUv(_))), "{content:?}");
    }
    let requirements = FileOptions { lines: vec!["-i https://r".to_owned()], ..FileOptions::default() };
    let both = place("-i https://c\n").with(|context| for_uv_in(&[], context, &requirements));
    assert_eq!(both, Err(NotForUv { key: "--index-url" }.into()), "uv refuses two");
    for name in ["nowhere.txt", "https://x/c.txt"] {
        let unknown = place("").variable("PIP_CONSTRAINT", name);
        assert_eq!(unknown.with(uv), Err(NotForUv { key: "index-url" }.into()), "{name}");
    }
    let build = |content: &str| place(content).variable("PIP_CONSTRAINT", "").variable("PIP_BUILD_CONSTRAINT", "c.txt");
    assert_eq!(words(&build("six<2\n").uv()), ["--build-constraints=c.txt"]);
    assert_eq!(build("-i https://c\n").with(uv), Err(NotForUv { key: "build-constraint" }.into()));
}

#[test]
fn the_index_of_a_file_counts_more_than_what_uv_was_told() {
    const OF_UV: [&str; 4] = ["UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"];
    let place = OF_UV.into_iter().fold(Place::new(), |place, name| place.variable(name, "https://own"));
    let with = |line: &str| {
        let file = FileOptions { lines: vec![line.to_owned()], ..FileOptions::default() };
        place.with(|context| for_uv_in(&[], context, &file)).unwrap()
    };
    let is_removed = |options: &InstallerOptions| OF_UV.map(|name| options.removed.iter().any(|own| own == name));
    let options = with("-i https://file");
    assert_eq!(value(&options, "UV_INDEX_URL"), Some("https://file"));
    assert_eq!(is_removed(&options), [true; 4]);
    let options = with("--no-index");
    assert_eq!((is_removed(&options), words(&options)), ([true; 4], vec!["--no-index".to_owned()]));
    // It adds one only.
    let options = with("--extra-index-url https://file");
    assert_eq!((is_removed(&options), value(&options, "UV_INDEX_URL")), ([false; 4], None));
}

#[test]
fn a_setting_in_two_spellings_is_left_to_pip() {
    for (content, key) in [
        ("[global]\nindex-url = https://a\nindex_url = https://b\n", "index-url"),
        ("[global]\nindex-url = https://a\n--Index-URL = https://b\n", "index-url"),
        ("[list]\nformat-x = 1\nformat_x = 2\n", "PIP_CONFIG_FILE"),
    ] {
        let place = Place::new().user(content);
        assert_eq!(place.with(uv), Err(NotForUv { key }.into()), "{content:?}");
        assert!(place.pip().is_empty(), "it says itself what it makes of that");
    }
    let place = Place::new().user("[global]\nindex-url = https://a\nIndex-Url = https://b\n");
    assert!(matches!(place.with(uv), Err(NoOptions::Refused(_))), "all refuse it");
}
