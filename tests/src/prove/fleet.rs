//! The processes of the service, each with a way of its own to the database.

use anyhow::Context as _;
use hawker_app::config::Config;
use hawker_app::serve::Service;

use super::cut::Cut;
use super::front::Front;
use crate::process::ServiceProcess;
use crate::settings::Settings;

/// What a member of the fleet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A process of its own, which can be killed.
    Process,
    /// A service within this process: quicker to start, and it only stops in order.
    Inside,
}

enum Running {
    Process(ServiceProcess),
    Inside(Service),
}

struct Member {
    settings: Settings,
    way: Cut,
    running: Option<Running>,
}

/// The processes, and the door before them.
pub struct Fleet {
    kind: Kind,
    members: Vec<Member>,
    /// Where pushes go.
    pub front: Front,
    /// Processes that were killed so far.
    pub kills: u64,
}

impl Fleet {
    /// So many members, none of which runs yet.
    pub async fn of(
        number: usize,
        kind: Kind,
        front: Front,
        settings: &Settings,
        database_port: u16,
    ) -> anyhow::Result<Self> {
        let mut members = Vec::with_capacity(number);
        for _ in 0..number {
            let way = Cut::before(database_port).await?;
            let url = way.url(settings.get("DATABASE_URL"));
            members.push(Member {
                settings: settings.clone().with("DATABASE_URL", &url),
                way,
                running: None,
            });
        }
        Ok(Self {
            kind,
            members,
            front,
            kills: 0,
        })
    }

    /// How many members there are.
    pub fn size(&self) -> usize {
        self.members.len()
    }

    /// The way of a member to the database.
    pub fn way(&self, member: usize) -> &Cut {
        &self.members[member % self.members.len()].way
    }

    /// The database listens elsewhere from now on.
    pub fn database_moved(&self, port: u16) {
        for member in &self.members {
            member.way.lead_to(port);
        }
    }

    /// Starts a member unless it runs.
    pub async fn start(&mut self, member: usize) -> anyhow::Result<()> {
        let place = member % self.members.len();
        let member = &mut self.members[place];
        if member.running.is_some() {
            return Ok(());
        }
        let (running, origin) = match self.kind {
            Kind::Process => {
                let process = ServiceProcess::start(&member.settings).await?;
                let origin = process.origin();
                (Running::Process(process), origin)
            }
            Kind::Inside => {
                let config = Config::read(&member.settings.variables())?;
                let service = Service::start(&config)?;
                let origin = format!("http://{}", service.address());
                (Running::Inside(service), origin)
            }
        };
        member.running = Some(running);
        self.front.moved(place, Some(origin));
        Ok(())
    }

    /// Starts all that do not run, and opens their ways.
    pub async fn start_all(&mut self) -> anyhow::Result<()> {
        for member in 0..self.size() {
            self.way(member).open();
            self.start(member).await?;
        }
        Ok(())
    }

    /// Kills a member, unless it cannot be.
    pub async fn kill(&mut self, member: usize) -> anyhow::Result<()> {
        let place = member % self.members.len();
        match self.members[place].running.take() {
            Some(Running::Process(process)) => {
                self.front.moved(place, None);
                self.kills += 1;
                process.kill().await
            }
            other => {
                self.members[place].running = other;
                Ok(())
            }
        }
    }

    /// Stops all of them in order; answers what went wrong with that.
    pub async fn stop_all(&mut self) -> anyhow::Result<Vec<String>> {
        let mut wrong = Vec::new();
        for (place, member) in self.members.iter_mut().enumerate() {
            self.front.moved(place, None);
            match member.running.take() {
                None => {}
                Some(Running::Inside(service)) => service.stop().await,
                Some(Running::Process(process)) => {
                    let (status, _) = process.terminate().await.context("SIGTERM")?;
                    if !status.success() {
                        wrong.push(format!("process {place} ended with {status}"));
                    }
                }
            }
        }
        Ok(wrong)
    }

    /// Lines that the processes logged as errors, the last ones of each.
    pub fn errors(&self) -> Vec<String> {
        let processes = self
            .members
            .iter()
            .filter_map(|member| match &member.running {
                Some(Running::Process(process)) => Some(process.logged()),
                _ => None,
            });
        let mut errors: Vec<_> = processes
            .flatten()
            .filter(|line| line.contains(r#""level":"ERROR""#))
            .collect();
        errors.sort();
        errors
    }
}
