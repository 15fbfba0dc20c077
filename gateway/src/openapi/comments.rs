//! The comments of the .proto files.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor,
    MethodDescriptor, ServiceDescriptor,
};

/// Comments by file and place.
pub(super) struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    /// Of all files.
    pub(super) fn read(pool: &DescriptorPool) -> Self {
        let of = |file: FileDescriptor| {
            let info = file.file_descriptor_proto().source_code_info.as_ref();
            let places = info.map(|info| info.location.as_slice()).unwrap_or_default();
            let comments = places.iter().filter_map(|place| {
                let text = place.leading_comments.as_deref()?;
                Some((place.path.clone(), unwrapped(text)))
            });
            (file.name().to_owned(), comments.collect())
        };
        Self(pool.files().map(of).collect())
    }

    fn at(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        let found = self.0.get(file.name()).and_then(|comments| comments.get(path));
        found.map(String::as_str).unwrap_or_default()
    }

    pub(super) fn of_service(&self, it: &ServiceDescriptor) -> &str {
        self.at(&it.parent_file(), it.path())
    }

    pub(super) fn of_method(&self, it: &MethodDescriptor) -> &str {
        self.at(&it.parent_service().parent_file(), it.path())
    }

    pub(super) fn of_message(&self, it: &MessageDescriptor) -> &str {
        self.at(&it.parent_file(), it.path())
    }

    pub(super) fn of_field(&self, it: &FieldDescriptor) -> &str {
        self.at(&it.parent_message().parent_file(), it.path())
    }

    /// The comment of an enum, with what its values mean.
    pub(super) fn of_enum(&self, it: &EnumDescriptor) -> String {
        let file = it.parent_file();
        let values = it.values().map(|value| {
            let meaning = self.at(&file, value.path()).replace('\n', " ");
            format!("- `{}`: {meaning}", value.name())
        });
        let about = self.at(&file, it.path()).to_owned();
        std::iter::once(about + "\n").chain(values).collect::<Vec<_>>().join("\n")
    }
}

/// A comment with its lines put together to paragraphs; lists stay lists.
fn unwrapped(text: &str) -> String {
    let mut whole = String::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            whole.push_str("\n\n");
            continue;
        }
        let between = match line.starts_with("- ") {
            _ if whole.is_empty() || whole.ends_with('\n') => "",
            true => "\n",
            false => " ",
        };
        whole.push_str(between);
        whole.push_str(line);
    }
    whole.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn lines_become_paragraphs() {
        let text = " Lists the cars\n of a city.\n\n Errors:\n - NOT_FOUND\n - OTHER\n";
        assert_eq!(unwrapped(text), "Lists the cars of a city.\n\nErrors:\n- NOT_FOUND\n- OTHER");
    }
}
