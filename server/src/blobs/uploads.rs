//! Bytes on their way: what of an upload has arrived, piece by piece. A piece is an object of its own until all are
//! there; then they are put together, hashed, and only what has the promised hash becomes a blob.

use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use db::schema::blob_uploads;
use db::types::{BlobUploadId, DeviceId, Id, Json};
use db::{Actor, Conn, Timestamp, Tx};
use diesel::prelude::*;
use futures_util::{Stream, StreamExt, stream};
use mobile_sync_wire::limits::{BLOB_BYTES, BLOB_UPLOADS};
use object_store::path::Path;

use super::sums::Summed;
use super::{Blob, object};
use crate::app::App;
use crate::error::{Error, Problem};

/// How long an upload that nobody goes on with is kept.
pub const KEPT_HOURS: i64 = 24;
/// Most pieces of one upload: a client that sends byte by byte is not meant.
const MOST_PIECES: usize = 1_000;
/// Uploads that one round of housekeeping sweeps away.
const SWEPT_AT_ONCE: i64 = 100;

/// An upload, and how far it has come.
#[derive(Debug, Clone, PartialEq, Queryable, Insertable)]
#[diesel(table_name = blob_uploads)]
pub struct Upload {
    /// Its id.
    pub id: BlobUploadId,
    /// Which phone sends it.
    pub device_id: DeviceId,
    /// What it has to be.
    pub sha256: String,
    /// How much it will be.
    pub length: i64,
    /// How much is here.
    pub received: i64,
    /// The names of its pieces, in order.
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub pieces: Json<Vec<String>>,
    /// As the phone says.
    pub media_type: String,
    /// When it is swept away, unless more comes.
    pub expires_at: Timestamp,
}

impl Upload {
    fn folder(id: BlobUploadId) -> Path {
        Path::from(format!("uploads/{id}"))
    }

    fn piece(&self, name: &str) -> Path {
        Self::folder(self.id).join(name)
    }
}

/// Begins an upload.
///
/// # Errors
/// Too much, or too many at once.
pub fn begin(
    tx: &mut Tx<'_>,
    device_id: DeviceId,
    sha256: &str,
    length: i64,
    media_type: &str,
) -> Result<Upload, Error> {
    if length > BLOB_BYTES {
        return Err(too_large());
    }
    let now = tx.now();
    let open: i64 = blob_uploads::table
        .filter(blob_uploads::device_id.eq(device_id))
        .filter(blob_uploads::received.lt(blob_uploads::length))
        .filter(blob_uploads::expires_at.gt(now))
        .count()
        .get_result(tx.conn())?;
    if open >= BLOB_UPLOADS {
        let detail = format!("{open} uploads of this device are under way; finish them first.");
        return Err(Problem::conflict("too_many_uploads", detail).into());
    }
    let upload = Upload {
        id: Id::new(),
        device_id,
        sha256: sha256.to_owned(),
        length,
        received: 0,
        pieces: Json(Vec::new()),
        media_type: super::media_type(media_type).to_owned(),
        expires_at: now.plus_minutes(60 * KEPT_HOURS),
    };
    diesel::insert_into(blob_uploads::table).values(upload.clone()).execute(tx.conn())?;
    Ok(upload)
}

/// 413.
pub fn too_large() -> Error {
    let most = u64::try_from(BLOB_BYTES).unwrap_or(u64::MAX);
    crate::storage::Refused::TooLarge(most).into()
}

/// An upload of this device.
///
/// # Errors
/// 404 for others' too, and for what was swept away.
pub fn get(conn: &mut Conn, id: BlobUploadId, device_id: DeviceId, now: Timestamp) -> Result<Upload, Error> {
    let found: Option<Upload> = blob_uploads::table
        .find(id)
        .filter(blob_uploads::device_id.eq(device_id))
        .filter(blob_uploads::expires_at.gt(now))
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Problem::not_found("upload").into())
}

/// Takes what comes as the next piece. What was cut off is kept as far as it came, unless a sum was promised.
///
/// # Errors
/// More than was said; not the sum that was promised; somebody else was faster.
pub async fn append<S, E>(app: &App, upload: &Upload, mut source: Summed<S>) -> Result<Upload, Error>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    if upload.pieces.0.len() >= MOST_PIECES {
        let detail = "The upload has too many pieces; begin it anew with larger ones.";
        return Err(Problem::conflict("too_many_pieces", detail).into());
    }
    let _turn = app.storage.turn()?;
    let name = format!("{:012}-{}", upload.received, Id::<db::types::of::BlobUpload>::new());
    let path = upload.piece(&name);
    let room = u64::try_from(upload.length - upload.received).unwrap_or(0);
    let written = app.storage.write(&path, &mut source, room).await?;
    if let Err(refused) = source.check() {
        app.storage.remove(&path).await?;
        return Err(refused);
    }
    let before = upload.clone();
    let bytes = i64::try_from(written.bytes).unwrap_or(i64::MAX);
    let run = move |tx: &mut Tx<'_>| {
        let mut upload = before.clone();
        upload.received += bytes;
        upload.expires_at = tx.now().plus_minutes(60 * KEPT_HOURS);
        if bytes > 0 {
            upload.pieces.0.push(name.clone());
        }
        let guarded = blob_uploads::table.find(upload.id).filter(blob_uploads::received.eq(before.received));
        let rows = diesel::update(guarded)
            .set((
                blob_uploads::received.eq(upload.received),
                blob_uploads::pieces.eq(String::from(upload.pieces.clone())),
                blob_uploads::expires_at.eq(upload.expires_at),
            ))
            .execute(tx.conn())?;
        if rows == 0 { Err(wrong_offset()) } else { Ok(upload) }
    };
    match app.db.write(Actor::system("blobs"), run).await {
        Ok(upload) => Ok(upload),
        Err(error) => {
            app.storage.remove(&path).await?;
            Err(error)
        }
    }
}

/// 409.
pub fn wrong_offset() -> Error {
    let detail = "The upload has come to another offset; ask for it with HEAD.";
    Problem::conflict("wrong_offset", detail).into()
}

/// Makes a blob of an upload of which all is here. Doing it again does nothing, so that a server which stopped half-way
/// is no harm.
///
/// # Errors
/// The bytes are not those that were promised: then the upload is gone, and has to begin anew.
pub async fn finish(app: &App, upload: &Upload) -> Result<(), Error> {
    let wanted = upload.sha256.clone();
    if app.db.read(move |conn| super::find(conn, &wanted)).await?.is_none() {
        let whole = upload.piece("whole");
        let pieces: Vec<Path> = upload.pieces.0.iter().map(|name| upload.piece(name)).collect();
        let most = u64::try_from(upload.length).unwrap_or(0);
        let written = app.storage.write(&whole, Box::pin(joined(app, pieces)), most).await?;
        if written.cut {
            return Err(Error::Internal("a piece of an upload cannot be read".to_owned()));
        }
        if written.sha256 != upload.sha256 {
            forget(app, upload.id).await?;
            let detail = "The bytes have another SHA-256 than was promised; begin anew.";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_hash", detail).into());
        }
        app.storage.rename(&whole, &object(&upload.sha256)).await?;
    }
    let (sha256, bytes, media_type) = (upload.sha256.clone(), upload.length, upload.media_type.clone());
    let run = move |tx: &mut Tx<'_>| {
        let stored_at = tx.now();
        let blob = Blob { sha256: sha256.clone(), bytes, media_type: media_type.clone(), stored_at };
        super::store(tx, &blob)
    };
    app.db.write(Actor::system("blobs"), run).await?;
    app.storage.remove_all(&Upload::folder(upload.id)).await
}

/// The pieces one after the other; each is opened when it is its turn.
fn joined(app: &App, pieces: Vec<Path>) -> impl Stream<Item = Result<Bytes, Error>> + '_ {
    let read = move |path: Path| async move {
        match app.storage.read(&path).await {
            Ok((_, pieces)) => pieces,
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    };
    stream::iter(pieces).then(read).flatten()
}

async fn forget(app: &App, id: BlobUploadId) -> Result<(), Error> {
    app.storage.remove_all(&Upload::folder(id)).await?;
    let run = move |tx: &mut Tx<'_>| {
        diesel::delete(blob_uploads::table.find(id)).execute(tx.conn())?;
        Ok::<_, Error>(())
    };
    app.db.write(Actor::system("blobs"), run).await
}

/// Sweeps away what nobody goes on with, and the memory of what is whole.
///
/// # Errors
/// A failure of the database or of the store.
pub async fn sweep(app: &App) -> Result<usize, Error> {
    let now = app.db.clock().now();
    let read = move |conn: &mut Conn| {
        let over = blob_uploads::table.filter(blob_uploads::expires_at.le(now));
        let over = over.order(blob_uploads::expires_at).limit(SWEPT_AT_ONCE);
        Ok::<Vec<BlobUploadId>, Error>(over.select(blob_uploads::id).load(conn)?)
    };
    let over = app.db.read(read).await?;
    for id in &over {
        forget(app, *id).await?;
    }
    Ok(over.len())
}
