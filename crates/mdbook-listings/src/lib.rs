//! Listings: what is on disk under `listings/`, and how one is shown in a page.
//!
//! [`Catalogue`] reads the listing crates; [`expand`] turns `{{#listing ...}}` into Markdown: a figure
//! with the claim, the code, the Python twin, the recorded output and the recorded time lines.

mod catalogue;
mod figure;
mod recorded;
mod settings;
mod traced;

pub use catalogue::{Catalogue, Kind, Listing, Timeline};
pub use figure::{Purpose, Request, expand};
pub use recorded::Recorded;
pub use settings::{Settings, Stress};
pub use traced::{Traced, digest};
