//! How far long work has come: bars on standard error, nothing where that is no terminal; and told to
//! whoever watches.

use std::future::Future;
use std::ops::Deref;

use indicatif::{ProgressBar, ProgressStyle};

tokio::task_local! {
    /// Who is told of the bars of a task.
    static WATCHED: Box<dyn Fn(Step)>;
}

/// A step of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What the bar counts: `checking`.
    pub what: &'static str,
    /// So many are done,
    pub done: u64,
    /// of so many.
    pub of: u64,
}

/// Does work whose bars are told to `seen`, step by step, whether they are shown or not.
pub async fn watched<T>(seen: impl Fn(Step) + 'static, work: impl Future<Output = T>) -> T {
    WATCHED.scope(Box::new(seen), work).await
}

/// A bar.
#[derive(Debug)]
pub(crate) struct Bar {
    what: &'static str,
    shown: ProgressBar,
}

impl Bar {
    /// So many more are done.
    pub(crate) fn inc(&self, steps: u64) {
        self.shown.inc(steps);
        let (done, of) = (self.shown.position(), self.shown.length().unwrap_or_default());
        // Mostly nobody watches.
        let _ = WATCHED.try_with(|seen| seen(Step { what: self.what, done, of }));
    }
}

impl Deref for Bar {
    type Target = ProgressBar;

    fn deref(&self) -> &ProgressBar {
        &self.shown
    }
}

/// A bar for so many steps.
pub(crate) fn bar(what: &'static str, steps: usize) -> Bar {
    let shown = ProgressBar::new(steps as u64).with_message(what);
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}");
    shown.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    Bar { what, shown }
}
