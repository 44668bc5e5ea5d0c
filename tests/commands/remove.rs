//! `venvwrap remove`.

use crate::support::associations::{associate, place, program};
#[test]
fn removing_an_environment_ends_its_association() {
    let sandbox = place();
    associate(&sandbox, "api", &sandbox.path("projects/api"));
    let tree = sandbox.path("home/.local/state/venvwrap/auto");
    let entry = tree.join(sandbox.path("projects/api/@env").strip_prefix("/").unwrap());
    assert!(entry.exists());
    program(&sandbox, &["remove", "api"]);
    assert!(!entry.exists());
}
