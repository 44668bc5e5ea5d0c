//! Plans for bash and zsh, always one line for each step. In front of a plan that activates an environment comes a check of
//! the variables: in these shells they can be declared so that nothing can set them.

use super::posix;
use crate::shell::plan::{Plan, Step};
use crate::shell::quote;

pub(super) fn render(plan: &Plan) -> Vec<u8> {
    let enters = plan.0.iter().any(|step| matches!(step, Step::Enter(_)));
    let check = if enters { "__venvwrap_check || \\return 1\n" } else { "" };
    posix::render_with(plan, quote::bash_zsh, &format!("{}{check}", guard()))
}

pub(super) fn guard() -> String {
    posix::guard("\\builtin printf")
}
