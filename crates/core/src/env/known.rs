//! What is known of an environment from an earlier look, so that a list of many need not open its files again.
//!
//! The files are asked for what changes whenever they do, down to the time of the last change of the inode, which no
//! program can set. What is outside of the environment, such as its base interpreter, is looked at every time.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, Stat};

use super::packages::Library;
use super::view::{View, time};

/// A file that changed as short before it was read may change again within the same time.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// The facts of an environment that depend on nothing but its own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts<'a> {
    /// The version of its Python, as recorded.
    pub(super) version: String,
    /// Which Python.
    pub(super) implementation: String,
    /// The directory of the base interpreter.
    pub(super) home: Cow<'a, str>,
    /// The number of installed distributions.
    pub(super) packages: usize,
    /// When it was made, since 1970.
    pub(super) created: Option<Duration>,
    /// Whether it will be removed when it is left.
    pub(super) is_temporary: bool,
    /// Whether the packages of the base interpreter are visible in it.
    pub(super) system_site_packages: bool,
}

/// What changes whenever one of the files changes that the facts are from.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    hash: DefaultHasher,
    newest: Duration,
    /// The last use, if there is a file that says so.
    pub(super) last_used: Option<SystemTime>,
}

impl Stamp {
    /// Asks for the files whose names are always the same; before any of them is read.
    pub(super) fn of(view: &View) -> Self {
        let mut stamp = Self { hash: DefaultHasher::new(), newest: Duration::ZERO, last_used: None };
        // `bin` itself for the names of its programs.
        for name in [c"pyvenv.cfg", c"bin", c"bin/activate", c"bin/pip", c"lib"] {
            stamp.add(view.stat(name));
        }
        let noted = view.stat(c"venvwrap.toml");
        stamp.last_used =
            noted.filter(|found| FileType::from_raw_mode(found.st_mode).is_file()).as_ref().and_then(time);
        stamp.add(noted);
        stamp
    }

    /// Asks for the directory of the packages of a library, too; before it is listed.
    pub(super) fn with_packages(mut self, view: &View, library: Option<&Library>) -> Self {
        self.add(library.and_then(|library| view.stat(library.site_packages())));
        self
    }

    #[allow(
        clippy::unnecessary_cast,
        clippy::cast_lossless,
        clippy::cast_possible_wrap,
        reason = "the types differ between systems, and the numbers are only compared"
    )]
    fn add(&mut self, found: Option<Stat>) {
        let Some(found) = found else { return self.hash.write_u8(0) };
        let changed = (found.st_ctime as i64, found.st_ctime_nsec as i64);
        let place = [found.st_dev as i64, found.st_ino as i64];
        let state = [found.st_size as i64, found.st_mode as i64, found.st_nlink as i64];
        let times = [changed.0, changed.1, found.st_mtime as i64, found.st_mtime_nsec as i64];
        (place, state, times).hash(&mut self.hash);
        self.newest = self.newest.max(Duration::from_secs(changed.0.try_into().unwrap_or_default()));
    }

    /// Returns whether no file has changed so short before `now` that another change could go unseen.
    fn is_settled(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.newest + SETTLED_AFTER < now
    }
}

/// What was known of an environment: a stamp, and the facts that hold as long as it is the same. As one line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known<'a> {
    stamp: u64,
    /// The facts.
    pub(super) facts: Facts<'a>,
}

impl<'a> Known<'a> {
    /// Notes facts that were read after the stamp was taken; none that may have changed since.
    pub(super) fn new(stamp: &Stamp, facts: Facts<'a>, now: SystemTime) -> Option<Self> {
        stamp.is_settled(now).then(|| Self { stamp: stamp.hash.finish(), facts })
    }

    /// Returns whether nothing has changed since.
    pub(super) fn holds(&self, stamp: &Stamp) -> bool {
        self.stamp == stamp.hash.finish()
    }

    /// Reads a line; none if it is no such line.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        let known = Self {
            stamp: u64::from_str_radix(next()?, 16).ok()?,
            facts: Facts {
                packages: next()?.parse().ok()?,
                is_temporary: parse_flag(next()?)?,
                system_site_packages: parse_flag(next()?)?,
                created: match next()? {
                    "" => None,
                    text => Some(parse_time(text)?),
                },
                version: next()?.to_string(),
                implementation: next()?.to_string(),
                home: next()?.into(),
            },
        };
        fields.next().is_none().then_some(known)
    }

    /// The line; none where a text has a character that would end a field.
    pub(super) fn line(&self) -> Option<String> {
        let Facts { version, implementation, home, packages, created, is_temporary, system_site_packages } =
            &self.facts;
        let is_plain = |text: &str| !text.contains(['\t', '\n']);
        let created = created.map_or_else(String::new, |time| format!("{}.{:09}", time.as_secs(), time.subsec_nanos()));
        let (temporary, system) = (u8::from(*is_temporary), u8::from(*system_site_packages));
        [&**version, implementation, home].into_iter().all(is_plain).then(|| {
            let numbers = format!("{:x}\t{packages}\t{temporary}\t{system}\t{created}", self.stamp);
            format!("{numbers}\t{version}\t{implementation}\t{home}")
        })
    }
}

fn parse_flag(text: &str) -> Option<bool> {
    matches!(text, "0" | "1").then_some(text == "1")
}

fn parse_time(text: &str) -> Option<Duration> {
    let (seconds, nanoseconds) = text.split_once('.')?;
    let nanoseconds = nanoseconds.parse().ok().filter(|number| *number < 1_000_000_000)?;
    Some(Duration::new(seconds.parse().ok()?, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known<'static> {
        let facts = Facts {
            version: "3.12.1".into(),
            implementation: "CPython".into(),
            home: "/usr/bin".into(),
            packages: 7,
            created: Some(Duration::new(1_700_000_000, 5)),
            is_temporary: false,
            system_site_packages: true,
        };
        Known { stamp: u64::MAX, facts }
    }

    #[test]
    fn a_line_says_what_it_was_made_of() {
        let mut known = known();
        assert_eq!(Known::parse(&known.line().unwrap()), Some(known.clone()));
        known.facts.created = None;
        assert_eq!(Known::parse(&known.line().unwrap()), Some(known.clone()));
        known.facts.home = "/a\tb".into();
        assert_eq!(known.line(), None);
        let line = self::known().line().unwrap();
        for damaged in [&line[..line.rfind('\t').unwrap()], &format!("{line}\t"), &line[1..].replace('f', "g"), ""] {
            assert_eq!(Known::parse(damaged), None, "{damaged:?}");
        }
    }

    #[test]
    fn every_change_of_a_file_changes_the_stamp() {
        let env = tempfile::tempdir().unwrap();
        let path = |name: &str| env.path().join(name);
        std::fs::create_dir_all(path("lib/python3.12/site-packages")).unwrap();
        std::fs::create_dir(path("bin")).unwrap();
        let stamp = || {
            let view = View::open(env.path());
            Stamp::of(&view).with_packages(&view, Library::of("3.12.1").as_ref()).hash.finish()
        };
        let mut seen = vec![stamp()];
        assert_eq!(stamp(), seen[0]);
        let mut differs = |what: &str| {
            let now = stamp();
            assert!(!seen.contains(&now), "{what}");
            seen.push(now);
        };
        for name in ["pyvenv.cfg", "bin/activate", "bin/pip", "venvwrap.toml", "lib/python3.12/site-packages/x"] {
            std::fs::write(path(name), "a").unwrap();
            differs(name);
        }
        let before = path("pyvenv.cfg").metadata().unwrap().modified().unwrap();
        std::fs::write(path("new"), "b").unwrap();
        std::fs::File::open(path("new")).unwrap().set_modified(before).unwrap();
        std::fs::rename(path("new"), path("pyvenv.cfg")).unwrap();
        differs("another file of the same size and time");
        std::fs::create_dir(path("lib/python3.11")).unwrap();
        differs("another library");
        std::fs::write(path("bin/python3"), "").unwrap();
        differs("another program");
    }

    #[test]
    fn what_changed_a_moment_ago_is_not_noted() {
        let env = tempfile::tempdir().unwrap();
        std::fs::write(env.path().join("pyvenv.cfg"), "").unwrap();
        let stamp = Stamp::of(&View::open(env.path()));
        let changed = SystemTime::UNIX_EPOCH + stamp.newest;
        assert_eq!(Known::new(&stamp, known().facts, changed + SETTLED_AFTER), None);
        assert!(Known::new(&stamp, known().facts, changed + SETTLED_AFTER * 2).is_some());
        assert_eq!(Known::new(&stamp, known().facts, SystemTime::UNIX_EPOCH), None);
    }
}
