//! Plans for fish.

use super::words::{self, OTHER_VERSION};
use crate::shell::plan::{OnFailure, Plan, Step, VERSION};
use crate::shell::quote;

pub(super) fn render(plan: &Plan) -> Vec<u8> {
    words::lines(plan, &guard(), b"__venvwrap_", quote::fish, ending)
}

pub(super) fn guard() -> String {
    format!(
        "test \"$__venvwrap_protocol\" = {VERSION}; or begin; builtin printf '%s\\n' '{OTHER_VERSION}' >&2; return 1; end\n"
    )
}

fn ending(step: &Step) -> &'static [u8] {
    match step {
        Step::Enter(_) => b"; or return 1",
        Step::Run(command) => match command.on_failure {
            OnFailure::Ignore => b"",
            OnFailure::Remember => b"; or set _vw_status $status",
            OnFailure::Stop => b"; or return $status",
        },
        _ => b"",
    }
}
