//! Plans for bash and zsh, always one line for each step. In front of a plan that activates an environment comes a check of
//! the variables: in these shells they can be declared so that nothing can set them.
//!
//! bash expands aliases in a plan, and an alias may stand over a keyword: there is none in any line, and each command has
//! a backslash.

use super::posix;
use super::words::OTHER_VERSION;
use crate::shell::plan::{Plan, Step, VERSION};
use crate::shell::quote;

pub(super) fn render(plan: &Plan) -> Vec<u8> {
    let enters = plan.0.iter().any(|step| matches!(step, Step::Enter(_)));
    let check = if enters { "\\__venvwrap_check || \\return 1\n" } else { "" };
    posix::render_with(plan, quote::bash_zsh, &format!("{}{check}", guard()))
}

pub(super) fn guard() -> String {
    let is_other = format!("\\builtin test \"${{__venvwrap_protocol-}}\" = {VERSION}");
    format!("{is_other} || \\builtin printf '%s\\n' '{OTHER_VERSION}' >&2\n{is_other} || \\return 1\n")
}
