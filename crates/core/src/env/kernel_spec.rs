//! What a new Jupyter kernel says: how it starts, and which variables it sets so that `!pip` is the environment's.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::packages::minor_of;
use super::prompt_name;
use super::{Environment, inside};
use crate::fs;

/// The file that describes a kernel, in its directory.
pub const FILE_NAME: &str = "kernel.json";

/// Where venvwrap notes in a kernel that it has written it: an unknown key at the top would make Jupyter warn.
pub(super) const MARK: &str = "venvwrap";

/// The description that ipykernel brings along, in an environment.
const OWN: &str = "share/jupyter/kernels/python3";

/// More than any description or picture of a kernel.
const MAX_BYTES: u64 = 1 << 20;

/// The pictures that ipykernel has for its kernels.
pub(crate) const PICTURES: [&str; 3] = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/// What a kernel is to be like.
#[derive(Clone, Debug, Default)]
pub struct KernelRequest {
    /// Identifier for tools [default: derived from the name of the environment].
    pub id: Option<String>,
    /// Name that Jupyter shows [default: `NAME (Python 3.13)`].
    pub display_name: Option<String>,
    /// Whether PATH and `VIRTUAL_ENV` stay those of the server.
    pub is_without_path: bool,
    /// Further variables, which mean what is written.
    pub variables: Vec<(String, String)>,
    /// Whether a kernel of this name that venvwrap has not written is replaced.
    pub force: bool,
}

/// Why nothing can be written that Jupyter would understand.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// A description is text.
    #[error("the path {path:?} is not valid UTF-8, and a kernel cannot name it")]
    NotText {
        /// The path.
        path: PathBuf,
    },
    /// Jupyter would put something else there.
    #[error("the path `{}` contains `{word}`, which Jupyter replaces", path.display())]
    Placeholder {
        /// The path.
        path: PathBuf,
        /// The word in braces.
        word: String,
    },
    /// PATH would be cut there.
    #[error("the path `{}` contains `:`, which separates the directories in PATH", path.display())]
    Colon {
        /// The path.
        path: PathBuf,
    },
}

/// Returns the id for the kernel of an environment: Jupyter takes letters, digits, `.`, `_` and `-`, and no notice of case.
pub(crate) fn id_of(name: &str) -> String {
    let as_allowed = |c: char| if is_allowed(c) { c.to_ascii_lowercase() } else { '-' };
    let id: String = name.chars().map(as_allowed).collect();
    id.trim_matches(['-', '.']).to_string()
}

/// Why Jupyter does not take a text for the name of a kernel, or a shell or file system takes it for something else; none
/// if it can be one.
pub(crate) fn id_problem(id: &str) -> Option<&'static str> {
    if id.is_empty() {
        Some("it is empty")
    } else if id.len() > 200 {
        Some("it is longer than 200 characters")
    } else if id.starts_with('-') {
        Some("it begins with `-`")
    } else if id.starts_with('.') {
        Some("it begins with `.`")
    } else if !id.chars().all(is_allowed) {
        Some("only letters from a to z, digits, `.`, `_` and `-` are allowed")
    } else {
        None
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// What an environment is called among kernels: a `.venv` has the name of its project.
pub(crate) fn called(env: &Environment) -> String {
    let name = prompt_name::of_path(env.path()).map(str::to_owned);
    name.unwrap_or_else(|| env.name().as_os_str().to_string_lossy().into_owned())
}

/// Returns the content of a new `kernel.json`, made at this time (in seconds since 1970).
pub(crate) fn content(env: &Environment, request: &KernelRequest, created: u64) -> Result<Vec<u8>, SpecError> {
    let python = env.python();
    let program = text(&python)?;
    if let Some(word) = placeholder(program) {
        return Err(SpecError::Placeholder { path: python.clone(), word });
    }
    let version = env.cfg().and_then(|cfg| minor_of(&cfg.version()?));
    let title = version.map_or_else(String::new, |(major, minor)| format!(" (Python {major}.{minor})"));
    let (name, called) = (env.name().as_os_str().to_string_lossy(), called(env));
    let mut argv = vec![program];
    // Frozen modules keep the debugger from stopping in them.
    argv.extend(version.filter(|version| *version >= (3, 11)).map(|_| "-Xfrozen_modules=off"));
    argv.extend(["-m", "ipykernel_launcher", "-f", "{connection_file}"]);
    let own = own_description(env);
    let of_own = |key: &str| own.as_ref().and_then(|own| own.get(key)).cloned();
    let mut metadata = of_own("metadata").and_then(|found| found.as_object().cloned()).unwrap_or_default();
    metadata.entry("debugger").or_insert(true.into());
    // At the top Jupyter would warn of a key that it does not know.
    metadata.insert(MARK.into(), json!({ "environment": name, "created": created }));
    let mut value = json!({
        "argv": argv,
        "display_name": request.display_name.clone().unwrap_or_else(|| format!("{called}{title}")),
        "language": "python",
        "metadata": metadata,
    });
    for key in ["kernel_protocol_version", "interrupt_mode"] {
        if let Some(found) = of_own(key).filter(Value::is_string) {
            value[key] = found;
        }
    }
    let variables = variables(env, request)?;
    if !variables.is_empty() {
        value["env"] = variables.into();
    }
    let pretty = serde_json::to_vec_pretty(&value).unwrap_or_default();
    Ok([pretty, b"\n".to_vec()].concat())
}

fn variables(env: &Environment, request: &KernelRequest) -> Result<Map<String, Value>, SpecError> {
    let mut variables = Map::new();
    if !request.is_without_path {
        let bin = env.bin();
        let path = text(&bin)?;
        if path.contains(':') {
            return Err(SpecError::Colon { path: bin.clone() });
        }
        variables.insert("PATH".into(), format!("{}:${{PATH}}", literal(path)).into());
        variables.insert("VIRTUAL_ENV".into(), literal(text(env.path())?).into());
        variables.insert("VIRTUAL_ENV_PROMPT".into(), literal(&inside::prompt(env).to_string_lossy()).into());
    }
    variables.extend(request.variables.iter().map(|(name, value)| (name.clone(), literal(value).into())));
    Ok(variables)
}

/// Jupyter expands variables of the server in the values: a dollar sign in a path is doubled.
pub(crate) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// The first word in braces, which Jupyter would replace by something that it knows under that name.
fn placeholder(text: &str) -> Option<String> {
    let starts = text.match_indices('{').map(|(at, _)| at);
    starts.into_iter().find_map(|start| {
        let rest = &text[start + 1..];
        let word = &rest[..rest.find('}')?];
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_word.then(|| format!("{{{word}}}"))
    })
}

fn text(path: &Path) -> Result<&str, SpecError> {
    path.to_str().ok_or_else(|| SpecError::NotText { path: path.to_path_buf() })
}

/// What the ipykernel of the environment says about its kernels: which protocol it speaks, and what it can do.
fn own_description(env: &Environment) -> Option<Value> {
    let content = fs::read_limited(&env.path().join(OWN).join(FILE_NAME), MAX_BYTES).ok()?;
    serde_json::from_slice(&content).ok()
}

/// The pictures of the environment's ipykernel, by their names.
pub(crate) fn pictures(env: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let read = |name: &'static str| Some((name, fs::read_limited(&env.join(OWN).join(name), MAX_BYTES).ok()?));
    PICTURES.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::name::EnvName;

    fn env(root: &Path, name: &str) -> Environment {
        let path = root.join(name);
        std::fs::create_dir_all(path.join("bin")).unwrap();
        std::fs::write(path.join("pyvenv.cfg"), "version = 3.13.2\n").unwrap();
        Environment::new(EnvName::for_existing(name.as_ref()).unwrap(), path)
    }

    fn value(env: &Environment, request: &KernelRequest) -> Value {
        serde_json::from_slice(&content(env, request, 7).unwrap()).unwrap()
    }

    #[test]
    fn the_description_starts_the_environments_python_with_its_programs() {
        let root = tempfile::tempdir().unwrap();
        let env = env(root.path(), "it's $HOME");
        let path = env.path().to_str().unwrap();
        let found = value(&env, &KernelRequest { variables: vec![("A".into(), "$x".into())], ..Default::default() });
        let program = format!("{path}/bin/python");
        let argv = [&program, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"];
        assert_eq!(found["argv"], json!(argv));
        assert_eq!(found["display_name"], "it's $HOME (Python 3.13)");
        let expected = path.replace('$', "$$");
        let variables = json!({
            "PATH": format!("{expected}/bin:${{PATH}}"),
            "VIRTUAL_ENV": expected,
            "VIRTUAL_ENV_PROMPT": "it's $$HOME",
            "A": "$$x",
        });
        assert_eq!(found["env"], variables);
        let mark = json!({"debugger": true, "venvwrap": {"environment": "it's $HOME", "created": 7}});
        assert_eq!(found["metadata"], mark);
        let bare =
            value(&env, &KernelRequest { is_without_path: true, display_name: Some("X".into()), ..Default::default() });
        assert_eq!((bare.get("env"), &bare["display_name"]), (None, &json!("X")));
    }

    #[test]
    fn what_ipykernel_says_of_itself_is_taken_over() {
        let root = tempfile::tempdir().unwrap();
        let env = env(root.path(), "api");
        let own = env.path().join(OWN);
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(
            own.join(FILE_NAME),
            r#"{"argv": ["evil"], "metadata": {"supported_encryption": ["curve"]}, "kernel_protocol_version": "5.5"}"#,
        )
        .unwrap();
        std::fs::write(own.join("logo-svg.svg"), "<svg/>").unwrap();
        let found = value(&env, &KernelRequest::default());
        assert_eq!(found["metadata"]["supported_encryption"], json!(["curve"]));
        assert_eq!(found["kernel_protocol_version"], "5.5");
        assert!(found["argv"][0].as_str().unwrap().ends_with("/api/bin/python"));
        assert_eq!(pictures(env.path()), [("logo-svg.svg", b"<svg/>".to_vec())]);
        for damaged in ["{", "[]", r#"{"metadata": 3, "interrupt_mode": []}"#] {
            std::fs::write(own.join(FILE_NAME), damaged).unwrap();
            assert_eq!(value(&env, &KernelRequest::default())["metadata"]["debugger"], true, "{damaged}");
        }
    }

    #[test]
    fn paths_that_jupyter_would_change_are_refused() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        let refused = |name: &str| content(&env(root.path(), name), &KernelRequest::default(), 0).unwrap_err();
        for name in ["{connection_file}", "a {{prefix} b", "{x}"] {
            assert!(matches!(refused(name), SpecError::Placeholder { .. }), "{name}");
        }
        assert!(matches!(refused("a:b"), SpecError::Colon { .. }));
        for name in ["{", "{}", "{a b}", "}{"] {
            assert!(content(&env(root.path(), name), &KernelRequest::default(), 0).is_ok(), "{name}");
        }
        let odd = std::ffi::OsStr::from_bytes(b"\xff");
        let odd = Environment::new(EnvName::for_existing(odd).unwrap(), Path::new("/e").join(odd));
        assert!(matches!(content(&odd, &KernelRequest::default(), 0), Err(SpecError::NotText { .. })));
    }

    #[test]
    fn ids_are_what_jupyter_takes() {
        for (name, expected) in [("Web", "web"), ("a b", "a-b"), ("-x.", "x"), ("é", ""), ("..", ""), ("a/$b", "a--b")]
        {
            assert_eq!(id_of(name), expected, "{name}");
            assert_eq!(id_problem(&id_of(name)).is_none(), !expected.is_empty(), "{name}");
        }
        for id in ["", ".", "..", "../x", "a b", "-x", "é"] {
            assert!(id_problem(id).is_some(), "{id}");
        }
    }
}
