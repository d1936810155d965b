//! A database that exists for one purpose and is dropped with the value.

use crate::console;
use crate::database::Database;
use crate::postgres::Psql;

/// An empty database on the server of another one.
#[derive(Debug)]
pub struct Scratch {
    name: String,
    url: String,
    psql: Psql,
    server: Psql,
}

impl Scratch {
    /// Creates it; a process id in the name keeps two commands apart.
    pub fn create(database: &Database, purpose: &str) -> anyhow::Result<Self> {
        let name = format!("{purpose}_{}", std::process::id());
        let server = database.psql(database.url());
        server.query(&format!(r#"DROP DATABASE IF EXISTS "{name}""#))?;
        server.query(&format!(r#"CREATE DATABASE "{name}" TEMPLATE template0"#))?;
        let url = with_database(database.url(), &name);
        Ok(Self {
            psql: database.psql(&url),
            name,
            url,
            server,
        })
    }

    /// Statements for it.
    pub fn psql(&self) -> &Psql {
        &self.psql
    }

    /// Its address, for connections that see these schemas.
    pub fn url_with_search_path(&self, schemas: &[&str]) -> String {
        let separator = if self.url.contains('?') { '&' } else { '?' };
        format!(
            "{}{separator}options=-csearch_path%3D{}",
            self.url,
            schemas.join(",")
        )
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let drop = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        if let Err(error) = self.server.query(&drop) {
            console::failure(&error.context(format!("cannot drop the database {}", self.name)));
        }
    }
}

/// The address of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (url, String::new()),
    };
    let authority = address.find("://").map_or(0, |at| at + "://".len());
    let end = address[authority..]
        .find('/')
        .map_or(address.len(), |at| authority + at);
    format!("{}/{name}{query}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        let cases = [
            ("postgres://a:b@host:1/one", "postgres://a:b@host:1/two"),
            ("postgres://a@host", "postgres://a@host/two"),
            (
                "postgres://a@host/one?sslmode=disable",
                "postgres://a@host/two?sslmode=disable",
            ),
            (
                "postgres:///one?host=/run/pg",
                "postgres:///two?host=/run/pg",
            ),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "two"), expected);
        }
    }
}
