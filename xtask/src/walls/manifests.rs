//! The rules for manifests: the workspace's lints hold everywhere, and no path leaves the
//! repository, so that a clone of it is all one needs.
//!
//! Manifests are read line by line, the way this workspace writes them: a parser would allow
//! spellings that a reader has to think about.

/// Complains about a package that does not take the lints of the workspace.
pub(super) fn missing_lints(path: &str, manifest: &str) -> Option<String> {
    let lines: Vec<_> = manifest.lines().map(str::trim).collect();
    let inherits = lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"]);
    (!inherits).then(|| format!("{path}: lacks `workspace = true` right below `[lints]`"))
}

/// Complains about each `path = "…"` that points out of the repository.
///
/// `path` is the manifest's own, relative to the root and with forward slashes.
pub(super) fn escaping_paths(path: &str, manifest: &str) -> Vec<String> {
    let depth = path.matches('/').count();
    manifest
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(path_value)
        .filter(|value| escapes(value, depth))
        .map(|value| format!("{path}: the path `{value}` leaves the repository"))
        .collect()
}

/// The value of the key `path` in a line, in a table of its own or inline.
fn path_value(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("path")?;
    if before.ends_with(|character: char| character.is_alphanumeric() || "-_".contains(character)) {
        return path_value(after);
    }
    let Some(value) = after.trim_start().strip_prefix('=') else {
        return path_value(after);
    };
    let value = value.trim_start().strip_prefix('"')?;
    value.split('"').next()
}

/// Whether a path, followed from a folder this deep, is ever above the root.
fn escapes(path: &str, mut depth: usize) -> bool {
    if path.starts_with(['/', '\\', '~']) || path.contains(':') {
        return true;
    }
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if depth == 0 => return true,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_the_lints_of_the_workspace_is_named() {
        let own = "[package]\n[lints]\nrust.unsafe_code = \"allow\"\n";

        assert_eq!(missing_lints("a/Cargo.toml", "[package]\n[lints]\nworkspace = true\n"), None);
        assert!(missing_lints("a/Cargo.toml", own).is_some());
        assert!(missing_lints("a/Cargo.toml", "[package]\n").is_some());
    }

    #[test]
    fn a_path_is_followed_from_its_manifest() {
        let cases = [
            ("Cargo.toml", r#"jeton = { path = "crates/jeton" }"#, false),
            ("bench/Cargo.toml", r#"jeton = { path = "../crates/jeton" }"#, false),
            ("bench/Cargo.toml", r#"jeton = { path = "../../jeton" }"#, true),
            ("Cargo.toml", r#"path="../elsewhere""#, true),
            ("a/b/Cargo.toml", r#"x = { version = "1", path = "../../../x" }"#, true),
            ("a/b/Cargo.toml", r#"x = { path = "../../c/../../x" }"#, true),
            ("Cargo.toml", r#"x = { path = "/opt/x" }"#, true),
            ("Cargo.toml", r#"# x = { path = "/opt/x" }"#, false),
            ("Cargo.toml", r#"serde-path = "1"  # a path = outside"#, false),
            ("Cargo.toml", r#"disallowed = { path-to = "/x", path = "/y" }"#, true),
        ];
        for (manifest, line, refused) in cases {
            assert_eq!(!escaping_paths(manifest, line).is_empty(), refused, "{line}");
        }
    }
}
