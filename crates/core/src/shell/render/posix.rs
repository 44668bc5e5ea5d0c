//! Plans for POSIX shells: dash, ksh, mksh, busybox. bash and zsh differ in how they quote.

use super::words::{self, OTHER_VERSION};
use crate::shell::plan::{OnFailure, Plan, Step, VERSION};
use crate::shell::quote;

/// Returns a plan as lines for a function of the shell to evaluate: a step that ends the plan returns from it.
pub fn render(plan: &Plan) -> Vec<u8> {
    render_with(plan, quote::posix, &guard())
}

/// Returns the first line: a keyword comes first, since a function may have the name of any command, and these shells have
/// no `builtin`.
fn guard() -> String {
    format!(
        "case \"${{__venvwrap_protocol-}}\" in {VERSION}) ;; *) printf '%s\\n' '{OTHER_VERSION}' >&2; \\return 1 ;; esac\n"
    )
}

/// No alias stands in for a function: the backslash keeps the shell from looking for one.
pub(super) fn render_with(plan: &Plan, quote: fn(&[u8]) -> Vec<u8>, guard: &str) -> Vec<u8> {
    words::lines(plan, guard, b"\\__venvwrap_", quote, ending)
}

/// Inside `eval`, `return` ends the function that evaluates the plan. An alias of this name would be expanded there.
fn ending(step: &Step) -> &'static [u8] {
    match step {
        Step::Enter(_) => b" || \\return 1",
        Step::Run(command) => match command.on_failure {
            OnFailure::Ignore => b"",
            OnFailure::Remember => b" || _vw_status=\"$?\"",
            OnFailure::Stop => b" || \\return \"$?\"",
        },
        _ => b"",
    }
}
