//! A long search beside the daily work: on a thread of its own that stands back wherever a request wants the
//! processor. A plan that comes a little later hurts nobody; a ticket that is answered late does.

use tokio::sync::oneshot;

use crate::error::Error;

/// How far it stands back, as `nice` counts.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Does this work aside.
///
/// # Errors
/// When no thread can be started, or the work panicked.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (sender, done) = oneshot::channel();
    let aside = move || {
        stand_back();
        // Nobody waits any more when the server stops.
        let _ = sender.send(work());
    };
    let thread = std::thread::Builder::new().name("fettle-planner".to_owned());
    thread.spawn(aside).map_err(|error| Error::Internal(format!("no thread to plan on: {error}")))?;
    done.await.map_err(|_| Error::Internal("the search for a plan ended without one".to_owned()))
}

/// On Linux, niceness belongs to the thread; elsewhere to the whole process, which must not stand back.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if rustix::process::getpriority_process(None).is_ok_and(|now| now < NICENESS)
        && let Err(error) = rustix::process::setpriority_process(None, NICENESS)
    {
        tracing::debug!(%error, "the planner runs at the priority of everything else");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_search_stands_back_and_nobody_else_does() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let before = priority();
        let aside = run(priority).await.unwrap();
        assert_eq!(aside, before.max(NICENESS));
        assert_eq!(priority(), before);
    }

    #[tokio::test]
    async fn a_search_that_panics_is_an_error() {
        let panicking = || -> u32 { panic!("no plan") };
        assert!(run(panicking).await.is_err());
    }
}
