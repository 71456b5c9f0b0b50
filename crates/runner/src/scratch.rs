//! The private folder of one run: made new, wiped at the end.
//!
//! ```text
//! book-run-x1y2z3/        mode 0700
//!   bin/five_tasks        the program, when it runs as another user; the script of an interpreter
//!   build/                mode 0700: source and output of a compilation
//!   home/                 HOME, TMPDIR and working folder
//! ```

use nix::unistd::{Gid, Uid};
use std::env;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Whom a listing runs as when the supervisor is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: Uid,
    /// Group id.
    pub gid: Gid,
}

/// The folder, and who owns it.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    /// See the picture above.
    pub home: PathBuf,
    /// Set when it is not the supervisor's own user.
    pub user: Option<User>,
}

impl Scratch {
    /// A new folder. For root it belongs to a user without rights and without a name, another one
    /// for each run, because limits on processes are counted per user and do not bind root.
    ///
    /// # Errors
    ///
    /// The temp folder cannot be written.
    pub fn new(as_other_user: bool) -> io::Result<Self> {
        let root = as_other_user && cfg!(target_os = "linux") && Uid::effective().is_root();
        // Root's TMPDIR may lie where that user cannot go.
        let base = if root {
            PathBuf::from("/tmp")
        } else {
            env::temp_dir()
        };
        let folder = tempfile::Builder::new()
            .prefix("book-run-")
            .tempdir_in(base)?;
        let home = folder.path().join("home");
        fs::create_dir(folder.path().join("bin"))?;
        fs::create_dir(&home)?;
        fs::set_permissions(folder.path().join("bin"), fs::Permissions::from_mode(0o755))?;
        let mut user = None;
        if root {
            let id = 61_184 + std::process::id() % 4_096;
            let candidate = User {
                uid: Uid::from_raw(id),
                gid: Gid::from_raw(id),
            };
            let give = |path: &Path| {
                nix::unistd::chown(path, Some(candidate.uid), Some(candidate.gid)).is_ok()
            };
            // A container may map no such user; the run is root's then, as everything there is.
            if give(&home) && give(folder.path()) {
                user = Some(candidate);
            }
        }
        Ok(Self { folder, home, user })
    }

    /// A new folder for a compilation, which the run's user cannot enter.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn build_folder(&self) -> io::Result<PathBuf> {
        let folder = self.folder.path().join("build");
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        Ok(folder)
    }

    /// Lays a file into `bin/`, for it may be where the run's user cannot go, and gives its new path.
    ///
    /// # Errors
    ///
    /// It cannot be read or written.
    pub fn lay(&self, file: &Path) -> io::Result<PathBuf> {
        let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let copy = self.folder.path().join("bin").join(name);
        // Writing through a link that a first attempt left would change the original.
        let _ = fs::remove_file(&copy);
        let for_all = fs::metadata(file)?.permissions().mode() & 0o005 == 0o005;
        // A link costs nothing, but it needs the same file system and the right mode.
        if !(for_all && fs::hard_link(file, &copy).is_ok()) {
            fs::copy(file, &copy)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
        }
        Ok(copy)
    }

    /// Removes the folder with all that the run put there. The working folder of this process, which
    /// must have one thread only, is another one then.
    pub fn wipe(self) {
        let folder = self.folder.keep();
        // What cannot be removed stays behind; no reader can do anything about it.
        let _ = empty(&folder)
            .and_then(|()| env::set_current_dir("/"))
            .and_then(|()| fs::remove_dir(&folder));
    }
}

/// Empties a folder. `fs::remove_dir_all` needs a descriptor and a part of the stack for each level, and
/// fails at folders without rights; a program has time for 50,000 levels of them.
///
/// The way leads through the working folder, step by step, and each step is checked: should anything of
/// the run be alive and move a folder, we must not go on in a place that is not ours.
fn empty(folder: &Path) -> io::Result<()> {
    let mut way = vec![(enter(folder)?, OsString::new())];
    loop {
        if let Some(inner) = remove_until_full_folder()? {
            way.push((enter(Path::new(&inner))?, inner));
            continue;
        }
        let left = way.pop();
        let (Some((above, _)), Some((_, inner))) = (way.last(), left) else {
            return Ok(());
        };
        env::set_current_dir("..")?;
        check_same(*above, identity(&fs::metadata(".")?))?;
        fs::remove_dir(inner)?;
    }
}

/// Removes what is in the working folder, up to a folder that is not empty: its name.
fn remove_until_full_folder() -> io::Result<Option<OsString>> {
    let mut found = true;
    // Again until nothing is found: what is removed may hide something from the look at the folder.
    while std::mem::take(&mut found) {
        for entry in fs::read_dir(".")? {
            let entry = entry?;
            found = true;
            let name = entry.file_name();
            if !entry.file_type()?.is_dir() {
                fs::remove_file(name)?;
            } else if fs::remove_dir(&name).is_err() {
                return Ok(Some(name));
            }
        }
    }
    Ok(None)
}

/// Makes a folder the working folder, and gives us all rights to it.
fn enter(folder: &Path) -> io::Result<(u64, u64)> {
    let rights = || fs::Permissions::from_mode(0o700);
    let expected = identity(&fs::symlink_metadata(folder)?);
    if env::set_current_dir(folder).is_err() {
        fs::set_permissions(folder, rights())?;
        env::set_current_dir(folder)?;
    }
    check_same(expected, identity(&fs::metadata(".")?))?;
    fs::set_permissions(".", rights())?;
    Ok(expected)
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn check_same(expected: (u64, u64), found: (u64, u64)) -> io::Result<()> {
    if expected == found {
        Ok(())
    } else {
        Err(io::Error::other("the folder was moved"))
    }
}
