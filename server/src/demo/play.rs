//! Plays the day: brings the world's people to the server. They live on a thread of their own, so that what they do
//! with their phones never holds up the server that they talk to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use db::Timestamp;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::actors::call_centre::CallCentre;
use super::actors::engineer::Worker;
use super::actors::office::Office;
use super::actors::telematics::Telematics;
use super::actors::warehouse::Warehouse;
use super::error::DemoError;
use super::pace;
use super::world::World;

/// Longest real time that people need to put down what they have in hand; after it they are simply gone.
const GOING_HOME: Duration = Duration::from_secs(20);

/// People at work.
pub struct Play {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<Result<(), DemoError>>>,
    _keeper: pace::Keeper,
}

impl Play {
    /// Brings everybody to work. Phones are kept in this folder.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(world: Arc<World>, phones: PathBuf, began_at: Timestamp) -> Result<Self, DemoError> {
        let keeper = pace::Keeper::start(world.line.pace().clone(), world.clock.clone())?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("fettle-world".to_owned())
            .spawn(move || run(world, phones, began_at, stopped))
            .map_err(|e| DemoError::Io("the world's thread".to_owned(), e))?;
        Ok(Self { stop: Some(stop), thread: Some(thread), _keeper: keeper })
    }

    /// Sends everybody home, and waits until they have put down what they had in hand.
    ///
    /// # Errors
    /// Why the play could not begin, if it could not.
    pub fn stop(mut self) -> Result<(), DemoError> {
        // Gone already if the play could not begin.
        let _ = self.stop.take().map(|stop| stop.send(()));
        match self.thread.take().map(std::thread::JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Ok(()),
        }
    }
}

fn run(
    world: Arc<World>,
    phones: PathBuf,
    began_at: Timestamp,
    mut stopped: oneshot::Receiver<()>,
) -> Result<(), DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| DemoError::Io("the world's thread".to_owned(), e))?;
    runtime.block_on(async move {
        let mut people = JoinSet::new();
        let (begun, is_stopped) = tokio::select! {
            begun = bring(&world, phones, began_at, &mut people) => (begun, false),
            _ = &mut stopped => (Ok(()), true),
        };
        if let Err(error) = &begun {
            tracing::error!(%error, "the play cannot begin");
        } else if !is_stopped {
            // Dropped without a word, too, is the end.
            let _ = stopped.await;
        }
        world.end();
        let home = async { while people.join_next().await.is_some() {} };
        if tokio::time::timeout(GOING_HOME, home).await.is_err() {
            tracing::warn!("somebody did not go home in time");
        }
        begun
    })
}

/// Everybody comes to work, and works.
async fn bring(
    world: &Arc<World>,
    phones: PathBuf,
    began_at: Timestamp,
    people: &mut JoinSet<()>,
) -> Result<(), DemoError> {
    std::fs::create_dir_all(&phones).map_err(|e| DemoError::Io(phones.display().to_string(), e))?;
    let (office, ids) = Office::open(world).await?;
    let call_centre = CallCentre::open(world, began_at).await?;
    let telematics = Telematics::connect(world, ids).await?;
    people.spawn(world.line.pace().clone().beat());
    people.spawn(office.work());
    people.spawn(call_centre.answer());
    people.spawn(telematics.report());
    people.spawn(Warehouse::open(world).serve());
    for engineer in world.people.clone() {
        people.spawn(Worker::new(world, engineer, &phones)?.live());
        // Others may speak while the next one looks for his phone.
        tokio::task::yield_now().await;
    }
    Ok(())
}
