//! Standard error of a command that works for a while: one line of progress that moves, and lines
//! that stay. Where it is no terminal, all lines stay.

use indicatif::ProgressBar;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What moves on the screen. Clones write to the same one.
#[derive(Debug, Clone, Default)]
pub struct Console {
    /// The moving line, while there is one.
    bar: Arc<Mutex<Option<ProgressBar>>>,
    /// Whether progress is not shown at all: somebody else writes to the same screen.
    lines_only: bool,
}

impl Console {
    /// Standard error.
    pub fn new() -> Self {
        Self::default()
    }

    /// Standard error that another program writes to as well: lines that stay, and nothing that moves.
    pub fn lines() -> Self {
        Self {
            lines_only: true,
            ..Self::default()
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        match &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    /// What is being done now.
    pub fn busy(&self, text: &str) {
        if self.lines_only {
            return;
        }
        if !std::io::stderr().is_terminal() {
            return self.say(text);
        }
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        bar.set_message(text.to_owned());
    }

    /// Nothing is being done: the moving line goes.
    pub fn idle(&self) {
        if let Some(bar) = self
            .bar
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            bar.finish_and_clear();
        }
    }
}
