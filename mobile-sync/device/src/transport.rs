//! For callers whose network is a blocking call: the loop around [`Device::next`] and [`Device::receive`].

use crate::{Answer, Device, DeviceError, Moment, Next, Progress, Request, Response};

/// Something that can carry a request to the server and back.
pub trait Transport {
    fn post(&mut self, request: &Request) -> Result<Response, TransportError>;
}

/// There was no answer. Whether the server heard the request is unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no answer: {0}")]
pub struct TransportError(pub String);

/// Talks until there is nothing to send, or until the next try has to wait. Returns the sum of what changed and
/// what the device wants now.
pub fn sync_once(
    device: &mut Device,
    transport: &mut impl Transport,
    mut moment: impl FnMut() -> Moment,
) -> Result<(Progress, Next), DeviceError> {
    let mut sum = Progress::default();
    loop {
        let request = match device.next(&moment())? {
            Next::Send(request) => request,
            other => return Ok((sum, other)),
        };
        let answer = transport.post(&request).map_or(Answer::Lost, Answer::Arrived);
        let progress = device.receive(&moment(), request.number, answer)?;
        sum = Progress {
            changes: sum.changes + progress.changes,
            results: sum.results + progress.results,
            troubles: sum.troubles + progress.troubles,
            complete: progress.complete,
            epoch_changed: sum.epoch_changed || progress.epoch_changed,
            failed: progress.failed,
        };
    }
}
