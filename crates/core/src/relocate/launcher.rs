//! The scripts that installers generate for entry points. They have nothing of their own: whichever Python has the
//! package can run them.

/// Returns whether the body of a script does nothing but import and call one function, as pip, uv and venvwrap write it.
pub(crate) fn is_launcher(body: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    let mut imported = None;
    while let Some(line) = lines.next_if(|line| !line.starts_with("if ")) {
        match function_of(line) {
            Some(function) if imported.is_none() => imported = Some(function),
            None if ["import re", "import sys"].contains(&line) => {}
            _ => return false,
        }
    }
    let Some(imported) = imported else { return false };
    if !lines.next().is_some_and(|line| ["if __name__ == '__main__':", "if __name__ == \"__main__\":"].contains(&line))
    {
        return false;
    }
    let rest: Vec<_> = lines.collect();
    rest.split_last()
        .is_some_and(|(last, before)| is_call_of(last, imported) && before.iter().all(|line| is_naming(line)))
}

/// The name that a line imports from a module.
fn function_of(line: &str) -> Option<&str> {
    let (module, function) = line.strip_prefix("from ")?.split_once(" import ")?;
    (is_dotted(module) && is_dotted(function) && !function.contains('.')).then_some(function)
}

/// `sys.exit(main())`, also of a method of what was imported.
fn is_call_of(line: &str, imported: &str) -> bool {
    let called = line.strip_prefix("sys.exit(").and_then(|rest| rest.strip_suffix("())"));
    called.is_some_and(|called| is_dotted(called) && called.split('.').next() == Some(imported))
}

/// A line that takes an ending of Windows off the name of the program.
fn is_naming(line: &str) -> bool {
    line == "for suffix in (\"-script.pyw\", \".exe\"):"
        || [
            "if sys.argv[0].endswith(",
            "elif sys.argv[0].endswith(",
            "sys.argv[0] = re.sub(",
            "sys.argv[0] = sys.argv[0][",
        ]
        .iter()
        .any(|start| line.starts_with(start))
}

fn is_dotted(name: &str) -> bool {
    name.split('.').all(|part| {
        let is_letter = |character: char| character.is_alphanumeric() || character == '_';
        !part.is_empty() && part.chars().all(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIP: &str = "# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom pip._internal.cli.main import main\n\
                       if __name__ == '__main__':\n    \
                       sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n    sys.exit(main())\n";
    const NEW_PIP: &str = "import sys\nfrom a.b import C\nif __name__ == '__main__':\n    \
                           if sys.argv[0].endswith('.exe'):\n        sys.argv[0] = sys.argv[0][:-4]\n    sys.exit(C.run())\n";
    const UV: &str = "# -*- coding: utf-8 -*-\nimport sys\nfrom a import main\nif __name__ == \"__main__\":\n    \
                      if sys.argv[0].endswith(\"-script.pyw\"):\n        sys.argv[0] = sys.argv[0][:-11]\n    \
                      elif sys.argv[0].endswith(\".exe\"):\n        sys.argv[0] = sys.argv[0][:-4]\n    sys.exit(main())\n";
    const OWN: &str = "import sys\nfrom a import main\nif __name__ == \"__main__\":\n    \
                       for suffix in (\"-script.pyw\", \".exe\"):\n        if sys.argv[0].endswith(suffix):\n            \
                       sys.argv[0] = sys.argv[0][: -len(suffix)]\n    sys.exit(main())\n";

    #[test]
    fn what_installers_write_is_known() {
        for body in [PIP, NEW_PIP, UV, OWN] {
            assert!(is_launcher(body.as_bytes()), "{body}");
        }
        assert!(is_launcher(PIP.replace('\n', "\r\n").as_bytes()));
    }

    #[test]
    fn what_does_more_is_a_script_of_its_own() {
        for (old, new) in [
            ("import re\n", "import os\n"),
            ("import re\n", "print(1)\n"),
            ("import main\n", "import main, x\n"),
            ("import main\n", "import main\nfrom x import y\n"),
            ("exit(main())", "exit(other())"),
            ("exit(main())", "exit(main(1))"),
            ("    sys.exit", "    print(1)\n    sys.exit"),
            ("sys.exit(main())\n", "sys.exit(main())\nprint(1)\n"),
            ("sys.exit(main())\n", ""),
            ("if __name__ == '__main__':", "if True:"),
            ("from pip._internal.cli.main import main\n", ""),
        ] {
            let body = PIP.replace(old, new);
            assert!(body != PIP && !is_launcher(body.as_bytes()), "{body}");
        }
        assert!(!is_launcher(b"") && !is_launcher(b"\xff"));
    }
}
