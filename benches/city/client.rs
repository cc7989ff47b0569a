//! A small HTTP/1.1 client that keeps its connection: what it costs itself must not show.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// After a text: what stands between one text and another, for instance a cursor in the next
    /// link.
    pub fn after(&self, mark: &str, from: &str, to: &str) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let text = &text[text.find(mark)?..];
        let text = &text[text.find(from)? + from.len()..];
        Some(text[..text.find(to)?].to_owned())
    }
}

/// A connection to a server.
pub struct Client {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn new(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self {
            address: address.to_owned(),
            stream: BufReader::with_capacity(1 << 16, stream),
        })
    }

    pub fn get(&mut self, path: &str) -> io::Result<Answer> {
        self.get_as(path, "identity")
    }

    /// Asks with an `Accept-Encoding`.
    pub fn get_as(&mut self, path: &str, coding: &str) -> io::Result<Answer> {
        self.get_with(path, &format!("Accept-Encoding: {coding}"))
    }

    /// Asks whether an answer is still the one with this tag.
    pub fn get_if_none_match(&mut self, path: &str, tag: &str) -> io::Result<Answer> {
        self.get_with(
            path,
            &format!("Accept-Encoding: identity\r\nIf-None-Match: {tag}"),
        )
    }

    fn get_with(&mut self, path: &str, headers: &str) -> io::Result<Answer> {
        let host = &self.address;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| io::Error::other(format!("no status in {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            self.line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        if let Some(length) = answer.header("content-length") {
            let length = length.parse().map_err(io::Error::other)?;
            answer.body.resize(length, 0);
            self.stream.read_exact(&mut answer.body)?;
        } else if answer.header("transfer-encoding") == Some("chunked") {
            loop {
                self.line(&mut line)?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
                let start = answer.body.len();
                answer.body.resize(start + size, 0);
                self.stream.read_exact(&mut answer.body[start..])?;
                self.line(&mut line)?;
                if size == 0 {
                    break;
                }
            }
        }
        Ok(answer)
    }

    fn line(&mut self, line: &mut String) -> io::Result<()> {
        line.clear();
        if self.stream.read_line(line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(())
    }
}
