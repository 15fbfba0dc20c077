//! How the API is written: the rules of buf STANDARD and COMMENTS, and our own, over the descriptor
//! set.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MethodDescriptor};
use steward_proto::DESCRIPTOR_SET;

use crate::tree::update_lock;

fn pool() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTOR_SET).unwrap()
}

fn ours(name: &str) -> bool {
    name.starts_with("steward.")
}

fn methods() -> Vec<MethodDescriptor> {
    let methods: Vec<_> =
        pool().services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    assert!(methods.len() >= 16, "only {} methods were found", methods.len());
    methods
}

fn option_is_set(method: &MethodDescriptor, name: &str) -> bool {
    let extension = pool().get_extension_by_name(name).unwrap();
    method.options().has_extension(&extension)
}

#[test]
fn packages_match_folders_and_carry_a_version() {
    for file in pool().files().filter(|file| ours(file.package_name())) {
        let folder = file.package_name().replace('.', "/");
        assert_eq!(file.name().rsplit_once('/').unwrap().0, folder);
        assert!(file.package_name().rsplit('.').next() == Some("v1"));
    }
}

#[test]
fn everything_has_a_comment() {
    let mut bare = Vec::new();
    let mut count = 0;
    for file in pool().files().filter(|file| ours(file.package_name())) {
        let proto = file.file_descriptor_proto();
        let info = proto.source_code_info.clone().unwrap();
        let commented: BTreeSet<Vec<i32>> = info
            .location
            .iter()
            .filter(|at| at.leading_comments().trim().len() > 3)
            .map(|at| at.path.clone())
            .collect();
        let mut check = |path: Vec<i32>, name: String| {
            count += 1;
            if !commented.contains(&path) {
                bare.push(format!("{}: {name}", file.name()));
            }
        };
        for (m, message) in (0..).zip(&proto.message_type) {
            check(vec![4, m], message.name().to_owned());
            for (f, field) in (0..).zip(&message.field) {
                check(vec![4, m, 2, f], format!("{}.{}", message.name(), field.name()));
            }
        }
        for (e, value) in (0..).zip(&proto.enum_type) {
            check(vec![5, e], value.name().to_owned());
            for (v, variant) in (0..).zip(&value.value) {
                check(vec![5, e, 2, v], variant.name().to_owned());
            }
        }
        for (s, service) in (0..).zip(&proto.service) {
            check(vec![6, s], service.name().to_owned());
            for (m, method) in (0..).zip(&service.method) {
                check(vec![6, s, 2, m], method.name().to_owned());
            }
        }
    }
    assert!(count > 200);
    assert!(bare.is_empty(), "without a comment: {bare:#?}");
}

#[test]
fn enums_begin_unspecified_and_carry_their_name() {
    for value in pool().all_enums().filter(|value| ours(value.full_name())) {
        let prefix = upper_snake(value.name());
        for variant in value.values() {
            assert!(variant.name().starts_with(&format!("{prefix}_")), "{}", variant.full_name());
        }
        assert_eq!(value.get_value(0).unwrap().name(), format!("{prefix}_UNSPECIFIED"));
    }
}

fn upper_snake(name: &str) -> String {
    let mut text = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && place > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

#[test]
fn names_are_the_standard_ones() {
    let mut used = BTreeSet::new();
    for method in methods() {
        assert!(method.parent_service().name().ends_with("Service"));
        for (message, end) in [(method.input(), "Request"), (method.output(), "Response")] {
            assert_eq!(message.name(), format!("{}{end}", method.name()), "{}", method.full_name());
            assert!(used.insert(message.full_name().to_owned()), "{} serves two", message.name());
        }
    }
    for field in fields() {
        let snake =
            field.name().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(snake, "{}", field.full_name());
        if matches!(field.kind(), Kind::Message(m) if m.full_name() == "google.protobuf.Timestamp")
        {
            assert!(field.name().ends_with("_time"), "{}", field.full_name());
        }
    }
}

fn fields() -> Vec<FieldDescriptor> {
    pool()
        .all_messages()
        .filter(|message| ours(message.full_name()))
        .flat_map(|message| message.fields().collect::<Vec<_>>())
        .collect()
}

#[test]
fn every_rpc_has_an_access_rule_and_an_http_rule() {
    for method in methods() {
        for option in ["steward.type.v1.access", "google.api.http"] {
            assert!(option_is_set(&method, option), "{} has no {option}", method.full_name());
        }
    }
}

/// Mutations have a request id and are idempotent; the others say that they change nothing.
#[test]
fn every_rpc_says_whether_it_can_be_repeated() {
    for method in methods() {
        let level = method
            .method_descriptor_proto()
            .options
            .as_ref()
            .map(prost_types::MethodOptions::idempotency_level);
        let mutation = method.input().get_field_by_name("request_id").is_some();
        let reads = [
            "Get",
            "List",
            "Summarize",
            "Track",
            "Watch",
            "Search",
            "Resolve",
            "Compute",
            "Verify",
        ];
        assert_eq!(
            mutation,
            !reads.iter().any(|verb| method.name().starts_with(verb)),
            "{}",
            method.full_name()
        );
        let expected = if mutation { "Idempotent" } else { "NoSideEffects" };
        assert_eq!(format!("{:?}", level.unwrap()), expected, "{}", method.full_name());
        if mutation {
            assert!(method.input().fields().all(|field| !field.is_map()), "{}", method.full_name());
            assert!(method.input().get_field_by_name("validate_only").is_some());
        }
    }
}

/// `proto/descriptor.lock` lists every field, value and method with its number. Lines may be added,
/// never changed or removed. `STEWARD_UPDATE_LOCK=1` writes it anew.
#[test]
fn nothing_published_changes() {
    update_lock("proto/descriptor.lock", &lock());
}

/// An option as one line.
fn option(method: &MethodDescriptor, name: &str) -> String {
    let extension = pool().get_extension_by_name(name).unwrap();
    method.options().get_extension(&extension).to_string()
}

fn lock() -> BTreeMap<String, String> {
    let mut lock = BTreeMap::new();
    for field in fields() {
        let presence = if field.supports_presence() { " presence" } else { "" };
        let what =
            format!("{} {:?} {:?}{presence}", field.number(), field.cardinality(), field.kind());
        lock.insert(field.full_name().to_owned(), what);
    }
    for value in pool().all_enums().filter(|value| ours(value.full_name())) {
        for variant in value.values() {
            lock.insert(
                format!("{}.{}", value.full_name(), variant.name()),
                variant.number().to_string(),
            );
        }
    }
    for method in methods() {
        let stream = |is: bool| if is { "stream " } else { "" };
        let what = format!(
            "{}{} -> {}{} {} {}",
            stream(method.is_client_streaming()),
            method.input().full_name(),
            stream(method.is_server_streaming()),
            method.output().full_name(),
            option(&method, "steward.type.v1.access"),
            option(&method, "google.api.http"),
        );
        lock.insert(method.full_name().to_owned(), what);
    }
    lock
}
