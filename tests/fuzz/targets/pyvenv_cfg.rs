#![no_main]

use venvwrap_core::env::pyvenv_cfg::{PyvenvCfg, is_line_boundary};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut cfg = PyvenvCfg::parse(input);
    assert_eq!(cfg.to_bytes(), input);
    let _ = (cfg.home(), cfg.version(), cfg.implementation(), cfg.prompt(), cfg.creator());
    let value = String::from_utf8_lossy(input).replace(is_line_boundary, "").trim().to_owned();
    cfg.set("home", &value).unwrap();
    assert_eq!(PyvenvCfg::parse(&cfg.to_bytes()).get("home"), Some(value.as_str()));
});
