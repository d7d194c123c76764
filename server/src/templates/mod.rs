//! Templates: what a kind of ticket brings along. An administrator says which fields the office fills in, what the
//! phone asks, and what such work needs and takes; a ticket that is opened by a template gets all that, as far as
//! nobody says otherwise. The ticket keeps the fields as they were then ([`Form`]), so a template that is changed later
//! changes no ticket that there is.

pub mod answers;
mod check;
pub mod fill;
pub mod routes;
mod shipped;
mod store;

use db::types::{Json, QuestionId};
use db::{Entity, Timestamp};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::answers::Answers;
use crate::sitework::checklists::AnswerKind;
use crate::tickets::{PartNeed, SkillNeed};

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateOption)]
pub struct Choice {
    /// A short name, which tickets keep: `door_open`.
    pub value: String,
    /// English.
    pub label_en: String,
    /// Simplified Chinese.
    pub label_zh: String,
}

/// What an answer may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = TemplateAnswer)]
pub enum Kind {
    /// Words.
    Text {
        /// In characters, 1 to 2,000.
        longest: i64,
    },
    /// A number.
    Number {
        /// Not less.
        least: Option<f64>,
        /// Not more.
        most: Option<f64>,
        /// Digits behind the point, 0 to 6.
        #[serde(default)]
        decimals: u8,
        /// `°C`; may be empty.
        #[serde(default)]
        unit: String,
    },
    /// One of these.
    Choice {
        /// 1 to 50.
        options: Vec<Choice>,
    },
    /// A day: `2026-11-23`.
    Date {},
    /// `true` or `false`.
    YesNo {},
}

/// A field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateField)]
pub struct Field {
    /// A short name, by which answers are given: `door_code`.
    pub key: String,
    /// English.
    pub label_en: String,
    /// Simplified Chinese.
    pub label_zh: String,
    /// Whether a ticket needs an answer.
    #[serde(default)]
    pub required: bool,
    /// What an answer may be.
    pub answer: Kind,
}

/// A question that the phone asks, beside those of the kind of ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateQuestion)]
pub struct Question {
    /// Its id; absent for a new one.
    pub id: Option<QuestionId>,
    /// What is asked.
    pub question: String,
    /// The same in Chinese; may be empty.
    #[serde(default)]
    pub question_zh: String,
    /// What an answer is.
    pub answer_kind: AnswerKind,
    /// Whether the phone should insist on an answer.
    #[serde(default)]
    pub required: bool,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::ticket_templates)]
#[schema(as = TicketTemplate)]
pub struct Template {
    /// A short name for those that come with Fettle, else a UUID.
    pub id: String,
    /// Counted up with every change; tickets name it.
    pub version: i64,
    /// For tickets of this kind: `repair`, …
    pub kind: String,
    /// English.
    pub name_en: String,
    /// Simplified Chinese.
    pub name_zh: String,
    /// Whether tickets can be opened by it.
    pub enabled: bool,
    /// 1 urgent to 4 low.
    pub priority: Option<i32>,
    /// Minutes of work on site.
    pub expected_minutes: Option<i64>,
    /// Skills that the work needs.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<SkillNeed>)]
    pub required_skills: Json<Vec<SkillNeed>>,
    /// Parts that the work needs.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<PartNeed>)]
    pub needed_parts: Json<Vec<PartNeed>>,
    /// What the office fills in.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<Field>)]
    pub fields: Json<Vec<Field>>,
    /// What the phone asks.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<Question>)]
    pub checklist: Json<Vec<Question>>,
    /// When it became so; 0 if it came with Fettle and nobody changed it.
    pub changed_at: Timestamp,
}

impl Entity for Template {
    const ENTITY: &'static str = "ticket_templates";

    fn row_id(&self) -> String {
        self.id.clone()
    }
}

/// What a ticket keeps of the template by which it was opened, and what was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = TicketForm)]
pub struct Form {
    /// The template.
    pub template_id: String,
    /// Its version.
    pub version: i64,
    /// What it was called.
    pub name_en: String,
    /// What it was called.
    pub name_zh: String,
    /// The fields, as they were then.
    pub fields: Vec<Field>,
    /// Answers by the key of their field; what is not answered is not there.
    #[schema(value_type = Object)]
    pub answers: Answers,
    /// What the phone asks, as it was then.
    pub checklist: Vec<Question>,
}
