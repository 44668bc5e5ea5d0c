//! Text without the directory that its relative files are meant from, as it comes through a pipe.

use std::path::Path;

use super::lines::option;
use crate::fs;

/// Returns the text of a requirements file with absolute paths in its `-r` and `-c` lines: an installer that reads it
/// from elsewhere would look there for them. What is not in one plain line, or is a URL, stays.
pub fn with_absolute_files(content: &[u8], directory: &Path) -> Vec<u8> {
    let lines = content.split_inclusive(|&byte| byte == b'\n');
    lines.flat_map(|line| absolute(line, directory).map_or_else(|| line.to_vec(), String::into_bytes)).collect()
}

fn absolute(line: &[u8], directory: &Path) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    [("-r", "--requirement"), ("-c", "--constraint")].into_iter().find_map(|(short, long)| {
        let value = option(text.trim(), short, long)?;
        let (file, rest) = value.find(" #").map_or((value, ""), |at| value.split_at(at));
        let is_plain = !file.contains("://") && !file.contains(['\\', '$', '"', '\'']);
        let path = fs::absolute(directory, Path::new(file.trim())).to_str()?.to_owned();
        is_plain.then(|| format!("{short} {}{rest}\n", shell_words::quote(&path)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_meant_from_a_directory() {
        for (line, expected) in [
            ("-r more.txt\n", "-r /a/more.txt\n"),
            ("  --requirement=x/../more.txt # why\n", "-r /a/more.txt # why\n"),
            ("-c c.txt", "-c /a/c.txt\n"),
            ("-c /b/c.txt\n", "-c /b/c.txt\n"),
            ("-rb c.txt\n", "-r '/a/b c.txt'\n"),
            ("-r https://x/y.txt\n", "-r https://x/y.txt\n"),
            ("-r ${DIR}/y.txt\n", "-r ${DIR}/y.txt\n"),
            ("--require-hashes\nsix # -r x\n-e ./x\n", "--require-hashes\nsix # -r x\n-e ./x\n"),
        ] {
            let found = with_absolute_files(line.as_bytes(), Path::new("/a"));
            assert_eq!(String::from_utf8(found).unwrap(), expected, "{line}");
        }
        assert_eq!(with_absolute_files(b"\xff -r a\n", Path::new("/a")), b"\xff -r a\n");
    }
}
