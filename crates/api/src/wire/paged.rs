//! Parts of lists. Each list has a type of its own, so that the document names what is in it.

use hawker_ports::views::{Counted, Page};
use serde::Serialize;
use utoipa::ToSchema;

use super::exception::ExceptionWire;
use super::job::RunWire;
use super::order::OrderWire;
use super::{AuditEntryWire, ProfileWire};

macro_rules! pages {
    ($($(#[doc = $doc:literal])+ $page:ident = $schema:ident of $item:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub(crate) struct $page {
            /// The items of this page.
            items: Vec<$item>,
            /// Items on all pages.
            total: u64,
            /// Hand this in as `after` for the next page; `null` on the last.
            #[schema(required)]
            next: Option<String>,
        }

        impl<R: Into<$item>> From<Counted<R>> for $page {
            fn from(counted: Counted<R>) -> Self {
                let Counted { page, total } = counted;
                Self {
                    items: page.rows.into_iter().map(Into::into).collect(),
                    total,
                    next: page.next,
                }
            }
        }
    )+};
}

pages! {
    /// A part of the profiles.
    ProfilePageWire = ProfilePage of ProfileWire;
    /// A part of the audit log.
    AuditPageWire = AuditPage of AuditEntryWire;
}

macro_rules! uncounted_pages {
    ($($(#[doc = $doc:literal])+ $page:ident = $schema:ident of $item:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = $schema)]
        pub(crate) struct $page {
            /// The items of this page, newest first.
            items: Vec<$item>,
            /// Hand this in as `after` for the next page; `null` on the last.
            #[schema(required)]
            next: Option<String>,
        }

        impl<R: Into<$item>> From<Page<R>> for $page {
            fn from(page: Page<R>) -> Self {
                let Page { rows, next } = page;
                Self {
                    items: rows.into_iter().map(Into::into).collect(),
                    next,
                }
            }
        }
    )+};
}

uncounted_pages! {
    /// A part of the exceptions.
    ExceptionPageWire = ExceptionPage of ExceptionWire;
    /// A part of the orders.
    OrderPageWire = OrderPage of OrderWire;
    /// A part of the runs of jobs.
    RunPageWire = RunPage of RunWire;
}
