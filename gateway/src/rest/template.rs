//! Path templates of `google.api.http`: `/fleet/v1/vehicles/{id}:transfer`. Pure.

use percent_encoding::percent_decode_str;

/// A path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    /// What follows the last colon: `transfer`.
    verb: Option<String>,
    variables: Vec<Variable>,
}

/// One part of a path between slashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// This text.
    Literal(String),
    /// Any one that is not empty.
    One,
    /// All that follow, were they none.
    Rest,
}

/// A field that segments fill.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    /// Its path: `vehicle.id`.
    field: String,
    /// The first of its segments, and the one behind its last.
    segments: (usize, usize),
}

/// A path as it came, cut at its slashes; not decoded yet.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    segments: Vec<&'a str>,
    /// Its segments where a verb ends it, and the verb.
    cut: Option<(Vec<&'a str>, &'a str)>,
}

impl<'a> Path<'a> {
    /// Of an absolute path.
    pub(crate) fn new(path: &'a str) -> Self {
        let segments: Vec<_> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let cut = segments.split_last().and_then(|(last, before)| {
            let (last, verb) = last.rsplit_once(':')?;
            Some((before.iter().copied().chain([last]).collect(), verb))
        });
        Self { segments, cut }
    }

    /// Its first segment.
    pub(crate) fn first(&self) -> &'a str {
        self.segments.first().copied().unwrap_or_default()
    }
}

/// What of a path fills a field: its path, and the text, decoded; `None` = it is not UTF-8.
pub(crate) type Filled<'t> = (&'t str, Option<String>);

impl Template {
    /// Parses a template; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut template = Self { segments: Vec::new(), verb: None, variables: Vec::new() };
        let mut rest = text.strip_prefix('/')?;
        loop {
            rest = template.part(rest)?;
            if rest.is_empty() {
                break;
            }
            if let Some(verb) = rest.strip_prefix(':') {
                template.verb = Some(verb.to_owned()).filter(|verb| is_literal(verb));
                template.verb.as_ref()?;
                break;
            }
            rest = rest.strip_prefix('/')?;
        }
        let rest = template.segments.iter().position(|segment| *segment == Segment::Rest);
        rest.is_none_or(|place| place + 1 == template.segments.len()).then_some(template)
    }

    /// Takes a segment or a variable from the front; what is left.
    fn part<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let Some(inner) = text.strip_prefix('{') else {
            let (segment, rest) = segment(text);
            self.segments.push(Segment::parse(segment)?);
            return Some(rest);
        };
        let (inner, rest) = inner.split_once('}')?;
        let (field, pattern) = inner.split_once('=').unwrap_or((inner, "*"));
        let from = self.segments.len();
        for segment in pattern.split('/') {
            self.segments.push(Segment::parse(segment)?);
        }
        let variable = Variable { field: field.to_owned(), segments: (from, self.segments.len()) };
        let is_path = field.split('.').all(is_literal);
        self.variables.push(variable);
        is_path.then_some(rest)
    }

    /// The paths of the fields that it fills.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.field.as_str())
    }

    /// How it is told from others: where one has a text and another anything, the text goes first; one with a
    /// verb before one without.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        (self.verb.is_none(), self.segments.clone())
    }

    /// What a path fills, if it is one of these.
    pub(crate) fn fill(&self, path: &Path<'_>) -> Option<Vec<Filled<'_>>> {
        let segments = match &self.verb {
            None => &path.segments,
            Some(verb) => {
                let (segments, said) = path.cut.as_ref()?;
                (said == verb).then_some(segments)?
            }
        };
        let has_rest = self.segments.last() == Some(&Segment::Rest);
        let fixed = self.segments.len() - usize::from(has_rest);
        let fits = if has_rest { segments.len() >= fixed } else { segments.len() == fixed };
        let mut pairs = self.segments.iter().zip(segments);
        (fits && pairs.all(|(pattern, text)| pattern.takes(text))).then(|| {
            let filled = self.variables.iter().map(|variable| {
                let (from, until) = variable.segments;
                let is_last = until == self.segments.len();
                let until = if has_rest && is_last { segments.len() } else { until };
                (variable.field.as_str(), decoded(&segments[from..until].join("/")))
            });
            filled.collect()
        })
    }

    /// The template as OpenAPI writes it: each variable is one segment, and named by the last name of its field, so
    /// that `{id}` and `{vehicle.id}` are one path.
    pub(crate) fn shown(&self) -> String {
        let mut shown = String::new();
        let mut place = 0;
        while place < self.segments.len() {
            shown.push('/');
            if let Some(variable) = self.variables.iter().find(|it| it.segments.0 == place) {
                shown = shown + "{" + last(&variable.field) + "}";
                place = variable.segments.1;
                continue;
            }
            shown.push_str(match &self.segments[place] {
                Segment::Literal(text) => text,
                Segment::One => "*",
                Segment::Rest => "**",
            });
            place += 1;
        }
        let verb = self.verb.iter().map(|verb| format!(":{verb}"));
        shown + &verb.collect::<String>()
    }
}

impl Segment {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Self::One),
            "**" => Some(Self::Rest),
            text => is_literal(text).then(|| Self::Literal(text.to_owned())),
        }
    }

    fn takes(&self, text: &str) -> bool {
        match self {
            Self::Literal(literal) => literal == text,
            Self::One => !text.is_empty(),
            Self::Rest => true,
        }
    }
}

/// The last name of a field's path.
pub(crate) fn last(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

/// The text up to the next slash or colon, and what follows.
fn segment(text: &str) -> (&str, &str) {
    text.split_at(text.find(['/', ':']).unwrap_or(text.len()))
}

fn is_literal(text: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.~".contains(letter);
    !text.is_empty() && text.chars().all(is_plain)
}

/// A text without its percent escapes, if that is UTF-8.
pub(crate) fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(template: &str, path: &str) -> Option<Vec<(String, Option<String>)>> {
        let template = Template::parse(template).unwrap();
        let filled = template.fill(&Path::new(path))?;
        Some(filled.into_iter().map(|(field, text)| (field.to_owned(), text)).collect())
    }

    #[test]
    fn paths_fill_the_variables_of_their_template() {
        for (template, path, filled) in [
            ("/v1/cars", "/v1/cars", vec![]),
            ("/v1/cars/{id}", "/v1/cars/7", vec![("id", "7")]),
            ("/v1/cars/{car.id}", "/v1/cars/a%2Fb", vec![("car.id", "a/b")]),
            ("/v1/cars/{id}:move", "/v1/cars/7:move", vec![("id", "7")]),
            ("/v1/cars/{id}:move", "/v1/cars/a:b:move", vec![("id", "a:b")]),
            ("/v1/cars/{id}", "/v1/cars/7:move", vec![("id", "7:move")]),
            ("/v1/cars:sum", "/v1/cars:sum", vec![]),
            ("/v1/{name=cars/*}/x", "/v1/cars/7/x", vec![("name", "cars/7")]),
            ("/v1/{name=files/**}", "/v1/files/a/b", vec![("name", "files/a/b")]),
            ("/v1/{name=files/**}", "/v1/files", vec![("name", "files")]),
            ("/v1/*/{id}", "/v1/any/7", vec![("id", "7")]),
            ("/v1/{id}", "/v1/%E9%84%82", vec![("id", "鄂")]),
        ] {
            let want =
                filled.iter().map(|(field, text)| ((*field).to_owned(), Some((*text).to_owned())));
            assert_eq!(fill(template, path), Some(want.collect()), "{template} {path}");
        }
        assert_eq!(fill("/v1/{id}", "/v1/%FF"), Some(vec![("id".to_owned(), None)]));
    }

    #[test]
    fn other_paths_are_other_paths() {
        for (template, path) in [
            ("/v1/cars", "/v1/cars/"),
            ("/v1/cars", "/v1//cars"),
            ("/v1/cars", "/v1/carsx"),
            ("/v1/cars/{id}", "/v1/cars/"),
            ("/v1/cars/{id}", "/v1/cars"),
            ("/v1/cars/{id}:move", "/v1/cars/7"),
            ("/v1/cars/{id}:move", "/v1/cars/:move"),
            ("/v1/cars/{id}:move", "/v1/cars/7:Move"),
            ("/v1/cars:sum", "/v1/cars"),
            ("/v1/{name=cars/*}", "/v1/bikes/7"),
        ] {
            assert_eq!(fill(template, path), None, "{template} {path}");
        }
    }

    #[test]
    fn faulty_templates_are_refused() {
        for template in [
            "",
            "v1",
            "/",
            "/v1/",
            "/v1//x",
            "/v1/{",
            "/v1/{}",
            "/v1/{a.}",
            "/v1/{a=}",
            "/v1/x:",
            "/v1/**/x",
            "/v1/{a=**}/x",
            "/v1/{a b}",
            "/v1/x:y:z",
            "/v1/x?y",
        ] {
            assert_eq!(Template::parse(template), None, "{template}");
        }
    }

    #[test]
    fn what_is_said_more_exactly_goes_first() {
        let mut templates = ["/v1/{id}", "/v1/cars", "/v1/{id}:move", "/v1/cars:move", "/{a=**}"]
            .map(|text| (text, Template::parse(text).unwrap()));
        templates.sort_by_key(|(_, template)| template.rank());
        let order = templates.map(|(text, _)| text);
        assert_eq!(order, ["/v1/cars:move", "/v1/{id}:move", "/v1/cars", "/v1/{id}", "/{a=**}"]);
    }

    #[test]
    fn templates_are_shown_with_one_segment_a_variable() {
        for (template, shown) in [
            ("/v1/cars/{car.id}:move", "/v1/cars/{id}:move"),
            ("/v1/{name=cars/*}/x", "/v1/{name}/x"),
        ] {
            assert_eq!(Template::parse(template).unwrap().shown(), shown);
        }
    }
}
