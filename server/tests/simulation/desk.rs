//! Where the office sits: at a server of the simulation, or at a real database.

use std::sync::Arc;

use db::Tx;
use server::app::App;
use server::error::Error;

pub trait Desk {
    fn app(&self) -> Arc<App>;

    /// Something that the office does.
    fn write<T: Send + 'static>(
        &mut self,
        who: &str,
        body: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error>;
}
