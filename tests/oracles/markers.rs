//! Requirements, markers and specifiers mean what they mean to the `packaging` library, which pip uses.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use venvwrap_core::snapshot::marker::MarkerValues;
use venvwrap_core::snapshot::requirement::Requirement;

use crate::support::tools::{skip, uv};

const VERSIONS: [&str; 24] = [
    "1",
    "1.0",
    "1.0.0",
    "1.0.1",
    "1.1",
    "1.10",
    "2.0",
    "2.0rc1",
    "2.0.dev1",
    "1.0.post1",
    "1.0+local",
    "1.0+local.2",
    "0.9",
    "1!1.0",
    "1.0.dev0",
    "1.0.dev1",
    "1.0rc1.dev0",
    "1.0rc1",
    "1.0rc1.post1",
    "1.0.post1.dev1",
    "1.0.post1+l",
    "1.0.post2",
    "3.11",
    "3.11.7",
];

fn values() -> MarkerValues {
    MarkerValues {
        os_name: "posix".into(),
        sys_platform: "linux".into(),
        platform_machine: "x86_64".into(),
        platform_python_implementation: "CPython".into(),
        platform_release: "6.1.0-13-amd64".into(),
        platform_system: "Linux".into(),
        platform_version: "#1 SMP Debian".into(),
        python_version: "3.11".into(),
        python_full_version: "3.11.7".into(),
        implementation_name: "cpython".into(),
        implementation_version: "3.11.7".into(),
    }
}

fn values_as_json() -> String {
    let values = values();
    json!({
        "os_name": values.os_name,
        "sys_platform": values.sys_platform,
        "platform_machine": values.platform_machine,
        "platform_python_implementation": values.platform_python_implementation,
        "platform_release": values.platform_release,
        "platform_system": values.platform_system,
        "platform_version": values.platform_version,
        "python_version": values.python_version,
        "python_full_version": values.python_full_version,
        "implementation_name": values.implementation_name,
        "implementation_version": values.implementation_version,
    })
    .to_string()
}

/// Every variable, compared by every operator, with values of several kinds on either side.
fn markers() -> Vec<String> {
    let variables = [
        "os_name",
        "sys_platform",
        "platform_machine",
        "platform_python_implementation",
        "platform_release",
        "platform_system",
        "platform_version",
        "python_version",
        "python_full_version",
        "implementation_name",
        "implementation_version",
        "extra",
        "os.name",
        "sys.platform",
        "platform.machine",
        "platform.version",
        "platform.python_implementation",
        "python_implementation",
    ];
    let operators = ["==", "!=", "<", "<=", ">", ">=", "~=", "===", " in ", " not in ", "=", "=>", ""];
    let texts =
        ["3.11", "3.11.*", "3.8", "3", "linux", "posix", "", "3.10, 3.11", "6.1.0-13-amd64", "3.11.7+x", "CPython"];
    let mut found = Vec::new();
    for variable in variables {
        for operator in operators {
            for text in texts {
                found.push(format!("{variable}{operator}'{text}'"));
                found.push(format!("\"{text}\" {operator}{variable}"));
            }
        }
    }
    let (yes, no, odd) = ("os_name == 'posix'", "os_name=='nt'", "os_name ~= 'x'");
    for joined in [
        "{y} and {n} or {y}",
        "{n} or {y} and {n}",
        "({n} or {y}) and {y}",
        "(({y}))",
        "{y}and {y}",
        "{y} or{n}",
        "{y} and ({n} or ({y} and {y}))",
        "{n} or {o}",
        "{y} or {o}",
        "(({y}) and ({n}))",
        "({y}",
        "{y})",
        "{y} and",
        "not {y}",
        "{y} and and {n}",
        "({y}){n}",
        "( {y}\tand {n} ) or {y}",
        "(({y} and {n})) or ({y})",
        "{y} {n}",
    ] {
        found.push(joined.replace("{y}", yes).replace("{n}", no).replace("{o}", odd));
    }
    found
}

fn requirements() -> Vec<String> {
    let mut found: Vec<String> = markers().iter().map(|marker| format!("name ; {marker}")).collect();
    for operator in ["==", "!=", "<", "<=", ">", ">=", "~=", "===", "=", "><"] {
        for version in [
            "1",
            "1.0",
            "1.*",
            "1.0.*",
            "2.0rc1",
            "2.0.0-RC.1",
            "1.0.post1",
            "1.0-1",
            "1.0+local",
            "v1.0",
            "1!1.0",
            "1.0.dev0",
            "1.0rc1",
            "1.0rc1.dev1",
            "1.0rc1.post1",
            "1.0.post1.dev2",
            "x",
            "",
            "1 .0",
            "1.0.*.*",
            "01.1",
            "1_0",
        ] {
            found.push(format!("name{operator}{version}"));
            found.push(format!("name ( {operator} {version} )"));
        }
    }
    let odd = [
        "name",
        " name ",
        "A.b-c_D",
        "-name",
        "name-",
        "name.",
        "n",
        "1",
        "é",
        "",
        "name extra",
        "name[a]",
        "name[ a , b ]",
        "name[b,a,b]",
        "name[]",
        "name[a",
        "name[,]",
        "name[a b]",
        "name[a,]",
        "name>=1,<2",
        "name>=1,",
        "name,>=1",
        "name>=1,,<2",
        "name (>=1",
        "name>=1)",
        "name ()",
        "name(>=1,<2)",
        "name (>=1) ; os_name=='posix'",
        "name>=1;os_name=='posix'",
        "name;",
        "name ;",
        "name @ https://x/a.whl",
        "name@https://x/a.whl",
        "name @ https://x/a ; os_name=='nt'",
        "name @ https://x/a; os_name=='nt'",
        "name @ https://x/a;os_name",
        "name @",
        "name[x] @ file:///a%20b#sha256=1",
        "name @ a b",
        "name\n",
        "name>=1\n",
        "name\t>=\t1",
        "name <2 >=1",
        "name==1.0 --hash=x",
        "name # comment",
        "name==1;extra=='A_b'",
        "name>=1.0.0,!=1.1,<=2",
        "name~=1.0,~=1.0",
        "name===a b",
        "name===a;os_name=='nt'",
    ];
    found.extend(odd.map(str::to_owned));
    found
}

/// The directory of `packaging`: next to uv, which is installed with virtualenv.
fn packaging() -> Option<PathBuf> {
    let lib = uv()?.parent()?.parent()?.join("lib");
    let pythons = std::fs::read_dir(lib).ok()?.flatten();
    let found = pythons.map(|python| python.path().join("site-packages")).find(|site| site.join("packaging").is_dir());
    if found.is_none() {
        skip("there is no `packaging` next to uv");
    }
    found
}

fn ask(packaging: &Path, requirements: &[String]) -> Vec<Value> {
    let python = packaging.ancestors().nth(3).unwrap().join("bin/python");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/markers.py");
    let mut command = Command::new(python);
    command.arg("-I").arg(script).arg(packaging).arg(values_as_json()).arg(json!(VERSIONS).to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = requirements.iter().map(|text| format!("{}\n", json!(text))).collect::<Vec<_>>().concat();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn own_answer(text: &str) -> Value {
    let Some(found) = Requirement::parse(text) else { return Value::Null };
    let holds = match &found.marker {
        Some(marker) => marker.holds(&values(), None).map_or(Value::Null, Value::Bool),
        None => Value::Bool(true),
    };
    let admitted: Vec<_> = VERSIONS.iter().filter(|version| found.specifiers.admit_text(version)).collect();
    json!([found.to_string(), holds, admitted])
}

#[test]
fn requirements_mean_what_they_mean_to_pip() {
    let Some(packaging) = packaging() else { return };
    let requirements = requirements();
    let answers = ask(&packaging, &requirements);
    assert_eq!(answers.len(), requirements.len());
    let different: Vec<_> = requirements
        .iter()
        .zip(&answers)
        .filter(|(text, answer)| own_answer(text) != **answer)
        .map(|(text, answer)| format!("{text:?}\n    packaging: {answer}\n    venvwrap:  {}", own_answer(text)))
        .collect();
    let understood = answers.iter().filter(|answer| !answer.is_null()).count();
    assert!(understood > 1000, "{understood}");
    assert!(different.is_empty(), "{} of {}:\n{}", different.len(), answers.len(), different.join("\n"));
}
