//! The real pip is asked what it makes of many thousand files and variables.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::*;
use crate::fs::hex::hex;
use crate::mutation::check_mutations;
use crate::wheel::format_control::FormatControl;

/// The files that pip reads, the least important first; the last one only if it is named.
const FILES: [&str; 5] =
    ["shared/pip/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf", "env/pip.conf", "named"];

/// Lines of which files are made.
const LINES: [&str; 64] = [
    "[global]",
    "[global]",
    "[global]",
    "[install]",
    "[install]",
    "[DEFAULT]",
    "[:env:]",
    "[list]",
    "  [global]",
    "[global] ; c",
    "[install]x",
    "[]",
    "[install",
    "[ global ]",
    "[GLOBAL]",
    "\u{feff}[global]",
    "index-url = https://a",
    "index-url=https://b",
    "    index-url = https://c",
    "\tindex_url: https://d",
    "--index-url = https://e",
    "Index-URL = https://f",
    "pypi-url = https://g",
    "index-url =",
    "index-url",
    "extra-index-url =",
    "extra-index-url = https://h https://i",
    "  https://j",
    "\thttps://k",
    "      https://l",
    "no-index = true",
    "  no-index = off",
    "no-index = maybe",
    "no_index: Y",
    "no-index=",
    "timeout = 2.5",
    "  timeout = 3",
    "default-timeout = 1e3",
    "timeout = x",
    "retries = 010",
    "retries = 0x1f",
    "retries = 08",
    "# c",
    "  ; c",
    "",
    "   ",
    "\u{1c}",
    "find-links = /w ~/w",
    "  constraint = c.txt",
    "constraint = d.txt",
    "trusted-host = a b:80",
    "cert = ~/ca.pem",
    "proxy = http://p # c",
    "no-deps = on",
    "no-dependencies = 0",
    "no-binary = a,B_b",
    "only-binary = :all:",
    "no-binary = :none:,c",
    "keyring-provider = import",
    "user = t",
    "no-build-isolation = no",
    "= v",
    "foo",
    "require-hashes = 1",
];

const VARIABLES: [(&str, &str); 24] = [
    ("PIP_INDEX_URL", "https://v"),
    ("PIP_INDEX_URL", ""),
    ("PIP_INDEX_URL", " https://w "),
    ("PIP_Index_Url", "https://x"),
    ("PIP_PYPI_URL", "https://y"),
    ("PIP_INDEX-URL", "https://z"),
    ("pip_index_url", "https://lower"),
    ("PIP_EXTRA_INDEX_URL", "https://1\thttps://2\u{1f}https://3"),
    ("PIP_EXTRA_INDEX_URL", " "),
    ("PIP_NO_INDEX", "maybe"),
    ("PIP_NO_INDEX", "FALSE"),
    ("PIP_no_index", "1"),
    ("PIP_NO_INDEX", " 1"),
    ("PIP_TIMEOUT", "7"),
    ("PIP_DEFAULT_TIMEOUT", "inf"),
    ("PIP_RETRIES", "1_0"),
    ("PIP_RETRIES", "-1"),
    ("PIP_NO_BINARY", "d"),
    ("PIP_ONLY_BINARY", "a,:none:,e"),
    ("PIP_VERBOSE", "-1"),
    ("PIP_QUIET", "yes"),
    ("PIP_EXISTS_ACTION", "i x"),
    ("PIP_NO_CACHE_DIR", "never"),
    ("PIP_CONSTRAINT", "c.txt"),
];

struct Oracle {
    place: tempfile::TempDir,
    child: Child,
    input: RefCell<ChildStdin>,
    output: RefCell<BufReader<ChildStdout>>,
    is_new: bool,
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Directories with versions of pip, and where Python itself has one.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says with which versions of pip")]
fn pips() -> Vec<Option<PathBuf>> {
    let named = std::env::var_os("VENVWRAP_TEST_PIPS").and_then(|directory| std::fs::read_dir(directory).ok());
    let named = named.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    named.filter(|path| path.is_dir()).map(Some).chain([None]).collect()
}

impl Oracle {
    /// Starts a pip; none where there is none.
    fn start(pip: Option<PathBuf>) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        for file in FILES {
            std::fs::create_dir_all(place.path().join(file).parent().unwrap()).unwrap();
        }
        let mut command = std::process::Command::new("python3");
        command.args(["-c", include_str!("oracle.py")]).arg(place.path()).current_dir(place.path());
        command.envs(pip.map(|pip| ("PYTHONPATH", pip))).env("PYTHONUTF8", "1").stderr(Stdio::null());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut oracle = Self { place, child, input: RefCell::new(input), output: RefCell::new(output), is_new: false };
        let first = oracle.line();
        oracle.is_new = first == "new";
        (!first.is_empty()).then_some(oracle)
    }

    fn line(&self) -> String {
        let mut line = String::new();
        self.output.borrow_mut().read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.place.path().join(file), content).unwrap();
    }

    fn remove(&self, file: &str) {
        let _ = std::fs::remove_file(self.place.path().join(file));
    }

    /// Compares what pip and this program make of the files that are there and of these variables.
    fn compare(&self, variables: &[(&str, &str)]) {
        let home = self.place.path().join("home");
        let shared = self.place.path().join("shared");
        let mut all = BTreeMap::from([("HOME", home.to_str().unwrap()), ("XDG_CONFIG_DIRS", shared.to_str().unwrap())]);
        all.extend(variables.iter().copied());
        let words = all.iter().map(|(name, value)| format!("{}={}", hex(name.as_bytes()), hex(value.as_bytes())));
        let line = words.collect::<Vec<_>>().join(" ");
        writeln!(self.input.borrow_mut(), "{line}").unwrap();
        let answer = self.line();
        let names = || all.keys().map(OsString::from).collect();
        let lookup = |name: &str| all.get(name).map(OsString::from);
        let env = self.place.path().join("env");
        let places = Places {
            system: &[],
            names: &names,
            lookup: &lookup,
            home: Some(&home),
            env: Some(&env),
            current_dir: self.place.path(),
            without: &[],
        };
        let read = PipSettings::read(Command::Install, &places);
        let files = FILES.map(|file| std::fs::read(self.place.path().join(file)).unwrap_or_default());
        let context = || {
            let files = files.iter().map(|file| file.escape_ascii().to_string()).collect::<Vec<_>>();
            format!("{variables:?}\n{files:#?}\npip: {answer}\nhere: {read:#?}")
        };
        match &read {
            Err(PipRefusal::File { error, .. }) if matches!(error.problem, IniProblem::Ambiguous) => {}
            Err(_) => assert!(answer == "refused", "{}", context()),
            Ok(settings) if settings.all().any(|(key, value)| pip_values::disputed(key, value).is_some()) => {}
            Ok(_) if answer.starts_with("failed ") => {}
            Ok(settings) if settings.respelt.is_some() && self.is_new => {
                assert_eq!(answer, "refused", "{}", context());
            }
            // A default can come between the two.
            Ok(settings) if settings.respelt.is_some() && files.iter().any(|file| has_defaults(file)) => {}
            Ok(settings) => {
                assert_ne!(answer, "refused", "{}", context());
                for (key, value) in answer.split('\t').filter_map(|word| word.split_once('=')) {
                    let own = Values { settings, home: &home }.of(key);
                    assert_eq!(own.as_deref().unwrap_or(value), value, "{key}\n{}", context());
                }
            }
        }
    }
}

/// Returns whether a file has settings for all its sections.
fn has_defaults(file: &[u8]) -> bool {
    file.windows(9).any(|window| window == b"[DEFAULT]")
}

struct Values<'a> {
    settings: &'a PipSettings,
    home: &'a Path,
}

impl Values<'_> {
    /// A value as the oracle writes it; none where the default is pip's affair.
    fn of(&self, key: &str) -> Option<String> {
        let text = |value: &str| Some(hex(value.as_bytes()));
        let words =
            |key| Some(self.settings.words(key).iter().map(|word| hex(word.as_bytes())).collect::<Vec<_>>().join(","));
        let switch =
            |key| self.settings.value(key).and_then(switch).and_then(|is_on| text(if is_on { "1" } else { "0" }));
        let one = |key: &str, default: &str| text(self.settings.value(key).unwrap_or(default));
        let set = |set: std::collections::BTreeSet<String>| {
            Some(set.iter().map(|name| hex(name.as_bytes())).collect::<Vec<_>>().join(","))
        };
        let formats = || FormatControl::read(self.settings.all());
        match key {
            "index_url" => one("index-url", "https://pypi.org/simple"),
            "extra_index_urls" => words("extra-index-url"),
            "find_links" => words("find-links"),
            "trusted_hosts" => words("trusted-host"),
            "constraints" => words("constraint"),
            "proxy" => text(self.settings.value("proxy")?),
            "target_dir" => one("target", "None"),
            "keyring_provider" => one("keyring-provider", "auto"),
            "cert" => match self.settings.value("cert") {
                Some("~/ca.pem") => text(self.home.join("ca.pem").to_str()?),
                Some(_) => None,
                None => text("None"),
            },
            "timeout" => {
                let seconds = self.settings.value("timeout").map_or(Some(15.0), pip_values::float)?;
                // Python writes whole numbers of seconds with a fraction, unless it is the default.
                let is_default = self.settings.value("timeout").is_none();
                if is_default { text("15") } else { text(&format!("{seconds:?}")).filter(|_| seconds < 1e15) }
            }
            "retries" => {
                let retries = self.settings.value("retries").map_or(Some(5), pip_values::integer)?;
                text(&retries.to_string()).filter(|_| retries < i64::from(i32::MAX))
            }
            "no_index" => switch("no-index").or_else(|| text("0")),
            "pre" => switch("pre").or_else(|| text("0")),
            "ignore_dependencies" => switch("no-deps").or_else(|| text("0")),
            "require_hashes" => switch("require-hashes").or_else(|| text("0")),
            "prefer_binary" => switch("prefer-binary").or_else(|| text("0")),
            "build_isolation" => switch("no-build-isolation").or_else(|| text("1")),
            "use_user_site" => switch("user").or_else(|| text("None")),
            "no_binary" => set(formats().no_binary),
            "only_binary" => set(formats().only_binary),
            _ => None,
        }
    }
}

/// The same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn file(&mut self) -> String {
        let end = ["\n", "\n", "\r\n", "\r"][self.below(4)];
        let first = if self.below(4) == 0 { String::new() } else { format!("{}{end}", LINES[self.below(16)]) };
        (0..self.below(9)).fold(first, |text, _| text + LINES[self.below(LINES.len())] + end)
    }
}

/// Asks at most so many versions of pip, the newest first.
fn with_pips(most: usize, act: impl Fn(&Oracle)) {
    let mut oracles: Vec<Oracle> = pips().into_iter().filter_map(Oracle::start).collect();
    oracles.order_by_key(|oracle| !oracle.is_new);
    oracles.truncate(most);
    if oracles.is_empty() {
        crate::test_shells::skip("python3 has no pip");
    }
    oracles.iter().for_each(act);
}

#[test]
fn pip_reads_the_same_in_generated_files_and_variables() {
    with_pips(usize::MAX, |oracle| {
        let mut random = Random(7);
        for _ in 0..500 {
            let mut variables: Vec<(&str, &str)> =
                (0..random.below(4)).map(|_| VARIABLES[random.below(VARIABLES.len())]).collect();
            let named = oracle.place.path().join("named").to_str().unwrap().to_owned();
            for file in FILES {
                match random.below(3) {
                    0 => oracle.write(file, random.file()),
                    _ => oracle.remove(file),
                }
            }
            match random.below(8) {
                0 => variables.push(("PIP_CONFIG_FILE", &named)),
                1 => variables.push(("PIP_CONFIG_FILE", "named")),
                2 => variables.push(("PIP_CONFIG_FILE", "/dev/null")),
                3 => variables.push(("PIP_CONFIG_FILE", "")),
                _ => {}
            }
            oracle.compare(&variables);
        }
    });
}

#[test]
fn pip_reads_the_same_in_damaged_files() {
    let seeds = [
        "[global]\n    index-url = https://a\n    no-index = false\n# c\n\n\textra-index-url =\n\t\thttps://b\n",
        "[DEFAULT]\nindex-url: https://a\n[install] ; c\r\ntimeout = 2\r\n\r\n  find-links = /w\r\n",
        "[global]\ntimeout=3\n\n[install]\n  extra-index-url = https://b\n  constraint = c\n[:env:]\nretries = 3\n",
    ];
    with_pips(1, |oracle| {
        for file in FILES {
            oracle.remove(file);
        }
        check_mutations(&seeds, |input| {
            oracle.write("home/.config/pip/pip.conf", input);
            oracle.compare(&[]);
        });
    });
}

#[test]
fn what_pip_refuses_is_named_by_file_and_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".config/pip/pip.conf");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let refusal = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        let lookup = |name: &str| (name == "XDG_CONFIG_DIRS").then(|| home.path().join("none").into_os_string());
        let places = Places {
            system: &[],
            names: &Vec::new,
            lookup: &lookup,
            home: Some(home.path()),
            env: None,
            current_dir: home.path(),
            without: &[],
        };
        PipSettings::read(Command::Install, &places).map(|_| ()).unwrap_err().to_string()
    };
    let name = file.display();
    for (content, expected) in [
        (&b"index-url = x\n[global]\n"[..], format!("pip refuses `{name}`: line 1 is in no section")),
        (b"[global]\r\n\r\ncert = \xff", format!("pip refuses `{name}`: line 3 is not valid UTF-8")),
        (b"[global]\n  a = 1\n  A = 2\n", format!("pip refuses `{name}`: line 3 sets `a` a second time")),
        (b"[global]\n  no-index = maybe\n", format!("pip refuses line 2 of `{name}`: `no-index` must be yes or no")),
        (b"[install]\nretries = 1.5\n", format!("pip refuses line 2 of `{name}`: `retries` must be a whole number")),
    ] {
        assert_eq!(refusal(content), expected);
    }
}
