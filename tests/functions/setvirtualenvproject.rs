//! `setvirtualenvproject`.

use crate::support::associations::{place, program};

#[test]
fn the_function_adds_a_directory_too() {
    let sandbox = place();
    program(&sandbox, &["__do", "setvirtualenvproject", "api", "../projects/api"]);
    program(&sandbox, &["__do", "setvirtualenvproject", "--add", "api", "../projects/worktree"]);
    assert_eq!(program(&sandbox, &["project", "show", "api"]), "[ROOT]/projects/api\n[ROOT]/projects/worktree\n");
}
