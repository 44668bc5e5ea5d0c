//! `venvwrap config`.

use crate::support::associations::{fails, place, program};
#[test]
fn keys_of_the_configuration() {
    let sandbox = place();
    program(&sandbox, &["config", "set", "picker", "false"]);
    program(&sandbox, &["config", "set", "python", "3.12"]);
    assert_eq!(program(&sandbox, &["config", "get", "picker"]), "false\n");
    assert_eq!(program(&sandbox, &["config", "list"]), "picker = false\npython = 3.12\n");
    program(&sandbox, &["config", "unset", "picker"]);
    assert_eq!(fails(&sandbox, &["config", "get", "picker"]), "");
    assert!(fails(&sandbox, &["config", "set", "nothing", "1"]).contains("there is no key `nothing`"));
}
