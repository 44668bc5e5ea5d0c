//! Images to build on, with no more than what is looked for in them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// The word of images for the processor of this machine.
pub(crate) fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }
}

/// Runs tar.
#[track_caller]
pub(crate) fn tar(arguments: &[&str]) {
    assert!(Command::new("tar").args(arguments).status().unwrap().success(), "{arguments:?}");
}

/// Writes the layout of an image with one layer, in the place of what is there.
pub(crate) fn write_layout(layout: &Path, rootfs: &Path, architecture: &str) {
    let _ = fs::remove_dir_all(layout);
    fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
    let layer = layout.join("layer.tar");
    tar(&["--mtime=@0", "--sort=name", "-cf", layer.to_str().unwrap(), "-C", rootfs.to_str().unwrap(), "."]);
    let diff_id = format!("sha256:{}", sum(&layer));
    assert!(Command::new("gzip").arg("-nf").arg(&layer).status().unwrap().success());
    let (layer, size) = keep(layout, &layer.with_extension("tar.gz"));
    let config = json!({
        "architecture": architecture, "os": "linux",
        "config": {"Env": ["PATH=/usr/local/bin:/usr/bin"], "Labels": {"of": "the base"}},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    });
    let (config, config_size) = keep_text(layout, &config.to_string());
    let media = |kind: &str| format!("application/vnd.oci.image.{kind}");
    let manifest = json!({
        "schemaVersion": 2,
        "config": {"mediaType": media("config.v1+json"), "digest": config, "size": config_size},
        "layers": [{"mediaType": media("layer.v1.tar+gzip"), "digest": layer, "size": size}],
    });
    let (manifest, size) = keep_text(layout, &manifest.to_string());
    let index = json!({
        "schemaVersion": 2,
        "manifests": [{"mediaType": media("manifest.v1+json"), "digest": manifest, "size": size}],
    });
    fs::write(layout.join("index.json"), index.to_string()).unwrap();
    fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
}

/// Writes the same layout with its only layer twice.
pub(crate) fn repeat_layer(layout: &Path) {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let blob = |digest: &Value| layout.join("blobs/sha256").join(&digest.as_str().unwrap()["sha256:".len()..]);
    let twice = |list: &Value| json!([list[0], list[0]]);
    let mut index = read(&layout.join("index.json"));
    let mut manifest = read(&blob(&index["manifests"][0]["digest"]));
    let mut config = read(&blob(&manifest["config"]["digest"]));
    config["rootfs"]["diff_ids"] = twice(&config["rootfs"]["diff_ids"]);
    let (digest, size) = keep_text(layout, &config.to_string());
    (manifest["config"]["digest"], manifest["config"]["size"]) = (json!(digest), json!(size));
    manifest["layers"] = twice(&manifest["layers"]);
    let (digest, size) = keep_text(layout, &manifest.to_string());
    (index["manifests"][0]["digest"], index["manifests"][0]["size"]) = (json!(digest), json!(size));
    fs::write(layout.join("index.json"), index.to_string()).unwrap();
}

fn keep_text(layout: &Path, text: &str) -> (String, u64) {
    let file = layout.join("text");
    fs::write(&file, text).unwrap();
    keep(layout, &file)
}

/// Gives a file the name of its hash. Returns its digest and size.
fn keep(layout: &Path, file: &Path) -> (String, u64) {
    let digest = sum(file);
    let size = fs::metadata(file).unwrap().len();
    fs::rename(file, layout.join("blobs/sha256").join(&digest)).unwrap();
    (format!("sha256:{digest}"), size)
}

fn sum(file: &Path) -> String {
    let output = Command::new("sha256sum").arg(file).output().unwrap();
    // A name with unusual characters is marked by a backslash before the sum.
    String::from_utf8(output.stdout).unwrap().trim_start_matches('\\')[..64].to_owned()
}
