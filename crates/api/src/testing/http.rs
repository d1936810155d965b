//! Requests and answers, byte for byte.

/// A request, byte for byte.
pub(crate) struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let head = format!("{method} {target} HTTP/1.1\r\nhost: hawker\r\nconnection: close\r\n");
        Self {
            head: head.into_bytes(),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.extend_from_slice(name.as_bytes());
        self.head.extend_from_slice(b": ");
        self.head.extend_from_slice(value.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    /// By the bearer of a token.
    pub(crate) fn by(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With a body of JSON.
    pub(crate) fn json(self, body: &serde_json::Value) -> Self {
        self.header("content-type", "application/json")
            .body(body.to_string().as_bytes())
    }

    /// A body with its length.
    pub(crate) fn body(self, body: &[u8]) -> Self {
        let mut request = self.header("content-length", body.len().to_string());
        request.body = body.to_vec();
        request
    }

    /// A body in chunks, without a length.
    pub(crate) fn chunked(self, chunks: &[&[u8]]) -> Self {
        let mut request = self.header("transfer-encoding", "chunked");
        for chunk in chunks {
            request
                .body
                .extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            request.body.extend_from_slice(chunk);
            request.body.extend_from_slice(b"\r\n");
        }
        request.body.extend_from_slice(b"0\r\n\r\n");
        request
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.head;
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let mut answer = Self::parse_whole(bytes);
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body);
        }
        answer
    }

    fn parse_whole(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status
            .and_then(|status| status.parse().ok())
            .expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(key, _)| key == name);
        header.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Whether it is a problem of this kind, with this status.
    pub(crate) fn is_problem(&self, status: u16, slug: &str) -> bool {
        self.status == status
            && self.header("content-type") == Some("application/problem+json")
            && self.json()["type"] == format!("urn:hawker:problem:{slug}")
    }

    /// A status, and nothing that a reader could take for content.
    pub(crate) fn is_empty(&self, status: u16) -> bool {
        self.status == status && self.body.is_empty() && self.header("content-type").is_none()
    }
}

/// A body that came in chunks, of ASCII alone.
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    loop {
        let (size, rest) = body.split_once("\r\n").expect("the size of a chunk");
        let size = usize::from_str_radix(size, 16).expect("a size");
        if size == 0 {
            return whole;
        }
        whole.push_str(&rest[..size]);
        body = rest[size..]
            .strip_prefix("\r\n")
            .expect("the end of a chunk");
    }
}
