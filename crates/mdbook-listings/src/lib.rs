//! Listings: what is on disk under `listings/`, and how one is shown in a page.
//!
//! [`Catalogue`] reads the listing crates; [`expand`] turns `{{#listing ...}}` into Markdown: a figure
//! with the claim, the code, the Python twin and the recorded output.

mod catalogue;
mod figure;
mod recorded;
mod settings;

pub use catalogue::{Catalogue, Kind, Listing};
pub use figure::{Purpose, Request, expand};
pub use recorded::Recorded;
pub use settings::{Settings, Stress};
