//! The supervisor of the runs that the tests start: what `book __run` is for the command.

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::supervise()
}
