//! The private folder of one run: made new, wiped at the end.
//!
//! ```text
//! book-run-x1y2z3/        mode 0700
//!   bin/five_tasks        the program, when it runs as another user; the script of an interpreter
//!   build/                mode 0700: source and output of a compilation
//!   home/                 HOME, TMPDIR and working folder
//! ```

use nix::unistd::{Gid, Uid};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
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
            std::env::temp_dir()
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

    /// Removes the folder with all that the run put there.
    pub fn wipe(self) {
        // What the run made unreadable may stay behind; no reader can do anything about it.
        let _ = self.folder.close();
    }
}
