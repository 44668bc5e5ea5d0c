//! `cdproject`.

use crate::support::shells::{in_each_shell, run};

#[test]
fn project_files_are_read_tolerantly() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.use_real_program();
        for text in ["/usr", "/usr\n", "/usr\r\n", "\n  /usr \n\n"] {
            std::fs::write(env.join(".project"), text).unwrap();
            run(sandbox, shell, "workon api\ncdproject; report end")
                .prints(&format!("{} {text:?}", shell.name()), "end: status=0 env=[ROOT]/envs/api cwd=/usr\n");
        }
    });
}
