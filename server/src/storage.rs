//! Where bytes go that are no rows: photos, signatures, what was rescued from phones. A folder, or a bucket that
//! speaks S3. Bytes are streamed both ways, a part at a time, and hashed as they pass: no file is ever in memory whole.

use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::auth::secret::hex;
use crate::config::Config;
use crate::error::{Error, Problem};

/// Bytes of a part on its way; the least that S3 takes. Each writer holds at most two.
const PART: usize = 5 * 1024 * 1024;
/// Parts of one writer that may be under way beside the one that fills.
const PARTS_UNDER_WAY: usize = 1;
/// Writers at once; more are asked to come back.
const WRITERS: usize = 16;

/// The object store.
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    writers: Semaphore,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// How much.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// The source ended before its end; what came until then is there.
    pub cut: bool,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// More bytes than may come.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// Too many write at once.
    #[error("too many uploads at once")]
    Busy,
    /// A failure of the store.
    #[error(transparent)]
    Store(#[from] object_store::Error),
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let detail = refused.to_string();
        match refused {
            Refused::TooLarge(most) => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
                .with("most_bytes", most)
                .into(),
            Refused::Busy => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).into(),
            Refused::Store(error) => store_failed(&error),
        }
    }
}

/// A failure of the store, as the caller sees it.
pub fn store_failed(error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Problem::not_found("blob").into(),
        error => Error::Internal(format!("object store: {error}")),
    }
}

impl Storage {
    /// The store that the configuration names.
    ///
    /// # Errors
    /// A folder that cannot be made, or a bucket that is badly named.
    pub fn open(config: &Config) -> Result<Self, Error> {
        let failed = |error: object_store::Error| Error::Internal(format!("blob_store: {error}"));
        let store: Arc<dyn ObjectStore> = match config.blob_store.strip_prefix("s3://") {
            Some(place) => {
                let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
                let mut builder = AmazonS3Builder::new()
                    .with_bucket_name(bucket)
                    .with_region(&config.s3_region)
                    .with_access_key_id(&config.s3_access_key_id)
                    .with_secret_access_key(&config.s3_secret_access_key);
                if !config.s3_endpoint.is_empty() {
                    let plain = config.s3_endpoint.starts_with("http://");
                    builder = builder.with_endpoint(&config.s3_endpoint).with_allow_http(plain);
                }
                Arc::new(PrefixStore::new(builder.build().map_err(failed)?, prefix))
            }
            None => {
                let folder = folder(config);
                let made = std::fs::create_dir_all(&folder);
                made.map_err(|e| Error::Internal(format!("blob_store: {}: {e}", folder.display())))?;
                Arc::new(LocalFileSystem::new_with_prefix(&folder).map_err(failed)?)
            }
        };
        Ok(Self { store, writers: Semaphore::new(WRITERS) })
    }

    /// Leave to write, if not too many do already.
    ///
    /// # Errors
    /// Too many do.
    pub fn turn(&self) -> Result<SemaphorePermit<'_>, Refused> {
        self.writers.try_acquire().map_err(|_| Refused::Busy)
    }

    /// Writes what comes, at most `most` bytes. A source that breaks off ends it: then what came so far is there, and
    /// the answer says that it was cut. Nothing can be read at `path` before all is written.
    ///
    /// # Errors
    /// Too much, or a failure of the store; then nothing is there.
    pub async fn write<S, E>(&self, path: &Path, mut source: S, most: u64) -> Result<Written, Refused>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let mut writer: Option<WriteMultipart> = None;
        let (mut hash, mut bytes, mut cut) = (Sha256::new(), 0, false);
        while let Some(chunk) = source.next().await {
            let Ok(chunk) = chunk else {
                cut = true;
                break;
            };
            bytes += chunk.len() as u64;
            if bytes > most {
                if let Some(writer) = writer {
                    writer.abort().await?;
                }
                return Err(Refused::TooLarge(most));
            }
            hash.update(&chunk);
            let writer = match &mut writer {
                Some(writer) => writer,
                None => {
                    let upload = self.store.put_multipart(path).await?;
                    writer.insert(WriteMultipart::new_with_chunk_size(upload, PART))
                }
            };
            writer.wait_for_capacity(PARTS_UNDER_WAY).await?;
            writer.write(&chunk);
        }
        match writer {
            Some(writer) => drop(writer.finish().await?),
            None => drop(self.store.put(path, Bytes::new().into()).await?),
        }
        Ok(Written { bytes, sha256: hex(&hash.finalize()), cut })
    }

    /// What is there, piece by piece, and how much it is.
    ///
    /// # Errors
    /// There is nothing, or a failure of the store.
    pub async fn read(&self, path: &Path) -> Result<(u64, BoxStream<'static, Result<Bytes, Error>>), Error> {
        let found = self.store.get(path).await.map_err(|e| store_failed(&e))?;
        let bytes = found.meta.size;
        let pieces = found.into_stream().map(|piece| piece.map_err(|e| store_failed(&e)));
        Ok((bytes, pieces.boxed()))
    }

    /// How much is there; None if nothing is.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn size(&self, path: &Path) -> Result<Option<u64>, Error> {
        match self.store.head(path).await {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(store_failed(&error)),
        }
    }

    /// Gives what is there another name; whatever had that name is gone.
    ///
    /// # Errors
    /// There is nothing, or a failure of the store.
    pub async fn rename(&self, from: &Path, to: &Path) -> Result<(), Error> {
        self.store.rename(from, to).await.map_err(|e| store_failed(&e))
    }

    /// Removes all that is below a folder.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn remove_all(&self, folder: &Path) -> Result<(), Error> {
        let mut found = self.store.list(Some(folder));
        while let Some(object) = found.next().await {
            let object = object.map_err(|e| store_failed(&e))?;
            self.remove(&object.location).await?;
        }
        Ok(())
    }

    /// Removes what is there; nothing is as good.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn remove(&self, path: &Path) -> Result<(), Error> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(store_failed(&error)),
        }
    }
}

/// The folder that is meant: beside a SQLite file unless another is named.
fn folder(config: &Config) -> PathBuf {
    if !config.blob_store.is_empty() {
        return PathBuf::from(&config.blob_store);
    }
    let file = config.sqlite_file();
    let beside = file.as_deref().and_then(Folder::parent).map(|parent| parent.join("blobs"));
    beside.unwrap_or_else(|| PathBuf::from("data/blobs"))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn in_folder(name: &str) -> (Storage, PathBuf) {
        let folder = std::env::temp_dir().join(format!("fettle-storage-{name}-{}", std::process::id()));
        let config = Config { blob_store: folder.to_string_lossy().into_owned(), ..Config::default() };
        (Storage::open(&config).unwrap(), folder)
    }

    fn pieces(sizes: &[usize]) -> impl Stream<Item = Result<Bytes, &'static str>> + Unpin {
        stream::iter(sizes.iter().map(|size| Ok(Bytes::from(vec![7; *size]))).collect::<Vec<_>>())
    }

    #[test]
    fn bytes_lie_beside_the_database_unless_said_otherwise() {
        let sqlite = Config { database_url: "/srv/fettle/day.db".to_owned(), ..Config::default() };
        assert_eq!(folder(&sqlite), PathBuf::from("/srv/fettle/blobs"));
        let named = Config { blob_store: "/mnt/photos".to_owned(), ..sqlite };
        assert_eq!(folder(&named), PathBuf::from("/mnt/photos"));
        let postgres = Config { database_url: "postgres://db/fettle".to_owned(), ..Config::default() };
        assert_eq!(folder(&postgres), PathBuf::from("data/blobs"));
    }

    #[tokio::test]
    async fn what_is_written_is_read_again_and_nothing_is_as_good_as_removed() {
        let (storage, folder) = in_folder("whole");
        let path = Path::from("a/b");
        let written = storage.write(&path, pieces(&[3, PART, 4]), 1 << 30).await.unwrap();
        assert_eq!((written.bytes, written.cut), (PART as u64 + 7, false));
        assert_eq!(written.sha256, hex(&Sha256::digest(vec![7; PART + 7])));
        let (bytes, mut read) = storage.read(&path).await.unwrap();
        let mut count = 0;
        while let Some(piece) = read.next().await {
            count += piece.unwrap().len() as u64;
        }
        assert_eq!((bytes, count), (written.bytes, written.bytes));
        storage.remove(&path).await.unwrap();
        storage.remove(&path).await.unwrap();
        assert_eq!(storage.read(&path).await.err().unwrap().problem().code, "not_found");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn too_much_leaves_nothing_and_a_cut_leaves_what_came() {
        let (storage, folder) = in_folder("parts");
        let path = Path::from("x");
        let refused = storage.write(&path, pieces(&[6, 6]), 11).await;
        assert!(matches!(refused, Err(Refused::TooLarge(11))));
        assert!(storage.read(&path).await.is_err());
        let cut = stream::iter([Ok(Bytes::from_static(b"abc")), Err("gone"), Ok(Bytes::from_static(b"d"))]);
        let written = storage.write(&path, cut, 11).await.unwrap();
        assert_eq!((written.bytes, written.cut), (3, true));
        let empty = storage.write(&Path::from("none"), pieces(&[]), 11).await.unwrap();
        assert_eq!((empty.bytes, empty.sha256), (0, hex(&Sha256::digest(b""))));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
