//! Reading an image: its configuration and its layers.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::ImageError;
use super::layers::{Known, Visitor, walk};
use super::place::Place;
use crate::fs::hex::hex;

/// Lists of lists of images are not deeper.
const MAX_DEPTH: usize = 4;

/// An image in the file system, of which only texts have been read.
#[derive(Debug)]
pub(in crate::pack) struct Image {
    pub(in crate::pack) place: Place,
    /// How it is run.
    pub(super) config: Value,
    /// Its layers, from the lowest.
    pub(in crate::pack) layers: Vec<Layer>,
}

/// A layer.
#[derive(Clone, Debug)]
pub(in crate::pack) struct Layer {
    /// The name of its file.
    pub(in crate::pack) name: PathBuf,
    /// The SHA-256 of the file, if it is known.
    pub(super) digest: Option<String>,
    /// The SHA-256 of what it unpacks to.
    pub(super) diff_id: String,
}

/// Returns whether a directory is an image, or a layout of images.
pub(crate) fn is_layout(path: &Path) -> bool {
    let has_both = |names: [&str; 2]| names.iter().all(|name| path.join(name).is_file());
    has_both(["oci-layout", "index.json"]) || has_both(["version", "manifest.json"])
}

impl Image {
    /// Opens an image. `architecture`, in the words of images, decides where there are several.
    pub(in crate::pack) fn open(path: &Path, architecture: &str) -> Result<Self, ImageError> {
        let place = Place::open(path)?;
        if place.has(Path::new("index.json")) && place.has(Path::new("oci-layout")) {
            let index = json(&place, Path::new("index.json"))?;
            return of_manifest(place, index, architecture);
        }
        let name = Path::new("manifest.json");
        if place.has(name) {
            let document = json(&place, name)?;
            // `podman save --format docker-dir` and `skopeo copy … dir:` write the manifest itself.
            let is_manifest = document.is_object();
            return if is_manifest { of_manifest(place, document, architecture) } else { of_docker(place, &document) };
        }
        Err(ImageError::NoImage { path: path.into() })
    }

    /// Reads all layers, from the lowest on, and checks that they are what the image says.
    pub(super) fn walk(&self, visitor: &mut dyn Visitor) -> Result<Vec<Known>, ImageError> {
        self.layers
            .iter()
            .map(|layer| {
                let read = walk(&self.place, &layer.name, visitor)?;
                let is_sound =
                    layer.digest.as_ref().is_none_or(|digest| *digest == read.digest) && layer.diff_id == read.diff_id;
                if is_sound {
                    return Ok(read);
                }
                Err(self.place.damaged(format!("the hash of `{}` is wrong", layer.name.display())))
            })
            .collect()
    }

    /// The value of a variable that it sets.
    pub(in crate::pack) fn variable(&self, name: &str) -> Option<&str> {
        let variables = self.config.pointer("/config/Env")?.as_array()?;
        variables
            .iter()
            .filter_map(|line| line.as_str()?.split_once('='))
            .find(|(own, _)| *own == name)
            .map(|own| own.1)
    }

    /// A word of the configuration; empty where there is none.
    pub(super) fn word(&self, key: &str) -> &str {
        self.config.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

/// An image whose manifest, or list of manifests, this is.
fn of_manifest(place: Place, mut document: Value, architecture: &str) -> Result<Image, ImageError> {
    for _ in 0..MAX_DEPTH {
        let Some(manifests) = document.get("manifests").and_then(Value::as_array) else { break };
        let chosen = chosen(&place, manifests, architecture)?;
        document = described(&place, chosen)?;
    }
    let broken = || place.damaged("its manifest is not understood");
    let config = described(&place, document.get("config").ok_or_else(broken)?)?;
    let digests: Vec<String> = document
        .get("layers")
        .and_then(Value::as_array)
        .ok_or_else(broken)?
        .iter()
        .map(|layer| digest(layer).ok_or_else(broken))
        .collect::<Result<_, _>>()?;
    let layers = digests.into_iter().map(|digest| (part(&place, &digest), Some(digest))).collect();
    image(place, config, layers)
}

fn of_docker(place: Place, document: &Value) -> Result<Image, ImageError> {
    let broken = || place.damaged("its `manifest.json` is not understood");
    let images = document.as_array().ok_or_else(broken)?;
    let [manifest] = &images[..] else {
        return Err(ImageError::Several { path: place.path().into(), count: images.len() });
    };
    let name = |value: &Value| value.as_str().map(PathBuf::from).ok_or_else(broken);
    let config = json(&place, &name(manifest.get("Config").ok_or_else(broken)?)?)?;
    let layers = manifest.get("Layers").and_then(Value::as_array).ok_or_else(broken)?;
    let layers = layers.iter().map(|layer| Ok((name(layer)?, None))).collect::<Result<Vec<_>, ImageError>>()?;
    image(place, config, layers)
}

fn image(place: Place, config: Value, layers: Vec<(PathBuf, Option<String>)>) -> Result<Image, ImageError> {
    let ids = config.pointer("/rootfs/diff_ids").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let ids: Vec<&str> = ids.iter().filter_map(|id| id.as_str()?.strip_prefix("sha256:")).collect();
    if ids.len() != layers.len() || layers.is_empty() {
        return Err(place.damaged("its configuration has another number of layers"));
    }
    let layers = layers
        .into_iter()
        .zip(ids)
        .map(|((name, digest), diff_id)| Layer { name, digest, diff_id: diff_id.to_owned() })
        .collect();
    Ok(Image { place, config, layers })
}

/// The image for this machine, or the only one.
fn chosen<'a>(place: &Place, manifests: &'a [Value], architecture: &str) -> Result<&'a Value, ImageError> {
    let word = |manifest: &Value, key: &str| {
        manifest.pointer(&format!("/platform/{key}")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    // How an image was made is listed like one.
    let images: Vec<&Value> = manifests.iter().filter(|manifest| word(manifest, "os") != "unknown").collect();
    let fits = |manifest: &&&Value| word(manifest, "os") == "linux" && word(manifest, "architecture") == architecture;
    let fitting: Vec<&&Value> = images.iter().filter(fits).collect();
    match (&images[..], &fitting[..]) {
        ([only], _) => Ok(only),
        (_, [only]) => Ok(only),
        _ => Err(ImageError::Several { path: place.path().into(), count: images.len() }),
    }
}

/// Reads what a descriptor describes, and checks its hash.
fn described(place: &Place, descriptor: &Value) -> Result<Value, ImageError> {
    let digest = digest(descriptor).ok_or_else(|| place.damaged("a digest in it is not understood"))?;
    let name = part(place, &digest);
    let content = place.text(&name)?;
    if hex(&Sha256::digest(&content)) != digest {
        return Err(place.damaged(format!("the hash of `{}` is wrong", name.display())));
    }
    parsed(place, &name, &content)
}

fn json(place: &Place, name: &Path) -> Result<Value, ImageError> {
    parsed(place, name, &place.text(name)?)
}

fn parsed(place: &Place, name: &Path, content: &[u8]) -> Result<Value, ImageError> {
    serde_json::from_slice(content).map_err(|_| place.damaged(format!("`{}` is not understood", name.display())))
}

/// The digits of a digest.
fn digest(descriptor: &Value) -> Option<String> {
    let digits = descriptor.get("digest")?.as_str()?.strip_prefix("sha256:")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (digits.len() == 64 && digits.bytes().all(is_digit)).then(|| digits.to_owned())
}

/// The name of the part with this content: that of a layout, or where a manifest is next to its parts.
fn part(place: &Place, digest: &str) -> PathBuf {
    let others = [PathBuf::from(digest), PathBuf::from(format!("{digest}.manifest.json"))];
    let own = blob(digest);
    if place.has(&own) { own } else { others.into_iter().find(|name| place.has(name)).unwrap_or(own) }
}

/// The name of the file with this content in a layout.
pub(super) fn blob(digest: &str) -> PathBuf {
    Path::new("blobs/sha256").join(digest)
}
