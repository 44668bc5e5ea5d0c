//! Which environments `workon` lets people choose from on a terminal, and in which order.

use std::cmp::Reverse;
use std::path::Path;
use std::time::SystemTime;

use venvwrap_core::env::Environment;
use venvwrap_core::env::describe::{Description, Examiner};

use crate::actions::find::is_within;
use crate::error::Result;
use crate::process::Process;
use crate::ui::picker::{self, Row};
use crate::ui::printer::shown;
use crate::ui::table;
use crate::ui::times::ago;

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
    let mut descriptions = process.store.describe(&Examiner::new(&process.config.project_filename))?;
    if descriptions.is_empty() {
        return Ok(Picked::NotAsked);
    }
    sort(&mut descriptions, &process.cwd);
    let now = SystemTime::now();
    let rows: Vec<Row> = descriptions.iter().map(|description| row(process, description, now)).collect();
    let index = picker::choose(&rows)?;
    let description = index.and_then(|index| descriptions.into_iter().nth(index));
    Ok(description.map_or(Picked::Nothing, |description| Picked::Environment(description.environment)))
}

fn row(process: &Process, description: &Description, now: SystemTime) -> Row {
    let project = description.project.as_deref();
    Row {
        name: description.environment.name().to_string(),
        details: vec![
            table::python(description),
            project.map_or_else(String::new, |path| shown(path, process.config.home.as_deref())),
            description.last_used.map_or_else(|| "never".to_string(), |time| ago(time, now)),
        ],
    }
}

/// Sorts: the environment of the directory first, then the latest used; those never used by name.
fn sort(descriptions: &mut [Description], cwd: &Path) {
    descriptions.sort_by_key(|description| Reverse(description.last_used));
    if let Some(first) = of_directory(descriptions, cwd) {
        descriptions[..=first].rotate_right(1);
    }
}

/// The environment whose project is nearest above the directory, else the one of the directory's name.
fn of_directory(descriptions: &[Description], cwd: &Path) -> Option<usize> {
    let depth = |description: &Description| {
        let project = description.project.as_deref().filter(|project| is_within(cwd, project))?;
        Some(project.components().count())
    };
    let associated = descriptions.iter().enumerate().filter_map(|(index, found)| Some((depth(found)?, Reverse(index))));
    let named = || descriptions.iter().position(|found| cwd.file_name() == Some(found.environment.name().as_os_str()));
    // Of several with the same project, the latest used.
    associated.max().map(|(_, Reverse(index))| index).or_else(named)
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

    fn order(cwd: &str) -> Vec<String> {
        let mut descriptions = [
            description("api", Some("/src/api"), Some(1)),
            description("blog", Some("/src"), Some(3)),
            description("cms", None, None),
            description("other", Some("/src/api"), Some(2)),
            description("zoo", None, None),
        ];
        sort(&mut descriptions, Path::new(cwd));
        descriptions.iter().map(|found| found.environment.name().to_string()).collect()
    }

    #[test]
    fn that_of_the_directory_comes_first_then_the_latest_used() {
        assert_eq!(order("/"), ["blog", "other", "api", "cms", "zoo"]);
        assert_eq!(order("/home/zoo"), ["zoo", "blog", "other", "api", "cms"]);
        assert_eq!(order("/src/api/deep"), ["other", "blog", "api", "cms", "zoo"], "the nearest project");
        assert_eq!(order("/src/cms"), ["blog", "other", "api", "cms", "zoo"], "a project before a name");
    }
}
