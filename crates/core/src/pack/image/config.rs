//! The texts of an image: how it is run, what it is made of, and where that is.

use serde_json::{Map, Value, json};

use super::system::DEFAULT_PATH;
use crate::pack::compression::Compression;

/// A number, so that Kubernetes can see that it is not root.
const USER: &str = "10001";
/// Where programs are started.
pub(super) const DIRECTORY: &str = "/app";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// What an image gets.
#[derive(Clone, Debug)]
pub(super) struct Addition<'a> {
    /// The path of the environment.
    pub(super) place: &'a str,
    /// The program that runs, and its arguments.
    pub(super) command: &'a [String],
    /// When, in the form of RFC 3339.
    pub(super) time: &'a str,
    /// By what.
    pub(super) by: &'a str,
    /// The hash of what its layer unpacks to.
    pub(super) diff_id: &'a str,
}

/// A file of an image, as others refer to it.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// The SHA-256.
    pub(super) digest: String,
    /// The size.
    pub(super) size: u64,
}

/// The configuration of an image that is built on another.
pub(super) fn config(base: &Value, addition: &Addition<'_>) -> Value {
    let mut config = base.clone();
    let layers = base.pointer("/rootfs/diff_ids").and_then(Value::as_array).map_or(0, Vec::len);
    let Some(root) = config.as_object_mut() else { return config };
    // Of the container that the base was made in.
    for stale in ["container", "container_config", "id", "parent"] {
        root.remove(stale);
    }
    root.insert("created".into(), addition.time.into());
    run(object(root, "config"), addition);
    let history = array(root, "history");
    if history.is_empty() {
        history.extend((0..layers).map(|_| json!({})));
    }
    for entry in history.iter_mut().filter_map(Value::as_object_mut) {
        // Some readers take it for granted.
        entry.entry("created").or_insert_with(|| addition.time.into());
    }
    history.push(json!({ "created": addition.time, "created_by": addition.by }));
    let rootfs = object(root, "rootfs");
    rootfs.insert("type".into(), "layers".into());
    array(rootfs, "diff_ids").push(format!("sha256:{}", addition.diff_id).into());
    config
}

/// How the image is run.
fn run(settings: &mut Map<String, Value>, addition: &Addition<'_>) {
    settings.insert("User".into(), USER.into());
    settings.insert("Cmd".into(), addition.command.into());
    settings.insert("WorkingDir".into(), DIRECTORY.into());
    let variables = array(settings, "Env");
    let bin = format!("{}/bin", addition.place);
    let value = |name: &str| {
        let lines = variables.iter().filter_map(|line| line.as_str()?.split_once('='));
        lines.into_iter().find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
    };
    let path = value("PATH").unwrap_or_else(|| DEFAULT_PATH.to_owned());
    let rest = path.split(':').filter(|directory| *directory != bin);
    let path = std::iter::once(bin.as_str()).chain(rest).collect::<Vec<_>>().join(":");
    for (name, value) in [("PATH", path.as_str()), ("VIRTUAL_ENV", addition.place), ("PYTHONUNBUFFERED", "1")] {
        let line = Value::from(format!("{name}={value}"));
        let is_own =
            |line: &Value| line.as_str().and_then(|line| line.split_once('=')).is_some_and(|own| own.0 == name);
        match variables.iter_mut().find(|line| is_own(line)) {
            Some(old) => *old = line,
            None => variables.push(line),
        }
    }
}

/// The manifest: the configuration and the layers.
pub(super) fn manifest(config: &Blob, layers: &[(Blob, Compression)]) -> Value {
    let layer = |(blob, compression): &(Blob, Compression)| {
        let ending = match compression {
            Compression::None => "",
            Compression::Gzip => "+gzip",
            Compression::Zstandard => "+zstd",
        };
        descriptor(blob, &format!("application/vnd.oci.image.layer.v1.tar{ending}"))
    };
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(config, CONFIG),
        "layers": layers.iter().map(layer).collect::<Vec<_>>(),
    })
}

/// The list of images, with one.
pub(super) fn index(manifest: &Blob, config: &Value, tag: &str) -> Value {
    let mut only = descriptor(manifest, MANIFEST);
    let platform = ["architecture", "os", "variant"].into_iter();
    let platform: Map<String, Value> =
        platform.filter_map(|key| Some((key.to_owned(), config.get(key)?.clone()))).collect();
    only["platform"] = platform.into();
    only["annotations"] = json!({
        "io.containerd.image.name": format!("docker.io/library/{tag}:latest"),
        "org.opencontainers.image.ref.name": "latest",
    });
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [only] })
}

/// The list of images as Docker wrote it before, with one.
pub(super) fn docker_manifest(config: &Blob, layers: &[(Blob, Compression)], tag: &str) -> Value {
    let name = |blob: &Blob| format!("blobs/sha256/{}", blob.digest);
    let layers: Vec<_> = layers.iter().map(|(blob, _)| name(blob)).collect();
    json!([{ "Config": name(config), "RepoTags": [format!("{tag}:latest")], "Layers": layers }])
}

fn descriptor(blob: &Blob, media_type: &str) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{}", blob.digest), "size": blob.size })
}

/// The object at a key, which is made where there is none.
fn object<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let value = parent.entry(key).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("it is one")
}

/// The list at a key, which is made where there is none.
fn array<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let value = parent.entry(key).or_insert_with(|| json!([]));
    if !value.is_array() {
        *value = json!([]);
    }
    value.as_array_mut().expect("it is one")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_base_says_stays() {
        let base = json!({
            "architecture": "amd64",
            "os": "linux",
            "container_config": {"Hostname": "x"},
            "config": {
                "Env": ["LANG=C.UTF-8", "PATH=/usr/local/bin:/bin", "VIRTUAL_ENV=/old"],
                "Entrypoint": ["/entry"],
                "Labels": {"a": "b"},
            },
            "history": [{"created_by": "base"}, {"created": "2020-01-01T00:00:00Z", "empty_layer": true}],
            "rootfs": {"type": "layers", "diff_ids": ["sha256:aa"]},
        });
        let addition = Addition {
            place: "/opt/venv",
            command: &["serve".to_owned(), "--port".to_owned()],
            time: "2026-01-02T03:04:05Z",
            by: "test",
            diff_id: "bb",
        };
        let new = config(&base, &addition);
        let expected = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": "2026-01-02T03:04:05Z",
            "config": {
                "Env": [
                    "LANG=C.UTF-8", "PATH=/opt/venv/bin:/usr/local/bin:/bin", "VIRTUAL_ENV=/opt/venv", "PYTHONUNBUFFERED=1",
                ],
                "Entrypoint": ["/entry"],
                "Labels": {"a": "b"},
                "User": "10001",
                "Cmd": ["serve", "--port"],
                "WorkingDir": "/app",
            },
            "history": [
                {"created_by": "base", "created": "2026-01-02T03:04:05Z"},
                {"created": "2020-01-01T00:00:00Z", "empty_layer": true},
                {"created": "2026-01-02T03:04:05Z", "created_by": "test"},
            ],
            "rootfs": {"type": "layers", "diff_ids": ["sha256:aa", "sha256:bb"]},
        });
        assert_eq!(new, expected);
        let again = config(&new, &addition);
        assert_eq!(again["config"], new["config"]);
    }

    #[test]
    fn what_the_base_does_not_say_is_made() {
        let addition = Addition { place: "/v", command: &[], time: "t", by: "x", diff_id: "bb" };
        let new = config(&json!({"config": null, "rootfs": {"diff_ids": ["sha256:aa", "sha256:cc"]}}), &addition);
        assert_eq!(new["config"]["Env"][0], format!("PATH=/v/bin:{DEFAULT_PATH}"));
        assert_eq!(new["history"].as_array().unwrap().len(), 3);
        assert_eq!(new["history"][0]["created"], "t");
    }
}
