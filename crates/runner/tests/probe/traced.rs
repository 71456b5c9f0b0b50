//! The programs that the tests trace, where runs can be traced.

#[cfg(target_os = "linux")]
mod programs;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    programs::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    panic!("no run is traced on this system");
}
