//! Pages of lists: a size, and an opaque token that says after which key the next page begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Class, Error, Reason, Result};
use crate::fields::Fields;

/// Not between 0 and 1,000.
pub const PAGE_SIZE_OUT_OF_RANGE: Reason =
    Reason::new("PAGE_SIZE_OUT_OF_RANGE", Class::InvalidArgument, "每页条数应在 0 到 1000 之间");
/// Not a token of this list with these filters.
pub const PAGE_TOKEN_INVALID: Reason =
    Reason::new("PAGE_TOKEN_INVALID", Class::InvalidArgument, "翻页标记无效");

const DEFAULT_SIZE: i32 = 50;
const MAX_SIZE: i32 = 1000;
/// Longer tokens are refused unread; ours are shorter.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// A page that holds so many bytes takes no more rows: callers read 4 MiB at most.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;

/// The page that is asked for; `K` is the key the list is sorted by.
#[derive(Debug, Clone)]
pub struct Page<K> {
    size: i64,
    filter: String,
    /// Where the page before ended.
    pub after: Option<K>,
}

#[derive(Serialize, Deserialize)]
struct Token<K> {
    filter: String,
    after: K,
}

impl<K: Serialize + DeserializeOwned> Page<K> {
    /// Reads the fields `page_size` and `page_token`. `filter` is the request with both emptied: a
    /// token only goes on with the list it came from.
    pub fn parse<Q: prost::Message>(
        fields: &mut Fields,
        page_size: i32,
        page_token: &str,
        filter: &Q,
    ) -> Self {
        if !(0..=MAX_SIZE).contains(&page_size) {
            let message = format!("is {page_size}, not between 0 and {MAX_SIZE}");
            fields.refuse("page_size", &PAGE_SIZE_OUT_OF_RANGE, message);
        }
        let size = if page_size == 0 { DEFAULT_SIZE } else { page_size };
        let filter = URL_SAFE_NO_PAD.encode(&Sha256::digest(filter.encode_to_vec())[..9]);
        let mut page = Self { size: i64::from(size), filter, after: None };
        if !page_token.is_empty() {
            page.after = page.read(page_token);
            if page.after.is_none() {
                fields.refuse("page_token", &PAGE_TOKEN_INVALID, "is not a token of this list");
            }
        }
        page
    }

    /// How many rows the page holds.
    pub fn size(&self) -> i64 {
        self.size
    }

    /// One more row than the page holds, to see whether there is a next one.
    pub fn limit(&self) -> i64 {
        self.size + 1
    }

    /// Cuts rows to the page and makes the token of the next one; empty on the last.
    pub fn cut<T>(&self, rows: Vec<T>, key: impl Fn(&T) -> K) -> Result<(Vec<T>, String)> {
        self.cut_to(usize::MAX, rows, key)
    }

    /// The same for rows that may be long: no more of them than a caller reads, but one.
    pub fn cut_by_size<M: prost::Message>(
        &self,
        rows: Vec<M>,
        key: impl Fn(&M) -> K,
    ) -> Result<(Vec<M>, String)> {
        let mut bytes = 0;
        let fits = |row: &&M| {
            bytes += row.encoded_len();
            bytes <= MAX_BYTES
        };
        let fitting = rows.iter().take_while(fits).count().max(1);
        self.cut_to(fitting, rows, key)
    }

    /// The same for rows of which only so many fit into an answer.
    pub(crate) fn cut_to<T>(
        &self,
        fitting: usize,
        mut rows: Vec<T>,
        key: impl Fn(&T) -> K,
    ) -> Result<(Vec<T>, String)> {
        let size = usize::try_from(self.size).map_err(Error::internal)?.min(fitting);
        if rows.len() <= size {
            return Ok((rows, String::new()));
        }
        rows.truncate(size);
        let token = match rows.last() {
            Some(last) => self.token(key(last))?,
            None => String::new(),
        };
        Ok((rows, token))
    }

    /// The token of the page that begins after a key.
    pub fn token(&self, after: K) -> Result<String> {
        let token = Token { filter: self.filter.clone(), after };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).map_err(Error::internal)?))
    }

    fn read(&self, text: &str) -> Option<K> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        // We never made a token with a control character; PostgreSQL would choke on NUL.
        if bytes.windows(4).any(|part| part == br"\u00") {
            return None;
        }
        let token: Token<K> = serde_json::from_slice(&bytes).ok()?;
        (token.filter == self.filter).then_some(token.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_on_with_its_own_list_only() {
        let mut fields = Fields::new();
        let page = Page::<(String, i64)>::parse(&mut fields, 2, "", &"a".to_owned());
        let rows = vec![("x".to_owned(), 1), ("y".to_owned(), 2), ("z".to_owned(), 3)];
        let (rows, token) = page.cut(rows, Clone::clone).unwrap();
        assert_eq!(rows.len(), 2);
        let next = Page::<(String, i64)>::parse(&mut fields, 2, &token, &"a".to_owned());
        assert_eq!(next.after, Some(("y".to_owned(), 2)));
        assert!(fields.is_empty());
        let other = Page::<(String, i64)>::parse(&mut fields, 2, &token, &"b".to_owned());
        assert_eq!(other.after, None);
        assert!(!fields.is_empty());
    }

    #[test]
    fn long_rows_are_cut_where_they_are_too_much() {
        let page = Page::<String>::parse(&mut Fields::new(), 3, "", &String::new());
        let cut = |sizes: &[usize]| {
            let rows = sizes.iter().map(|size| "x".repeat(*size)).collect();
            let (rows, token) = page.cut_by_size(rows, |_| String::new()).unwrap();
            (rows.len(), !token.is_empty())
        };
        let half = MAX_BYTES / 2;
        for (sizes, expected) in [
            (&[][..], (0, false)),
            (&[5, 5, 5], (3, false)),
            (&[5, 5, 5, 5], (3, true)),
            (&[half - 9, half - 9, 100], (2, true)),
            (&[MAX_BYTES, 1], (1, true)),
            (&[3 * MAX_BYTES], (1, false)),
        ] {
            assert_eq!(cut(sizes), expected, "{sizes:?}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        for (size, ok) in [(-1, false), (0, true), (1, true), (1000, true), (1001, false)] {
            let mut fields = Fields::new();
            let page = Page::<i64>::parse(&mut fields, size, "", &String::new());
            assert_eq!(fields.is_empty(), ok, "{size}");
            if size == 0 {
                assert_eq!(page.limit(), 51);
            }
        }
    }
}
