//! A road engine as its drivers answer for it. Two of them, chosen by configuration: `osrm` and
//! `valhalla`. Anything that one bad point can spoil is mended in [`super::fetch`].

use std::time::Duration;

use dispatch::Point;
use reqwest::{Client, Url};
use serde::Deserialize;

use super::fetch::Table;
use super::{osrm, valhalla};
use crate::error::Error;

/// Longest wait for one answer. Nobody but the background waits for so long.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// A point is moved so far to a road, and no farther: beyond, the answer would be about another place.
pub const SNAP_M: f64 = 300.0;

/// Which engine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelEngine {
    /// Straight lines.
    #[default]
    None,
    /// `osrm-routed`.
    Osrm,
    /// `valhalla_service`.
    Valhalla,
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It answers, but not this: something is wrong with one of the points, or there are too many.
    #[error("refused: {0}")]
    Refused(String),
    /// It does not answer, or talks nonsense.
    #[error("{0}")]
    Unavailable(String),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Unavailable(error.without_url().to_string())
    }
}

/// How much an engine takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Sources times targets.
    pub pairs: usize,
    /// Sources and targets together.
    pub points: usize,
}

/// One engine at one address.
#[derive(Debug, Clone)]
pub struct Engine {
    kind: TravelEngine,
    client: Client,
    base: Url,
}

impl Engine {
    /// The configured one, if there is one.
    ///
    /// # Errors
    /// An address that is missing or none.
    pub fn configured(kind: TravelEngine, url: &str) -> Result<Option<Self>, Error> {
        if kind == TravelEngine::None {
            return Ok(None);
        }
        let wrong = |why: String| Error::Internal(format!("configuration: travel_url {url:?}: {why}"));
        // A base without a slash at its end would lose its last part.
        let base =
            Url::parse(&format!("{}/", url.trim_end_matches('/'))).map_err(|e| wrong(e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(wrong("must begin with http:// or https://".to_owned()));
        }
        let client = Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).no_proxy();
        let client = client.build().map_err(|e| wrong(e.to_string()))?;
        Ok(Some(Self { kind, client, base }))
    }

    /// How much it takes at once.
    pub fn limits(&self) -> Limits {
        match self.kind {
            TravelEngine::Osrm => osrm::LIMITS,
            _ => valhalla::LIMITS,
        }
    }

    /// Seconds from each source to each target, in one call; `None` where it knows no way.
    ///
    /// # Errors
    /// Refused as a whole, or no answer.
    pub async fn table(&self, sources: &[Point], targets: &[Point]) -> Result<Table, Failure> {
        let table = match self.kind {
            TravelEngine::Osrm => osrm::table(&self.client, &self.base, sources, targets).await?,
            _ => valhalla::table(&self.client, &self.base, sources, targets).await?,
        };
        let square = table.len() == sources.len() && table.iter().all(|row| row.len() == targets.len());
        if square { Ok(table) } else { Err(Failure::Unavailable("the table has another size".to_owned())) }
    }

    /// Which of these points have a road nearby; `None` if this engine cannot be asked.
    ///
    /// # Errors
    /// No answer.
    pub async fn locate(&self, points: &[Point]) -> Result<Option<Vec<bool>>, Failure> {
        match self.kind {
            // It says with every table how far it moved the points.
            TravelEngine::Osrm => Ok(None),
            _ => valhalla::locate(&self.client, &self.base, points).await.map(Some),
        }
    }
}

/// An address below the base.
pub(super) fn address(base: &Url, path: &str) -> Result<Url, Failure> {
    base.join(path).map_err(|error| Failure::Unavailable(error.to_string()))
}

/// Whole seconds; nonsense is no answer.
pub(super) fn whole_seconds(seconds: Option<f64>) -> Option<u32> {
    seconds.filter(|seconds| (0.0..1e7).contains(seconds)).map(|seconds| seconds.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_needs_an_address() {
        let made = |url| Engine::configured(TravelEngine::Osrm, url).map(|engine| engine.is_some());
        assert!(made("").is_err() && made("localhost:5000").is_err());
        assert!(made("http://localhost:5000").unwrap());
        assert!(Engine::configured(TravelEngine::None, "").unwrap().is_none());
    }

    #[test]
    fn a_base_may_have_a_path() {
        let engine = Engine::configured(TravelEngine::Osrm, "http://roads/osrm").unwrap().unwrap();
        assert_eq!(address(&engine.base, "table/v1").unwrap().as_str(), "http://roads/osrm/table/v1");
    }

    #[test]
    fn nonsense_is_no_answer() {
        assert_eq!(whole_seconds(Some(61.5)), Some(62));
        assert_eq!([Some(-1.0), Some(f64::NAN), Some(1e9), None].map(whole_seconds), [None; 4]);
    }
}
