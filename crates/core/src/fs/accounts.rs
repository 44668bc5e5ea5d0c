//! Users and groups: who runs this process, their names, and who is in a group: as far as the files of the system say it.

use std::path::Path;
use std::sync::Mutex;

use crate::fs::read_limited;

/// More than the accounts of any machine that keeps them in files.
const MAX_BYTES: u64 = 4 << 20;

const USERS: &str = "/etc/passwd";
const GROUPS: &str = "/etc/group";

/// The user on whose behalf code runs: it must belong to this user, or to root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The effective user id.
    pub uid: u32,
    /// The effective group id.
    pub gid: u32,
}

impl User {
    /// Returns the user this process runs as. The only place that asks the system for it.
    pub fn of_this_process() -> Self {
        Self { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
    }
}

/// Returns the name of a user, or the number where it has none.
pub fn user_name(uid: u32) -> String {
    name_in(&read(USERS), uid).unwrap_or_else(|| uid.to_string())
}

/// Returns the name of a group, or the number where it has none.
pub(crate) fn group_name(gid: u32) -> String {
    name_in(&read(GROUPS), gid).unwrap_or_else(|| gid.to_string())
}

/// Returns whether nobody but the user is in the user's own group. Many systems give every user such a group, and a umask
/// that lets it write; its number need not be that of the user.
pub(crate) fn is_alone_in_group(user: User) -> bool {
    static ASKED: Mutex<Option<(User, bool)>> = Mutex::new(None);
    if user.gid == user.uid {
        return true;
    }
    // Elsewhere these files do not list the people of the machine.
    if !cfg!(target_os = "linux") {
        return false;
    }
    let mut asked = ASKED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match *asked {
        Some((known, answer)) if known == user => answer,
        _ => {
            let answer = is_alone(&read(USERS), &read(GROUPS), user);
            *asked = Some((user, answer));
            answer
        }
    }
}

fn is_alone(users: &str, groups: &str, user: User) -> bool {
    let number = |text: &str| text.parse::<u32>().ok();
    let mut names = vec!["root"];
    for fields in users.lines().map(fields) {
        let [name, _, uid, gid, ..] = fields[..] else { continue };
        if number(uid) == Some(user.uid) {
            names.push(name);
        } else if number(gid) == Some(user.gid) && number(uid) != Some(0) {
            return false;
        }
    }
    let mut entries =
        groups.lines().map(fields).filter(|fields| fields.get(2).and_then(|gid| number(gid)) == Some(user.gid));
    let members = |fields: Vec<&str>| fields.get(3).map_or(String::new(), |members| (*members).to_string());
    let is_own =
        |members: String| members.split(',').map(str::trim).all(|name| name.is_empty() || names.contains(&name));
    // A group that is not in the file may have any members.
    entries.next().is_some_and(|first| is_own(members(first)) && entries.all(|other| is_own(members(other))))
}

fn name_in(text: &str, id: u32) -> Option<String> {
    let entry = text.lines().map(fields).find(|fields| fields.get(2).is_some_and(|field| field.parse() == Ok(id)))?;
    entry.first().filter(|name| !name.is_empty()).map(|name| (*name).to_string())
}

fn fields(line: &str) -> Vec<&str> {
    line.split(':').collect()
}

fn read(file: &str) -> String {
    let content = read_limited(Path::new(file), MAX_BYTES).unwrap_or_default();
    String::from_utf8_lossy(&content).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0::/root:/bin/sh\nme:x:1000:1001::/home/me:/bin/sh\nyou:x:1001:1002::/:/bin/sh\n";

    #[test]
    fn a_group_is_the_users_own_only_where_the_files_say_that_nobody_else_is_in_it() {
        let me = User { uid: 1000, gid: 1001 };
        for (groups, expected) in [
            ("me:x:1001:\n", true),
            ("other:x:5:you\nme:x:1001:me,root\n", true),
            ("me:x:1001:you\n", false),
            ("me:x:1001:me, you\n", false),
            ("me:x:1001:\nagain:x:1001:you\n", false),
            ("other:x:5:\n", false),
            ("damaged\n:::\n", false),
            ("", false),
        ] {
            assert_eq!(is_alone(USERS, groups, me), expected, "{groups}");
        }
        assert!(!is_alone(&USERS.replace(":1002:", ":1001:"), "me:x:1001:\n", me), "another user has it as well");
        assert!(!is_alone("", "users:x:100:you\n", User { uid: 1000, gid: 100 }));
    }

    #[test]
    fn a_number_stands_for_a_missing_name() {
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_001), "4000000001");
        assert_eq!(group_name(4_000_000_001), "4000000001");
    }
}
