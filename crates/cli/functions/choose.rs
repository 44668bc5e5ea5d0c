//! Which environments `workon` lets people choose from on a terminal, and in which order.

use std::cmp::Reverse;
use std::path::Path;
use std::time::SystemTime;

use venvwrap_core::env::Environment;
use venvwrap_core::env::describe::Description;

use crate::actions::find;
use crate::error::Result;
use crate::process::Process;
use crate::ui::columns::Cell;
use crate::ui::picker::{self, Row};
use crate::ui::table;
use crate::ui::times::ago_briefly;
use venvwrap_core::fs::order::Order as _;

/// What has become of the question.
pub(crate) enum Picked {
    /// This one is to be activated.
    Environment(Environment),
    /// None: the person has left.
    Nothing,
    /// It was not asked: this is no terminal for it, it is turned off, or there is nothing to choose from.
    NotAsked,
}

/// Asks which environment is meant, where that is possible and wanted. The caller has made sure that what the shell
/// prints is seen on the terminal, too.
pub(crate) fn pick(process: &Process) -> Result<Picked> {
    if !process.config.picker || !picker::is_possible() {
        return Ok(Picked::NotAsked);
    }
    let mut descriptions = process.store.describe()?;
    if descriptions.is_empty() {
        return Ok(Picked::NotAsked);
    }
    // Where nothing can be found out about the directory, the order is by use alone.
    let here = find::here(process).ok().and_then(|answer| answer.found);
    sort(&mut descriptions, here.as_ref().map(|found| found.environment().path()));
    let now = SystemTime::now();
    let rows: Vec<Row> = descriptions.iter().map(|description| row(process, description, now)).collect();
    let index = picker::choose(&rows)?;
    let description = index.and_then(|index| descriptions.into_iter().nth(index));
    Ok(description.map_or(Picked::Nothing, |description| Picked::Environment(description.environment)))
}

fn row(process: &Process, description: &Description, now: SystemTime) -> Row {
    Row {
        name: description.environment.name().to_string(),
        details: vec![
            table::python(description).into(),
            match table::shown_health(description) {
                ("ok" | "link", _) => Cell::default(),
                (word, style) => Cell::styled(word, style),
            },
            table::project(description, process.config.home.as_deref()),
            description.last_used.map_or_else(|| "never".to_string(), |time| ago_briefly(time, now)).into(),
        ],
    }
}

/// Sorts: the environment that belongs to the directory first, then the latest used; those never used by name.
fn sort(descriptions: &mut [Description], here: Option<&Path>) {
    descriptions.order_by_key(|description| Reverse(description.last_used));
    let first = descriptions.iter().position(|description| Some(description.environment.path()) == here);
    if let Some(first) = first {
        descriptions[..=first].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use venvwrap_core::env::health::Health;
    use venvwrap_core::env::name::EnvName;

    fn description(name: &str, project: Option<&str>, used: Option<u64>) -> Description {
        Description {
            environment: Environment::new(EnvName::for_existing(name.as_ref()).unwrap(), Path::new("/e").join(name)),
            python: None,
            implementation: "CPython".into(),
            health: Health::Ok,
            project: project.map(Into::into),
            packages: 0,
            created: None,
            last_used: used.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)),
            is_temporary: false,
            system_site_packages: false,
            link_target: None,
        }
    }

    fn order(here: Option<&str>) -> Vec<String> {
        let mut descriptions = [
            description("api", None, Some(1)),
            description("blog", None, Some(3)),
            description("cms", None, None),
            description("zoo", None, None),
        ];
        sort(&mut descriptions, here.map(Path::new));
        descriptions.iter().map(|found| found.environment.name().to_string()).collect()
    }

    #[test]
    fn the_one_that_belongs_to_the_directory_comes_first_then_the_latest_used() {
        assert_eq!(order(None), ["blog", "api", "cms", "zoo"]);
        assert_eq!(order(Some("/e/zoo")), ["zoo", "blog", "api", "cms"]);
        assert_eq!(order(Some("/elsewhere/.venv")), ["blog", "api", "cms", "zoo"]);
    }
}
