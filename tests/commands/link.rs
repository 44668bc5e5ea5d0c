//! `venvwrap link`.

use std::fs;

use crate::support::associations::{fails, place, program};

#[test]
fn links_for_editors() {
    let sandbox = place();
    program(&sandbox, &["link", "api", "../projects/api"]);
    let text = fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap();
    assert_eq!(sandbox.normalise(&text), "[ROOT]/envs/api\n");
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["link", "api", "../projects/web"]).contains("already exists"));
}
