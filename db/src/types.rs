//! Values that every table shares, valid on both databases: typed ids, instants, JSON columns, text enums.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Text};
use diesel::{AsExpression, FromSqlRow};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The id of a row: a UUID, kept as the 36 characters that both databases and JSON hold. `T` says of what, so that
/// a ticket's id cannot be passed for an engineer's. Whoever creates the row makes its id, phones included.
#[derive(AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Id<T: 'static> {
    text: [u8; 36],
    of: PhantomData<fn() -> T>,
}

/// What an [`Id`] may identify. Markers only: the rows themselves belong to the features.
pub mod of {
    macro_rules! markers {
        ($($name:ident),*) => { $(#[doc = concat!("Marks ids of ", stringify!($name), "s.")] pub enum $name {})* };
    }
    markers!(
        User,
        Session,
        Engineer,
        Certificate,
        Shift,
        Absence,
        Customer,
        Site,
        Asset,
        Ticket,
        Visit,
        Assignment,
        TicketEvent,
        Note,
        Reply,
        Part,
        Location,
        Balance,
        Reservation,
        Movement,
        PartUsage,
        Device,
        ConflictCard,
        BlobUpload,
        Labour,
        Question,
        ChecklistAnswer,
        Reading,
        Photo,
        Signature,
        Rescue,
        PartCode,
        Substitute,
        Lot,
        Serial,
        StockLevel,
        Supplier,
        SupplierPart,
        SupplierPrice,
        Component,
        StockCount,
        CountLine,
        UsedPartReturn,
        PartNeed,
        PurchaseOrder,
        OrderLine,
        PutBack,
        Confirmation,
        FollowUp,
        Contract,
        Escalation,
        RuleFiring,
        Notification,
        Mail,
        Action,
        Proposal,
        HandoverNote,
        SavedView,
        Presence,
        Task
    );
}

macro_rules! id_names {
    ($($name:ident = $of:ident),*) => {
        $(#[doc = concat!("Id of a ", stringify!($of), ".")] pub type $name = Id<of::$of>;)*
    };
}
id_names!(
    UserId = User,
    SessionId = Session,
    EngineerId = Engineer,
    CertificateId = Certificate,
    ShiftId = Shift,
    AbsenceId = Absence,
    CustomerId = Customer,
    SiteId = Site,
    AssetId = Asset,
    TicketId = Ticket,
    VisitId = Visit,
    AssignmentId = Assignment,
    TicketEventId = TicketEvent,
    NoteId = Note,
    ReplyId = Reply,
    PartId = Part,
    LocationId = Location,
    BalanceId = Balance,
    ReservationId = Reservation,
    MovementId = Movement,
    PartUsageId = PartUsage,
    DeviceId = Device,
    ConflictCardId = ConflictCard,
    RescueId = Rescue,
    BlobUploadId = BlobUpload,
    LabourId = Labour,
    QuestionId = Question,
    ChecklistAnswerId = ChecklistAnswer,
    ReadingId = Reading,
    PhotoId = Photo,
    SignatureId = Signature,
    PartCodeId = PartCode,
    SubstituteId = Substitute,
    LotId = Lot,
    SerialId = Serial,
    StockLevelId = StockLevel,
    SupplierId = Supplier,
    SupplierPartId = SupplierPart,
    SupplierPriceId = SupplierPrice,
    ComponentId = Component,
    StockCountId = StockCount,
    CountLineId = CountLine,
    UsedPartReturnId = UsedPartReturn,
    PartNeedId = PartNeed,
    PurchaseOrderId = PurchaseOrder,
    OrderLineId = OrderLine,
    PutBackId = PutBack,
    ConfirmationId = Confirmation,
    FollowUpId = FollowUp,
    ContractId = Contract,
    EscalationId = Escalation,
    RuleFiringId = RuleFiring,
    NotificationId = Notification,
    MailId = Mail,
    ActionId = Action,
    ProposalId = Proposal,
    HandoverNoteId = HandoverNote,
    SavedViewId = SavedView,
    PresenceId = Presence,
    TaskId = Task
);

impl<T> Id<T> {
    /// A new id; later ids sort after earlier ones.
    #[expect(clippy::disallowed_methods, clippy::new_without_default, reason = "the one home of new ids")]
    pub fn new() -> Self {
        #[cfg(feature = "testing")]
        if let Some(uuid) = crate::by_hand::next_id() {
            return Self::from_uuid(uuid);
        }
        Self::from_uuid(Uuid::now_v7())
    }

    /// The id that this UUID spells.
    pub fn from_uuid(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self { text, of: PhantomData }
    }

    /// The UUID itself.
    pub fn uuid(&self) -> Uuid {
        Uuid::try_parse_ascii(&self.text).unwrap_or_default()
    }

    /// The 36 characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct NotAnId;

impl<T> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        // Only the hyphenated form, so that one id has one spelling.
        if text.len() != 36 {
            return Err(NotAnId);
        }
        Uuid::try_parse(text).map(Self::from_uuid).map_err(|_| NotAnId)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<T, DB: Backend> ToSql<Text, DB> for Id<T>
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_str().to_sql(out)
    }
}
impl<T, DB: Backend> FromSql<Text, DB> for Id<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(String::from_sql(bytes)?.parse()?)
    }
}

impl<T> utoipa::PartialSchema for Id<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Time zones exist only in calendars.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, AsExpression, FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = BigInt)]
pub struct Timestamp(i64);

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;

impl Timestamp {
    /// The last instant that is accepted from outside: the year 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// From milliseconds since 1970.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This many minutes later (or earlier, if negative).
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(MINUTE_MS)))
    }

    /// This many milliseconds later (or earlier, if negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}
impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from_sql(bytes)?))
    }
}
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
        let integer = ObjectBuilder::new().schema_type(Type::Integer).format(Some(format));
        integer.description(Some("UTC milliseconds since 1970")).into()
    }
}
impl utoipa::ToSchema for Timestamp {
    fn name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
}

/// A value kept as JSON in a text column: value objects that are read and written whole with their row. Name both
/// directions on the field: `#[diesel(serialize_as = String, deserialize_as = String)]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> TryFrom<String> for Json<T> {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text).map(Self)
    }
}
impl<T: Serialize> From<Json<T>> for String {
    fn from(value: Json<T>) -> Self {
        // Values of our own types always serialise; a map with non-text keys would be a fault of ours.
        serde_json::to_string(&value.0).unwrap_or_else(|_| "null".to_owned())
    }
}
impl<T: utoipa::PartialSchema> utoipa::PartialSchema for Json<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        T::schema()
    }
}
impl<T: utoipa::ToSchema> utoipa::ToSchema for Json<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        T::schemas(schemas);
    }
}

/// Declares an enum that is kept, sent and shown as a fixed text.
///
/// ```
/// db::text_enum! {
///     /// How a lift is doing.
///     pub enum Health { Running => "running", StandingStill => "standing_still" }
/// }
/// assert_eq!("standing_still".parse::<Health>(), Ok(Health::StandingStill));
/// assert_eq!(Health::Running.as_str(), "running");
/// ```
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident => $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize, ::serde::Deserialize,
            ::diesel::AsExpression, ::diesel::FromSqlRow)]
        #[diesel(sql_type = ::diesel::sql_types::Text)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// All values, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The text that databases, messages and screens know.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        // By hand: the derive does not see through a literal that a macro passes on.
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                ::utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(::utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($text),*]))
                    .into()
            }
        }

        impl ::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::types::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::types::UnknownValue { allowed: &[$($text),*] }),
                }
            }
        }

        impl<DB: ::diesel::backend::Backend> ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB> for $name
        where str: ::diesel::serialize::ToSql<::diesel::sql_types::Text, DB>
        {
            fn to_sql<'b>(&'b self, out: &mut ::diesel::serialize::Output<'b, '_, DB>) -> ::diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: ::diesel::backend::Backend> ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB> for $name
        where String: ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> ::diesel::deserialize::Result<Self> {
                Ok(<String as ::diesel::deserialize::FromSql<::diesel::sql_types::Text, DB>>::from_sql(bytes)?.parse()?)
            }
        }
    };
}

/// A text that is none of an enum's values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", allowed.join(", "))]
pub struct UnknownValue {
    /// The texts that would have been right.
    pub allowed: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id: TicketId = "0198F3C2-7B00-7000-8000-000000000001".parse().unwrap();
        assert_eq!(id.as_str(), "0198f3c2-7b00-7000-8000-000000000001");
        assert_eq!("0198f3c27b0070008000000000000001".parse::<TicketId>(), Err(NotAnId));
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"0198f3c2-7b00-7000-8000-000000000001\"");
        assert_eq!(Id::<of::Ticket>::from_uuid(id.uuid()), id);
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let ids: Vec<TicketId> = (0..100).map(|_| TicketId::new()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn adding_minutes_to_the_end_of_time_does_not_overflow() {
        assert_eq!(Timestamp::from_millis(i64::MAX).plus_minutes(1).millis(), i64::MAX);
    }

    #[test]
    fn a_json_column_survives_the_way_through_text() {
        let value = Json(vec![("LIFT-B".to_owned(), 2)]);
        let text = String::from(value.clone());
        assert_eq!(Json::try_from(text).unwrap(), value);
        assert!(Json::<Vec<i64>>::try_from("nonsense".to_owned()).is_err());
    }
}
