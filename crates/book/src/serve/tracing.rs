//! Whether runs can be traced on this machine: found out once, while the first page is being read.

use crate::programs::Supervisor;
use tokio::sync::OnceCell;

/// The result of the self-test, when there is one.
#[derive(Debug, Default)]
pub struct Tracing(OnceCell<Result<(), String>>);

impl Tracing {
    /// Tries it, or waits for the try that is under way.
    ///
    /// # Errors
    ///
    /// Why it does not work here.
    pub async fn check(&self, supervisor: &Supervisor) -> Result<(), &str> {
        let test = async || {
            let mut command = supervisor.command();
            let test = move || runner::self_test(&mut command);
            let tested = tokio::task::spawn_blocking(test).await;
            tested.unwrap_or_else(|error| Err(error.to_string()))
        };
        let result = self.0.get_or_init(test).await;
        result.as_ref().copied().map_err(String::as_str)
    }
}
