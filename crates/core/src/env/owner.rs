//! A process, noted in such a way that it is known again: identifiers repeat, and mean nothing elsewhere.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs;

/// More than any of the files of the kernel that are read here.
const MAX_BYTES: u64 = 4096;

/// A process, with where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Owner {
    /// Its identifier.
    pub pid: i32,
    /// When it started, in ticks since the system did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Which start of the system it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// The namespace in which its identifier counts: a container has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// What can be said of a process that was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Alive,
    /// It has ended.
    Ended,
    /// It is of another machine, container or start of the system; nothing is known of it here.
    Elsewhere,
}

impl Owner {
    /// Notes a process of this system.
    pub fn of(pid: i32) -> Self {
        Self { pid, start: start_time(pid), boot: boot(), namespace: namespace(), host: host() }
    }

    /// Returns whether the process still runs.
    pub fn life(&self) -> Life {
        let here = [(&self.boot, boot()), (&self.namespace, namespace()), (&self.host, host())];
        if here.iter().any(|(noted, now)| noted.is_some() && *noted != now) {
            return Life::Elsewhere;
        }
        let is_alive = match (start_time(self.pid), &self.start) {
            (Some(now), Some(then)) => now == *then,
            (Some(_), None) => true,
            (None, _) => !Path::new("/proc/self").exists() && is_signalable(self.pid),
        };
        if is_alive { Life::Alive } else { Life::Ended }
    }

    /// A name for a file about this process, which no other process has.
    pub(crate) fn file_name(&self) -> String {
        let digits = |text: &Option<String>| -> String {
            text.iter().flat_map(|text| text.chars()).filter(char::is_ascii_alphanumeric).take(20).collect()
        };
        format!("{}.{}.{}", self.pid, digits(&self.namespace), digits(&self.boot))
    }
}

/// The fields of `/proc/PID/stat` after the program's name, which may hold anything.
pub(crate) fn stat_fields(pid: i32) -> Option<Vec<String>> {
    let content = fs::read_limited(Path::new(&format!("/proc/{pid}/stat")), MAX_BYTES).ok()?;
    let text = String::from_utf8_lossy(&content).into_owned();
    let (_, fields) = text.rsplit_once(')')?;
    Some(fields.split_whitespace().map(String::from).collect())
}

/// The 22nd field. A dead process that nobody has waited for counts as ended.
fn start_time(pid: i32) -> Option<String> {
    let fields = stat_fields(pid)?;
    if fields.first().is_some_and(|state| state == "Z") {
        return None;
    }
    fields.get(19).cloned()
}

fn is_signalable(pid: i32) -> bool {
    // Zero and negative numbers stand for groups of processes.
    let process = Some(pid).filter(|pid| *pid > 0).and_then(rustix::process::Pid::from_raw);
    process.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

fn boot() -> Option<String> {
    line("/proc/sys/kernel/random/boot_id")
}

fn host() -> Option<String> {
    let found = rustix::system::uname();
    // Elsewhere than on Linux nothing tells a start of the system from another.
    cfg!(target_os = "linux").then(|| found.nodename().to_string_lossy().into_owned())
}

fn namespace() -> Option<String> {
    Some(std::fs::read_link("/proc/self/ns/pid").ok()?.to_string_lossy().into_owned())
}

fn line(file: &str) -> Option<String> {
    let content = fs::read_limited(Path::new(file), MAX_BYTES).ok()?;
    Some(String::from_utf8_lossy(&content).trim().to_string())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn own() -> Owner {
        Owner::of(i32::try_from(std::process::id()).unwrap())
    }

    #[test]
    fn a_process_is_known_again() {
        assert_eq!(own().life(), Life::Alive);
        assert_eq!(Owner { start: Some("1".into()), ..own() }.life(), Life::Ended, "its identifier was used again");
        assert_eq!(Owner { pid: i32::MAX, ..own() }.life(), Life::Ended);
        assert_eq!(Owner { pid: own().pid, ..Owner::default() }.life(), Life::Alive, "noted by an older version");
    }

    #[test]
    fn of_another_boot_container_or_machine_nothing_is_known() {
        let other = || Some("other".to_string());
        for dead in [own(), Owner { pid: i32::MAX, ..own() }] {
            assert_eq!(Owner { boot: other(), ..dead.clone() }.life(), Life::Elsewhere);
            assert_eq!(Owner { namespace: other(), ..dead.clone() }.life(), Life::Elsewhere);
            assert_eq!(Owner { host: other(), ..dead.clone() }.life(), Life::Elsewhere);
        }
        let there = Owner { namespace: Some("pid:[1]/../x".into()), ..own() };
        assert_ne!(there.file_name(), own().file_name());
        assert!(!there.file_name().contains('/'));
    }
}
