//! Differences in words, for the terminal.

use std::fmt;

use super::Difference;

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balance {
                part_id,
                location_id,
                on_hand,
                on_hand_by_movements,
                reserved,
                reserved_by_reservations,
            } => write!(
                f,
                "part {part_id} at {location_id}: on hand {on_hand}, movements sum to {on_hand_by_movements}; \
                 reserved {reserved}, reservations sum to {reserved_by_reservations}"
            ),
            Self::Piece { part_id, number, location_id, location_by_movements } => write!(
                f,
                "piece {number} of part {part_id}: at {location_id}, its last movement went to \
                 {location_by_movements}"
            ),
            Self::Pieces { part_id, location_id, pieces, on_hand, explained } => write!(
                f,
                "part {part_id} at {location_id}: {pieces} pieces, on hand {on_hand}, of which {explained} are \
                 explained without a piece"
            ),
            Self::PieceMissing { part_id, serial_id } => {
                write!(f, "part {part_id}: movements name the piece {serial_id}, which is not there")
            }
            Self::PieceAsset { part_id, number, asset_id, asset_by_movements } => write!(
                f,
                "piece {number} of part {part_id}: in {}, its movements say {}",
                or_none(asset_id.as_ref()),
                or_none(asset_by_movements.as_ref())
            ),
            Self::PiecePromise { part_id, number, reservation_id } => write!(
                f,
                "piece {number} of part {part_id}: promised to {reservation_id}, which does not hold it there"
            ),
            Self::PickedTooMany { reservation_id, pieces, quantity } => {
                write!(
                    f,
                    "reservation {reservation_id}: {pieces} pieces were picked for it, it holds {quantity}"
                )
            }
            other => other.beside_pieces(f),
        }
    }
}

impl Difference {
    fn beside_pieces(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lot { part_id, number, location_id, on_hand, on_hand_by_movements } => write!(
                f,
                "lot {number:?} of part {part_id} at {location_id}: on hand {on_hand}, movements sum to \
                 {on_hand_by_movements}"
            ),
            Self::Lots { part_id, location_id, on_hand, lots } => {
                write!(f, "part {part_id} at {location_id}: on hand {on_hand}, its lots sum to {lots}")
            }
            Self::Cost { part_id, currency, kept, by_movements } => write!(
                f,
                "cost of part {part_id} in {currency}: {} for {} millionths, movements sum to {} for {}",
                kept.0, kept.1, by_movements.0, by_movements.1
            ),
            Self::Overpromised { part_id, location_id, on_hand, reserved } => {
                write!(f, "part {part_id} at {location_id}: on hand {on_hand}, {reserved} are promised")
            }
            Self::TicketOver { reservation_id, ticket_id, status } => write!(
                f,
                "reservation {reservation_id}: holds stock for the ticket {ticket_id}, which is {status}"
            ),
            Self::Nesting { location_id } => {
                write!(f, "place {location_id}: is inside itself, too deep, or in what has no places in it")
            }
            Self::Usage { ticket_id, part_id, said, moved } => {
                write!(f, "part {part_id} on ticket {ticket_id}: {said} used, {moved} moved")
            }
            Self::Graded { ticket_id, part_id, graded, moved } => {
                write!(f, "old part {part_id} of ticket {ticket_id}: {graded} graded, {moved} moved")
            }
            Self::TakenBack { movement_id } => {
                write!(f, "movement {movement_id}: takes something back and does not say what it mirrors")
            }
            Self::OrderLine { line_id, received, received_by_movements } => {
                write!(
                    f,
                    "order line {line_id}: received {received}, movements sum to {received_by_movements}"
                )
            }
            Self::OrderStatus { order_id, status, status_by_lines } => {
                write!(f, "order {order_id}: {status}, its lines are {status_by_lines}")
            }
            other => other.beside_books(f),
        }
    }

    fn beside_books(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { part_id, location_id, expired, expired_by_lots } => write!(
                f,
                "part {part_id} at {location_id}: {expired} expired, its lots that have expired sum to \
                 {expired_by_lots}"
            ),
            Self::OrderPart { line_id, part_id, part_by_movements } => write!(
                f,
                "order line {line_id}: of part {part_id}, a movement on it is of part {part_by_movements}"
            ),
            Self::PutBack { reservation_id, given_up, noted } => write!(
                f,
                "reservation {reservation_id}: {given_up} given up, {noted} noted as to be put back"
            ),
            Self::PutBackGone { put_back_id } => {
                write!(f, "goods to be put back {put_back_id}: were noted, and are not there any more")
            }
            // The others are above.
            _ => Ok(()),
        }
    }
}

fn or_none<T: ToString>(id: Option<&T>) -> String {
    id.map_or_else(|| "no lift".to_owned(), ToString::to_string)
}
