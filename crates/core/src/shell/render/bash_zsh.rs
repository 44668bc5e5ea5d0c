//! Plans for bash and zsh, always one line for each step.

use super::posix;
use crate::shell::plan::Plan;
use crate::shell::quote;

pub(super) fn render(plan: &Plan) -> Vec<u8> {
    posix::render_with(plan, quote::bash_zsh, &guard())
}

pub(super) fn guard() -> String {
    posix::guard("\\builtin printf")
}
