//! `mvvirtualenv`: renames an environment. The shell in which it is active follows.

use std::path::{Path, PathBuf};

use venvwrap_core::config::variables;
use venvwrap_core::env::metadata::Metadata;
use venvwrap_core::fs::identity::is_same_file;
use venvwrap_core::shell::plan::{Plan, Step};
use venvwrap_core::store::rename::RenameOptions;

use super::parse::parse;
use super::planner::{Destination, Lifetime, Planner};
use crate::actions::{find, rename};
use crate::args::MvvirtualenvFunction;
use crate::error::Result;
use crate::process::{active, set_variable};

impl Planner<'_> {
    /// What comes before the rename: the environment is left while its hooks are still there. Nothing where it is not
    /// active, or where the rename is going to be refused.
    pub(super) fn before_mvvirtualenv(&self) -> Plan {
        let Ok(function) = parse::<MvvirtualenvFunction>(self.words) else { return Plan::default() };
        let Ok(request) = rename::resolve(&self.process, &function.args) else { return Plan::default() };
        let path = self.process.store.path_of(&request.old);
        let callers = rename::callers();
        let options = RenameOptions { force: function.args.force, except: &callers, ..RenameOptions::default() };
        let is_active = active().is_some_and(|active| is_same_file(&active, &path));
        // Leaving a temporary environment would remove it.
        let may_be_left = !function.args.dry_run && Metadata::read(&path).temporary.is_none();
        let is_left =
            is_active && may_be_left && self.process.store.check_rename(&request.old, &request.new, &options).is_ok();
        Plan(if is_left { vec![Step::Leave] } else { Vec::new() })
    }

    /// What comes after it: a shell that has left the environment for it, or in which it is still active, activates it again.
    pub(super) fn mvvirtualenv(&self) -> Result<Plan> {
        self.after_mvvirtualenv(true)
    }

    /// What comes after it in a shell that may have left the environment. Any shell follows into its directory.
    pub(super) fn after_mvvirtualenv(&self, may_have_left: bool) -> Result<Plan> {
        let Ok(function) = parse::<MvvirtualenvFunction>(self.words) else { return Ok(Plan::default()) };
        if function.args.dry_run {
            return Ok(Plan::default());
        }
        let request = rename::resolve(&self.process, &function.args)?;
        let environment = find::find(&self.process, request.new.as_os_str())?;
        let old = self.process.store.path_of(&request.old);
        let is_entered = active().map_or(may_have_left, |active| active == old);
        let mut plan = if is_entered {
            self.enter(&environment, Destination::Stay { project: None }, Lifetime::Lasting)?
        } else {
            Plan::default()
        };
        if let Some(directory) = moved_directory(&old, environment.path()) {
            plan.cd(&directory);
        }
        Ok(plan)
    }
}

/// Where the shell is that was inside the environment.
fn moved_directory(old: &Path, new: &Path) -> Option<PathBuf> {
    let shown = PathBuf::from(set_variable(variables::PWD)?);
    Some(new.join(shown.strip_prefix(old).ok()?))
}
