//! The environment of a listing, the same for Run, record and tests.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the system keeps its programs.
const SYSTEM: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];

/// The whole environment of a listing: nothing of the caller's gets through, so that a run prints the
/// same in a terminal, in a test and from the page.
///
/// `home` is the private folder of this run, for HOME and TMPDIR.
pub fn environment(home: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        ("PATH", search_path()),
        ("HOME", home.into()),
        ("TMPDIR", home.into()),
        ("LANG", "C.UTF-8".into()),
        ("LC_ALL", "C.UTF-8".into()),
    ]
}

/// The environment of the compiler of an edited program: the caller's PATH, in which the linker is, and
/// what macOS needs to find its own.
///
/// `folder` is private to this compilation, for HOME and TMPDIR.
pub fn compiler_environment(folder: &Path) -> Vec<(&'static str, OsString)> {
    let callers = ["PATH", "DEVELOPER_DIR", "SDKROOT"]
        .into_iter()
        .filter_map(|name| Some((name, env::var_os(name)?)));
    let own = [
        ("HOME", folder.into()),
        ("TMPDIR", folder.into()),
        ("LC_ALL", "C.UTF-8".into()),
    ];
    callers.chain(own).collect()
}

/// The system's folders, and the caller's `python3` where the system has none.
fn search_path() -> OsString {
    let mut folders: Vec<PathBuf> = SYSTEM
        .iter()
        .map(PathBuf::from)
        .filter(|folder| folder.is_dir())
        .collect();
    let has_python = |folder: &PathBuf| folder.join("python3").exists();
    if !folders.iter().any(has_python) {
        let callers = env::var_os("PATH").unwrap_or_default();
        folders.extend(env::split_paths(&callers).find(has_python));
    }
    env::join_paths(folders).unwrap_or_else(|_| "/usr/bin:/bin".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_gets_five_variables_and_no_other() {
        let names: Vec<_> = environment(Path::new("/x"))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL"]);
    }
}
