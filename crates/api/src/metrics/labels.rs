//! The labels of what is counted.

use prometheus_client::encoding::EncodeLabelSet;

macro_rules! labels {
    ($($name:ident { $($label:ident),+ })+) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        pub(super) struct $name {
            $(pub(super) $label: &'static str,)+
        }
    )+};
}

labels! {
    Pushes { result }
    Worked { result }
    Api { endpoint, result }
    Endpoint { endpoint }
    Sink { sink, result }
    Notice { kind }
    Job { job, result }
    JobName { job }
    Build { version }
}

/// What a job did: how many there are of these is up to the jobs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Done {
    pub(super) job: &'static str,
    pub(super) what: String,
}
