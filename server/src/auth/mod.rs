//! Who is asking, and what he may do. A middleware finds out who from cookie or bearer token; each route then names
//! who may call it through the type of its first argument, [`By<OFFICE>`](By). What is not named is refused.

pub mod password;
pub mod routes;
pub mod secret;
pub mod session;
pub mod tokens;
pub mod users;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use db::Actor;
use db::types::{DeviceId, EngineerId, UserId};
use mobile_sync_wire::problem::{REVOKED, SyncProblem};

use crate::error::{Error, Problem};

db::text_enum! {
    /// What somebody does here.
    pub enum Role {
        /// Everything, people and passwords included.
        Admin => "admin",
        /// Tickets, engineers, customers.
        Dispatcher => "dispatcher",
        /// His own visits.
        Engineer => "engineer",
        /// Parts and stock.
        Warehouse => "warehouse",
    }
}

impl Role {
    const fn bit(self) -> u8 {
        match self {
            Self::Admin => ADMIN,
            Self::Dispatcher => 2,
            Self::Engineer => 4,
            Self::Warehouse => 8,
        }
    }
}

/// Administrators only.
pub const ADMIN: u8 = 1;
/// Administrators and dispatchers.
pub const OFFICE: u8 = ADMIN | 2;
/// The office and the engineers.
pub const FIELD: u8 = OFFICE | 4;
/// The office and the warehouse.
pub const STOCK: u8 = OFFICE | 8;
/// Everybody who has logged in.
pub const ANYBODY: u8 = FIELD | STOCK;
/// Engineers only.
pub const ENGINEERS: u8 = 4;

/// How somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// A page, with a cookie.
    Page,
    /// A phone, with its own token.
    Device,
    /// A phone that the office has revoked: it may give what it has, and nothing else.
    Revoked,
    /// Another program, with a token.
    Integration,
}

/// Somebody who has proved who he is.
#[derive(Debug, Clone)]
pub struct Who {
    /// The user.
    pub user_id: UserId,
    /// The name that goes into the record.
    pub login: String,
    /// What he may do in this session.
    pub role: Role,
    /// The engineer that he is, if he is one.
    pub engineer_id: Option<EngineerId>,
    /// The phone.
    pub device_id: Option<DeviceId>,
    /// How he came in.
    pub entrance: Entrance,
}

impl Who {
    /// As the change log knows him.
    pub fn actor(&self) -> Actor {
        Actor { id: self.user_id.to_string(), name: self.login.clone(), device_id: self.device_id }
    }

    /// Whether he belongs to the office.
    pub fn is_office(&self) -> bool {
        OFFICE & self.role.bit() != 0
    }

    /// The engineer that he is.
    ///
    /// # Errors
    /// 403 for users that are none.
    pub fn engineer(&self) -> Result<EngineerId, Error> {
        self.engineer_id.ok_or_else(|| Problem::forbidden("Your user is not linked to an engineer.").into())
    }
}

/// The caller, if his role is one of `ROLES`; anybody else is refused before the handler runs.
#[derive(Debug, Clone)]
pub struct By<const ROLES: u8>(pub Who);

impl<const ROLES: u8> FromRequest for By<ROLES> {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let who = req.extensions().get::<Who>().cloned();
        std::future::ready(match who {
            None => Err(unauthenticated()),
            Some(who) if who.entrance == Entrance::Revoked => Err(revoked()),
            // A phone speaks the sync protocol and nothing else.
            Some(who) if who.entrance == Entrance::Device => {
                Err(Problem::forbidden("A device token is for /sync/v1.").into())
            }
            Some(who) if ROLES & who.role.bit() == 0 => {
                Err(Problem::forbidden(format!("The role {} may not do this.", who.role)).into())
            }
            Some(who) => Ok(Self(who)),
        })
    }
}

/// A phone with its own token.
#[derive(Debug, Clone)]
pub struct Phone(pub Who);

impl FromRequest for Phone {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let who = req.extensions().get::<Who>().cloned();
        std::future::ready(match who {
            None => Err(unauthenticated()),
            Some(who) if who.entrance == Entrance::Device => Ok(Self(who)),
            Some(who) if who.entrance == Entrance::Revoked => Err(revoked()),
            Some(_) => Err(Problem::forbidden("Enrol a device first: POST /sync/v1/devices.").into()),
        })
    }
}

/// A phone with its own token, revoked or not: for what even a revoked phone may do.
#[derive(Debug, Clone)]
pub struct Rescuer(pub Who);

impl FromRequest for Rescuer {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let who = req.extensions().get::<Who>().cloned();
        std::future::ready(match who {
            None => Err(unauthenticated()),
            Some(who) if matches!(who.entrance, Entrance::Device | Entrance::Revoked) => Ok(Self(who)),
            Some(_) => Err(Problem::forbidden("Enrol a device first: POST /sync/v1/devices.").into()),
        })
    }
}

/// 401 for a phone that the office has revoked.
pub fn revoked() -> Error {
    let problem = SyncProblem::revoked();
    Problem { title: problem.title, ..Problem::new(StatusCode::UNAUTHORIZED, REVOKED, problem.detail) }.into()
}

/// 401.
pub fn unauthenticated() -> Error {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Log in first.").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_in_anybody_and_only_the_office_in_office() {
        assert!(Role::ALL.iter().all(|role| ANYBODY & role.bit() != 0));
        let office: Vec<_> = Role::ALL.iter().filter(|role| OFFICE & role.bit() != 0).collect();
        assert_eq!(office, [&Role::Admin, &Role::Dispatcher]);
    }
}
