//! The text of a Dockerfile: two stages, so that the image holds the packages and nothing that built them.

use std::fmt::Write as _;

use super::base::Base;
use super::context::Project;
use super::libraries::Library;
use super::lock::FILE_NAME;

/// Where the packages are in the image.
const VENV: &str = "/opt/venv";

/// What installs the packages of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Installer {
    /// The pip of the image that it is built on.
    Pip,
    /// uv, from its own image of this tag.
    Uv(String),
}

/// All that a Dockerfile says.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The name of the image.
    pub tag: String,
    /// What it is built on.
    pub base: Base,
    /// What installs.
    pub installer: Installer,
    /// The program that runs, and its arguments.
    pub command: Vec<String>,
    /// What is built in the image.
    pub projects: Vec<Project>,
    /// The packages that there is no wheel for.
    pub from_source: Vec<String>,
    /// Whether something is compiled.
    pub needs_compiler: bool,
    /// Libraries that may have to be added.
    pub libraries: Vec<Library>,
    /// Secrets that are mounted while packages are installed.
    pub secrets: Secrets,
}

/// What a builder is told without leaving it in the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secrets {
    /// The settings that name an index.
    pub index: bool,
    /// The certificates of those who sign for servers.
    pub certificate: bool,
}

/// Why an image cannot run a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A word of it cannot be in a Dockerfile.
    #[error("the word {word} of the command has a character that no Dockerfile can hold")]
    Word {
        /// The word, escaped.
        word: String,
    },
    /// Its first word names no program.
    #[error("the command begins with an empty word, which is no program")]
    NoProgram,
}

/// Checks the words of a command; without any it is `python`.
pub fn command(words: &[String]) -> Result<Vec<String>, CommandError> {
    if let Some(word) = words.iter().find(|word| word.chars().any(char::is_control)) {
        return Err(CommandError::Word { word: format!("{word:?}") });
    }
    if words.first().is_some_and(|program| program.trim().is_empty()) {
        return Err(CommandError::NoProgram);
    }
    Ok(if words.is_empty() { vec!["python".to_owned()] } else { words.to_vec() })
}

/// The identifiers of the secrets that a build must be given.
pub fn secret_ids(installer: &Installer, secrets: Secrets) -> Vec<&'static str> {
    let index = match installer {
        Installer::Pip => "pip_conf",
        Installer::Uv(_) => "uv_toml",
    };
    let ids = [(secrets.index, index), (secrets.certificate, "ca")];
    ids.into_iter().filter(|(is_there, _)| *is_there).map(|(_, id)| id).collect()
}

/// Writes the Dockerfile.
pub fn dockerfile(recipe: &Recipe) -> String {
    let mut text = String::new();
    recipe.head(&mut text);
    recipe.build_stage(&mut text);
    recipe.final_stage(&mut text);
    text
}

impl Recipe {
    fn head(&self, text: &mut String) {
        let image = self.base.as_str();
        let ids = secret_ids(&self.installer, self.secrets);
        let secrets = ids.iter().map(|id| format!(" --secret id={id},src=FILE")).collect::<Vec<_>>().concat();
        let _ = write!(
            text,
            "# syntax=docker/dockerfile:1\n\
             # Written by venvwrap. Build it with\n\
             #   docker build{secrets} -t {} .\n",
            self.tag
        );
        if !self.base.has_digest() {
            let format = "'{{.Manifest.Digest}}'";
            let _ = write!(
                text,
                "# To build on the same image every time, append `@` and what this prints:\n\
                 #   docker buildx imagetools inspect --format {format} {image}\n",
            );
        }
        let _ = writeln!(text, "ARG PYTHON_IMAGE={image}");
    }

    fn build_stage(&self, text: &mut String) {
        text.push_str("\nFROM ${PYTHON_IMAGE} AS build\n");
        match &self.installer {
            Installer::Pip => text.push_str("ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1\n"),
            Installer::Uv(tag) => {
                let _ = writeln!(text, "COPY --from=ghcr.io/astral-sh/uv:{tag} /uv /bin/uv");
                text.push_str("ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never\n");
            }
        }
        if self.needs_compiler {
            text.push_str("# These packages are compiled.\n");
            text.push_str(&apt_get("build-essential"));
        }
        let _ = match self.installer {
            Installer::Pip => writeln!(text, "RUN python3 -m venv --without-pip {VENV}"),
            Installer::Uv(_) => writeln!(text, "RUN uv venv --python python3 {VENV}"),
        };
        let _ = writeln!(text, "COPY {FILE_NAME} /tmp/{FILE_NAME}");
        let source = self.from_source.iter().map(|key| format!(" --no-binary={key}")).collect::<Vec<_>>().concat();
        let (verb, options) = match self.installer {
            Installer::Pip => ("install --no-compile", "--no-deps --require-hashes --only-binary=:all:"),
            Installer::Uv(_) => ("sync", "--require-hashes --only-binary=:all:"),
        };
        let file = if self.installer == Installer::Pip { "-r " } else { "" };
        self.install(text, verb, &format!("{options}{source} {file}/tmp/{FILE_NAME}"));
        self.projects(text);
        if self.installer == Installer::Pip {
            text.push_str("# Old packages hold files that this Python cannot compile.\n");
            let mode = "--invalidation-mode=unchecked-hash";
            let _ = writeln!(text, "RUN {VENV}/bin/python -m compileall -qq -j0 {mode} {VENV}/lib || true");
        }
    }

    /// The projects come last: what they need is not installed again when only their sources change.
    fn projects(&self, text: &mut String) {
        let verb = if self.installer == Installer::Pip { "install --no-compile" } else { "install" };
        for project in &self.projects {
            let from = if project.directory.is_empty() { "." } else { &project.directory };
            let to = format!("/src/{}/", project.key);
            let _ = writeln!(text, "COPY {}", as_json(&[format!("{}/", from.trim_end_matches('/')), to.clone()]));
            self.install(text, verb, &format!("--no-deps {to}"));
        }
    }

    fn install(&self, text: &mut String, verb: &str, arguments: &str) {
        let (cache, settings, program, variable) = match self.installer {
            Installer::Pip => {
                ("pip", "/etc/pip.conf", format!("python3 -m pip --python {VENV}/bin/python"), "PIP_CERT")
            }
            Installer::Uv(_) => ("uv", "/etc/uv/uv.toml", "uv pip".to_owned(), "SSL_CERT_FILE"),
        };
        let _ = writeln!(text, "RUN --mount=type=cache,target=/root/.cache/{cache} \\");
        let mut assignment = String::new();
        for id in secret_ids(&self.installer, self.secrets) {
            let target = if id == "ca" { "/run/secrets/ca" } else { settings };
            let _ = writeln!(text, "    --mount=type=secret,id={id},target={target},required=true \\");
            if id == "ca" {
                assignment = format!("{variable}={target} ");
            }
        }
        let python = if self.installer == Installer::Pip { String::new() } else { format!(" --python {VENV}") };
        let _ = writeln!(text, "    {assignment}{program} {verb}{python} \\\n    {arguments}");
    }

    fn final_stage(&self, text: &mut String) {
        text.push_str("\nFROM ${PYTHON_IMAGE}\n");
        self.libraries(text);
        let _ = write!(
            text,
            "COPY --from=build {VENV} {VENV}\n\
             ENV PATH={VENV}/bin:$PATH VIRTUAL_ENV={VENV} PYTHONUNBUFFERED=1\n\
             WORKDIR /app\n"
        );
        if self.projects.is_empty() {
            text.push_str("# What else the program needs; list it in .dockerignore too:\n# COPY src/ /app/src/\n");
        }
        // A number, so that Kubernetes can see that it is not root.
        let _ = write!(text, "USER 10001\nCMD {}\n", as_json(&self.command));
    }

    fn libraries(&self, text: &mut String) {
        if self.libraries.is_empty() {
            return;
        }
        text.push_str("# Compiled packages need libraries that this image may not have:\n");
        let mut packages = Vec::new();
        for library in &self.libraries {
            let package = library.package.as_ref().map(|package| format!(", in the package {package}"));
            let (users, package_name) = (library.needed_by.join(", "), package.unwrap_or_default());
            let _ = writeln!(text, "#   {} for {users}{package_name}", library.name);
            packages.extend(library.package.clone());
        }
        packages.sort();
        packages.dedup();
        if !packages.is_empty() {
            let _ = write!(text, "# {}", apt_get(&packages.join(" ")).replace("\n    ", "\n#     "));
        }
    }
}

fn apt_get(packages: &str) -> String {
    format!(
        "RUN apt-get update && apt-get install -y --no-install-recommends {packages} \\\n    \
         && rm -rf /var/lib/apt/lists/*\n"
    )
}

/// Writes words as JSON, which no shell reads and in which a Dockerfile expands nothing.
fn as_json(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect();
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(installer: Installer) -> Recipe {
        Recipe {
            tag: "api".into(),
            base: Base::parse("python:3.13-slim-trixie").unwrap(),
            installer,
            command: vec!["python".into()],
            projects: Vec::new(),
            from_source: Vec::new(),
            needs_compiler: false,
            libraries: Vec::new(),
            secrets: Secrets::default(),
        }
    }

    #[test]
    fn words_are_json() {
        let words = ["sh", "-c", "echo \"$HOME\" 'it''s' \\", "é"].map(str::to_owned);
        let mut recipe = recipe(Installer::Pip);
        recipe.command = command(&words).unwrap();
        let text = dockerfile(&recipe);
        assert!(text.ends_with("\nCMD [\"sh\", \"-c\", \"echo \\\"$HOME\\\" 'it''s' \\\\\", \"é\"]\n"), "{text}");
        assert_eq!(command(&[]).unwrap(), ["python"]);
        for word in ["a\nUSER root", "\0", "a\u{85}b"] {
            let error = command(&[word.to_owned()]).unwrap_err();
            assert!(!error.to_string().contains(char::is_control), "{error}");
        }
    }

    #[test]
    fn secrets_are_mounted_and_demanded() {
        for (installer, id, variable) in
            [(Installer::Pip, "pip_conf", "PIP_CERT"), (Installer::Uv("1".into()), "uv_toml", "SSL_CERT_FILE")]
        {
            let mut recipe = recipe(installer);
            assert!(!dockerfile(&recipe).contains("secret"));
            recipe.secrets = Secrets { index: true, certificate: true };
            let text = dockerfile(&recipe);
            assert!(text.contains(&format!("docker build --secret id={id},src=FILE --secret id=ca,src=FILE -t api .")));
            assert!(text.contains(&format!("--mount=type=secret,id={id},target=/etc/")), "{text}");
            assert!(text.contains(&format!("    {variable}=/run/secrets/ca ")), "{text}");
            assert!(!text.contains("ENV PIP_CERT"));
        }
    }

    #[test]
    fn nothing_begins_a_line_that_is_no_instruction() {
        let mut recipe = recipe(Installer::Uv("0.13".into()));
        let package = Some("libpq5".to_owned());
        recipe.libraries = vec![Library { name: "libpq.so.5".into(), needed_by: vec!["x".into()], package }];
        recipe.projects = vec![Project { key: "a".into(), directory: "a b".into(), is_pure: false }];
        recipe.needs_compiler = true;
        recipe.from_source = vec!["sdist".into()];
        let text = dockerfile(&recipe);
        let is_known = |line: &str| {
            let known = ["ARG ", "FROM ", "RUN ", "COPY ", "ENV ", "WORKDIR ", "USER ", "CMD ", "    ", "#"];
            line.is_empty() || known.iter().any(|word| line.starts_with(word))
        };
        assert!(text.lines().all(is_known), "{text}");
        for part in ["COPY [\"a b/\", \"/src/a/\"]\n", " --no-binary=sdist ", "# RUN apt-get", "#     && rm -rf"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
