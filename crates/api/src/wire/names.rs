//! The schemas of the closed sets that are known by name. They are made of the sets themselves.

use std::borrow::Cow;

use hawker_domain::Environment;
use hawker_domain::api_access::ApiScope;
use hawker_domain::event::{EventSource, KeySlot, SignatureScheme};
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::profile::{Missing, Region};
use hawker_domain::schedule::{JobName, RunState};
use hawker_domain::token::{RefreshStatus, TokenState};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Object, RefOr};
use utoipa::{PartialSchema, ToSchema};

macro_rules! name_schemas {
    ($($(#[doc = $doc:literal])+ $wire:ident = $schema:literal of $set:ty;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) struct $wire;

        impl PartialSchema for $wire {
            fn schema() -> RefOr<Schema> {
                let names: Vec<_> = <$set>::ALL.iter().map(|name| name.as_str()).collect();
                one_of(concat!($($doc, "\n"),+), &names).into()
            }
        }

        impl ToSchema for $wire {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }
        }
    )+};
}

name_schemas! {
    /// The two worlds of the marketplace: test shops and real ones.
    EnvironmentWire = "Environment" of Environment;
    /// The region of a profile; it decides the host.
    RegionWire = "Region" of Region;
    /// A setting that a profile needs before its shop can be called for.
    MissingWire = "MissingSetting" of Missing;
    /// What a token pair is good for.
    TokenStateWire = "TokenState" of TokenState;
    /// How an attempt to renew a token pair ended.
    RefreshStatusWire = "RefreshStatus" of RefreshStatus;
    /// By which road an event came.
    EventSourceWire = "EventSource" of EventSource;
    /// How a push proves that it is genuine.
    SignatureSchemeWire = "SignatureScheme" of SignatureScheme;
    /// Which of a profile's keys.
    KeySlotWire = "KeySlot" of KeySlot;
    /// The kind of an exception.
    ErrorClassWire = "ErrorClass" of ErrorClass;
    /// Whether an exception still waits for somebody.
    ExceptionStatusWire = "ExceptionStatus" of ExceptionStatus;
    /// A job that runs at slots.
    JobNameWire = "JobName" of JobName;
    /// How a run of a job stands.
    RunStateWire = "RunState" of RunState;
    /// What a token of the API allows.
    ScopeWire = "Scope" of ApiScope;
}

fn one_of(description: &str, names: &[&'static str]) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description.trim()))
        .enum_values(Some(names.iter().copied()))
        .build()
}
